/** To whom an alert goes, and what for, as its order has it (¶59–62, §8): a pure function over rules that are data. */
import type { AlertVersion, Finding, RouteStep } from '../domain/alert.js';
import type { Order } from '../domain/order.js';
import { type AlertGroup, groupOf } from './decision-kinds.js';

/** What of an order routing reads. */
export type RoutingTerms = Pick<Order, 'hdc' | 'under18' | 'curfewOnly' | 'type' | 'minorMaxMin'>;
export type RoutedAlert = Pick<Finding, 'type' | 'startMs' | 'endMs'>;

export interface Routing {
  readonly route: readonly RouteStep[];
  readonly minor: boolean;
}

interface RoutingRule {
  readonly when: (terms: RoutingTerms) => boolean;
  readonly minor: readonly RouteStep[];
  readonly serious: readonly RouteStep[];
}

/** The first that fits. */
const RULES: readonly RoutingRule[] = [
  {
    // ¶61: all non-compliance of a child goes to the YOT, which considers enforcement; nobody warns over its head
    when: ({ under18 }) => under18,
    minor: [
      { to: 'yot', duty: 'consider_enforcement' },
      { to: 'contractor', duty: 'inform' },
    ],
    serious: [
      { to: 'yot', duty: 'consider_enforcement' },
      { to: 'contractor', duty: 'inform' },
    ],
  },
  {
    // ¶59: the contractor warns of minor curfew breaches; all other non-compliance is for PPCS; ¶60: probation supervises
    when: ({ hdc }) => hdc,
    minor: [
      { to: 'contractor', duty: 'may_warn' },
      { to: 'supervisor', duty: 'inform' },
    ],
    serious: [
      { to: 'ppcs', duty: 'consider_recall' },
      { to: 'supervisor', duty: 'inform' },
    ],
  },
  {
    // ¶62: the contractor is the responsible officer; serious violations are for probation to enforce
    when: ({ curfewOnly, type }) => curfewOnly && type === 'COMMUNITY',
    minor: [
      { to: 'contractor', duty: 'decide' },
      { to: 'contractor', duty: 'may_warn' },
    ],
    serious: [
      { to: 'probation', duty: 'consider_enforcement' },
      { to: 'contractor', duty: 'inform' },
    ],
  },
  {
    when: () => true,
    minor: [
      { to: 'supervisor', duty: 'decide' },
      { to: 'contractor', duty: 'inform' },
    ],
    serious: [
      { to: 'supervisor', duty: 'consider_enforcement' },
      { to: 'contractor', duty: 'inform' },
    ],
  },
];

const EQUIPMENT: readonly RouteStep[] = [{ to: 'contractor', duty: 'repair' }];
/** What nobody can tell yet is the contractor's to look into, and the first of the others' to know of. */
const LOOK_INTO: RouteStep = { to: 'contractor', duty: 'decide' };

/** `terms` null: a device that speaks for no order is the monitoring centre's own. */
export function routeOf(terms: RoutingTerms | null, alert: RoutedAlert): Routing {
  const group: AlertGroup = groupOf(alert.type);
  if (terms === null || group === 'equipment') return { route: EQUIPMENT, minor: false };
  const minor = isMinor(terms, alert);
  const rule = RULES.find(({ when }) => when(terms));
  if (rule === undefined) throw new Error('no routing rule fits, though the last fits all');
  if (group !== 'unverified') return { route: minor ? rule.minor : rule.serious, minor };
  const [first] = rule.serious;
  const known = first === undefined || first.to === 'contractor' ? [] : [{ to: first.to, duty: 'inform' } as const];
  // A child's YOT hears of it first, whatever it turns out to be (¶61).
  return { route: terms.under18 ? [...known, LOOK_INTO] : [LOOK_INTO, ...known], minor: false };
}

/**
 * A curfew violation that is over, and no longer than the order's own policy says. One that runs is none yet: how long it
 * will last nobody knows. A tamper never is.
 */
export function isMinor({ minorMaxMin }: Pick<Order, 'minorMaxMin'>, { type, startMs, endMs }: RoutedAlert): boolean {
  if (type !== 'curfew' || minorMaxMin === null || endMs === null) return false;
  return endMs - startMs <= minorMaxMin * 60_000;
}

/**
 * Whether a warning letter may be given for it: by the contractor of what the route says (¶59, ¶62); by the agency that
 * supervises of what is minor, and of what the route leaves it to enforce. What is for PPCS nobody warns of.
 */
export function mayWarn(
  { route = [], minor = false }: Pick<AlertVersion, 'route' | 'minor'>,
  by: 'contractor' | 'supervisor',
): boolean {
  if (by === 'contractor') return minor && route.some(({ to, duty }) => to === 'contractor' && duty === 'may_warn');
  return minor || route.some(({ duty }) => duty === 'consider_enforcement');
}

/** Whether the route leaves the decision to the contractor. */
export const contractorDecides = ({ route = [] }: Pick<AlertVersion, 'route'>): boolean =>
  route.some(({ to, duty }) => to === 'contractor' && (duty === 'decide' || duty === 'may_warn' || duty === 'repair'));

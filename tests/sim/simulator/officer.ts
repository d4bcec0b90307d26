/** People at the monitoring centre: what they do about the alerts of a run, by what they have before them at the time. */
import { type AlertVersion, type AskedAct, DECISION_KINDS } from '../../../src/domain/alert.js';
import type { Person } from '../../../src/domain/grant.js';
import { parseAgencyId } from '../../../src/domain/ids.js';
import type { PlacedVersion } from '../../../src/ports/ledger.js';
import { DECISIONS, groupOf } from '../../../src/rules/decision-kinds.js';
import type { Random } from '../../../src/sim/random.js';

/** What somebody does at some time; which alert it is about depends on what has been told by then. */
export interface PlannedAct {
  readonly id: number;
  readonly action: 'acknowledge' | 'decide' | 'reconsider' | 'request_reconsideration' | 'escalate';
  /** Of the alerts that there are, of the kinds that may be decided, of the versions before the newest: from 0 to 1. */
  readonly pick: number;
  readonly kind: number;
  readonly stale: number;
}

export function planAct(random: Random, id: number): PlannedAct {
  const action = random.pick([
    'acknowledge',
    'decide',
    'decide',
    'decide',
    'decide',
    'reconsider',
    'reconsider',
  ] as const);
  const rare = random.pick(['request_reconsideration', 'escalate'] as const);
  return {
    id,
    action: random.chance(0.2) ? rare : action,
    pick: random.whole(0, 999) / 1_000,
    kind: random.whole(0, 999) / 1_000,
    stale: random.chance(0.15) ? 1 : 0,
  };
}

export interface Chosen {
  readonly alert: AlertVersion;
  readonly seenVersion: number;
  /** Null: the gateway escalates it. */
  readonly act: AskedAct | null;
}

/** Null: nothing has been told that this could be about. Violations of a curfew come before all else: they have minutes. */
export function chosen(told: readonly PlacedVersion[], planned: PlannedAct): Chosen | null {
  const newest = new Map<string, AlertVersion>();
  for (const { version } of told) newest.set(version.alertId, version);
  const standing = [...newest.values()].filter(({ state }) => state !== 'withdrawn');
  const curfews = standing.filter(({ type }) => type === 'curfew');
  const fitting = standing.filter(({ handling }) => planned.action !== 'reconsider' || handling?.decision != null);
  const from = planned.action !== 'reconsider' && curfews.length > 0 && planned.pick < 0.7 ? curfews : fitting;
  const alert = from[Math.floor(planned.pick * 13) % Math.max(from.length, 1)];
  if (alert === undefined) return null;
  const kinds = DECISION_KINDS.filter((kind) => {
    const { groups, refers, warns } = DECISIONS[kind];
    return groups.includes(groupOf(alert.type)) && refers === undefined && warns === undefined;
  });
  const kind = kinds[Math.floor(planned.kind * kinds.length)] ?? 'false_alert';
  const by = person(planned, alert);
  const reason = `act ${planned.id}`;
  const seenVersion = Math.max(alert.version - planned.stale, 1);
  switch (planned.action) {
    case 'acknowledge':
      return { alert, seenVersion, act: { action: 'acknowledge', by, reason } };
    case 'request_reconsideration':
      return { alert, seenVersion, act: { action: 'request_reconsideration', by, reason, onBehalfOf: 'wearer' } };
    case 'escalate':
      return { alert, seenVersion, act: null };
    default:
      return { alert, seenVersion, act: { action: planned.action, by, kind, reason, referredTo: null } };
  }
}

function person({ id }: PlannedAct, { agency }: AlertVersion): Person {
  const centre = parseAgencyId('monitoring-centre');
  if (!centre.ok) throw new Error(centre.fault);
  return { user: `officer-${id}`, role: 'supervising_officer', agency: agency ?? centre.value };
}

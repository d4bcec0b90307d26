/** The book of running alerts: findings of the rules in, numbered alert versions out (§8). */
import { type AlertVersion, type Finding, type Handling, INTEGRITY_TYPES } from '../domain/alert.js';
import type { AgencyId, AlertId, OrderId, SubjectId } from '../domain/ids.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import { unreachable } from '../domain/result.js';
import type { OpenAlert, SettledAlert, SubjectState } from '../domain/subject-state.js';
import { handlingBeside, stateUnder } from './handling.js';
import { findingName } from './machine.js';
import { type RoutingTerms, routeOf } from './routing.js';

/** Whose the alerts are, and on what they rest. `derivedMs`: arrival of the journal entry, never a clock. */
export interface AlertMeta {
  readonly orderId: OrderId | null;
  readonly subjectId: SubjectId | null;
  readonly agency: AgencyId | null;
  readonly derivedMs: number;
  readonly policyRevision: number;
  readonly rulesVersion: number;
  /** What of the order routing reads; null: a device that speaks for none. Absent: nobody is to be told where it goes. */
  readonly routing?: RoutingTerms | null;
}

const counted: ReadonlySet<string> = new Set(INTEGRITY_TYPES);

/**
 * Takes the findings of one entry, in the order in which they were put down, with the moment that was judged for each.
 * An episode has versions 1, 2, 3…, each a whole picture; its end takes it out of the book. `newAlertId` names each new
 * episode. Throws when a rule opens what runs already, or amends or closes what does not.
 */
export function recordFindings(
  state: SubjectState,
  findings: readonly Finding[],
  meta: AlertMeta,
  newAlertId: (finding: Finding) => AlertId,
  moments: readonly number[] = findings.map(({ eventMs }) => eventMs),
): { readonly state: SubjectState; readonly versions: readonly AlertVersion[] } {
  if (findings.length === 0) return { state, versions: [] };
  const book: Record<string, OpenAlert> = { ...state.open };
  const versions: AlertVersion[] = [];
  let { settled } = state;
  for (const [i, finding] of findings.entries()) {
    const name = findingName(finding.type, finding.conditionId, finding.deviceId);
    const running = book[name];
    switch (finding.op) {
      case 'open': {
        if (running !== undefined) throw new Error(`${name} is opened while it runs`);
        const alertId = newAlertId(finding);
        book[name] = { alertId, version: 1, finding };
        versions.push(versionOf(finding, alertId, 1, meta));
        break;
      }
      case 'amend': {
        if (running === undefined) throw new Error(`${name} is amended but does not run`);
        const version = running.version + (worthTelling(finding) ? 1 : 0);
        const handling = handlingBeside(running.handling, finding, false);
        book[name] = { alertId: running.alertId, version, finding, ...handling };
        if (version > running.version) versions.push(versionOf(finding, running.alertId, version, meta, handling));
        break;
      }
      case 'close':
      case 'withdraw': {
        const withdrawn = finding.op === 'withdraw';
        if (running === undefined) throw new Error(`${name} is ${withdrawn ? 'withdrawn' : 'closed'} but does not run`);
        delete book[name];
        const version = running.version + 1;
        const handling = handlingBeside(running.handling, finding, withdrawn);
        const judgedMs = moments[i] ?? finding.eventMs;
        settled = keepRecent([...settled, { ...running, version, finding, withdrawn, judgedMs, ...handling }]);
        versions.push(versionOf(finding, running.alertId, version, meta, { withdrawn, ...handling }));
        break;
      }
      default:
        unreachable(finding.op);
    }
  }
  return { state: { ...state, open: book, settled }, versions };
}

/**
 * Findings of several zones at one fix, in the order in which they are reported: what was left, then what was
 * entered, by condition id (§4). What belongs to one alert stays in its own order.
 */
export function leftThenEntered(findings: readonly Finding[]): Finding[] {
  // The last finding of each alert that ran before and is over now: all up to it is of what was left.
  const lastOfLeft = new Map<string, number>();
  const names = findings.map((finding) => findingName(finding.type, finding.conditionId, finding.deviceId));
  for (const [i, { op }] of findings.entries()) {
    const name = names[i] ?? '';
    if (op === 'open' && !lastOfLeft.has(name)) lastOfLeft.set(name, -1);
    if ((op === 'close' || op === 'withdraw') && !lastOfLeft.has(name)) lastOfLeft.set(name, i);
  }
  const ranked = findings.map((finding, i) => ({
    finding,
    left: i <= (lastOfLeft.get(names[i] ?? '') ?? -1),
    id: finding.conditionId ?? '',
  }));
  ranked.sort((a, b) => Number(b.left) - Number(a.left) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return ranked.map(({ finding }) => finding);
}

/**
 * An alert that counts is told anew at 1, 2, 5, 10, 20, 50, 100, …: a device that sends rubbish all day costs a few
 * versions, not one for each piece. The book has every count.
 */
function worthTelling(finding: Finding): boolean {
  if (!counted.has(finding.type)) return true;
  let step = finding.count;
  while (step >= 10 && step % 10 === 0) step /= 10;
  return step === 1 || step === 2 || step === 5;
}

/** What people have done about it stands in every version that follows. */
export function versionOf(
  { op: _, ...finding }: Finding,
  alertId: AlertId,
  version: number,
  { routing, ...meta }: AlertMeta,
  o: { readonly withdrawn?: boolean; readonly handling?: Handling } = {},
): AlertVersion {
  const handling = o.handling === undefined ? {} : { handling: o.handling };
  const state = stateUnder(o.handling, o.withdrawn ?? false);
  const routed = routing === undefined ? {} : routeOf(routing, finding);
  return { ...finding, alertId, version, state, ...meta, ...routed, ...handling };
}

/**
 * What was told before the earliest late record, less this, cannot change: an ending is told at the latest one gap or
 * window after the moment it speaks of.
 */
export const SETTLED_MARGIN_MS = 24 * 3_600_000;
/** How long after its ending an alert is in the book. */
export const KEPT_MS = DEFAULT_POLICY.amendHorizonS * 1_000 + SETTLED_MARGIN_MS;

/** What late data can still reach: told no longer before the newest of them than the amend horizon, and the margin. */
export function keepRecent(settled: readonly SettledAlert[]): readonly SettledAlert[] {
  const fromMs = Math.max(...settled.map(({ finding }) => finding.eventMs)) - KEPT_MS;
  return settled.filter(({ finding }) => finding.eventMs >= fromMs);
}

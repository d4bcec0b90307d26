/** An act of people on an alert, carried out: the alert's next version, and what follows for the sum of the order. */
import type { AlertAct, AlertVersion, Finding } from '../domain/alert.js';
import type { Excuse } from '../domain/excuse.js';
import type { AlertId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { OpenAlert, SettledAlert, SubjectState } from '../domain/subject-state.js';
import { type AlertMeta, KEPT_MS, keepRecent } from './alerts.js';
import { ATV, atvHistory, withExcuses } from './atv-history.js';
import type { OrderPolicy } from './compile.js';
import { DECISIONS } from './decision-kinds.js';
import { handledBy, handlingBeside, stateUnder } from './handling.js';
import { findingName } from './machine.js';
import { reconcile } from './reconcile.js';
import { routeOf } from './routing.js';

export interface DecideInput {
  readonly editions: readonly OrderPolicy[];
  readonly state: SubjectState;
  readonly act: AlertAct;
  /** The alert as it stood when somebody acted; where the book has it, the book's word is newer. */
  readonly alert: AlertVersion;
  /** When the act came in. */
  readonly atMs: number;
  readonly metaOf: (order: Order | null) => AlertMeta;
  readonly newAlertId: (finding: Finding) => AlertId;
}

export interface Decided {
  readonly state: SubjectState;
  /** The alert's own first. */
  readonly versions: readonly AlertVersion[];
}

export function decide(input: DecideInput): Decided {
  const { state, act, alert, atMs } = input;
  const name = findingName(alert.type, alert.conditionId, alert.deviceId);
  const running = state.open[name]?.alertId === alert.alertId ? state.open[name] : undefined;
  const settled = state.settled.find(({ alertId }) => alertId === alert.alertId);
  const known: OpenAlert | SettledAlert | undefined = running ?? settled;
  // Of an alert that is out of the book nothing is known but what the entry brings.
  const { op: _, ...finding } = known?.finding ?? { ...alert, op: 'close' as const };
  const withdrawn =
    known === undefined ? alert.state === 'withdrawn' : (settled?.withdrawn ?? false) && running === undefined;
  const acted = handledBy(known === undefined ? alert.handling : known.handling, act, atMs);
  const { handling = acted } = handlingBeside(acted, { ...finding, op: 'amend' }, withdrawn);
  const { routing } = input.metaOf(null);
  const version: AlertVersion = {
    ...alert,
    ...(known === undefined ? {} : finding),
    // What was minor when somebody looked may not be any more.
    ...(known === undefined || routing === undefined ? {} : routeOf(routing, finding)),
    version: (known?.version ?? alert.version) + 1,
    state: stateUnder(handling, withdrawn),
    derivedMs: atMs,
    cause: 'decision',
    handling,
  };
  const told = <A extends OpenAlert>(one: A): A =>
    one.alertId === alert.alertId ? { ...one, version: version.version, handling } : one;
  const open = running === undefined ? state.open : { ...state.open, [name]: told(running) };
  const booked: SubjectState = { ...state, open, settled: state.settled.map(told) };
  const excuses = excusesAfter(state.excuses, act, alert, atMs);
  if (excuses === state.excuses) return { state: booked, versions: [version] };
  const summed = sumAnew(input, booked, excuses);
  return { state: summed.state, versions: [version, ...summed.versions] };
}

/** A decision on a curfew violation takes the place of what was decided on it before. */
function excusesAfter(
  excuses: readonly Excuse[],
  act: AlertAct,
  { alertId, type, conditionId }: AlertVersion,
  atMs: number,
): readonly Excuse[] {
  if (type !== 'curfew' || conditionId === null) return excuses;
  if (act.action !== 'decide' && act.action !== 'reconsider') return excuses;
  const others = excuses.filter((excuse) => excuse.alertId !== alertId);
  if (!DECISIONS[act.kind].excuses) return others.length === excuses.length ? excuses : others;
  const { startMs, endMs } = act.seen;
  return [...others, { alertId, conditionId, fromMs: startMs, toMs: endMs ?? atMs, ran: endMs === null }];
}

/** The sum of the order as if this had been excused from the beginning: its alert is raised, moved or taken back. */
function sumAnew(
  { editions, metaOf, newAlertId }: DecideInput,
  booked: SubjectState,
  excuses: readonly Excuse[],
): { readonly state: SubjectState; readonly versions: readonly AlertVersion[] } {
  const anew = withExcuses(editions, booked, excuses);
  const { [ATV]: _, ...open } = anew.open;
  const alert = booked.open[ATV];
  const nowMs = booked.atMs ?? -1;
  const ofSum = ({ finding }: OpenAlert): boolean => finding.type === 'curfew.atv_exceeded';
  const told = booked.settled.filter(ofSum);
  const { book, versions } = reconcile({
    // Nothing was over before: all that was told of the sum is in question.
    base: { ...booked, atMs: null, settled: [] },
    rejoined: null,
    before: { ...booked, open: alert === undefined ? {} : { [ATV]: alert }, settled: told },
    episodes: atvHistory(editions, booked, excuses)
      .episodes.filter(({ judgedMs }) => judgedMs === null || judgedMs > nowMs - KEPT_MS)
      .map((episode) => ({ ...episode, name: ATV, runId: 'atv-again' as AlertId })),
    fromMs: -Infinity,
    cause: 'decision',
    metaOf,
    newAlertId,
  });
  const others = booked.settled.filter((one) => !ofSum(one));
  const settled = book.settled.length === 0 ? others : keepRecent([...others, ...book.settled]);
  return { state: { ...anew, open: { ...open, ...book.open }, settled }, versions };
}

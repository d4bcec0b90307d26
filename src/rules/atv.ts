/**
 * Accumulated time violation (§3): the violation minutes of an order that nobody has excused, against what it allows.
 *
 * The sum is that of all curfew violations of the order, each from its own beginning, tolerance included; an absence
 * within tolerance is none. It passes the allowance at the moment at which it has reached it and time that counts runs on:
 * so the alert begins inside a window, always. It then stands until the order ends, for what has been used up stays used
 * up; it says nothing of where the person is at any moment (¶19). What people have excused counts from no moment on: when
 * they said so makes no difference to the sum, and `rules/atv-history` makes what was told before agree.
 */
import type { Finding } from '../domain/alert.js';
import type { EndedViolation, Excuse } from '../domain/excuse.js';
import type { ConditionId } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import { close, findingName, type Moment, open } from './machine.js';

type Terms = Pick<OrderPolicy, 'order' | 'curfews'>;

/** What is over: its length, less what is excused; and what is excused of anything. */
export interface UsedUp {
  readonly endedMs: number;
  readonly excuses: readonly Excuse[];
}

/** The violations that are over with the findings from `first` on, of all that were put down since the book was as `open`. */
export function endedViolations(
  findings: readonly Finding[],
  first: number,
  open: SubjectState['open'],
): EndedViolation[] {
  return findings.slice(first).flatMap((finding, i) => {
    const { type, conditionId, startMs, endMs, records } = finding;
    if (type !== 'curfew' || conditionId === null || endMs === null) return [];
    const before = findings.slice(0, first + i);
    const raised = before.findLast((one) => one.op === 'open' && one.type === type && one.conditionId === conditionId);
    const raisedMs = (raised ?? open[findingName(type, conditionId, null)]?.finding ?? finding).eventMs;
    return [{ conditionId, startMs, endMs, raisedMs, first: records[0] ?? null }];
  });
}

/** Milliseconds of a violation that count. */
export function countedMs(
  excuses: readonly Excuse[],
  { conditionId, startMs, endMs }: Pick<EndedViolation, 'conditionId' | 'startMs' | 'endMs'>,
): number {
  if (excuses.length === 0) return endMs - startMs;
  let sumMs = 0;
  let fromMs = startMs;
  for (const span of excusedSpans(excuses, conditionId, startMs)) {
    sumMs += Math.max(Math.min(span.fromMs, endMs) - fromMs, 0);
    fromMs = Math.max(fromMs, Math.min(span.toMs, endMs));
  }
  return sumMs + endMs - fromMs;
}

/** When every violation of the moment has been judged. */
export function judgeAtv(terms: Terms, used: UsedUp, moment: Moment): void {
  const { atMs } = moment;
  const { endMs, atvAllowanceMin } = terms.order;
  if (atvAllowanceMin === null) return;
  const alert = runningAlert(moment.running);
  if (alert !== null) {
    if (atMs >= endMs) close(moment, alert, endMs, 'ORDER_ENDED');
    return;
  }
  const violations = runningViolations(terms, moment.running);
  if (violations.length === 0 || atMs < passesMs(terms, used, violations, atMs)) return;
  open(moment, {
    kind: 'alert',
    type: 'curfew.atv_exceeded',
    startMs: atMs,
    records: violations.flatMap(({ records }) => records.slice(0, 1)),
  });
}

/** When it must be judged next; null: not before a violation begins. `firedMs`: timers due at or before it have fired. */
export function atvDueMs(terms: Terms, used: UsedUp, running: Moment['running'], firedMs: number): number | null {
  // On the way of every record; an edition that allows any amount has ended the alert of its former.
  if (terms.order.atvAllowanceMin === null) return null;
  if (runningAlert(running) !== null) return terms.order.endMs;
  const violations = runningViolations(terms, running);
  const passMs = violations.length === 0 ? Infinity : passesMs(terms, used, violations, firedMs + 1);
  return passMs === Infinity ? null : Math.max(passMs, firedMs + 1);
}

/** A new edition may allow more than has been used, or end the order. One that allows less accuses at the next violation. */
export function reviseAtv(next: Terms, used: UsedUp, moment: Moment): void {
  const alert = runningAlert(moment.running);
  if (alert === null) return;
  const { atMs } = moment;
  const allowedMs = allowanceMs(next.order) ?? Infinity;
  const violations = runningViolations(next, moment.running);
  const sumMs = sumAt(used, violations, atMs);
  const passed = violations.some((one) => countsAt(used.excuses, one, atMs)) ? sumMs >= allowedMs : sumMs > allowedMs;
  if (atMs >= next.order.endMs) close(moment, alert, atMs, 'ORDER_ENDED');
  else if (!passed) close(moment, alert, atMs, 'ORDER_REVISED');
}

/**
 * The first moment from `fromMs` on at which the sum has reached the allowance and time that counts runs on, if all of
 * these go on; Infinity: never, or nothing is said of how much may be.
 */
function passesMs({ order }: Terms, used: UsedUp, violations: readonly Finding[], fromMs: number): number {
  const allowedMs = allowanceMs(order);
  if (allowedMs === null) return Infinity;
  if (used.excuses.length === 0) {
    const leftMs = allowedMs - used.endedMs;
    const sumMs = violations.reduce((sum, { startMs }) => sum + startMs, leftMs);
    return Math.max(Math.ceil(sumMs / violations.length), fromMs);
  }
  const edges = violations.flatMap(({ conditionId, startMs }) =>
    excusedSpans(used.excuses, conditionId, startMs).flatMap((span) => [span.fromMs, span.toMs]),
  );
  const startMs = Math.max(fromMs, ...violations.map((one) => one.startMs));
  const cuts = [startMs, ...new Set(edges.filter((ms) => ms > startMs && ms < Infinity))].sort((a, b) => a - b);
  for (const [i, cutMs] of cuts.entries()) {
    const counting = violations.filter((one) => countsAt(used.excuses, one, cutMs)).length;
    if (counting === 0) continue;
    const passMs = cutMs + Math.max(Math.ceil((allowedMs - sumAt(used, violations, cutMs)) / counting), 0);
    if (passMs < (cuts[i + 1] ?? Infinity)) return passMs;
  }
  return Infinity;
}

const sumAt = ({ endedMs, excuses }: UsedUp, violations: readonly Finding[], atMs: number): number =>
  violations.reduce((sum, { conditionId, startMs }) => {
    const endMs = Math.max(startMs, atMs);
    return conditionId === null ? sum : sum + countedMs(excuses, { conditionId, startMs, endMs });
  }, endedMs);

/** Whether the time of a running violation counts from a moment on. */
const countsAt = (excuses: readonly Excuse[], { conditionId, startMs }: Finding, atMs: number): boolean =>
  excusedSpans(excuses, conditionId, startMs).every(({ fromMs, toMs }) => atMs < fromMs || atMs >= toMs);

/** What is excused of a violation that began at `startMs`, by its beginning, apart from one another; to Infinity: to its end. */
function excusedSpans(
  excuses: readonly Excuse[],
  conditionId: ConditionId | null,
  startMs: number,
): { readonly fromMs: number; readonly toMs: number }[] {
  const spans = excuses
    .filter((excuse) => excuse.conditionId === conditionId && startMs < excuse.toMs)
    .map(({ fromMs, toMs, ran }) => ({ fromMs: Math.max(fromMs, startMs), toMs: ran ? Infinity : toMs }))
    .filter(({ fromMs, toMs }) => fromMs < toMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const apart: { fromMs: number; toMs: number }[] = [];
  for (const span of spans) {
    const last = apart.at(-1);
    if (last !== undefined && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else apart.push({ ...span });
  }
  return apart;
}

const allowanceMs = ({ atvAllowanceMin }: OrderPolicy['order']): number | null =>
  atvAllowanceMin === null ? null : Math.round(atvAllowanceMin * 60_000);

function runningViolations({ curfews }: Terms, running: Moment['running']): Finding[] {
  return curfews.flatMap(({ conditionId }) => running('curfew', conditionId, null) ?? []);
}

const runningAlert = (running: Moment['running']): Finding | null => running('curfew.atv_exceeded', null, null);

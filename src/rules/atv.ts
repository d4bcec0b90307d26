/**
 * Accumulated time violation (§3): the violation minutes of an order against what it allows.
 *
 * The sum is that of all curfew violations of the order, each from its own beginning, tolerance included; an absence
 * within tolerance is none. It passes the allowance at the moment at which it reaches it and a violation still runs: so
 * the alert begins inside a window, always. It then stands until the order ends, for what has been used up stays used up;
 * it says nothing of where the person is at any moment (¶19).
 */
import type { Finding } from '../domain/alert.js';
import type { OrderPolicy } from './compile.js';
import { close, type Moment, open } from './machine.js';

type Terms = Pick<OrderPolicy, 'order' | 'curfews'>;

/** Length of the violations among these findings that are over with them, milliseconds. */
export function endedViolationMs(findings: readonly Finding[]): number {
  let sumMs = 0;
  for (const { type, startMs, endMs } of findings) if (type === 'curfew' && endMs !== null) sumMs += endMs - startMs;
  return sumMs;
}

/** When every violation of the moment has been judged. `endedMs`: of all that are over and that nobody has excused. */
export function judgeAtv(terms: Terms, endedMs: number, moment: Moment): void {
  const { atMs } = moment;
  const { endMs, atvAllowanceMin } = terms.order;
  if (atvAllowanceMin === null) return;
  const alert = runningAlert(moment.running);
  if (alert !== null) {
    if (atMs >= endMs) close(moment, alert, endMs, 'ORDER_ENDED');
    return;
  }
  const violations = runningViolations(terms, moment.running);
  if (violations.length === 0 || atMs < passesMs(terms, endedMs, violations)) return;
  open(moment, {
    kind: 'alert',
    type: 'curfew.atv_exceeded',
    startMs: atMs,
    records: violations.flatMap(({ records }) => records.slice(0, 1)),
  });
}

/** When it must be judged next; null: not before a violation begins. `firedMs`: timers due at or before it have fired. */
export function atvDueMs(terms: Terms, endedMs: number, running: Moment['running'], firedMs: number): number | null {
  // On the way of every record; an edition that allows any amount has ended the alert of its former.
  if (terms.order.atvAllowanceMin === null) return null;
  if (runningAlert(running) !== null) return terms.order.endMs;
  const violations = runningViolations(terms, running);
  const passMs = violations.length === 0 ? Infinity : passesMs(terms, endedMs, violations);
  return passMs === Infinity ? null : Math.max(passMs, firedMs + 1);
}

/** A new edition may allow more than has been used, or end the order. One that allows less accuses at the next violation. */
export function reviseAtv(next: Terms, endedMs: number, moment: Moment): void {
  const alert = runningAlert(moment.running);
  if (alert === null) return;
  const violations = runningViolations(next, moment.running);
  const passed =
    violations.length > 0
      ? moment.atMs >= passesMs(next, endedMs, violations)
      : endedMs > (allowanceMs(next.order) ?? Infinity);
  if (moment.atMs >= next.order.endMs) close(moment, alert, moment.atMs, 'ORDER_ENDED');
  else if (!passed) close(moment, alert, moment.atMs, 'ORDER_REVISED');
}

/** The moment at which the sum reaches the allowance if all of these go on; Infinity: nothing is said of how much may be. */
function passesMs({ order }: Terms, endedMs: number, violations: readonly Finding[]): number {
  const allowedMs = allowanceMs(order);
  if (allowedMs === null) return Infinity;
  const leftMs = allowedMs - endedMs;
  return Math.ceil(violations.reduce((sum, { startMs }) => sum + startMs, leftMs) / violations.length);
}

const allowanceMs = ({ atvAllowanceMin }: OrderPolicy['order']): number | null =>
  atvAllowanceMin === null ? null : Math.round(atvAllowanceMin * 60_000);

function runningViolations({ curfews }: Terms, running: Moment['running']): Finding[] {
  return curfews.flatMap(({ conditionId }) => running('curfew', conditionId, null) ?? []);
}

const runningAlert = (running: Moment['running']): Finding | null => running('curfew.atv_exceeded', null, null);

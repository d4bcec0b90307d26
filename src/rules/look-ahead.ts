/**
 * When a stream must be looked at again though nobody speaks. A timer by which nothing is found need not be on time: the
 * next record, or a later tick, lets it pass at its own moment all the same. So time is let pass ahead, on a copy and by
 * the real rules, until something would be found: whoever is at home as a curfew begins is not looked at then.
 */
import type { Draft } from './draft.js';
import { dueOfPersonMs, fireTimers, nextDueMs, surelyDueMs } from './rules.js';

/** So many timers in a row are looked through; one more is waited for, whatever it leads to. */
const AHEAD_MAX = 8;

export interface Timers {
  /** When the next fires; Infinity: none does. */
  readonly nextMs: number;
  /** The earliest moment by which one finds something, unless a record or an edition comes before; Infinity: none does. */
  readonly foundMs: number;
}

/** From `untilMs` on, when another edition takes over, nothing is looked for. */
export function timersOf(draft: Draft, untilMs: number): Timers {
  const surelyMs = surelyDueMs(draft);
  const nextMs = Math.min(dueOfPersonMs(draft), surelyMs);
  // On the way of every record: most often nothing comes before the silence of a device.
  const endMs = Math.min(untilMs, surelyMs);
  return { nextMs, foundMs: nextMs >= endMs ? nextMs : lookAhead(draft, nextMs, endMs) };
}

function lookAhead(draft: Draft, nextMs: number, endMs: number): number {
  const ahead = draft.ahead();
  let dueMs = nextMs;
  for (let timers = 0; timers < AHEAD_MAX && dueMs < endMs; timers++) {
    fireTimers(ahead, dueMs, 'timer');
    if (ahead.findings.length > draft.findings.length) return dueMs;
    dueMs = nextDueMs(ahead);
  }
  return dueMs;
}

/** Curfew violations that are over, and what people have excused of them: the terms of the sum of an order (`rules/atv`). */
import type { AlertId, ConditionId } from './ids.js';
import type { RecordRef } from './record.js';
import type { Interval } from './timetable.js';

/** A curfew violation that is over. */
export interface EndedViolation extends Interval {
  readonly conditionId: ConditionId;
  /** The moment that was judged when it was raised. */
  readonly raisedMs: number;
  /** What it rests on. */
  readonly first: RecordRef | null;
}

/**
 * Absence that a person has excused: what they saw, `[fromMs, toMs)`; of a violation that ran when they decided (`toMs`)
 * all that follows of it.
 */
export interface Excuse {
  readonly alertId: AlertId;
  readonly conditionId: ConditionId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ran: boolean;
}

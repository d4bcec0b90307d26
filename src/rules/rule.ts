/** What every rule of the engine is: what it takes of a record, when it wants to be asked again, what an edit does to it. */
import type { Cause } from '../domain/alert.js';
import type { Assignment } from '../domain/order.js';
import type { DeviceRecord, RecordRef } from '../domain/record.js';
import type { OrderPolicy } from './compile.js';
import type { Draft } from './draft.js';
import type { Moment } from './machine.js';
import type { Part } from './part.js';

/** A record as it concerns one order: timers due before it have fired. */
export interface Sighting {
  /** The device that sent it, as the order has it at that time. */
  readonly sender: Assignment;
  /** The order's device that a home unit's reading names, as it is worn at that time; null: none. */
  readonly seen: Assignment | null;
  readonly record: DeviceRecord;
  readonly ref: RecordRef;
  readonly moment: Moment;
}

/** The record is for this part of the rules, which takes it unless it has judged beyond it already (`Draft.opensMs`). */
export interface Showing {
  readonly part: Part;
  /** Later than the part itself: the earliest event time at which it can be taken in order. */
  readonly opensMs?: number;
  readonly take: () => void;
}

/** The record does not concern the rule. */
export const NOTHING: readonly Showing[] = Object.freeze([]);

/** Rules keep nothing themselves: what they remember is in `draft.state`. */
export interface Rule {
  /** To whom the record goes; empty: it does not concern this rule. */
  show(draft: Draft, policy: OrderPolicy, sighting: Sighting): readonly Showing[];
  /** The earliest due time that has not fired; Infinity: nothing is due ever. */
  dueMs(draft: Draft, policy: OrderPolicy): number;
  /** Judges what is due at `atMs`, the moment whose records are all in; nothing where nothing is. */
  fire(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void;
  /** A new edition takes over: what no longer means the same is closed with its reason, never silently. */
  revise(draft: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void;
}

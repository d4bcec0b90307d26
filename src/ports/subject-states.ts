/** The hot state of every stream. Rebuildable: the journal and the last checkpoint are the record. */
import type { StreamKey } from '../domain/ids.js';

/**
 * A state as `codec/state-record` encodes it. Stores seal and open it, and never look into it. Whoever hands one over does
 * not change it afterwards.
 */
export type StateBytes = Uint8Array;

export interface StateBatch {
  /** The owner's epoch; a store that has seen a higher one refuses the batch (`Superseded`). */
  readonly epoch: number;
  /** Journal position that all streams together have reached with this batch. */
  readonly position: number;
  /** The position saved last by this owner: a store that holds another has lost or mixed up its content (`StatesLost`). */
  readonly previousPosition: number;
  /** Null: the stream's state is removed. */
  readonly states: ReadonlyMap<StreamKey, StateBytes | null>;
}

export interface SubjectStates {
  /** Registers this owner; refuses (`Superseded`) when a higher or equal epoch was seen. */
  claim(epoch: number): Promise<void>;
  /** The position that the content stands for; null when there is none (new, or emptied). */
  position(): Promise<number | null>;
  /** Every state, for a start. */
  scan(): AsyncIterable<readonly [StreamKey, StateBytes]>;
  /**
   * Throws `StatesLost` when the content is not where this owner left it: "nothing stored" would then mean nothing, and
   * a person with a past would be judged as a new one.
   */
  load(keys: readonly StreamKey[]): Promise<(StateBytes | null)[]>;
  /**
   * Saves states and position atomically, in as few round trips as its limits allow (the position goes with the last).
   * Throws `Superseded`, or `StatesLost` when the content is not what this owner left; nothing is then written. The same
   * batch once more succeeds: a save that failed without an answer may have been applied.
   */
  save(batch: StateBatch): Promise<void>;
  /** Replaces the whole content; afterwards `position()` is the given one. */
  replaceAll(epoch: number, position: number, states: Iterable<readonly [StreamKey, StateBytes]>): Promise<void>;
  close(): Promise<void>;
}

/** A newer owner holds the store. The process that sees this must stop at once. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** The store was emptied or holds another position: its content must be written anew. */
export class StatesLost extends Error {
  override readonly name = 'StatesLost';
}

/**
 * Saves every state again before the key that it was sealed under is destroyed: a person who is quiet for three days has a
 * state of three days ago. A slice at a time, all of them in half a day; the rest at once when a key is about to go.
 */
import type { StreamKey } from '../domain/ids.js';

export interface StateRenewalOptions {
  readonly states: {
    readonly size: number;
    keys(): IterableIterator<StreamKey>;
    renew(stream: StreamKey): void;
  };
  /** Resolves when everything that was marked before is durable. */
  readonly saved: () => Promise<void>;
}

/** Called each minute: a round takes half a day. */
const STEPS_A_ROUND = 720;
const SLICE_MIN = 64;
/** One save at most: nobody's alert waits for more. */
const SLICE_MAX = 4_096;

/** Of so many, what is renewed each minute. */
export const sliceOfRound = (size: number): number =>
  Math.min(SLICE_MAX, Math.max(SLICE_MIN, Math.ceil(size / STEPS_A_ROUND)));

export class StateRenewal {
  readonly #o: StateRenewalOptions;
  #left: IterableIterator<StreamKey> | null = null;
  #roundMs = 0;
  /** Every state was saved at or after this. */
  #freshMs = Number.NEGATIVE_INFINITY;

  constructor(options: StateRenewalOptions) {
    this.#o = options;
  }

  /** The next slice; it is saved with what is saved next. */
  step(nowMs: number): void {
    this.#slice(nowMs, sliceOfRound(this.#o.states.size));
  }

  /** Resolves when no state is older than `sinceMs`. */
  async all(sinceMs: number, nowMs: number): Promise<void> {
    if (this.#freshMs >= sinceMs) {
      await this.#o.saved();
      return;
    }
    this.#left = null;
    do {
      this.#slice(nowMs, SLICE_MAX);
      await this.#o.saved();
    } while (this.#left !== null);
  }

  #slice(nowMs: number, max: number): void {
    if (this.#left === null) {
      this.#left = this.#o.states.keys();
      this.#roundMs = nowMs;
    }
    for (let marked = 0; marked < max; marked++) {
      const next = this.#left.next();
      if (next.done === true) {
        this.#left = null;
        this.#freshMs = this.#roundMs;
        return;
      }
      this.#o.states.renew(next.value);
    }
  }
}

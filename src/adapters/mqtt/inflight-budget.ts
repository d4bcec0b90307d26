/** Counts the uploads of all connections that wait for their commit, and wakes those that had to wait for room. */

export class InflightBudget {
  readonly #max: number;
  #used = 0;
  #waiting = new Set<() => void>();
  #waking = false;

  constructor(max: number) {
    this.#max = max;
  }

  get room(): number {
    return Math.max(0, this.#max - this.#used);
  }

  get used(): number {
    return this.#used;
  }

  take(count: number): void {
    this.#used += count;
  }

  give(count: number): void {
    this.#used -= count;
    if (this.#used < 0) throw new Error('more in-flight uploads given back than taken');
    if (this.#waiting.size === 0 || this.#waking || this.room === 0) return;
    // One wake-up a turn: a group commit gives back hundreds at once.
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      const waiting = this.#waiting;
      this.#waiting = new Set();
      for (const wake of waiting) wake();
    });
  }

  /** Calls `wake` once when there may be room again. */
  whenRoom(wake: () => void): void {
    this.#waiting.add(wake);
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}

/** Counts the uploads of all connections that wait for their commit, and wakes those that had to wait for room. */

export class InflightBudget {
  readonly #max: number;
  readonly #bytesMax: number;
  #used = 0;
  #bytes = 0;
  readonly #waiting = new Set<() => void>();
  #waking = false;
  #soon: (() => void)[] = [];

  constructor(max: number, bytesMax: number) {
    this.#max = max;
    this.#bytesMax = bytesMax;
  }

  /** Whether one more may come; the last to come may be over the bytes by one packet. */
  get room(): boolean {
    return this.#used < this.#max && this.#bytes < this.#bytesMax;
  }

  /** More than half is used: who has many in flight leaves room to others. */
  get crowded(): boolean {
    return 2 * this.#used > this.#max || 2 * this.#bytes > this.#bytesMax;
  }

  /** Others wait for room. */
  get contended(): boolean {
    return this.#waiting.size > 0;
  }

  get used(): number {
    return this.#used;
  }

  take(bytes: number): void {
    this.#used += 1;
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#used -= 1;
    this.#bytes -= bytes;
    if (this.#used < 0 || this.#bytes < 0) throw new Error('more in-flight uploads given back than taken');
    if (this.#waiting.size === 0 || this.#waking || !this.room) return;
    // One round a turn: a group commit gives back hundreds at once.
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      for (const wake of this.#waiting) {
        if (!this.room) return;
        this.#waiting.delete(wake);
        wake();
      }
    });
  }

  /** Calls `release` when what runs now has run: a group commit settles uploads of many connections, each many times. */
  soon(release: () => void): void {
    if (this.#soon.push(release) > 1) return;
    void Promise.resolve().then(() => {
      const due = this.#soon;
      this.#soon = [];
      for (const each of due) each();
    });
  }

  /** Calls `wake` once when there is room again, first come, first served. */
  whenRoom(wake: () => void): void {
    this.#waiting.add(wake);
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}

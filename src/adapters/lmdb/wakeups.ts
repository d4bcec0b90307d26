/** Wakes listeners when a store has grown: at once for this process's own commits, by polling for those of others. */

/** Ports promise 250 ms. */
const POLL_MS = 100;

export class Wakeups {
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;
  #seen: number;

  /** `counter` reads a number that every commit raises; with `poll` it is looked at every 100 ms while someone listens. */
  constructor(
    private readonly counter: () => number,
    private readonly poll: boolean,
  ) {
    this.#seen = counter();
  }

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.poll && this.#timer === null) {
      this.#seen = this.counter();
      this.#timer = setInterval(() => this.look(), POLL_MS).unref();
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Calls every listener if the counter has moved since the last look. */
  look(): void {
    const now = this.counter();
    if (now === this.#seen) return;
    this.#seen = now;
    for (const listener of [...this.#listeners]) listener();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** Simulated time: one queue of events, and the turns of the event loop in hand, so that a seed decides what runs when. */
import TinyQueue from 'tinyqueue';

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

type SetImmediate = typeof setImmediate;

const realImmediate: SetImmediate = setImmediate;
/** A tick comes when every promise that could go on has gone on; no turn of the real loop is spent on it. */
const allGoneOn = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

export class Scheduler {
  #nowMs: number;
  #order = 0;
  readonly #events = new TinyQueue<Event>([], (a, b) => a.atMs - b.atMs || a.order - b.order);
  readonly #turns: (() => void)[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  /** The true time, UTC milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs at that time, or now if it is over; of equal times in the order in which they were said. */
  at(atMs: number, run: () => void): void {
    this.#order += 1;
    this.#events.push({ atMs: Math.max(atMs, this.#nowMs), order: this.#order, run });
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  nextMs(): number | null {
    return this.#events.peek()?.atMs ?? null;
  }

  /** Time passes, and nothing happens. */
  passTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Runs the next event. */
  next(): void {
    const event = this.#events.pop();
    if (event === undefined) return;
    this.passTo(event.atMs);
    event.run();
  }

  /** Resolves when nothing goes on any more without an event. */
  async settle(): Promise<void> {
    for (;;) {
      await allGoneOn();
      const turn = this.#turns.shift();
      if (turn === undefined) return;
      turn();
    }
  }

  /** Holds the global `setImmediate` while `work` runs: what waits for a turn waits for `settle`. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    const turn = (run: (...args: unknown[]) => void, ...args: unknown[]): void => {
      this.#turns.push(() => run(...args));
    };
    globalThis.setImmediate = turn as unknown as SetImmediate;
    try {
      return await work();
    } finally {
      globalThis.setImmediate = realImmediate;
      for (const late of this.#turns.splice(0)) late();
    }
  }
}

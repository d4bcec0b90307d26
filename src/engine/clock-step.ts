/** The stepped clock of a development server: a day passes in a minute, and no timer is early or skipped. */
import type { SteppedClock } from '../ports/clock.js';
import type { Ticker } from './ticker.js';

export class EngineSteppedClock implements SteppedClock {
  #nowMs: number;
  #ticker: Pick<Ticker, 'fire'> | null = null;
  /** Everything that was durable before the step has been judged. */
  #settle: () => Promise<void> = () => Promise.resolve();
  /** Keeps the time: after a crash it goes on from where it was, not from the last upload. */
  #keep: (atMs: number) => Promise<void> = () => Promise.resolve();
  #stepping: Promise<void> = Promise.resolve();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** The ticker needs a clock and the clock a ticker: this joins them, once. */
  drive(ticker: Pick<Ticker, 'fire'>, settle: () => Promise<void>, keep: (atMs: number) => Promise<void>): void {
    this.#ticker = ticker;
    this.#settle = settle;
    this.#keep = keep;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  advanceTo(toMs: number): Promise<void> {
    this.#stepping = this.#stepping.then(async () => {
      if (toMs <= this.#nowMs) return;
      await this.#settle();
      // Strictly before: records of the moment `toMs` itself come before its timers.
      await this.#ticker?.fire(toMs - 1);
      await this.#keep(toMs);
      this.#nowMs = toMs;
    });
    return this.#stepping;
  }
}

/** The uploads of one connection that wait for their verdict, released in the order in which they came. */
import type { Verdict } from '../../ports/mqtt-endpoint.js';
import type { InflightBudget } from './inflight-budget.js';

interface Waiting {
  /** Null at QoS 0: there is nothing to acknowledge. */
  readonly id: number | null;
  readonly bytes: number;
  verdict: Verdict | null;
}

export class Verdicts {
  readonly #budget: InflightBudget;
  readonly #release: (acknowledged: readonly number[], failed: boolean) => void;
  readonly #waiting: Waiting[] = [];
  #releasing = false;
  #whenSettled: (() => void)[] = [];

  /**
   * `release` is told the packet ids of uploads that are durable, in their order ([MQTT-4.6.0-2]), and whether the one
   * behind them failed; after that it hears of none.
   */
  constructor(budget: InflightBudget, release: (acknowledged: readonly number[], failed: boolean) => void) {
    this.#budget = budget;
    this.#release = release;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Takes its place behind those before it; gives what is to be called with its verdict. */
  await(id: number | null, bytes: number): (verdict: Verdict) => void {
    const waiting: Waiting = { id, bytes, verdict: null };
    this.#budget.take(bytes);
    this.#waiting.push(waiting);
    return (verdict) => {
      waiting.verdict = verdict;
      if (this.#releasing || this.#waiting[0] !== waiting) return;
      // a group commit settles many of one connection in one go: their PUBACKs leave in one piece
      this.#releasing = true;
      this.#budget.soon(this.#releaseSettled);
    };
  }

  /** Resolves when no verdict is under way. */
  settled(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSettled.push(resolve));
  }

  readonly #releaseSettled = (): void => {
    this.#releasing = false;
    const acknowledged: number[] = [];
    let failed = false;
    for (let head = this.#waiting[0]; head !== undefined && head.verdict !== null; head = this.#waiting[0]) {
      this.#waiting.shift();
      this.#budget.give(head.bytes);
      if (head.verdict === 'fail') failed = true;
      else if (head.id !== null && !failed) acknowledged.push(head.id);
    }
    this.#release(acknowledged, failed);
    if (this.#waiting.length > 0) return;
    for (const resolve of this.#whenSettled.splice(0)) resolve();
  };
}

/** A stop in named steps, each with a bound: what does not end in time is named and left, for what was acknowledged is durable. */
import type { Telemetry } from '../ports/telemetry.js';

/** Runs one step of a stop; resolves when it has ended, well or not, or is not waited for any longer. Never rejects. */
export type Step = (name: string, withinMs: number, run: () => Promise<unknown>) => Promise<void>;

/** For whoever stops without a clock over it: each step is waited for, and its failure is the caller's. */
export const unbounded: Step = async (_name, _withinMs, run) => {
  await run();
};

/** All steps together: a supervisor that waits ten seconds before it kills never has to. */
export const STOP_MS = 8_500;

export interface Stopped {
  /** Something may not have been committed that should have been. */
  readonly failed: boolean;
  /** A thread may hang in a store (a disk that does not answer, a lock): `process.exit` would wait for it for ever. */
  readonly stuck: boolean;
}

export const HOT_STATE = 'hot state';
/** What these wait for is sockets. */
const WITHOUT_THREADS: readonly string[] = [HOT_STATE, 'topics', 'requests', 'health'];

export class Stopping {
  readonly #telemetry: Pick<Telemetry, 'log'>;
  readonly #startedMs = performance.now();
  readonly #left: string[] = [];
  #failures = 0;

  constructor(
    telemetry: Pick<Telemetry, 'log'>,
    private readonly stopMs = STOP_MS,
  ) {
    this.#telemetry = telemetry;
    telemetry.log('info', 'stopping');
  }

  readonly step: Step = async (name, withinMs, run) => {
    const patienceMs = Math.max(0, Math.min(withinMs, this.stopMs - (performance.now() - this.#startedMs)));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patienceMs);
    });
    const ended = this.#run(name, run);
    if ((await Promise.race([ended, late])) === 'late') {
      this.#left.push(name);
      this.#telemetry.log('warn', 'stop_not_waited_for', { step: name, seconds: Math.round(patienceMs) / 1_000 });
    }
    clearTimeout(timer);
  };

  /** Everything so far has ended: nobody uses the stores any more. */
  get isWhole(): boolean {
    return this.#left.length === 0;
  }

  /** The last word. */
  end(): Stopped {
    const seconds = Math.round(performance.now() - this.#startedMs) / 1_000;
    this.#telemetry.log('info', 'stopped', { seconds, left: this.#left.length, failures: this.#failures });
    // the engine waits for the hot store at its end: where that one hangs, no thread of ours does
    const harmless = this.#left.includes(HOT_STATE) ? [...WITHOUT_THREADS, 'engine'] : WITHOUT_THREADS;
    return { failed: this.#failures > 0, stuck: this.#left.some((name) => !harmless.includes(name)) };
  }

  async #run(name: string, run: () => Promise<unknown>): Promise<'ended'> {
    try {
      await run();
    } catch (error) {
      this.#failures += 1;
      this.#telemetry.log('error', 'stop_step_failed', {
        step: name,
        error: error instanceof Error ? error.name : typeof error,
      });
    }
    return 'ended';
  }
}

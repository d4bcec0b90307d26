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

  /** The last word. Throws when a step has failed: something may not have been committed that should have been. */
  end(): void {
    const seconds = Math.round(performance.now() - this.#startedMs) / 1_000;
    this.#telemetry.log('info', 'stopped', { seconds, left: this.#left.length, failures: this.#failures });
    if (this.#failures > 0) throw new Error(`${this.#failures} steps of the stop failed: see stop_step_failed`);
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

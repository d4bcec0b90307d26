/** What is looked after every minute of the system's time: one run after the other, and none after the stop. */

import type { Telemetry } from '../ports/telemetry.js';

export interface Minutes {
  start(): void;
  /** How many runs in a row have failed. */
  readonly failures: number;
  /** Waits for the run under way. */
  stop(): Promise<void>;
}

export function everyMinute(run: () => Promise<void>, onError: (error: unknown) => void, everyMs = 60_000): Minutes {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let failures = 0;
  const once = async (): Promise<void> => {
    try {
      await run();
      failures = 0;
    } catch (error) {
      failures += 1;
      onError(error);
    }
  };
  return {
    get failures() {
      return failures;
    },
    start() {
      timer = setInterval(() => {
        running = running.then(once);
      }, everyMs);
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      await running;
    },
  };
}

/** What a stepped clock looks after: as its time passes, not at each of its steps, of which there may be two a minute. */
export function asTimePasses(run: (atMs: number) => Promise<void>): (atMs: number) => Promise<void> {
  let lastMs = Number.NEGATIVE_INFINITY;
  return async (atMs) => {
    if (atMs - lastMs < STEPPED_EVERY_MS) return;
    lastMs = atMs;
    await run(atMs);
  };
}

const STEPPED_EVERY_MS = 10 * 60_000;

/**
 * A full disk stops nobody's alerts: an hour's key is made an hour ahead, and what failed is tried again in a minute. Whoever
 * can do nothing more that is right says so by other ways.
 */
export const triedAgain =
  (telemetry: Pick<Telemetry, 'log'>, code: string) =>
  (error: unknown): void =>
    telemetry.log('error', code, { error: error instanceof Error ? error.name : typeof error });

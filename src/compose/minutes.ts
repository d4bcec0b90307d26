/** What is looked after every minute of the system's time: one run after the other, and none after the stop. */

export interface Minutes {
  start(): void;
  /** Waits for the run under way. */
  stop(): Promise<void>;
}

export function everyMinute(run: () => Promise<void>, onError: (error: unknown) => void, everyMs = 60_000): Minutes {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  return {
    start() {
      timer = setInterval(() => {
        running = running.then(run).catch(onError);
      }, everyMs);
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      await running;
    },
  };
}

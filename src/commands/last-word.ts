/** What nobody foresaw ends the process with one line and exit 1: its state is not to be trusted, and a stack may hold somebody's data. */
import { StoreFailed } from '../ports/store-failed.js';

/** Installed once the process is a gateway; `DEBUG` shows the stack. */
export function endOnTheUnforeseen(): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      const name = error instanceof Error ? error.name : typeof error;
      const line = { level: 'error', time: new Date().toISOString(), code: 'crashed', error: name, at: placeOf(error) };
      process.stderr.write(`${JSON.stringify(line)}\n`);
      if (process.env.DEBUG !== undefined) console.error(error);
      process.exit(1);
    });
  }
  // beyond a limit on file sizes a write is an error like any other, and no signal that ends the process
  process.on('SIGXFSZ', () => {});
}

/** For people, beside the log: what the disk did not take, and what to do. Null for any other error. */
export function storeAdvice(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof StoreFailed) return cause.message;
  }
  return null;
}

/** File and line of our own that it was thrown in; no message, for that may hold anything. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return /(?:dist\/)?(src\/[\w./-]+\.js:\d+)/.exec(stack)?.[1] ?? 'unknown';
}

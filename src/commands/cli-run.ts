/** How every command ends: 0 done, 1 failed, 2 used wrongly; what went wrong and what to do on standard error. */
import type { Problem } from '../domain/problem.js';

/** The command could not do what it was asked. `lines` say what is wrong and what to do. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly lines: readonly string[];
  constructor(
    lines: string | readonly string[],
    readonly exitCode: 1 | 2 = 1,
  ) {
    const all = typeof lines === 'string' ? [lines] : lines;
    super(all[0] ?? 'failed');
    this.lines = all;
  }
}

/** Wraps a command's action: a failure sets the exit code, and only what nobody foresaw shows a stack (with DEBUG). */
export function runs<A extends unknown[]>(action: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      process.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
      const lines = error instanceof CommandFailed ? error.lines : [messageOf(error)];
      for (const line of lines) process.stderr.write(`fairwatch: ${line}\n`);
      if (!(error instanceof CommandFailed) && process.env.DEBUG !== undefined) console.error(error);
    }
  };
}

export const print = (line: string): void => void process.stdout.write(`${line}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value));

/** `where: path: expected …, got …` */
export const problemLine = (where: string, { path, expected, got }: Problem): string =>
  `${where}: ${path === '' ? 'the whole' : path}: expected ${expected}, got ${got}`;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

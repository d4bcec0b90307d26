/** A compiled script of the tests in a process of its own, whose lines can be awaited and which can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import './plain-children.js';

export interface Child {
  readonly lines: string[];
  /** Resolves with the first line, past or to come, that matches; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<string>;
  send(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  readonly ended: Promise<number | null>;
  /** What it has written to standard error. */
  errors(): string;
  /** What ended it; null: nothing, or its own exit. */
  signal(): NodeJS.Signals | null;
}

/** `script` is relative to `dist/tests`. With `under`, that command runs node (`['bash', '-c', 'ulimit … && exec "$@"', '-']`). */
export function startChild(script: string, args: readonly string[], under: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const [command, ...rest] = [...under, process.execPath, path, ...args] as [string, ...string[]];
  const child: ChildProcess = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let errors = '';
  let partial = '';
  let heard: () => void = () => {};
  child.stdout?.on('data', (data: Buffer) => {
    const parts = (partial + data.toString()).split('\n');
    partial = parts.pop() ?? '';
    lines.push(...parts);
    heard();
  });
  child.stderr?.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);

  return {
    lines,
    ended,
    errors: () => errors,
    signal: () => child.signalCode,
    async line(pattern) {
      let over = false;
      let how = '';
      const end = ended.then((code) => {
        over = true;
        how = `code ${code}, signal ${child.signalCode}`;
      });
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (over)
          throw new Error(`${script} ended (${how}) without ${pattern}: ${lines.slice(-3).join(' | ')} ${errors}`);
        await Promise.race([
          end,
          new Promise<void>((resolve) => {
            heard = resolve;
          }),
        ]);
      }
    },
    send: (signal) => void child.kill(signal),
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await ended;
    },
  };
}

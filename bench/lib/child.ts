/** A part of a bench in a process of its own: options as JSON in its arguments, progress on stderr, figures as JSON on stdout. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Child<T> {
  readonly pid: number;
  /** Its figures; rejects, with what it told, when it ended without. */
  readonly figures: Promise<T>;
  /** Writes a line to its stdin. */
  tell(line: string): void;
  kill(): void;
}

/** `file`: of this folder, e.g. `api-load.js`. It is killed when this process ends. */
export function startChild<T>(
  file: string,
  options: object,
  onLine: (line: string) => void = () => {},
  nodeOptions: readonly string[] = [],
): Child<T> {
  const path = `${import.meta.dirname}/${file}`;
  const child = spawn(process.execPath, ['--enable-source-maps', ...nodeOptions, path, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const told: string[] = [];
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (told.length < 50) told.push(line);
    onLine(line);
  });
  // one that is gone reads no more: how it ended says why
  child.stdin.on('error', () => {});
  const figures = new Promise<T>((resolve, reject) => {
    child.once('close', (code) => {
      process.off('exit', kill);
      if (printed.startsWith('{')) resolve(JSON.parse(printed) as T);
      else reject(new Error(`${file} ended with exit code ${code} and no figures:\n${told.join('\n')}`));
    });
  });
  figures.catch(() => {});
  return { pid: child.pid as number, figures, tell: (line) => void child.stdin.write(`${line}\n`), kill };
}

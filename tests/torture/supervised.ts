/** A process under supervision: started again when it dies, whoever killed it; what no fault explains is written down. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SupervisedOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** In what it prints, once it serves. */
  readonly ready: RegExp;
  readonly logFile: string;
  /** It may end by itself just now: the disk is full. */
  readonly mayDie: () => boolean;
  readonly onUnexpected: (what: string) => void;
}

/** To serve after its start: a bound against hanging. */
const READY_WITHIN_MS = 90_000;
const AGAIN_AFTER_MS = 300;
const TAIL_LINES = 6;

export class Supervised {
  readonly name: string;
  kills = 0;
  /** Ended by itself, where that was allowed. */
  gaveUp = 0;
  /** Monotonic ms of the newest spawn. */
  spawnedMs = 0;
  readonly #o: SupervisedOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | null = null;
  #serving = false;
  #expected = false;
  #downMs = AGAIN_AFTER_MS;
  #stopping = false;
  #tail: string[] = [];
  #waiting: (() => void)[] = [];
  #gone: (() => void)[] = [];

  constructor(options: SupervisedOptions) {
    this.name = options.name;
    this.#o = options;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }
  get serving(): boolean {
    return this.#serving;
  }

  /** Resolves when it serves. */
  start(): Promise<void> {
    if (this.#child === null) this.#spawn();
    return this.whenServing();
  }

  /** Rejects when it does not serve within the bound. */
  async whenServing(): Promise<void> {
    if (this.#serving) return;
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      late = setTimeout(
        () =>
          reject(
            new Error(`${this.name} does not serve within ${READY_WITHIN_MS / 1_000} s: ${this.#tail.join(' | ')}`),
          ),
        READY_WITHIN_MS,
      );
    });
    try {
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), patience]);
    } finally {
      clearTimeout(late);
    }
  }

  /** Kills it, and starts it again `downMs` later; resolves when it has been started (not yet serving). */
  async kill(downMs: number): Promise<void> {
    this.kills += 1;
    this.#expected = true;
    this.#downMs = downMs;
    if (this.#child !== null) {
      const gone = this.#whenGone();
      this.#child.kill('SIGKILL');
      await gone;
    }
    while (this.#child === null && !this.#stopping) await sleep(5);
  }

  /** SIGTERM; resolves with how it ended and when it has been started again. `withinMs`: it is killed then. */
  async terminate(withinMs: number): Promise<{ code: number | null; ms: number }> {
    this.#expected = true;
    this.#downMs = 0;
    const ended = await this.#end(withinMs);
    while (this.#child === null && !this.#stopping) await sleep(5);
    return ended;
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }
  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** For good. */
  async stop(withinMs: number): Promise<{ code: number | null; ms: number }> {
    this.#stopping = true;
    this.resume();
    const ended = await this.#end(withinMs);
    await new Promise<void>((resolve) => this.#log.end(resolve));
    return ended;
  }

  /** For an end that cannot wait. */
  abandon(): void {
    this.#stopping = true;
    this.#child?.kill('SIGKILL');
  }

  async #end(withinMs: number): Promise<{ code: number | null; ms: number }> {
    const child = this.#child;
    if (child === null) return { code: 0, ms: 0 };
    const beganMs = performance.now();
    const gone = this.#whenGone();
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), withinMs);
    await gone;
    clearTimeout(patience);
    return { code: child.exitCode, ms: performance.now() - beganMs };
  }

  #whenGone(): Promise<void> {
    return new Promise((resolve) => this.#gone.push(resolve));
  }

  #spawn(): void {
    const { command, args, env } = this.#o;
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#serving = false;
    this.spawnedMs = performance.now();
    this.#log.write(`--- started as process ${child.pid} at ${new Date().toISOString()}\n`);
    for (const stream of [child.stdout, child.stderr]) {
      let partial = '';
      stream?.on('data', (chunk: Buffer) => {
        const lines = (partial + chunk.toString()).split('\n');
        partial = lines.pop() ?? '';
        for (const line of lines) this.#line(line);
      });
    }
    child.once('error', (error) => this.#line(`it could not be started: ${error.message}`));
    child.once('close', (code, signal) => this.#ended(signal ?? `exit code ${code}`));
  }

  #line(line: string): void {
    this.#log.write(`${line}\n`);
    this.#tail = [...this.#tail.slice(1 - TAIL_LINES), line];
    if (this.#serving || !this.#o.ready.test(line)) return;
    this.#serving = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #ended(how: string): void {
    this.#child = null;
    this.#serving = false;
    this.#log.write(`--- ended: ${how}\n`);
    const expected = this.#expected;
    this.#expected = false;
    for (const resolve of this.#gone.splice(0)) resolve();
    if (this.#stopping) return;
    if (!expected) {
      if (this.#o.mayDie()) this.gaveUp += 1;
      else this.#o.onUnexpected(`${this.name} ended by itself (${how}): ${this.#tail.join(' | ').slice(-600)}`);
    }
    setTimeout(() => this.#spawn(), expected ? this.#downMs : AGAIN_AFTER_MS);
  }
}

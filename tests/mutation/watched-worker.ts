/** A worker that is put down when it does not come to an end, and replaced when it dies. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Reply, Request, WorkerSetup } from './protocol.js';

/** `timeout`: the run under way took too long; `crash`: it took the worker with it. */
export type Fate = Reply | { readonly kind: 'timeout' | 'crash'; readonly run: number };

/** How many cases those tests make that ask the environment. */
const FEW = { CASES: '20', POINTS: '4000' };

const POLL_MS = 50;
/** Modules of rounds gone by are not all given back: a worker is replaced after so many. */
const ROUNDS_MAX = 400;

export class WatchedWorker {
  readonly #setup: WorkerSetup;
  readonly #progress: Int32Array;
  readonly #seed: number;
  #worker: Worker | null = null;
  #rounds = 0;
  #told: (fate: Fate) => void = () => undefined;

  constructor(setup: Omit<WorkerSetup, 'progress'>, seed: number) {
    this.#setup = { ...setup, progress: new SharedArrayBuffer(8) };
    this.#progress = new Int32Array(this.#setup.progress);
    this.#seed = seed;
  }

  /** `limitMs(run)`: how long that run may take, by its place in the request. */
  async ask(request: Request, limitMs: (run: number) => number): Promise<Fate> {
    if (this.#rounds++ >= ROUNDS_MAX) await this.close();
    const worker = this.#worker ?? this.#start();
    let watch: NodeJS.Timeout | undefined;
    const run = (): number => Atomics.load(this.#progress, 0);
    const fate = await new Promise<Fate>((resolve) => {
      this.#told = resolve;
      Atomics.store(this.#progress, 0, 0);
      let seen = -1;
      let sinceMs = performance.now();
      watch = setInterval(() => {
        const begun = Atomics.load(this.#progress, 1);
        if (begun !== seen) [seen, sinceMs] = [begun, performance.now()];
        else if (performance.now() - sinceMs > limitMs(run())) resolve({ kind: 'timeout', run: run() });
      }, POLL_MS);
      worker.postMessage(request);
    });
    clearInterval(watch);
    if (fate.kind === 'timeout' || fate.kind === 'crash') await this.close();
    return fate;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#rounds = 0;
    this.#told = () => undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(join(import.meta.dirname, 'worker.js'), {
      workerData: this.#setup,
      env: { ...FEW, ...process.env, SEED: String(this.#seed) },
      resourceLimits: { maxOldGenerationSizeMb: 600 },
      stdout: true,
      stderr: true,
    });
    const crash = (): void => {
      if (this.#worker === worker) this.#told({ kind: 'crash', run: Atomics.load(this.#progress, 0) });
    };
    worker
      .on('message', (fate: Fate) => this.#told(fate))
      .on('error', crash)
      .on('exit', crash);
    this.#worker = worker;
    return worker;
  }
}

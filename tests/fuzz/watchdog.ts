/** A thread that sees when one input takes for ever, and leaves it in a file before it ends the process. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { writeFinding } from './finding.js';

interface Shared {
  readonly target: string;
  readonly folder: string;
  readonly seed: number;
  readonly deadlineMs: number;
  /** Runs begun and ended (odd: one is under way), the input's length, the input. */
  readonly shared: SharedArrayBuffer;
}

const LOOK_MS = 500;
/** Held from here: what waits for an answer that never comes is collected, and a worker that nobody holds ends. */
const held = new Set<Worker>();
const headBytes = 8;

/** The side of the thread that is watched. */
export class Watchdog {
  readonly #worker: Worker;
  readonly #head: Int32Array;
  readonly #input: Uint8Array;

  constructor(options: Omit<Shared, 'shared'> & { readonly bytesMax: number }) {
    const shared = new SharedArrayBuffer(headBytes + options.bytesMax);
    this.#head = new Int32Array(shared, 0, 2);
    this.#input = new Uint8Array(shared, headBytes);
    this.#worker = new Worker(new URL(import.meta.url), {
      workerData: { ...options, shared } satisfies Shared & object,
    });
    this.#worker.unref();
    held.add(this.#worker);
  }

  begin(input: Buffer): void {
    this.#input.set(input.subarray(0, this.#input.length));
    this.#head[1] = input.length;
    Atomics.add(this.#head, 0, 1);
  }

  end(): void {
    Atomics.add(this.#head, 0, 1);
  }

  async close(): Promise<void> {
    held.delete(this.#worker);
    await this.#worker.terminate();
  }
}

function watch({ shared, target, folder, seed, deadlineMs }: Shared): void {
  const head = new Int32Array(shared, 0, 2);
  let seen = -1;
  let sinceMs = performance.now();
  setInterval(() => {
    const now = Atomics.load(head, 0);
    if (now !== seen || now % 2 === 0) {
      seen = now;
      sinceMs = performance.now();
      return;
    }
    if (performance.now() - sinceMs < deadlineMs) return;
    const input = Buffer.from(new Uint8Array(shared, headBytes, head[1] as number));
    const what = `no end within ${deadlineMs} ms`;
    const file = writeFinding(folder, { target, kind: 'hang', what, seed, run: (now - 1) / 2, input });
    process.stderr.write(`${target}: HANG, ${what}; ${file}\n`);
    // the other thread hears nothing any more
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_MS);
}

if (parentPort !== null && workerData?.shared !== undefined) watch(workerData as Shared);

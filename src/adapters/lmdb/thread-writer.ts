/**
 * Seals and writes batches on a thread of its own: the first thread hands over bytes, and goes on with its connections
 * while they are sealed, put into the tree and synced.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CompactWriter } from '../../codec/compact-writer.js';
import type { EpochSeals } from '../../crypto/epoch-seals.js';
import type { StreamKey } from '../../domain/ids.js';
import type { StateBytes } from '../../ports/subject-states.js';
import type { StateSealer } from '../sealed-state.js';
import { type BatchKind, batchOf } from './batch-rows.js';
import type { BatchWriter } from './batch-writer.js';
import type { Environment, Fence } from './environment.js';
import { writeStates } from './states-batch.js';
import { errorOf, type ToldFailure } from './told-failure.js';

/** What the thread is given. */
export interface WriterData {
  readonly folder: string;
  /** `EpochSeals.lend`: its keys vanish there when they are destroyed. */
  readonly keys: SharedArrayBuffer;
}

/**
 * To `write` what `batchOf` made, or to `seal` what `writeStates` made for a store elsewhere; `epoch`: of the key that it
 * lies under. Null: no more comes.
 */
export type Asked = {
  readonly id: number;
  readonly what: 'write' | 'seal';
  readonly epoch: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
} | null;

/** `failure` null: it is durable, or sealed: then `sealed` has it. */
export interface Answer {
  readonly id: number;
  readonly failure: ToldFailure | null;
  readonly sealed: Uint8Array<ArrayBuffer> | null;
}

interface Waiting {
  resolve(sealed: Uint8Array<ArrayBuffer> | null): void;
  reject(error: Error): void;
}

const to = new CompactWriter();

export class ThreadWriter implements BatchWriter, StateSealer {
  readonly #env: Environment;
  readonly #seals: EpochSeals;
  readonly #thread: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;
  #ended: Error | null = null;
  #closing = false;

  /** `onDeath`: called once when the thread is gone though nobody has closed it. */
  constructor(env: Environment, seals: EpochSeals, onDeath: (error: Error) => void) {
    this.#env = env.enter();
    this.#seals = seals;
    const data: WriterData = { folder: env.folder, keys: seals.lend() };
    this.#thread = new Worker(new URL('./writer-thread.js', import.meta.url), {
      workerData: data,
      // no keys from the process's environment, no loaders
      env: {},
      execArgv: [],
    });
    // alone it keeps no process alive; a batch under way does
    this.#thread.unref();
    this.#thread.on('message', (answer: Answer) => this.#answered(answer));
    const died = (error: Error): void => {
      if (this.#ended !== null) return;
      this.#ended = error;
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      if (!this.#closing) onDeath(error);
    };
    this.#thread.on('error', (cause) => died(new Error('the thread that writes the hot stores failed', { cause })));
    this.#thread.on('exit', (code) => died(new Error(`the thread that writes the hot stores ended with ${code}`)));
  }

  async write(kind: BatchKind, fence: Fence, batch: (to: CompactWriter) => void): Promise<void> {
    if (this.#ended !== null) throw this.#ended;
    await this.#ask('write', batchOf(kind, [fence, ...this.#env.fences], batch));
    // what this thread reads from now on has the batch in it
    this.#env.refresh();
  }

  async sealed(states: readonly (readonly [StreamKey, StateBytes | null])[]): Promise<Uint8Array> {
    if (this.#ended !== null) throw this.#ended;
    to.begin();
    writeStates(to, states);
    return (await this.#ask('seal', to.take())) ?? new Uint8Array(0);
  }

  async #ask(what: 'write' | 'seal', bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null> {
    const asked: Asked = { id: ++this.#ids, what, epoch: this.#seals.lentEpoch(), bytes };
    this.#thread.ref();
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(asked.id, { resolve, reject });
        this.#thread.postMessage(asked, [bytes.buffer]);
      });
    } finally {
      if (this.#waiting.size === 0) this.#thread.unref();
    }
  }

  /** What was handed over is written before the thread ends. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#ended === null) {
      this.#thread.ref();
      const gone = once(this.#thread, 'exit');
      this.#thread.postMessage(null satisfies Asked);
      await gone;
    }
    await this.#env.leave();
  }

  #answered({ id, failure, sealed }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure === null) waiting?.resolve(sealed);
    else waiting?.reject(errorOf(failure));
  }
}

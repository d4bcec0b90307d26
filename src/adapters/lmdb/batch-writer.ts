/** Who seals and writes the batches of the hot stores: this thread, or one of its own (`thread-writer`). */
import type { CompactWriter } from '../../codec/compact-writer.js';
import type { Seals } from '../../ports/seals.js';
import { OwnSealer } from '../sealed-state.js';
import { type BatchKind, BatchRows, batchOf } from './batch-rows.js';
import type { Environment, Fence } from './environment.js';

export interface BatchWriter {
  /**
   * Writes one batch in one transaction, in the order of the calls: all or nothing, durable and to be read on this thread
   * when it resolves. Throws `Superseded` where one of the fences does not hold, or any that guards the environment;
   * `StatesLost`; `StoreFailed`.
   */
  write(kind: BatchKind, fence: Fence, batch: (to: CompactWriter) => void): Promise<void>;
  close(): Promise<void>;
}

export class OwnWriter extends OwnSealer implements BatchWriter {
  readonly #env: Environment;
  readonly #seals: Seals;
  readonly #rows: BatchRows;

  constructor(env: Environment, seals: Seals) {
    super(seals);
    this.#env = env;
    this.#seals = seals;
    this.#rows = new BatchRows(env);
  }

  async write(kind: BatchKind, fence: Fence, batch: (to: CompactWriter) => void): Promise<void> {
    await this.#env.transaction(this.#rows.sealed(batchOf(kind, [fence], batch), this.#seals));
  }

  async close(): Promise<void> {}
}

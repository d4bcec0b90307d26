/** Hot state in LMDB: the store that needs nothing installed. */
import type { StreamKey } from '../../domain/ids.js';
import type { Seals } from '../../ports/seals.js';
import type { StateBatch, StateBytes, SubjectStates } from '../../ports/subject-states.js';
import { openState, sealState } from '../sealed-state.js';
import { type BatchWriter, OwnWriter } from './batch-writer.js';
import { type Db, Environment, numberValue, readNumber, rows } from './environment.js';
import { EpochFence } from './epoch.js';
import { STATES_POSITION, statesDb, writeStatesBatch } from './states-batch.js';

/** One transaction of a replacement: bounds what LMDB holds dirty, and how long the event loop waits. */
const REPLACE_CHUNK = 4_096;

export class LmdbStates implements SubjectStates {
  readonly #env: Environment;
  readonly #seals: Seals;
  readonly #writer: BatchWriter;
  readonly #states: Db<string>;
  readonly #meta: Db<string>;
  readonly #fence: EpochFence;

  /** In an environment that is shared with the engine's other stores. */
  constructor(env: Environment, seals: Seals, writer: BatchWriter = new OwnWriter(env, seals)) {
    this.#env = env.enter();
    this.#seals = seals;
    this.#writer = writer;
    this.#states = statesDb(env);
    this.#meta = env.db('meta');
    this.#fence = new EpochFence(env, 'meta', 'states.epoch', `the hot state in ${env.folder}`);
  }

  static open(folder: string, seals: Seals): LmdbStates {
    return new LmdbStates(Environment.open(folder), seals);
  }

  claim(epoch: number): Promise<void> {
    return this.#fence.claim(epoch);
  }

  async position(): Promise<number | null> {
    return readNumber(this.#meta.get(STATES_POSITION));
  }

  async *scan(): AsyncGenerator<readonly [StreamKey, StateBytes]> {
    for (const { key, value } of rows(this.#states)) yield openState(this.#seals, key, value);
  }

  async load(keys: readonly StreamKey[]): Promise<(StateBytes | null)[]> {
    return keys.map((key) => {
      const field = this.#seals.pseudonym(key);
      const value = this.#states.get(field);
      return value === undefined ? null : openState(this.#seals, field, value)[1];
    });
  }

  save(batch: StateBatch): Promise<void> {
    return this.#writer.write('states', this.#fence.fence(batch.epoch), (to) => writeStatesBatch(to, batch));
  }

  async replaceAll(epoch: number, position: number, states: Iterable<readonly [StreamKey, StateBytes]>): Promise<void> {
    await this.#env.transaction(() => {
      this.#fence.check(epoch);
      // without a position the content stands for nothing, so a crash half way leads to another replacement
      this.#meta.remove(STATES_POSITION);
      this.#states.clearSync();
    });
    let chunk: ReturnType<typeof sealState>[] = [];
    const write = (last: boolean) =>
      this.#env.transaction(() => {
        this.#fence.check(epoch);
        for (const { field, value } of chunk) this.#states.put(field, value);
        if (last) this.#meta.put(STATES_POSITION, numberValue(position));
      });
    for (const [key, state] of states) {
      chunk.push(sealState(this.#seals, key, state));
      if (chunk.length < REPLACE_CHUNK) continue;
      await write(false);
      chunk = [];
    }
    await write(true);
  }

  close(): Promise<void> {
    return this.#env.leave();
  }
}

/** A batch of one of the hot stores, as bytes: which fences must hold, then what it changes. Any thread can seal and write it. */
import { CompactReader } from '../../codec/compact-reader.js';
import { CompactWriter } from '../../codec/compact-writer.js';
import type { Sealing } from '../sealed-state.js';
import type { Db, Environment, Fence } from './environment.js';
import { checkFence } from './epoch.js';
import { putRecent, type RecentDbs, recentDbs, sealRecentBatch } from './recent-batch.js';
import { putStates, sealStatesBatch, statesDb } from './states-batch.js';

const KINDS = ['recent', 'states'] as const;
export type BatchKind = (typeof KINDS)[number];

const to = new CompactWriter();

/** `write` puts down what changes. The bytes are nothing else's, and may be given to another thread. */
export function batchOf(
  kind: BatchKind,
  fences: readonly Fence[],
  write: (to: CompactWriter) => void,
): Uint8Array<ArrayBuffer> {
  to.begin();
  to.byte(KINDS.indexOf(kind));
  to.whole(fences.length);
  for (const { meta, key, epoch, store } of fences) {
    to.name(meta);
    to.name(key);
    to.number(epoch);
    to.name(store);
  }
  write(to);
  return to.take();
}

export class BatchRows {
  readonly #env: Environment;
  readonly #metas = new Map<string, Db<string>>();
  #opened: { readonly meta: Db<string>; readonly recent: RecentDbs; readonly states: Db<string> } | null = null;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** Everything sealed; gives what is then to run within a transaction. Throws for bytes that `batchOf` has not made. */
  sealed(bytes: Uint8Array, seals: Sealing): () => void {
    const from = new CompactReader(bytes, 0);
    const kind = KINDS[from.byte()];
    const fences: (() => void)[] = [];
    for (let count = from.count(); count > 0; count--) {
      const fence: Fence = { meta: from.name(), key: from.name(), epoch: from.figure(), store: from.name() };
      const meta = this.#metaOf(fence);
      fences.push(() => checkFence(meta, fence));
    }
    const put = this.#put(kind, from, seals);
    from.finish();
    return () => {
      for (const check of fences) check();
      put();
    };
  }

  #put(kind: BatchKind | undefined, from: CompactReader, seals: Sealing): () => void {
    const { meta, recent, states } = this.#dbs();
    switch (kind) {
      case 'recent': {
        const changes = sealRecentBatch(from, seals);
        return () => {
          for (const change of changes) putRecent(recent, change);
        };
      }
      case 'states': {
        const sealed = sealStatesBatch(from, seals);
        return () => putStates(this.#env, meta, states, sealed);
      }
      default:
        throw new RangeError('a batch of no kind');
    }
  }

  #metaOf({ meta: name }: Fence): Db<string> {
    const known = this.#metas.get(name) ?? this.#env.db<string>(name);
    this.#metas.set(name, known);
    return known;
  }

  /** When they are first written to: a process that only reads makes none. */
  #dbs(): { readonly meta: Db<string>; readonly recent: RecentDbs; readonly states: Db<string> } {
    this.#opened ??= { meta: this.#env.db('meta'), recent: recentDbs(this.#env), states: statesDb(this.#env) };
    return this.#opened;
  }
}

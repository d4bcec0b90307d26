/**
 * The recent log in LMDB: uploads by the hour of their arrival, then by stream and the time of their last record, so
 * that an hour goes as one run of rows; snapshots by stream and event time, with an index by hour.
 */
import { decodeEntries } from '../../codec/entry-record.js';
import { FormatRefused } from '../../codec/packed.js';
import { decodeState } from '../../codec/state-record.js';
import { SealBroken } from '../../crypto/seals.js';
import type { StreamKey } from '../../domain/ids.js';
import type { Snapshot } from '../../domain/subject-state.js';
import { AHEAD_MS_MAX, type LoggedUpload, type RecentChange, type RecentLog } from '../../ports/recent-log.js';
import type { Seals } from '../../ports/seals.js';
import { type BatchWriter, OwnWriter } from './batch-writer.js';
import { type Db, Environment, rows } from './environment.js';
import { EpochFence } from './epoch.js';
import { KEPT, type RecentDbs, recentDbs, SNAPSHOTS, UPLOADS, writeRecentBatch } from './recent-batch.js';
import { RecentHours } from './recent-hours.js';
import {
  AFTER_ALL,
  hourDigits,
  hourOf,
  lastMsOf,
  positionOf,
  SNAPSHOT_HEAD_BYTES,
  snapshotName,
  timeDigits,
  uploadName,
} from './recent-rows.js';

const SINCE_BYTES = 8;

interface Row {
  readonly key: string;
  readonly value: Buffer;
}

export class LmdbRecentLog implements RecentLog {
  readonly #env: Environment;
  readonly #seals: Seals;
  readonly #writer: BatchWriter;
  readonly #dbs: RecentDbs;
  readonly #fence: EpochFence;
  readonly #hours: RecentHours;
  readonly #broken = new Map<StreamKey, number>();

  /** In an environment that is shared with the engine's other stores. */
  constructor(env: Environment, seals: Seals, writer: BatchWriter = new OwnWriter(env, seals)) {
    this.#env = env.enter();
    this.#seals = seals;
    this.#writer = writer;
    this.#dbs = recentDbs(env);
    const meta: Db<string> = env.db('meta');
    this.#fence = new EpochFence(env, 'meta', 'recent.epoch', `the recent log in ${env.folder}`);
    this.#hours = new RecentHours(env, meta, this.#dbs);
  }

  static open(folder: string, seals: Seals): LmdbRecentLog {
    return new LmdbRecentLog(Environment.open(folder), seals);
  }

  /** For a command beside a running gateway, which only looks. */
  static openReadOnly(folder: string, seals: Seals): LmdbRecentLog {
    return new LmdbRecentLog(Environment.openReadOnly(folder), seals);
  }

  claim(epoch: number): Promise<void> {
    return this.#fence.claim(epoch);
  }

  async commit(epoch: number, changes: readonly RecentChange[]): Promise<void> {
    await this.#writer.write('recent', this.#fence.fence(epoch), (to) => writeRecentBatch(to, changes));
  }

  uploads(stream: StreamKey, fromMs: number, beforeMs = Number.POSITIVE_INFINITY): LoggedUpload[] {
    const name = this.#seals.pseudonym(stream);
    const found: LoggedUpload[] = [];
    // An hour that ended this long before `fromMs` holds no upload of a record so far ahead of it.
    if (fromMs === Number.POSITIVE_INFINITY) return found;
    const end = beforeMs === Number.POSITIVE_INFINITY ? AFTER_ALL : timeDigits(beforeMs);
    for (const hour of this.#hours.from(hourOf(fromMs - AHEAD_MS_MAX))) {
      const prefix = hourDigits(hour) + name;
      for (const row of rows(this.#dbs.uploads, prefix + timeDigits(fromMs), prefix + end)) {
        const upload = this.#open(UPLOADS, row);
        if (upload !== null) found.push(upload);
        else this.#broken.set(stream, Math.max(this.#broken.get(stream) ?? 0, lastMsOf(row.key)));
      }
    }
    return found.sort((a, b) => a.position - b.position);
  }

  /** Removes every row of a stream whose order is erased; done twice it changes nothing. Throws `Superseded`. */
  async remove(epoch: number, stream: StreamKey): Promise<void> {
    const name = this.#seals.pseudonym(stream);
    const listed = [this.#dbs.uploads, this.#dbs.kept].map((db) => ({ db, keys: [] as string[] }));
    for (const hour of this.#hours.from(0)) {
      const start = hourDigits(hour) + name;
      for (const { db, keys } of listed) keys.push(...db.getKeys({ start, end: start + AFTER_ALL }));
    }
    const end: [string, number] = [name, Number.POSITIVE_INFINITY];
    const snapshots = [...this.#dbs.snapshots.getKeys({ start: [name, Number.NEGATIVE_INFINITY], end })];
    await this.#env.transaction(() => {
      this.#fence.check(epoch);
      for (const { db, keys } of listed) for (const key of keys) db.remove(key);
      for (const key of snapshots) this.#dbs.snapshots.remove(key);
    });
  }

  brokenMs(stream: StreamKey): number | null {
    return this.#broken.get(stream) ?? null;
  }

  /** One row at a time: between two of them no read transaction is held, and what was dropped meanwhile is not told. */
  *snapshots(stream: StreamKey): Generator<Snapshot> {
    const name = this.#seals.pseudonym(stream);
    let below = Number.POSITIVE_INFINITY;
    for (;;) {
      const [row] = this.#dbs.snapshots.getRange({
        start: [name, below],
        exclusiveStart: true,
        end: [name, Number.NEGATIVE_INFINITY],
        reverse: true,
        limit: 1,
      });
      if (row === undefined) return;
      below = row.key[1];
      const coversMs = row.value.readDoubleBE(4);
      const hour = row.value.readUInt32BE(0);
      const bound = snapshotName(name, below, hour, coversMs);
      const plain = this.#opened(SNAPSHOTS, bound, row.value.subarray(SNAPSHOT_HEAD_BYTES));
      const state = plain === null ? null : readable(() => decodeState(plain));
      if (state !== null) yield { state, coversMs };
    }
  }

  since(stream: StreamKey, position: number, max: number): LoggedUpload[] {
    const name = this.#seals.pseudonym(stream);
    const later: { readonly store: string; readonly row: Row; readonly since: number }[] = [];
    for (const hour of this.#hours.from(0)) {
      const prefix = hourDigits(hour) + name;
      for (const [store, db] of [[UPLOADS, this.#dbs.uploads] as const, [KEPT, this.#dbs.kept] as const]) {
        for (const row of rows(db, prefix, prefix + AFTER_ALL)) {
          const since = row.value.readDoubleBE(0);
          if (since > position) later.push({ store, row, since });
        }
      }
    }
    later.sort((a, b) => a.since - b.since);
    return later.slice(0, max).flatMap(({ store, row }) => this.#open(store, row) ?? []);
  }

  /** All that can be opened, of every stream; no two rows are read in one transaction. */
  *everything(): Generator<LoggedUpload> {
    for (const [store, db] of [[UPLOADS, this.#dbs.uploads] as const, [KEPT, this.#dbs.kept] as const]) {
      for (const row of rows(db)) {
        const upload = this.#open(store, row);
        if (upload !== null) yield upload;
      }
    }
  }

  get keptFromMs(): number {
    return this.#hours.keptFromMs;
  }

  expire(epoch: number, beforeMs: number, max: number): Promise<number> {
    return this.#hours.expire(hourOf(beforeMs), max, () => this.#fence.check(epoch));
  }

  close(): Promise<void> {
    return this.#env.leave();
  }

  /** Null: nobody can open it any more, or this build cannot read it. */
  #open(store: string, { key, value }: Row): LoggedUpload | null {
    const since = value.readDoubleBE(0);
    const plain = this.#opened(store, uploadName(key, since), value.subarray(SINCE_BYTES));
    if (plain === null) return null;
    const [entry, ...more] = readable(() => decodeEntries(plain)) ?? [];
    if (entry === undefined) return null;
    if (entry.kind !== 'upload' || more.length > 0) throw new Error('a row of the recent log holds no single upload');
    const position = positionOf(key);
    return { position, entry, ...(since === position ? {} : { since }) };
  }

  #opened(store: string, name: string, sealed: Buffer): Buffer | null {
    try {
      return this.#seals.open(store, name, sealed);
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }
}

/** What another build wrote is as good as gone: it is answered for as what cannot be opened is. */
function readable<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof FormatRefused) return null;
    throw error;
  }
}

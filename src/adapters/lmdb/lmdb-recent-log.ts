/** The recent log in LMDB: each stream's uploads by the time of their last record, and its snapshots by theirs. */
import { decodeEntries, encodeEntries } from '../../codec/entry-record.js';
import { decodeState, encodeState } from '../../codec/state-record.js';
import type { UploadEntry } from '../../domain/entry.js';
import type { StreamKey } from '../../domain/ids.js';
import type { SubjectState } from '../../domain/subject-state.js';
import type { LoggedUpload, RecentChange, RecentLog } from '../../ports/recent-log.js';
import type { Seals } from '../../ports/seals.js';
import { type Db, Environment, rows } from './environment.js';
import { EpochFence } from './epoch.js';

const UPLOADS = 'recent-uploads';
const SNAPSHOTS = 'recent-snapshots';
/** Digits of a 64-bit number in hex. */
const DIGITS = 16;
/** Above every key of a stream: no hex digit comes after it. */
const AFTER_ALL = '~';

/** A change with everything sealed: nothing may fail half way in the transaction. */
interface SealedChange {
  readonly name: string;
  readonly uploads: readonly { readonly key: string; readonly value: Buffer }[];
  readonly snapshots: readonly { readonly atMs: number; readonly value: Buffer }[];
  readonly dropped: readonly number[];
  readonly expiredMs: number | null;
}

export class LmdbRecentLog implements RecentLog {
  readonly #env: Environment;
  readonly #seals: Seals;
  /** Stream's pseudonym · time of the last record · position → sealed entry, bound to the key. */
  readonly #uploads: Db<string>;
  /** (stream's pseudonym, event time) → sealed state, bound to both. */
  readonly #snapshots: Db<[string, number]>;
  readonly #fence: EpochFence;

  /** In an environment that is shared with the engine's other stores. */
  constructor(env: Environment, seals: Seals) {
    this.#env = env.enter();
    this.#seals = seals;
    this.#uploads = env.db(UPLOADS);
    this.#snapshots = env.db(SNAPSHOTS);
    this.#fence = new EpochFence(env, env.db('meta'), 'recent.epoch', `the recent log in ${env.folder}`);
  }

  static open(folder: string, seals: Seals): LmdbRecentLog {
    return new LmdbRecentLog(Environment.open(folder), seals);
  }

  claim(epoch: number): Promise<void> {
    return this.#fence.claim(epoch);
  }

  async commit(epoch: number, changes: readonly RecentChange[]): Promise<void> {
    const sealed = changes.map((change) => this.#seal(change));
    await this.#env.transaction(() => {
      this.#fence.check(epoch);
      for (const change of sealed) this.#apply(change);
    });
  }

  uploads(stream: StreamKey, fromMs: number): LoggedUpload[] {
    const name = this.#seals.pseudonym(stream);
    const found: LoggedUpload[] = [];
    for (const { key, value } of rows(this.#uploads, name + timeDigits(fromMs), name + AFTER_ALL)) {
      found.push({ position: positionOf(key), entry: this.#openUpload(key, value) });
    }
    return found.sort((a, b) => a.position - b.position);
  }

  /** One row at a time: between two of them no read transaction is held, and what was dropped meanwhile is not told. */
  *snapshots(stream: StreamKey): Generator<SubjectState> {
    const name = this.#seals.pseudonym(stream);
    let below = Number.POSITIVE_INFINITY;
    for (;;) {
      const [row] = this.#snapshots.getRange({
        start: [name, below],
        exclusiveStart: true,
        end: [name, Number.NEGATIVE_INFINITY],
        reverse: true,
        limit: 1,
      });
      if (row === undefined) return;
      below = row.key[1];
      yield decodeState(this.#seals.open(SNAPSHOTS, snapshotName(name, below), row.value));
    }
  }

  close(): Promise<void> {
    return this.#env.leave();
  }

  #seal(change: RecentChange): SealedChange {
    const name = this.#seals.pseudonym(change.stream);
    return {
      name,
      uploads: change.uploads.map(({ position, entry }) => {
        const key = name + timeDigits(lastMs(entry)) + wholeDigits(position);
        return { key, value: this.#seals.seal(UPLOADS, key, encodeEntries([entry])) };
      }),
      snapshots: change.snapshots.map((state) => {
        const atMs = eventTimeOf(state);
        return { atMs, value: this.#seals.seal(SNAPSHOTS, snapshotName(name, atMs), encodeState(state)) };
      }),
      dropped: change.dropped,
      expiredMs: change.expiredMs,
    };
  }

  #apply({ name, uploads, snapshots, dropped, expiredMs }: SealedChange): void {
    // first what goes: a state that replaces a useless one may stand at its time
    for (const atMs of dropped) this.#snapshots.remove([name, atMs]);
    for (const { key, value } of uploads) this.#uploads.put(key, value);
    for (const { atMs, value } of snapshots) this.#snapshots.put([name, atMs], value);
    if (expiredMs === null) return;
    // listed before they are removed: no cursor walks over what changes under it
    const oldUploads = [...this.#uploads.getKeys({ start: name, end: name + timeDigits(expiredMs) })];
    for (const key of oldUploads) this.#uploads.remove(key);
    const end: [string, number] = [name, expiredMs];
    const oldSnapshots = [...this.#snapshots.getKeys({ start: [name, Number.NEGATIVE_INFINITY], end })];
    for (const key of oldSnapshots) this.#snapshots.remove(key);
  }

  #openUpload(key: string, value: Buffer): UploadEntry {
    const [entry, ...more] = decodeEntries(this.#seals.open(UPLOADS, key, value));
    if (entry?.kind !== 'upload' || more.length > 0) throw new Error('a row of the recent log holds no single upload');
    return entry;
  }
}

const snapshotName = (name: string, atMs: number): string => `${name}@${atMs}`;

function eventTimeOf({ atMs }: SubjectState): number {
  if (atMs === null) throw new Error('a state that has judged nothing is no snapshot');
  return atMs;
}

const positionOf = (key: string): number => Number.parseInt(key.slice(-DIGITS), 16);

/** Of the record with the latest time: what a device sent out of order is not passed over. */
function lastMs(entry: UploadEntry): number {
  if (entry.records.length === 0) throw new Error('an upload entry without records has no place in the recent log');
  return entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0);
}

/** The first whole millisecond at or after `ms`; before 1970 there is none that a device can say. */
const timeDigits = (ms: number): string => wholeDigits(Math.min(Math.max(Math.ceil(ms), 0), Number.MAX_SAFE_INTEGER));

function wholeDigits(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no whole number from 0 to 2^53`);
  return value.toString(16).padStart(DIGITS, '0');
}

/** The archive in LMDB, in an environment of its own: sealed segments by stream and day, and how far each stream has come. */
import type { StreamKey } from '../../domain/ids.js';
import type { Archive, ArchiveBatch } from '../../ports/archive.js';
import { withSequences } from '../archived-sequences.js';
import { Environment, numberValue, readNumber, rows } from './environment.js';
import { EpochFence } from './epoch.js';
import {
  afterAll,
  ageOf,
  firstKey,
  LmdbArchiveReader,
  type Names,
  rangesValue,
  readRanges,
  segmentKey,
} from './lmdb-archive-reader.js';

/** What a batch does to one stream, named and checked before the transaction. */
interface StreamChange {
  readonly name: string;
  readonly upTo: number;
  readonly segments: { readonly day: number; readonly sealed: Buffer }[];
}

export class LmdbArchive extends LmdbArchiveReader implements Archive {
  readonly #fence: EpochFence;

  constructor(env: Environment, names: Names) {
    super(env, names);
    this.#fence = new EpochFence(env, 'meta', 'archive.epoch', `the archive in ${env.folder}`);
  }

  static open(folder: string, names: Names): LmdbArchive {
    return new LmdbArchive(Environment.open(folder), names);
  }

  claim(epoch: number): Promise<void> {
    return this.#fence.claim(epoch);
  }

  async append(batch: ArchiveBatch): Promise<void> {
    const streams = this.#changes(batch);
    const sent = new Map<string, bigint[]>();
    for (const { deviceId, sequence } of batch.sequences) {
      const name = this.names.pseudonym(deviceId);
      const known = sent.get(name);
      if (known === undefined) sent.set(name, [sequence]);
      else known.push(sequence);
    }
    await this.env.transaction(() => {
      this.#fence.check(batch.epoch);
      for (const change of streams) this.#apply(change);
      for (const [name, sequences] of sent) {
        const ranges = withSequences(readRanges(this.dbs.sequences.get(name)), sequences);
        this.dbs.sequences.put(name, rangesValue(ranges));
      }
    });
  }

  async remove(stream: StreamKey): Promise<number> {
    const name = this.names.pseudonym(stream);
    return this.env.transaction(() => {
      // listed before they are removed: no cursor walks over what changes under it
      const keys = [...this.dbs.segments.getKeys({ start: firstKey(name), end: afterAll(name) })];
      for (const key of keys) this.dbs.segments.remove(key);
      this.dbs.positions.remove(name);
      return keys.length;
    });
  }

  #changes({ segments, archivedUpTo }: ArchiveBatch): StreamChange[] {
    const changes = new Map<StreamKey, StreamChange>();
    for (const [stream, upTo] of archivedUpTo) {
      if (!Number.isSafeInteger(upTo) || upTo < 0) throw new RangeError(`position ${upTo}`);
      changes.set(stream, { name: this.names.pseudonym(stream), upTo, segments: [] });
    }
    for (const { stream, day, sealed } of segments) {
      const change = changes.get(stream);
      if (change === undefined) throw new Error('a segment of a stream whose position the batch does not say');
      if (!Number.isInteger(day) || day < 0) throw new RangeError(`day ${day}`);
      change.segments.push({ day, sealed: Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length) });
    }
    return [...changes.values()];
  }

  #apply({ name, upTo, segments }: StreamChange): void {
    const held = readNumber(this.dbs.positions.get(name)) ?? 0;
    if (held >= upTo) {
      // the answer to an earlier try may have got lost; anything else would be kept twice, or be lost
      if (segments.every(({ day, sealed }) => this.#holds(name, day, sealed))) return;
      throw new Error(`a stream is archived up to position ${held}: there can be nothing new up to ${upTo}`);
    }
    for (const { day, sealed } of segments) this.dbs.segments.put(segmentKey(name, day, this.#ages(name, day)), sealed);
    this.dbs.positions.put(name, numberValue(upTo));
  }

  #holds(name: string, day: number, sealed: Buffer): boolean {
    for (const { value } of rows(this.dbs.segments, firstKey(name, day), firstKey(name, day + 1))) {
      if (value.equals(sealed)) return true;
    }
    return false;
  }

  /** How many segments the day has; the next one's age. */
  #ages(name: string, day: number): number {
    const [newest] = this.dbs.segments.getKeys({
      start: firstKey(name, day + 1),
      end: firstKey(name, day),
      reverse: true,
      limit: 1,
    });
    return newest === undefined ? 0 : ageOf(newest) + 1;
  }
}

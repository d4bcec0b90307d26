/** The journal in segmented append-only files: one sealed block and one fdatasync for all that waits (group commit). */
import { decodeEntries, encodeEntries } from '../../codec/entry-record.js';
import { KeyDestroyed } from '../../crypto/seals.js';
import type { JournalEntry, PlacedEntry } from '../../domain/entry.js';
import { type Journal, JournalFailed } from '../../ports/journal.js';
import type { Seals } from '../../ports/seals.js';
import { errnoOf, StoreFailed } from '../../ports/store-failed.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { type BlockHeader, type Chunk, HEADER_BYTES, makeBlock, openBlock, sealedIsWhole } from './block.js';
import { type Disk, isCode, type OpenFile, readUpTo, systemDisk, unlessMissing, writeWhole } from './disk.js';
import { Owner } from './owner.js';
import { type Recovered, recoverSegments } from './recover.js';
import { headers, JournalCorrupt, type Segment, segmentName } from './segment.js';

export interface FileJournalOptions {
  readonly folder: string;
  readonly seals: Seals;
  /** Higher than that of every owner before (`FolderLock.epoch`). */
  readonly epoch: number;
  readonly telemetry: Telemetry;
  /** A segment that has reached this is followed by a new one. */
  readonly segmentBytesMax?: number;
  /** What waits beyond this goes in the next block; one longer call has a block of its own. */
  readonly blockBytesMax?: number;
  readonly disk?: Disk;
}

interface Waiting extends Chunk {
  resolve(position: number): void;
  reject(error: JournalFailed): void;
}

export class FileJournal implements Journal {
  readonly #folder: string;
  readonly #seals: Seals;
  readonly #epoch: number;
  readonly #telemetry: Telemetry;
  readonly #segmentBytesMax: number;
  readonly #blockBytesMax: number;
  readonly #disk: Disk;
  readonly #owner: Owner;
  #segments: Segment[];
  #strays: readonly string[];
  /** Of the newest segment, which is always this owner's own. */
  #file: OpenFile;
  #last: number;
  /** Bounded by its callers: `LIMITS.inflightMax` uploads and the batches of one engine. */
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #failure: JournalFailed | null = null;
  /** The newest segment is followed by another before anything is added to it: it is old, and shall go some day. */
  #isOld = false;

  private constructor(
    options: FileJournalOptions,
    disk: Disk,
    owner: Owner,
    { segments, strays }: Recovered,
    newest: { segment: Segment; file: OpenFile },
  ) {
    this.#folder = options.folder;
    this.#seals = options.seals;
    this.#epoch = options.epoch;
    this.#telemetry = options.telemetry;
    this.#segmentBytesMax = options.segmentBytesMax ?? 64 * 1_048_576;
    this.#blockBytesMax = options.blockBytesMax ?? 1_048_576;
    this.#disk = disk;
    this.#owner = owner;
    this.#segments = [...segments, newest.segment];
    this.#strays = strays;
    this.#file = newest.file;
    this.#last = newest.segment.first - 1;
  }

  /**
   * Opens the folder's journal for one owner, cutting off a last block that a crash tore.
   * Throws `JournalFailed` for an epoch that is not the highest, `JournalCorrupt` for damage that no crash explains.
   */
  static async open(options: FileJournalOptions): Promise<FileJournal> {
    const disk = options.disk ?? systemDisk;
    await disk.makeFolder(options.folder);
    const owner = await Owner.take(disk, options.folder, options.epoch);
    try {
      const { segments, strays } = await recoverSegments(disk, options.folder, options.telemetry);
      // an owner never writes to a segment of another: a superseded one that wakes up spoils only its own
      const newest = await startSegment(disk, options.folder, segments.at(-1)?.next ?? 1, options.epoch);
      try {
        owner.check();
      } catch (error) {
        await newest.file.close();
        throw error;
      }
      return new FileJournal(options, disk, owner, { segments, strays }, newest);
    } catch (error) {
      await owner.release();
      throw error;
    }
  }

  get last(): number {
    return this.#last;
  }

  /** Position of the oldest entry kept; `last + 1` when there is none. */
  get first(): number {
    return this.#segments[0]?.first ?? 1;
  }

  append(entries: readonly JournalEntry[]): Promise<number> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (entries.length === 0) return Promise.reject(new RangeError('append needs at least one entry'));
    return new Promise((resolve, reject) => {
      // encoded here and not in the block, so that an entry that cannot be encoded harms its own call alone
      const bytes = encodeEntries(entries);
      this.#waiting.push({ count: entries.length, bytes, resolve, reject });
      // setImmediate: what all sockets brought in this turn of the loop goes into the first block together
      this.#writing ??= new Promise((done) => setImmediate(() => void this.#writeAll().finally(done)));
    });
  }

  async *read(position: number): AsyncGenerator<PlacedEntry> {
    let wanted = Math.max(1, position);
    const seen = { opened: false };
    while (wanted <= this.#last) {
      const segment = this.#segments.find((candidate) => wanted >= candidate.first && wanted < candidate.next);
      if (segment === undefined) {
        throw new RangeError(`position ${wanted} was trimmed; the journal starts at ${this.first}`);
      }
      const { next } = segment;
      try {
        for await (const placed of this.#readSegment(segment, wanted, seen)) {
          yield placed;
          wanted = placed.position + 1;
        }
      } catch (error) {
        if (!isCode(error, 'ENOENT') || this.#segments.indexOf(segment) > 0) throw error;
        // trimmed just now, or by a former owner that stood still in the midst of it: a checkpoint covers it
        this.#segments = this.#segments.filter((one) => one !== segment);
      }
      // what of it was passed over is not asked for again
      wanted = Math.max(wanted, next);
    }
  }

  async trim(position: number): Promise<void> {
    const newest = this.#segments.at(-1);
    if (newest !== undefined && newest.first < position && newest.bytes > 0) this.#isOld = true;
    // a checkpoint covers what comes before: nothing was missing behind them
    for (const stray of this.#strays) {
      this.#owner.check();
      await this.#disk.unlink(stray).catch(unlessMissing);
    }
    this.#strays = [];
    for (let oldest = this.#segments[0]; oldest !== undefined; oldest = this.#segments[0]) {
      // the newest segment stays, empty or not: its name keeps the position
      if (this.#segments.length === 1 || oldest.next > position) break;
      // whoever was superseded takes nothing from under the new owner
      this.#owner.check();
      this.#segments.shift();
      await this.#disk.unlink(oldest.path).catch(unlessMissing);
      // one by one, so that no crash leaves a gap
      await this.#disk.syncFolder(this.#folder);
    }
  }

  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    this.#failure ??= new JournalFailed('the journal is closed');
    await this.#file.close();
    await this.#owner.release();
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const block = this.#takeBlock();
      try {
        const first = await this.#commit(block);
        let position = first;
        for (const call of block) {
          call.resolve(position);
          position += call.count;
        }
      } catch (cause) {
        this.#fail(cause, block);
      }
    }
    this.#writing = null;
  }

  /** As many waiting calls as fit into one block, at least one. */
  #takeBlock(): Waiting[] {
    let bytes = 0;
    let calls = 0;
    for (const call of this.#waiting) {
      bytes += call.bytes.length;
      if (calls > 0 && bytes > this.#blockBytesMax) break;
      calls++;
    }
    return this.#waiting.splice(0, calls);
  }

  async #commit(chunks: readonly Chunk[]): Promise<number> {
    const first = this.#last + 1;
    const block = makeBlock(this.#seals, this.#epoch, first, chunks);
    this.#owner.check();
    const segment = await this.#segmentFor(first);
    const startedMs = performance.now();
    await writeWhole(this.#file, block, segment.bytes);
    await this.#file.datasync();
    this.#telemetry.observe('fairwatch_journal_commit_seconds', (performance.now() - startedMs) / 1_000);
    this.#owner.check();
    let count = 0;
    for (const chunk of chunks) count += chunk.count;
    segment.bytes += block.length;
    segment.next = first + count;
    this.#last = segment.next - 1;
    return first;
  }

  /** The segment that the next block goes to. */
  async #segmentFor(first: number): Promise<Segment> {
    const newest = this.#segments.at(-1);
    if (newest !== undefined && newest.bytes < this.#segmentBytesMax && !this.#isOld) return newest;
    const next = await startSegment(this.#disk, this.#folder, first, this.#epoch);
    this.#isOld = false;
    await this.#file.close();
    this.#file = next.file;
    this.#segments.push(next.segment);
    return next.segment;
  }

  /** After a failed write or sync nothing is certain of this file: nothing more is written until it is opened anew. */
  #fail(cause: unknown, block: readonly Waiting[]): void {
    const reason = errnoOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    const told = new StoreFailed(this.#folder, reason, { cause });
    this.#failure = cause instanceof JournalFailed ? cause : new JournalFailed(told.message, { cause: told });
    this.#telemetry.log('error', 'journal_failed', { last: this.#last, reason });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of [...block, ...waiting]) call.reject(this.#failure);
  }

  async *#readSegment(segment: Segment, from: number, seen: { opened: boolean }): AsyncGenerator<PlacedEntry> {
    const file = await this.#disk.openToRead(segment.path);
    try {
      for await (const { header, offset } of headers(file, segment)) {
        if (header.first + header.count <= from) continue;
        const sealed = await readUpTo(file, offset + HEADER_BYTES, header.sealedBytes);
        if (!sealedIsWhole(header, sealed)) {
          throw new JournalCorrupt(segment.path, offset, 'a block that was whole is broken');
        }
        let position = header.first;
        const chunks = chunksOf(this.#seals, header, sealed, seen);
        for (const chunk of chunks) {
          const entries = decodeEntries(chunk.bytes);
          if (entries.length !== chunk.count) {
            throw new JournalCorrupt(segment.path, offset, `${entries.length} entries; expected ${chunk.count}`);
          }
          for (const entry of entries) {
            if (position >= from) yield { position, entry };
            position++;
          }
        }
      }
    } finally {
      await file.close();
    }
  }
}

/**
 * What begins with blocks whose hour's key is destroyed begins later: nobody can open them, and all that was in them is
 * judged. Behind a block that opened, none may be such: somebody has changed its header.
 */
export function chunksOf(seals: Seals, header: BlockHeader, sealed: Uint8Array, seen: { opened: boolean }): Chunk[] {
  try {
    const chunks = openBlock(seals, header, sealed);
    seen.opened = true;
    return chunks;
  } catch (error) {
    if (error instanceof KeyDestroyed && !seen.opened) return [];
    throw error;
  }
}

/** Creates an empty segment, durable by name before anything is written to it. */
async function startSegment(
  disk: Disk,
  folder: string,
  first: number,
  epoch: number,
): Promise<{ segment: Segment; file: OpenFile }> {
  const path = `${folder}/${segmentName(first, epoch)}`;
  const file = await disk.create(path);
  await disk.syncFolder(folder);
  return { segment: { path, first, epoch, bytes: 0, next: first }, file };
}

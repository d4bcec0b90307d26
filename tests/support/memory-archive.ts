/** An archive in memory, for runs that are tried on thousands of seeds; it passes the port's contract. */
import { hasSequence, type Ranges, withSequences } from '../../src/adapters/archived-sequences.js';
import type { DeviceId, StreamKey } from '../../src/domain/ids.js';
import type { Archive, ArchiveBatch, SealedSegment } from '../../src/ports/archive.js';
import { Superseded } from '../../src/ports/subject-states.js';

/** What outlives every client. */
export class ArchiveContent {
  epoch = 0;
  /** Of each stream, as they came. */
  readonly segments = new Map<StreamKey, readonly SealedSegment[]>();
  readonly positions = new Map<StreamKey, number>();
  readonly sequences = new Map<DeviceId, Ranges>();
}

export class MemoryArchive implements Archive {
  readonly #content: ArchiveContent;

  constructor(content: ArchiveContent) {
    this.#content = content;
  }

  async claim(epoch: number): Promise<void> {
    this.#check(epoch - 1);
    this.#content.epoch = epoch;
  }

  async append(batch: ArchiveBatch): Promise<void> {
    this.#check(batch.epoch);
    if (batch.epoch !== this.#content.epoch) throw new Error(`the archive was not claimed for epoch ${batch.epoch}`);
    checkParts(batch);
    const { segments, positions, sequences } = this.#content;
    // everything is looked at before anything is changed: a batch that is wrong in one part does nothing at all
    const later = new Map<StreamKey, SealedSegment[]>();
    for (const [stream, upTo] of batch.archivedUpTo) {
      const held = positions.get(stream) ?? 0;
      const mine = batch.segments.filter((segment) => segment.stream === stream);
      if (held < upTo) later.set(stream, mine);
      else if (!mine.every((segment) => this.#holds(segment))) {
        throw new Error(`a stream is archived up to position ${held}: there can be nothing new up to ${upTo}`);
      }
    }
    for (const [stream, mine] of later) {
      const copies = mine.map((segment) => ({ ...segment, sealed: Buffer.from(segment.sealed) }));
      segments.set(stream, [...(segments.get(stream) ?? []), ...copies]);
      positions.set(stream, batch.archivedUpTo.get(stream) as number);
    }
    for (const { deviceId, sequence } of batch.sequences) {
      sequences.set(deviceId, withSequences(sequences.get(deviceId) ?? [], [sequence]));
    }
  }

  *segments(stream: StreamKey, fromDay: number, toDay: number): Generator<SealedSegment> {
    const found = this.#content.segments.get(stream) ?? [];
    yield* found.filter(({ day }) => day >= fromDay && day <= toDay).sort((a, b) => a.day - b.day);
  }

  archivedUpTo(stream: StreamKey): number {
    return this.#content.positions.get(stream) ?? 0;
  }

  hasSequence(deviceId: DeviceId, sequence: bigint): boolean {
    return hasSequence(this.#content.sequences.get(deviceId) ?? [], sequence);
  }

  async remove(stream: StreamKey): Promise<number> {
    const removed = this.#content.segments.get(stream)?.length ?? 0;
    this.#content.segments.delete(stream);
    this.#content.positions.delete(stream);
    return removed;
  }

  async close(): Promise<void> {}

  #check(epoch: number): void {
    const held = this.#content.epoch;
    if (held > epoch) throw new Superseded(`the archive belongs to epoch ${held}`);
  }

  #holds({ stream, day, sealed }: SealedSegment): boolean {
    const found = this.#content.segments.get(stream) ?? [];
    return found.some((other) => other.day === day && Buffer.compare(other.sealed, sealed) === 0);
  }
}

function checkParts({ segments, archivedUpTo, sequences }: ArchiveBatch): void {
  for (const upTo of archivedUpTo.values()) {
    if (!Number.isSafeInteger(upTo) || upTo < 0) throw new RangeError(`position ${upTo}`);
  }
  for (const { stream, day } of segments) {
    if (!archivedUpTo.has(stream)) throw new Error('a segment of a stream whose position the batch does not say');
    if (!Number.isInteger(day) || day < 0) throw new RangeError(`day ${day}`);
  }
  for (const { sequence } of sequences) if (sequence < 0n) throw new RangeError(`sequence ${sequence}`);
}

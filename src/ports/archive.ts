/** The archive: an order's records by day in cold sealed segments. The tier that writes it cannot read it. */
import type { DeviceId, StreamKey } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';

/** A record as it is kept for years: what was said, by which device, and when it arrived (whole seconds). */
export interface ArchivedRecord {
  readonly deviceId: DeviceId;
  readonly receivedS: number;
  readonly record: DeviceRecord;
}

/** One day's records of one stream that were compacted together; late ones make a second segment of the same day. */
export interface SealedSegment {
  readonly stream: StreamKey;
  /** UTC days since 1970 of the records' event times. */
  readonly day: number;
  /** Sealed to the order's public key; the archive does not look inside. */
  readonly sealed: Uint8Array;
}

export interface ArchiveBatch {
  /** The owner's epoch; a lower one than was seen is refused (`Superseded`). */
  readonly epoch: number;
  readonly segments: readonly SealedSegment[];
  /**
   * Streams and the journal position up to which all their records are archived with this batch; every stream of
   * `segments` is named. Where a stream has come as far already, its segments must be the very ones that are there.
   */
  readonly archivedUpTo: ReadonlyMap<StreamKey, number>;
  /** What was sent under which sequences and is kept herewith, for `journal check`. */
  readonly sequences: readonly { readonly deviceId: DeviceId; readonly sequence: bigint }[];
}

export interface ArchiveReader {
  /** Segments of a stream whose day is in [fromDay, toDay], by day and then by age, read as they are asked for. */
  segments(stream: StreamKey, fromDay: number, toDay: number): Iterable<SealedSegment>;
  /** The journal position up to which the stream's records are archived; 0 = none. */
  archivedUpTo(stream: StreamKey): number;
  /**
   * Whether the upload of that sequence is archived. What is kept of a device is bounded: of one that left out numbers
   * hundreds of times, the oldest gaps count as archived.
   */
  hasSequence(deviceId: DeviceId, sequence: bigint): boolean;
}

export interface Archive extends ArchiveReader {
  claim(epoch: number): Promise<void>;
  /**
   * All or nothing, durable when it resolves; done twice it changes nothing. Throws `Superseded` for a lower epoch, and
   * an `Error` for other segments of a stream that has come as far already: they would be kept twice, or lost.
   */
  append(batch: ArchiveBatch): Promise<void>;
  /** Removes every row of a stream, whose keys are destroyed already; returns how many segments. */
  remove(stream: StreamKey): Promise<number>;
  close(): Promise<void>;
}

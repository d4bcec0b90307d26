/** Reading the archive: in the process that writes it, or in another one. */
import type { DeviceId, StreamKey } from '../../domain/ids.js';
import type { ArchiveReader, SealedSegment } from '../../ports/archive.js';
import type { Seals } from '../../ports/seals.js';
import { hasSequence, type Ranges } from '../archived-sequences.js';
import { type Db, Environment, readNumber, rows } from './environment.js';

/** Ids have names that tell nothing of them, the same for ever and for both tiers. */
export type Names = Pick<Seals, 'pseudonym'>;

const DIGITS = 8;
const placeMax = 0xffff_ffff;

export interface ArchiveDbs {
  /** Stream's pseudonym · day · age within the day → sealed segment. */
  readonly segments: Db<string>;
  /** Stream's pseudonym → journal position. */
  readonly positions: Db<string>;
  /** Device's pseudonym → ranges of sequences. */
  readonly sequences: Db<string>;
}

export class LmdbArchiveReader implements ArchiveReader {
  protected readonly dbs: ArchiveDbs;

  constructor(
    protected readonly env: Environment,
    protected readonly names: Names,
  ) {
    env.enter();
    this.dbs = {
      segments: env.db('archive-segments'),
      positions: env.db('archive-positions'),
      sequences: env.db('archive-sequences'),
    };
  }

  /** For a process that only looks while another one writes. Throws while there is no archive in `folder`. */
  static openReader(folder: string, names: Names): LmdbArchiveReader {
    return new LmdbArchiveReader(Environment.openReadOnly(folder), names);
  }

  *segments(stream: StreamKey, fromDay: number, toDay: number): Generator<SealedSegment> {
    const name = this.names.pseudonym(stream);
    this.look();
    for (const { key, value } of rows(this.dbs.segments, name + digits(fromDay), name + digits(toDay + 1))) {
      yield { stream, day: dayOf(key), sealed: value };
    }
  }

  archivedUpTo(stream: StreamKey): number {
    this.look();
    return readNumber(this.dbs.positions.get(this.names.pseudonym(stream))) ?? 0;
  }

  hasSequence(deviceId: DeviceId, sequence: bigint): boolean {
    this.look();
    return hasSequence(readRanges(this.dbs.sequences.get(this.names.pseudonym(deviceId))), sequence);
  }

  close(): Promise<void> {
    return this.env.leave();
  }

  /** Another process may have committed since the last read. */
  protected look(): void {
    if (this.env.readOnly) this.env.refresh();
  }
}

export const segmentKey = (name: string, day: number, age: number): string => name + digits(day) + digits(age);
export const firstKey = (name: string, day = 0): string => name + digits(day);
/** Above every key of a stream: no hex digit comes after it. */
export const afterAll = (name: string): string => `${name}~`;
export const ageOf = (key: string): number => Number.parseInt(key.slice(-DIGITS), 16);
const dayOf = (key: string): number => Number.parseInt(key.slice(-2 * DIGITS, -DIGITS), 16);

function digits(value: number): string {
  const whole = Math.min(Math.max(Math.ceil(value), 0), placeMax);
  return whole.toString(16).padStart(DIGITS, '0');
}

export function readRanges(value: Buffer | undefined): Ranges {
  if (value === undefined) return [];
  return Array.from({ length: value.length / 8 }, (_, i) => value.readBigUInt64BE(8 * i));
}

export function rangesValue(ranges: Ranges): Buffer {
  const value = Buffer.allocUnsafe(8 * ranges.length);
  for (const [i, bound] of ranges.entries()) value.writeBigUInt64BE(bound, 8 * i);
  return value;
}

/** Keys and values of the recent log's rows: what may be read without a key is the hour, the time and the place. */
import type { LoggedUpload } from '../../ports/recent-log.js';

const HOUR_MS = 3_600_000;
/** Digits of a whole number up to 2^53 in hex, and of an hour. */
const DIGITS = 14;
const HOUR_DIGITS = 6;
const NAME_LENGTH = 32;
/** Above every key of a stream: no hex digit comes after it. */
export const AFTER_ALL = '~';

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

export const hourDigits = (hour: number): string => wholeDigits(hour, HOUR_DIGITS);

/** The first whole millisecond at or after `ms`; before 1970 there is none that a device can say. */
export const timeDigits = (ms: number): string =>
  wholeDigits(Math.min(Math.max(Math.ceil(ms), 0), Number.MAX_SAFE_INTEGER), DIGITS);

/** Where an upload lies: by the hour of its arrival, the time of its last record, and its position. */
export interface UploadPlace {
  readonly hour: number;
  readonly lastMs: number;
  readonly position: number;
}

/** Of the record with the latest time: what a device sent out of order is not passed over. 0: there is none. */
export const latestMs = ({ entry }: LoggedUpload): number =>
  entry.records.reduce((latest, { timeMs }) => Math.max(latest, timeMs), 0);

export const uploadKey = (name: string, { hour, lastMs, position }: UploadPlace): string =>
  hourDigits(hour) + name + timeDigits(lastMs) + wholeDigits(position, DIGITS);

export const keptKey = (name: string, { hour, position }: UploadPlace): string =>
  hourDigits(hour) + name + wholeDigits(position, DIGITS);

export const positionOf = (key: string): number => Number.parseInt(key.slice(-DIGITS), 16);
export const lastMsOf = (key: string): number => Number.parseInt(key.slice(-2 * DIGITS, -DIGITS), 16);
export const hourOfKey = (key: string): number => Number.parseInt(key.slice(0, HOUR_DIGITS), 16);

/** What an entry is bound to besides the key that it lies under. */
export const uploadName = (key: string, since: number): string => `${key}@${since}`;

/** A state that has judged nothing stands before all that was ever judged. */
export const snapshotPlace = (atMs: number | null): number => atMs ?? -1;

export const snapshotName = (name: string, place: number, hour: number, coversMs: number): string =>
  `${name}@${place}@${hour}@${coversMs}`;

export const snapshotHourKey = (hour: number, name: string, place: number): string =>
  hourDigits(hour) + name + wholeDigits(place + 1, DIGITS);

export const snapshotOfHourKey = (key: string): [string, number] => [
  key.slice(HOUR_DIGITS, HOUR_DIGITS + NAME_LENGTH),
  Number.parseInt(key.slice(-DIGITS), 16) - 1,
];

/** Hour (4 bytes), what it covers (8), and the sealed state. */
export const SNAPSHOT_HEAD_BYTES = 12;

export function snapshotValue(hour: number, coversMs: number, sealed: Buffer): Buffer {
  const value = Buffer.allocUnsafe(SNAPSHOT_HEAD_BYTES + sealed.length);
  value.writeUInt32BE(hour, 0);
  value.writeDoubleBE(coversMs, 4);
  sealed.copy(value, SNAPSHOT_HEAD_BYTES);
  return value;
}

export const hourOfSnapshot = (value: Buffer): number => value.readUInt32BE(0);

function wholeDigits(value: number, digits: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no whole number from 0 to 2^53`);
  return value.toString(16).padStart(digits, '0');
}

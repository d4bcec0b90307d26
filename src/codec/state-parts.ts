/** What several parts of a state are made of, each written and read beside each other. Times are said against `atMs`. */
import type { Mechanism, RecordRef } from '../domain/record.js';
import type { LeaningFix, VisitPart } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';
import type { CompactReader } from './compact-reader.js';
import type { CompactWriter } from './compact-writer.js';

/** A thing, and the time that its times are said against. */
export type Write<T> = (to: CompactWriter, value: T, atMs: number) => void;
export type Read<T> = (from: CompactReader, atMs: number) => T;

export function writeList<T>(to: CompactWriter, values: readonly T[], atMs: number, write: Write<T>): void {
  to.whole(values.length);
  for (const value of values) write(to, value, atMs);
}

/** Nothing is ever put into it. */
const NONE: readonly never[] = [];

export function readList<T>(from: CompactReader, atMs: number, read: Read<T>): readonly T[] {
  const count = from.count();
  if (count === 0) return NONE;
  const values: T[] = [];
  for (let i = 0; i < count; i++) values.push(read(from, atMs));
  return values;
}

/** By id, in the order in which they stand. */
export function writeById<T>(
  to: CompactWriter,
  values: Readonly<Record<string, T>>,
  atMs: number,
  write: Write<T>,
): void {
  const ids = Object.keys(values);
  to.whole(ids.length);
  for (const id of ids) {
    to.text(id);
    write(to, values[id] as T, atMs);
  }
}

export function readById<T>(from: CompactReader, atMs: number, read: Read<T>): Record<string, T> {
  const values: Record<string, T> = {};
  for (let count = from.count(); count > 0; count--) values[from.word()] = read(from, atMs);
  return values;
}

export const writeRef: Write<RecordRef> = (to, { deviceId, timeMs, hash }, atMs) => {
  to.text(deviceId);
  to.number(timeMs, atMs);
  to.text(hash);
};

export const readRef: Read<RecordRef> = (from, atMs) => ({
  deviceId: from.word(),
  timeMs: from.figure(atMs),
  hash: from.word(),
});

export const writeInterval: Write<Interval> = (to, { startMs, endMs }, atMs) => {
  to.number(startMs, atMs);
  to.number(endMs, startMs);
};

export const readInterval: Read<Interval> = (from, atMs) => {
  const startMs = from.figure(atMs);
  return { startMs, endMs: from.figure(startMs) };
};

export const writeFix: Write<LeaningFix> = (to, { timeMs, distanceM, certain, mechanism, ref }, atMs) => {
  to.number(timeMs, atMs);
  to.number(distanceM);
  to.byte(certain ? 1 : 0);
  to.text(mechanism);
  writeRef(to, ref, timeMs);
};

export const readFix: Read<LeaningFix> = (from, atMs) => {
  const timeMs = from.figure(atMs);
  return {
    timeMs,
    distanceM: from.figure(),
    certain: from.byte() === 1,
    mechanism: from.word<Mechanism>(),
    ref: readRef(from, timeMs),
  };
};

/** A visit's part; null: none. */
export const writePart: Write<VisitPart | null> = (to, part, atMs) => {
  to.number(part === null ? null : part.windowEndMs, atMs);
  if (part === null) return;
  to.number(part.startMs, atMs);
  to.number(part.lastInMs, atMs);
  to.byte(part.certain ? 1 : 0);
  to.number(part.marginM);
  to.text(part.mechanism);
  writeRef(to, part.first, part.startMs);
  writeRef(to, part.last, part.lastInMs);
};

export const readPart: Read<VisitPart | null> = (from, atMs) => {
  const windowEndMs = from.number(atMs);
  if (windowEndMs === null) return null;
  const startMs = from.figure(atMs);
  const lastInMs = from.figure(atMs);
  return {
    windowEndMs,
    startMs,
    lastInMs,
    certain: from.byte() === 1,
    marginM: from.figure(),
    mechanism: from.word<Mechanism>(),
    first: readRef(from, startMs),
    last: readRef(from, lastInMs),
  };
};

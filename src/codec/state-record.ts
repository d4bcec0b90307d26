/**
 * The hot state of one stream as stores keep it, before it is sealed: one byte of format, a head that is read without the
 * rest, what a calm fix has changed since, then the rest as `compact-writer` writes it, times against the event time.
 *
 * Head, at fixed offsets, float64 little-endian: position · due time (NaN: none) · time of the oldest position of a tag
 * that the state has, or an earlier one (Infinity: none). Then one byte, the length of the move (0: none), and the move.
 */
import type { DeviceId } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import { type Move, moved, movedOn } from '../rules/calm-move.js';
import { CompactReader, doubleAt } from './compact-reader.js';
import { CompactWriter } from './compact-writer.js';
import { FormatRefused, refuseFormat } from './packed.js';
import {
  readExcuse,
  readLate,
  readOpen,
  readSettled,
  readViolation,
  writeExcuse,
  writeLate,
  writeOpen,
  writeSettled,
  writeViolation,
} from './state-alerts.js';
import { readAlcohol, readDevice, readOpens, writeAlcohol, writeDevice, writeOpens } from './state-devices.js';
import { readContradiction, readCurfew, readUnit, writeContradiction, writeCurfew, writeUnit } from './state-home.js';
import { readMove, writeMove } from './state-move.js';
import { readById, readList, writeById, writeList } from './state-parts.js';
import { readApproach, readAttendance, readVisit, writeApproach, writeAttendance, writeVisit } from './state-places.js';

/** Raised whenever the meaning of a field changes; a store with another format is rebuilt from the journal. */
const FORMAT = 5;
const WHAT = 'hot state';
const AT = { position: 1, due: 9, oldestFix: 17, moveLength: 25, move: 26 } as const;

/** What is seldom there has a bit here, and nothing more where it is not. */
const HAS = {
  violations: 1,
  excuses: 2,
  approaches: 4,
  contradiction: 8,
  alcohol: 16,
  attendance: 32,
  open: 64,
  settled: 128,
  late: 256,
} as const;

const to = new CompactWriter();

export function encodeState(state: SubjectState): Buffer {
  const { atMs } = state;
  const baseMs = atMs ?? 0;
  const has = partsOf(state);
  to.begin();
  to.byte(FORMAT);
  to.double(state.position);
  to.double(state.dueMs ?? Number.NaN);
  to.double(oldestFix(state));
  to.byte(0);
  to.number(atMs);
  to.number(state.firedMs, baseMs);
  to.whole(has);
  to.number(state.policyRevision);
  to.text(state.edition);
  writeById(to, state.units, baseMs, writeUnit);
  writeById(to, state.equipment, baseMs, writeDevice);
  writeOpens(to, state.opens, baseMs);
  writeById(to, state.curfews, baseMs, writeCurfew);
  writeById(to, state.visits, baseMs, writeVisit);
  to.number(state.violationMs);
  if (has === 0) return to.finish();
  if (has & HAS.violations) writeList(to, state.violations, baseMs, writeViolation);
  if (has & HAS.excuses) writeList(to, state.excuses, baseMs, writeExcuse);
  if (has & HAS.approaches) writeById(to, state.approaches, baseMs, writeApproach);
  if (has & HAS.contradiction) writeContradiction(to, state.contradiction, baseMs);
  if (has & HAS.alcohol) writeById(to, state.alcohol, baseMs, writeAlcohol);
  if (has & HAS.attendance) writeById(to, state.attendance, baseMs, writeAttendance);
  if (has & HAS.open) writeOpen(to, state.open, baseMs);
  if (has & HAS.settled) writeList(to, state.settled, baseMs, writeSettled);
  if (state.late !== null) writeLate(to, state.late, baseMs);
  return to.finish();
}

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeState(bytes: Uint8Array): SubjectState {
  checkHead(bytes);
  try {
    const state = read(bytes);
    const move = moveIn(bytes);
    return move === null ? state : moved(state, move);
  } catch (error) {
    throw new FormatRefused(`${WHAT}: damaged (${error instanceof Error ? error.message : String(error)})`);
  }
}

/**
 * The record of the state that `moved` makes of this one's, with the position of the entry that said so. Throws as
 * `decodeState` does, and `RangeError` for a hash and a device's id that are too long together.
 */
export function withMove(bytes: Uint8Array, position: number, move: Move): Buffer {
  checkHead(bytes);
  const earlier = moveIn(bytes);
  const said = writeMove(earlier === null ? move : movedOn(earlier, move));
  if (said.length > 255) throw new RangeError(`a move of ${said.length} bytes`);
  const rest = bytes.subarray(AT.move + (bytes[AT.moveLength] as number));
  const record = Buffer.allocUnsafe(AT.move + said.length + rest.length);
  record.set(bytes.subarray(0, AT.moveLength));
  record.writeDoubleLE(position, AT.position);
  record.writeDoubleLE(move.dueMs, AT.due);
  record[AT.moveLength] = said.length;
  record.set(said, AT.move);
  record.set(rest, AT.move + said.length);
  return record;
}

function moveIn(bytes: Uint8Array): Move | null {
  const length = bytes[AT.moveLength] as number;
  return length === 0 ? null : readMove(Buffer.from(bytes.subarray(AT.move, AT.move + length)), dueMsIn(bytes));
}

/** When the stream wants to be looked at again; null: never. Throws as `decodeState` does. */
export function dueMsOf(bytes: Uint8Array): number | null {
  checkHead(bytes);
  return dueMsIn(bytes);
}

/** Event time of the oldest position of a tag that the state still has; Infinity: it has none. Throws as `decodeState` does. */
export function oldestFixMsOf(bytes: Uint8Array): number {
  checkHead(bytes);
  return doubleAt(bytes, AT.oldestFix);
}

function checkHead(bytes: Uint8Array): void {
  refuseFormat(WHAT, FORMAT, bytes);
  if (bytes.length <= AT.move + (bytes[AT.moveLength] ?? 0))
    throw new FormatRefused(`${WHAT}: damaged (${bytes.length} bytes)`);
}

function read(bytes: Uint8Array): SubjectState {
  const from = new CompactReader(bytes, AT.move + (bytes[AT.moveLength] as number));
  const atMs = from.number();
  const baseMs = atMs ?? 0;
  const firedMs = from.number(baseMs);
  const has = from.whole();
  const [policyRevision, edition] = [from.figure(), from.word()];
  const units = readById(from, baseMs, readUnit);
  const equipment = readById(from, baseMs, readDevice);
  const opens = readOpens(from, baseMs);
  const curfews = readById(from, baseMs, readCurfew);
  const visits = readById(from, baseMs, readVisit);
  const violationMs = from.figure();
  const violations = has & HAS.violations ? readList(from, baseMs, readViolation) : [];
  const excuses = has & HAS.excuses ? readList(from, baseMs, readExcuse) : [];
  const approaches = has & HAS.approaches ? readById(from, baseMs, readApproach) : {};
  const contradiction = has & HAS.contradiction ? readContradiction(from, baseMs) : NO_CONTRADICTION;
  const alcohol = has & HAS.alcohol ? readById(from, baseMs, readAlcohol) : {};
  const attendance = has & HAS.attendance ? readById(from, baseMs, readAttendance) : {};
  const open = has & HAS.open ? readOpen(from, baseMs) : {};
  const settled = has & HAS.settled ? readList(from, baseMs, readSettled) : [];
  const late = has & HAS.late ? readLate(from, baseMs) : null;
  from.finish();
  return {
    position: doubleAt(bytes, AT.position),
    atMs,
    firedMs,
    opens,
    policyRevision,
    edition,
    units,
    curfews,
    violationMs,
    violations,
    excuses,
    visits,
    approaches,
    contradiction,
    equipment,
    alcohol,
    attendance,
    open,
    settled,
    late,
    dueMs: dueMsIn(bytes),
  };
}

const NO_CONTRADICTION: SubjectState['contradiction'] = { pending: null, runs: {} };

function partsOf(state: SubjectState): number {
  const { pending, runs } = state.contradiction;
  return (
    (state.violations.length > 0 ? HAS.violations : 0) |
    (state.excuses.length > 0 ? HAS.excuses : 0) |
    (isEmpty(state.approaches) ? 0 : HAS.approaches) |
    (pending === null && isEmpty(runs) ? 0 : HAS.contradiction) |
    (isEmpty(state.alcohol) ? 0 : HAS.alcohol) |
    (isEmpty(state.attendance) ? 0 : HAS.attendance) |
    (isEmpty(state.open) ? 0 : HAS.open) |
    (state.settled.length > 0 ? HAS.settled : 0) |
    (state.late === null ? 0 : HAS.late)
  );
}

function isEmpty(values: Readonly<Record<string, unknown>>): boolean {
  for (const _ in values) return false;
  return true;
}

function dueMsIn(bytes: Uint8Array): number | null {
  const dueMs = doubleAt(bytes, AT.due);
  return Number.isNaN(dueMs) ? null : dueMs;
}

function oldestFix({ equipment }: SubjectState): number {
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const device in equipment) {
    const fixMs = equipment[device as DeviceId]?.lastFix?.timeMs;
    if (fixMs !== undefined && fixMs < oldestMs) oldestMs = fixMs;
  }
  return oldestMs;
}

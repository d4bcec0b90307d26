/** Of a state: visits to zones, approaches to them, and appointments. */
import type {
  ApproachState,
  AttendanceState,
  AttendedTime,
  VisitReason,
  VisitState,
  ZoneStay,
} from '../domain/subject-state.js';
import {
  type Read,
  readFix,
  readList,
  readPart,
  readRef,
  type Write,
  writeFix,
  writeList,
  writePart,
  writeRef,
} from './state-parts.js';

/** Nobody is near: most zones, most of the time. */
const NO_VISIT: VisitState = {
  startMs: null,
  lastFixMs: null,
  run: Object.freeze([]),
  part: null,
  reason: null,
};

export const writeVisit: Write<VisitState> = (to, visit, atMs) => {
  const { startMs, lastFixMs, run, part, reason } = visit;
  const isNone = startMs === null && lastFixMs === null && run.length === 0 && part === null && reason === null;
  to.byte(isNone ? 0 : 1);
  if (isNone) return;
  to.number(startMs, atMs);
  to.number(lastFixMs, atMs);
  writeList(to, run, atMs, writeFix);
  writePart(to, part, atMs);
  to.text(reason);
};

export const readVisit: Read<VisitState> = (from, atMs) => {
  if (from.byte() === 0) return NO_VISIT;
  return {
    startMs: from.number(atMs),
    lastFixMs: from.number(atMs),
    run: readList(from, atMs, readFix),
    part: readPart(from, atMs),
    reason: from.text() as VisitReason | null,
  };
};

export const writeApproach: Write<ApproachState> = (to, approach, atMs) => {
  to.number(approach.startMs, atMs);
  to.number(approach.lastFixMs, atMs);
  writeList(to, approach.run, atMs, writeFix);
  to.number(approach.sinceMs, atMs);
  writeList(to, approach.held, atMs, writeFix);
  writePart(to, approach.part, atMs);
};

export const readApproach: Read<ApproachState> = (from, atMs) => ({
  startMs: from.number(atMs),
  lastFixMs: from.number(atMs),
  run: readList(from, atMs, readFix),
  sinceMs: from.number(atMs),
  held: readList(from, atMs, readFix),
  part: readPart(from, atMs),
});

export const writeAttendance: Write<AttendanceState> = (to, { pastMs, appointments, stay }, atMs) => {
  to.number(pastMs, atMs);
  writeList(to, appointments, atMs, writeAppointment);
  to.byte(stay === null ? 0 : 1);
  if (stay !== null) writeStay(to, stay, atMs);
};

export const readAttendance: Read<AttendanceState> = (from, atMs) => ({
  pastMs: from.figure(atMs),
  appointments: readList(from, atMs, readAppointment),
  stay: from.byte() === 0 ? null : readStay(from, atMs),
});

const writeAppointment: Write<AttendedTime> = (to, time, atMs) => {
  to.number(time.startMs, atMs);
  to.number(time.endMs, time.startMs);
  to.number(time.requiredMs);
  to.number(time.sinceMs, time.startMs);
  to.number(time.presentMs);
  to.number(time.absentMs);
  writeList(to, time.records, time.startMs, writeRef);
};

const readAppointment: Read<AttendedTime> = (from, atMs) => {
  const startMs = from.figure(atMs);
  return {
    startMs,
    endMs: from.figure(startMs),
    requiredMs: from.figure(),
    sinceMs: from.figure(startMs),
    presentMs: from.figure(),
    absentMs: from.figure(),
    records: readList(from, startMs, readRef),
  };
};

const writeStay: Write<ZoneStay> = (to, { side, openMs, run, lostMs }, atMs) => {
  to.text(side);
  to.number(openMs, atMs);
  to.text(run === null ? null : run.side);
  if (run !== null) {
    to.number(run.sinceMs, atMs);
    to.number(run.count);
  }
  to.number(lostMs, atMs);
};

const readStay: Read<ZoneStay> = (from, atMs) => {
  const side = from.text() as ZoneStay['side'];
  const openMs = from.figure(atMs);
  const runSide = from.text() as ZoneStay['side'];
  const run = runSide === null ? null : { side: runSide, sinceMs: from.figure(atMs), count: from.figure() };
  return { side, openMs, run, lostMs: from.figure(atMs) };
};

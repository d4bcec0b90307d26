/** Of a state: what home units say, curfews, and what fixes say against units. */
import type {
  ComparedFix,
  ContradictionRun,
  ContradictionState,
  CurfewState,
  PresenceNote,
  UnitPresence,
} from '../domain/subject-state.js';
import {
  type Read,
  readById,
  readInterval,
  readList,
  readRef,
  type Write,
  writeById,
  writeInterval,
  writeList,
  writeRef,
} from './state-parts.js';

export const writeUnit: Write<UnitPresence> = (to, { presence, tagId, heardMs, moved }, atMs) => {
  to.text(presence);
  to.text(tagId);
  to.number(heardMs, atMs);
  to.byte(moved ? 1 : 0);
};

export const readUnit: Read<UnitPresence> = (from, atMs) => ({
  presence: from.word(),
  tagId: from.text() as UnitPresence['tagId'],
  heardMs: from.number(atMs),
  moved: from.byte() === 1,
});

const CURFEW = { window: 1, stretch: 2, reading: 4, pending: 8 } as const;

export const writeCurfew: Write<CurfewState> = (to, { window, stretch, pending }, atMs) => {
  const reading = stretch?.reading ?? null;
  to.byte(
    (window === null ? 0 : CURFEW.window) |
      (stretch === null ? 0 : CURFEW.stretch) |
      (reading === null ? 0 : CURFEW.reading) |
      (pending === null ? 0 : CURFEW.pending),
  );
  if (window !== null) writeInterval(to, window, atMs);
  if (stretch !== null) {
    to.text(stretch.presence);
    to.number(stretch.sinceMs, atMs);
    if (reading !== null) writeRef(to, reading, stretch.sinceMs);
  }
  if (pending !== null) {
    to.number(pending.atMs, atMs);
    writeList(to, pending.notes, pending.atMs, writeNote);
  }
};

const NO_CURFEW: CurfewState = { window: null, stretch: null, pending: null };

export const readCurfew: Read<CurfewState> = (from, atMs) => {
  const has = from.byte();
  if (has === 0) return NO_CURFEW;
  const window = has & CURFEW.window ? readInterval(from, atMs) : null;
  let stretch: CurfewState['stretch'] = null;
  if (has & CURFEW.stretch) {
    const [presence, sinceMs] = [from.word<UnitPresence['presence']>(), from.figure(atMs)];
    stretch = { presence, sinceMs, reading: has & CURFEW.reading ? readRef(from, sinceMs) : null };
  }
  let pending: CurfewState['pending'] = null;
  if (has & CURFEW.pending) {
    const pendingMs = from.figure(atMs);
    pending = { atMs: pendingMs, notes: readList(from, pendingMs, readNote) };
  }
  return { window, stretch, pending };
};

const writeNote: Write<PresenceNote> = (to, { presence, ref }, atMs) => {
  to.text(presence);
  writeRef(to, ref, atMs);
};

const readNote: Read<PresenceNote> = (from, atMs) => ({ presence: from.word(), ref: readRef(from, atMs) });

export const writeContradiction: Write<ContradictionState> = (to, { pending, runs }, atMs) => {
  to.number(pending === null ? null : pending.atMs, atMs);
  if (pending !== null) writeList(to, pending.fixes, pending.atMs, writeCompared);
  writeById(to, runs, atMs, writeRun);
};

export const readContradiction: Read<ContradictionState> = (from, atMs) => {
  const pendingMs = from.number(atMs);
  const pending = pendingMs === null ? null : { atMs: pendingMs, fixes: readList(from, pendingMs, readCompared) };
  return { pending, runs: readById(from, atMs, readRun) };
};

const writeCompared: Write<ComparedFix> = (to, { ref, latE7, lonE7, radiusM }, atMs) => {
  writeRef(to, ref, atMs);
  to.number(latE7);
  to.number(lonE7);
  to.number(radiusM);
};

const readCompared: Read<ComparedFix> = (from, atMs) => ({
  ref: readRef(from, atMs),
  latE7: from.figure(),
  lonE7: from.figure(),
  radiusM: from.figure(),
});

const writeRun: Write<ContradictionRun> = (to, run, atMs) => {
  to.text(run.conditionId);
  to.text(run.unitId);
  to.text(run.address);
  to.number(run.sinceMs, atMs);
  writeRef(to, run.first, run.sinceMs);
  to.number(run.windowEndMs, atMs);
};

const readRun: Read<ContradictionRun> = (from, atMs) => {
  const [conditionId, unitId, address] = [
    from.word<ContradictionRun['conditionId']>(),
    from.word<ContradictionRun['unitId']>(),
    from.word(),
  ];
  const sinceMs = from.figure(atMs);
  return { conditionId, unitId, address, sinceMs, first: readRef(from, sinceMs), windowEndMs: from.figure(atMs) };
};

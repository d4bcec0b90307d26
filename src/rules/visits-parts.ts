/** The parts of a visit that lie in active windows: each is one violation or approach, told as far as it is known. */
import type { EndedBy, Finding } from '../domain/alert.js';
import type { ConditionId } from '../domain/ids.js';
import type { RecordRef } from '../domain/record.js';
import type { LeaningFix, VisitPart } from '../domain/subject-state.js';
import { amend, close, type Moment, open } from './machine.js';
import type { Windows } from './windows.js';

/** Of what, when, and from which length on it is told. */
export interface Told {
  readonly conditionId: ConditionId;
  readonly type: 'exclusion' | 'inclusion' | 'zone.approach';
  /** When the condition is active. */
  readonly windows: Windows;
  /** A part must be longer than this; -1: any part counts, also one of no length. */
  readonly toleranceMs: number;
}

/** A running violation is told anew when it is this much deeper, and twice as deep: a depth a fix is no news. */
const DEEPER_M = 10;

/**
 * Takes fixes that lean in, oldest first, all of the visit that began at `visitStartMs`. A fix at or after a window's
 * end shows that the visit went on to it. Returns the part whose end is not yet known.
 */
export function tellPart(
  zone: Told,
  before: VisitPart | null,
  visitStartMs: number,
  fixes: readonly LeaningFix[],
  moment: Moment,
): VisitPart | null {
  let part = before;
  for (const fix of fixes) {
    if (part !== null && fix.timeMs >= part.windowEndMs) {
      closePart(zone, part, part.windowEndMs, 'window', part.last, moment);
      part = null;
    }
    if (part !== null) {
      part = extend(part, fix);
      continue;
    }
    const window = zone.windows.windowAt(fix.timeMs);
    if (window !== null) part = beginPart(fix, Math.max(visitStartMs, window.startMs), window.endMs);
  }
  if (part !== null) tell(zone, part, moment);
  return part;
}

/** The end of a part is known. It is told, unless the part turns out not to be longer than is tolerated. */
export function closePart(
  zone: Told,
  part: VisitPart,
  endMs: number,
  endedBy: EndedBy | null,
  last: RecordRef,
  moment: Moment,
): void {
  if (endMs - part.startMs > zone.toleranceMs) raise(zone, part, moment);
  const running = moment.running(zone.type, zone.conditionId, null);
  if (running !== null) close(moment, running, endMs, endedBy, null, shown(part, last, moment));
}

/** The visit is over with the fix `out`: before the window's end as `endedBy` says, else the part is the window's rest. */
export function leavePart(zone: Told, part: VisitPart, out: LeaningFix, endedBy: EndedBy | null, moment: Moment): void {
  if (out.timeMs >= part.windowEndMs) closePart(zone, part, part.windowEndMs, 'window', part.last, moment);
  else closePart(zone, part, out.timeMs, endedBy, out.ref, moment);
}

function beginPart(fix: LeaningFix, startMs: number, windowEndMs: number): VisitPart {
  return {
    windowEndMs,
    startMs,
    lastInMs: fix.timeMs,
    certain: fix.certain,
    marginM: depthM(fix),
    mechanism: fix.mechanism,
    first: fix.ref,
    last: fix.ref,
  };
}

function extend(part: VisitPart, fix: LeaningFix): VisitPart {
  const deeper = depthM(fix) > part.marginM;
  return {
    ...part,
    lastInMs: fix.timeMs,
    certain: part.certain || fix.certain,
    marginM: deeper ? depthM(fix) : part.marginM,
    mechanism: deeper ? fix.mechanism : part.mechanism,
    last: fix.ref,
  };
}

/** Raises a violation as soon as it is one, and says anew what has become certain or much deeper. */
function tell(zone: Told, part: VisitPart, moment: Moment): void {
  const running = moment.running(zone.type, zone.conditionId, null);
  if (running === null) {
    if (part.lastInMs - part.startMs > zone.toleranceMs) raise(zone, part, moment);
    return;
  }
  const toldM = running.marginM ?? 0;
  const deeper = part.marginM >= toldM + DEEPER_M && part.marginM >= 2 * toldM;
  if (deeper || (part.certain && running.confidence !== 'certain')) {
    amend(moment, running, shown(part, part.last, moment));
  }
}

function raise(zone: Told, part: VisitPart, moment: Moment): void {
  if (moment.running(zone.type, zone.conditionId, null) !== null) return;
  open(
    moment,
    {
      kind: zone.type === 'zone.approach' ? 'alert' : 'violation',
      type: zone.type,
      conditionId: zone.conditionId,
      startMs: part.startMs,
    },
    shown(part, part.last, moment),
  );
}

/** What the fixes in the window show, and nothing of what lies outside it. */
function shown(part: VisitPart, last: RecordRef, moment: Moment): Partial<Finding> {
  return {
    eventMs: Math.min(moment.atMs, part.windowEndMs),
    confidence: part.certain ? 'certain' : 'probable',
    marginM: part.marginM,
    mechanism: part.mechanism,
    records: sameRecord(part.first, last) ? [part.first] : [part.first, last],
  };
}

const sameRecord = (a: RecordRef, b: RecordRef): boolean =>
  a.deviceId === b.deviceId && a.timeMs === b.timeMs && a.hash === b.hash;

/** Not -0: a depth of nothing is nothing. */
const depthM = (fix: LeaningFix): number => Math.max(0, -fix.distanceM);

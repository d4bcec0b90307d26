/**
 * Visits to a zone and the violations in them (§4), fix by fix.
 *
 * A visit is judged from fixes alone, its violation from the visit and the active windows. Of a running visit nothing
 * is known beyond its last fix that leans in, so the end of a window decides nothing by itself: the part in it stays
 * open until a later fix, or the gap, tells whether the visit went on past the window's end (`window`), ended before
 * it (`return`), or cannot be followed so far (`gap`). What is told of a part is clipped to its window, event times and
 * records too: of the time outside it nobody is told anything (¶19).
 */
import type { VisitReason, VisitState } from '../domain/subject-state.js';
import type { Moment } from './machine.js';
import { lostMs, type TrackedFix } from './visit-track.js';
import { closePart, leavePart, tellPart } from './visits-parts.js';
import type { CompiledZone } from './zone-condition.js';

export function initialVisit(reason: VisitReason): VisitState {
  return { startMs: null, lastFixMs: null, run: [], part: null, reason };
}

const CLEAR: VisitState = Object.freeze({ startMs: null, lastFixMs: null, run: [], part: null, reason: null });

/** Nobody is near, as the last fix said. */
export const isClear = (visit: VisitState): boolean =>
  visit === CLEAR ||
  (visit.startMs === null &&
    visit.lastFixMs === null &&
    visit.run.length === 0 &&
    visit.part === null &&
    visit.reason === null);

/** What the next plausible fix made of the visit, as `trackFix` has it of `before`; null: nobody is near. */
export function stepVisitFix(
  zone: CompiledZone,
  before: VisitState,
  tracked: TrackedFix | null,
  moment: Moment,
): VisitState {
  if (tracked === null) return before.reason === null ? before : CLEAR;
  const { track, turn, lost } = tracked;
  const part = lost ? lose(zone, before, moment).part : before.part;
  const state = { ...track, reason: null };
  switch (turn.kind) {
    case 'began':
      return { ...state, part: tellPart(zone, null, (turn.fixes[0] ?? tracked.fix).timeMs, turn.fixes, moment) };
    case 'went-on':
      return { ...state, part: tellPart(zone, part, before.startMs ?? turn.fix.timeMs, [turn.fix], moment) };
    case 'left':
      // By then the visit covers all of a window that has ended.
      if (part !== null) leavePart(zone, part, turn.out, 'return', moment);
      return CLEAR;
    case 'away':
      return CLEAR;
    case 'approaching':
    case 'wavered':
      return { ...state, part };
  }
}

/** When there is something to judge without a fix: the gap, or the order's end. Null: never. */
export function visitDueMs(zone: CompiledZone, state: VisitState): number | null {
  const gapMs = lostMs(zone, state);
  return gapMs === null ? null : Math.min(gapMs, zone.endMs);
}

/** The due time has come without a fix. */
export function stepVisitTime(zone: CompiledZone, state: VisitState, moment: Moment): VisitState {
  const dueMs = visitDueMs(zone, state);
  if (dueMs === null || moment.atMs < dueMs) return state;
  return dueMs === lostMs(zone, state) ? lose(zone, state, moment) : closeVisit(zone, state, moment, 'ORDER_ENDED');
}

/**
 * The zone, its timetable or the order is no more what it was. A running violation ends where it is known to have
 * reached, with that reason; everything is judged anew.
 */
export function closeVisit(
  zone: CompiledZone,
  { part }: VisitState,
  moment: Moment,
  reason: Exclude<VisitReason, 'INITIAL'>,
): VisitState {
  if (part !== null) closePart(zone, part, part.lastInMs, reason, part.last, moment);
  return initialVisit(reason);
}

/** The visit can be followed no further than its last fix that leans in. */
function lose(zone: CompiledZone, { part }: VisitState, moment: Moment): VisitState {
  if (part !== null) closePart(zone, part, part.lastInMs, 'gap', part.last, moment);
  return CLEAR;
}

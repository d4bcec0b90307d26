/**
 * Approaches to an exclusion zone (§4): what the visits to the zone leave of the visits to its buffer.
 *
 * The buffer is visited as the zone is, by fixes whose distance is less by `buffer_m`. An approach is a stretch of such
 * a visit in which no visit to the zone runs, clipped to the active windows one by one; at least one of the buffer
 * visit's fixes that lean in lies in it and belongs to no visit to the zone. Whether a fix does is often known only
 * later (it is one of the `k`, or it is not): until then it is held. A held fix raises the alert at once, for whoever
 * may be in the zone has surely approached it; should it turn out to belong to a visit to the zone, what was raised on
 * it alone is withdrawn, for the violation says it better.
 */
import type { EndedBy } from '../domain/alert.js';
import type { ApproachState, LeaningFix } from '../domain/subject-state.js';
import { type Moment, withdraw } from './machine.js';
import { lostMs, NO_VISIT, type TrackedFix, trackFix, type ZoneFix } from './visit-track.js';
import { closePart, leavePart, type Told, tellPart } from './visits-parts.js';
import type { CompiledZone } from './zone-condition.js';

/** The state while nobody is near is null. */
const NOBODY: ApproachState = Object.freeze({ ...NO_VISIT, sinceMs: null, held: [], part: null });

/** A plausible fix as the zone itself sees it (`seen`), and what it made of the visit to the zone (`inZone`). */
export function stepApproachFix(
  zone: CompiledZone,
  before: ApproachState | null,
  seen: ZoneFix,
  inZone: TrackedFix | null,
  moment: Moment,
): ApproachState | null {
  const told = zone.approach;
  if (told === null) return null;
  const tracked = trackFix(zone, before ?? NOBODY, { ...seen, distanceM: seen.distanceM - told.bufferM });
  if (tracked === null) return before;
  if (tracked.lost && before !== null) end(told, before, 'gap', moment);
  const { startMs, lastFixMs, run } = tracked.track;
  const former = before === null || tracked.lost ? NOBODY : before;
  const { turn } = tracked;
  const fixes = turn.kind === 'began' ? turn.fixes : turn.kind === 'went-on' ? [turn.fix] : [];
  const sinceMs = turn.kind === 'began' ? (fixes[0] ?? tracked.fix).timeMs : former.sinceMs;
  const after = apart(
    told,
    { startMs, lastFixMs, run, sinceMs, held: former.held, part: former.part },
    fixes,
    inZone,
    moment,
  );
  if (turn.kind !== 'left') return startMs === null && run.length === 0 ? null : after;
  if (after.part !== null) leavePart(told, after.part, turn.out, 'return', moment);
  return null;
}

/** When there is something to judge without a fix; null: never. */
export function approachDueMs(zone: CompiledZone, state: ApproachState): number | null {
  const gapMs = lostMs(zone, state);
  return gapMs === null ? null : Math.min(gapMs, zone.endMs);
}

/** The due time has come without a fix. */
export function stepApproachTime(zone: CompiledZone, state: ApproachState, moment: Moment): ApproachState | null {
  const dueMs = approachDueMs(zone, state);
  if (dueMs === null || moment.atMs < dueMs) return state;
  return closeApproach(zone, state, moment, dueMs === lostMs(zone, state) ? 'gap' : 'ORDER_ENDED');
}

/** The visits end where they are known to have reached, to the buffer as to the zone. */
export function closeApproach(zone: CompiledZone, state: ApproachState, moment: Moment, reason: EndedBy): null {
  if (zone.approach !== null) end(zone.approach, state, reason, moment);
  return null;
}

function end(told: Told, state: ApproachState, reason: EndedBy, moment: Moment): void {
  // The visit to the zone, if one runs, ended at its last fix that leans in: what is held came after it.
  const { part } = settle(told, state, state.held, moment);
  if (part !== null) closePart(told, part, part.lastInMs, reason, part.last, moment);
}

/** Sorts the fixes that lean into the buffer, held and new, into those of the zone's visits and the others. */
function apart(
  told: Told,
  state: ApproachState,
  fixes: readonly LeaningFix[],
  inZone: TrackedFix | null,
  moment: Moment,
): ApproachState {
  const all = [...state.held, ...fixes];
  const turn = inZone?.turn ?? null;
  switch (turn?.kind) {
    case 'approaching': {
      const known = Math.max(0, all.length - turn.inRow);
      const settled = settle(told, state, all.slice(0, known), moment);
      return raiseHeld(told, { ...settled, held: all.slice(known) }, moment);
    }
    case 'began': {
      const known = Math.max(0, all.length - turn.fixes.length);
      const { part } = settle(told, state, all.slice(0, known), moment);
      const running = moment.running(told.type, told.conditionId, null);
      const entered = turn.fixes[0] as LeaningFix;
      // What began at the very moment of the entry is no moment outside the zone.
      if (part !== null && part.startMs < entered.timeMs) leavePart(told, part, entered, null, moment);
      else if (running !== null) withdraw(moment, running);
      return { ...state, sinceMs: moment.atMs, held: [], part: null };
    }
    case 'went-on':
      return { ...state, sinceMs: moment.atMs, held: [] };
    case 'wavered':
      return { ...state, held: all };
    case 'left': {
      const after = { ...state, sinceMs: turn.out.timeMs };
      // A fix that is outside ends the visit by itself: those before it that leaned out were still of it.
      return settle(told, after, turn.outside === 1 ? fixes : all, moment);
    }
    default:
      return settle(told, state, all, moment);
  }
}

/** These belong to no visit to the zone. */
function settle(told: Told, state: ApproachState, fixes: readonly LeaningFix[], moment: Moment): ApproachState {
  if (state.sinceMs === null || fixes.length === 0) return { ...state, held: [] };
  return { ...state, held: [], part: tellPart(told, state.part, state.sinceMs, fixes, moment) };
}

/** What is held may be of the zone itself; that it is of the buffer at least is known now. */
function raiseHeld(told: Told, state: ApproachState, moment: Moment): ApproachState {
  if (state.part !== null || state.sinceMs === null) return state;
  if (moment.running(told.type, told.conditionId, null) !== null) return state;
  const first = state.held.find(({ timeMs }) => told.windows.windowAt(timeMs) !== null);
  if (first !== undefined) tellPart(told, null, state.sinceMs, [first], moment);
  return state;
}

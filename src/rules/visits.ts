/**
 * Visits to a zone and the violations in them (§4), fix by fix.
 *
 * A visit is judged from fixes alone, its violation from the visit and the active windows. Of a running visit nothing
 * is known beyond its last fix that leans in, so the end of a window decides nothing by itself: the part in it stays
 * open until a later fix, or the gap, tells whether the visit went on past the window's end (`window`), ended before
 * it (`return`), or cannot be followed so far (`gap`). What is told of a part is clipped to its window, event times and
 * records too: of the time outside it nobody is told anything (¶19).
 */
import type { ViolationType } from '../domain/alert.js';
import type { ConditionId, ZoneId } from '../domain/ids.js';
import type { Order, ZoneCondition } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { Mechanism, RecordRef } from '../domain/record.js';
import type { LeaningFix, VisitPart, VisitReason, VisitState } from '../domain/subject-state.js';
import type { ZoneShape } from '../domain/zone.js';
import { type CompiledShape, compileShape, signedDistanceM } from './geometry.js';
import type { Moment } from './machine.js';
import { closePart, tellPart } from './visits-parts.js';
import { orderWindows, type Windows } from './windows.js';

export interface CompiledZone {
  readonly conditionId: ConditionId;
  readonly violation: Extract<ViolationType, 'exclusion' | 'inclusion'>;
  readonly shape: CompiledShape;
  /** When the condition is active. */
  readonly windows: Windows;
  readonly k: number;
  readonly gapMs: number;
  /** A part must be longer than this to be a violation; -1: any part is, also one of no length. */
  readonly toleranceMs: number;
}

/** A fix as one zone is asked about it. */
export interface ZoneFix {
  readonly timeMs: number;
  /** As `zoneDistanceM` gives it. */
  readonly distanceM: number;
  readonly radiusM: number;
  readonly mechanism: Mechanism;
  readonly ref: RecordRef;
}

/** Null: the zone it names is not known, so there is nothing to watch. */
export function compileZone(
  condition: ZoneCondition,
  order: Pick<Order, 'timeZone' | 'startMs' | 'endMs'>,
  numbers: Pick<Policy, 'k' | 'gapS' | 'toleranceS'>,
  shapeOf: (zoneId: ZoneId) => ZoneShape | null,
): CompiledZone | null {
  const shape = condition.zone.kind === 'own' ? condition.zone.shape : shapeOf(condition.zone.zoneId);
  if (shape === null) return null;
  const exclusion = condition.kind === 'exclusion_zone';
  return {
    conditionId: condition.conditionId,
    violation: exclusion ? 'exclusion' : 'inclusion',
    shape: compileShape(shape),
    windows: orderWindows(condition.timetable, order),
    k: numbers.k,
    gapMs: numbers.gapS * 1000,
    toleranceMs: exclusion ? -1 : (condition.toleranceS ?? numbers.toleranceS) * 1000,
  };
}

/**
 * Signed metres to where a visit of this zone begins: negative where the person must not be. Exact as far as a fix of
 * that radius can be in doubt; beyond, some value that is surely clear.
 */
export function zoneDistanceM(zone: CompiledZone, lon: number, lat: number, radiusM: number): number {
  if (zone.violation === 'exclusion') return signedDistanceM(zone.shape, lon, lat, radiusM);
  const d = signedDistanceM(zone.shape, lon, lat);
  return d === 0 ? Number.MIN_VALUE : -d; // on the boundary one leans into the zone, whichever side is forbidden
}

export function initialVisit(reason: VisitReason): VisitState {
  return { startMs: null, lastFixMs: null, run: [], part: null, reason };
}

const CLEAR: VisitState = Object.freeze({ startMs: null, lastFixMs: null, run: [], part: null, reason: null });

/** Takes the next plausible fix of the order's tags; `moment.atMs` is its time. */
export function stepVisitFix(zone: CompiledZone, before: VisitState, fix: ZoneFix, moment: Moment): VisitState {
  const certainlyIn = fix.distanceM <= -fix.radiusM;
  const certainlyOut = !certainlyIn && fix.distanceM >= fix.radiusM;
  const leansIn = certainlyIn || (!certainlyOut && fix.distanceM <= 0);
  if (!leansIn && before.startMs === null && before.run.length === 0) return before;

  const gone = before.lastFixMs !== null && fix.timeMs - before.lastFixMs > zone.gapMs;
  const state = gone ? lose(zone, before, moment) : before;
  const leaning: LeaningFix = {
    timeMs: fix.timeMs,
    distanceM: fix.distanceM,
    certain: certainlyIn,
    mechanism: fix.mechanism,
    ref: fix.ref,
  };

  if (state.startMs === null) {
    if (!leansIn) return CLEAR;
    if (certainlyIn) return begin(zone, [leaning], moment);
    const run = [...state.run, leaning];
    if (run.length >= zone.k) return begin(zone, run, moment);
    return { startMs: null, lastFixMs: fix.timeMs, run, part: null, reason: null };
  }
  if (leansIn) {
    const part = tellPart(zone, state.part, state.startMs, [leaning], moment);
    return { startMs: state.startMs, lastFixMs: fix.timeMs, run: [], part, reason: null };
  }
  const run = [...state.run, leaning];
  if (run.length >= zone.k) return leave(zone, state.part, run[0] ?? leaning, moment);
  if (certainlyOut) return leave(zone, state.part, leaning, moment);
  return { ...state, lastFixMs: fix.timeMs, run };
}

/** When the running visit will have been without a fix for too long; null: none runs. */
export function visitDueMs(zone: CompiledZone, state: VisitState): number | null {
  return state.startMs === null || state.lastFixMs === null ? null : state.lastFixMs + zone.gapMs;
}

/** The due time has come without a fix. */
export function stepVisitTime(zone: CompiledZone, state: VisitState, moment: Moment): VisitState {
  const dueMs = visitDueMs(zone, state);
  return dueMs === null || moment.atMs < dueMs ? state : lose(zone, state, moment);
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

function begin(zone: CompiledZone, fixes: readonly LeaningFix[], moment: Moment): VisitState {
  const first = fixes[0] as LeaningFix;
  const part = tellPart(zone, null, first.timeMs, fixes, moment);
  return { startMs: first.timeMs, lastFixMs: (fixes.at(-1) ?? first).timeMs, run: [], part, reason: null };
}

/** The visit ended at `out`: by then it covers all of a window that has ended. */
function leave(zone: CompiledZone, part: VisitPart | null, out: LeaningFix, moment: Moment): VisitState {
  if (part !== null) {
    if (out.timeMs >= part.windowEndMs) closePart(zone, part, part.windowEndMs, 'window', part.last, moment);
    else closePart(zone, part, out.timeMs, 'return', out.ref, moment);
  }
  return CLEAR;
}

/** The visit can be followed no further than its last fix that leans in. */
function lose(zone: CompiledZone, { part }: VisitState, moment: Moment): VisitState {
  if (part !== null) closePart(zone, part, part.lastInMs, 'gap', part.last, moment);
  return CLEAR;
}

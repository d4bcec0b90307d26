/**
 * Calm: what a tag says next, a fix or a plain sign of life, can mean nothing but that time has passed, where the tag is,
 * and how full its battery.
 *
 * After a full step `calmOf` says how far that is sure: until when, for how long a silence, how far from where the tag is,
 * and how fast. While `staysCalm`, the state that `step` would give is `calmed` (`calm-move`), and nothing is found: a law, and not an
 * approximation (`tests/rules/calm.test.ts`). Anything else takes the full step, and whoever has that done, or changes
 * the state or its editions in any way, asks `calmOf` anew.
 *
 * Why, rule by rule. Home: no fix concerns it. Zones: nobody is near any of them, nor can be within the clearance; who
 * stays in that circle crosses none on a straight way. Attendance: no appointment in a zone is to come. Contradiction:
 * within the circle no home unit that counts is so far that its word could be contradicted. Devices: the tag is heard,
 * not silent, has not moved without a good fix, and its battery is above every level that is told of. No timer comes
 * before, but the tag's own silence, which moves on.
 */
import type { DeviceId } from '../domain/ids.js';
import type { DeviceRecord, LocationFix, RecordBody } from '../domain/record.js';
import type { EquipmentState, SubjectState } from '../domain/subject-state.js';
import { noZoneAppointmentToCome } from './attendance-rule.js';
import type { Fix } from './calm-move.js';
import { assignmentAt, type OrderPolicy } from './compile.js';
import { witnesses } from './contradiction.js';
import { Draft, isEmpty } from './draft.js';
import { coming, policyInForce } from './edition.js';
import { equipmentDueMs, UNHEARD } from './equipment.js';
import { distanceM, metresADegree } from './geometry.js';
import { timersOf } from './look-ahead.js';
import { findingName } from './machine.js';
import { radiusM } from './plausibility.js';
import { CLEARANCE_M_MAX, clearanceM } from './safe-radius.js';
import { isClear } from './visits.js';
import { zoneDistanceM } from './zone-condition.js';
import { isBeyond, spanOf } from './zone-reach.js';

/** The tag it speaks of, and bounds. Numbers only, for they may be kept in columns. */
export interface Calm {
  readonly tagId: DeviceId;
  /** A record must be later than all that was judged, and earlier than any timer, edition and end of the assignment. */
  readonly afterMs: number;
  readonly untilMs: number;
  /** So long may the tag be silent. */
  readonly silenceMs: number;
  /** When the stream is due if the tag is never silent; Infinity: never. */
  readonly foundMs: number;
  /** Where the tag was at the last full step, and how far from there nothing changes, metres. */
  readonly lonE7: number;
  readonly latE7: number;
  readonly clearanceM: number;
  /** Metres in 10⁻⁷ degrees of longitude and latitude: nowhere in the circle are they longer. */
  readonly metresLonE7: number;
  readonly metresLatE7: number;
  /** Metres a millisecond: who is slower is plausible. */
  readonly jumpMMs: number;
  /** The 95 % radius of a fix without one, metres. */
  readonly gnssRadiusM: number;
  readonly wifiRadiusM: number;
  readonly otherRadiusM: number;
  /** The tag moves since then, and each fix is to have this radius at most; both Infinity: it does not move. */
  readonly movingMs: number;
  readonly goodRadiusM: number;
  /** So long may it have moved without such a fix. */
  readonly motionMs: number;
  readonly clockAheadMs: number;
  readonly horizonMs: number;
  /** A battery above this is told of by nothing, percent; Infinity: one that is low is told of, and any level may end that. */
  readonly abovePct: number;
}

/** When the tag was last heard, and the last fix that was taken, by a full step or in calm. */
export interface LastHeard extends Pick<Fix, 'timeMs' | 'lonE7' | 'latE7' | 'radiusM'> {
  readonly heardMs: number;
}

/** Farther one seldom goes until the next fix; nearer zones are measured exactly, the others by their boxes. */
const CLEARANCE_M_ASKED = 5_000;
/** What rounding and `distanceM` may amount to. */
const SLACK_M = 0.01;
const LOW = ['battery.low', 'battery.critical'] as const;

/** `editions` and `state` as after a step. Null: it is not calm, or not for long enough to matter. */
export function calmOf(editions: readonly OrderPolicy[], state: SubjectState): Calm | null {
  if (state.edition === '' || state.late?.waiting != null || !nothingCompared(state)) return null;
  const policy = policyInForce(editions, state);
  const tagId = policy === null ? null : lastTag(policy, state);
  if (policy === null || tagId === null) return null;
  const tag = state.equipment[tagId] ?? UNHEARD;
  const { lastFix } = tag;
  const movingMs = calmMotionMs(tag);
  if (lastFix === null || movingMs === null) return null;
  if (state.open[findingName('device.no_fix', null, tagId)] !== undefined) return null;
  if (!zonesAreClear(policy, state) || !noZoneAppointmentToCome(policy, state)) return null;

  const afterMs = Math.max(state.atMs ?? 0, state.firedMs ?? 0);
  // No part has judged beyond that: of what is later all is in order.
  const { untilMs, foundMs: otherMs } = timersBesides(editions, policy, state, tagId);
  if (untilMs <= afterMs + 1) return null;
  const circleM = circleAround(policy, lastFix, afterMs + 1);
  const silentMs = equipmentDueMs({ deviceId: tagId, kind: 'tag' }, tag, policy.numbers);
  if (circleM <= 0 || silentMs === null || tag.lastMs === null) return null;

  const { numbers } = policy;
  const isLow = LOW.some((type) => state.open[findingName(type, null, tagId)] !== undefined);
  const metres = metresADegree(lastFix.latE7 / 1e7, CLEARANCE_M_MAX);
  const isMoving = movingMs !== Infinity;
  return {
    tagId,
    afterMs,
    untilMs,
    silenceMs: silentMs - tag.lastMs,
    foundMs: otherMs,
    lonE7: lastFix.lonE7,
    latE7: lastFix.latE7,
    clearanceM: circleM,
    metresLonE7: metres.lon / 1e7,
    metresLatE7: metres.lat / 1e7,
    jumpMMs: numbers.jumpMS / 1000,
    gnssRadiusM: numbers.gnssRadiusM,
    wifiRadiusM: numbers.wifiRadiusM,
    otherRadiusM: numbers.otherRadiusM,
    movingMs,
    goodRadiusM: isMoving ? numbers.noFixRadiusM : Infinity,
    motionMs: isMoving ? numbers.noFixMotionS * 1000 : Infinity,
    clockAheadMs: numbers.clockAheadS * 1000,
    horizonMs: numbers.amendHorizonS * 1000,
    abovePct: isLow ? Infinity : Math.max(numbers.batteryLowPct, numbers.batteryCriticalPct),
  };
}

/**
 * Whether a record changes nothing but what a `Move` says. `last` is what the tag said before it. On the way of every
 * record (`bench/step`): some comparisons, nothing allocated.
 */
export function staysCalm(
  calm: Calm,
  last: LastHeard,
  deviceId: DeviceId,
  { timeMs, body }: DeviceRecord,
  receivedMs: number,
): boolean {
  if (deviceId !== calm.tagId || timeMs <= calm.afterMs || timeMs >= calm.untilMs) return false;
  const silentMs = timeMs - last.heardMs;
  if (silentMs <= 0 || silentMs > calm.silenceMs) return false;
  if (timeMs - receivedMs > calm.clockAheadMs || receivedMs - timeMs > calm.horizonMs) return false;
  if (calm.movingMs !== Infinity && timeMs - Math.max(calm.movingMs, last.timeMs) >= calm.motionMs) return false;
  return body.kind === 'fix' ? isNear(calm, last, timeMs, body) : isPlain(calm, body);
}

/** No zone and no home unit has anything to say of it, it is plausible, and good enough for a tag that moves. */
function isNear(calm: Calm, last: LastHeard, timeMs: number, fix: LocationFix): boolean {
  const { lonE7, latE7 } = fix;
  const eastM = (lonE7 - calm.lonE7) * calm.metresLonE7;
  const northM = (latE7 - calm.latE7) * calm.metresLatE7;
  if (eastM * eastM + northM * northM > calm.clearanceM * calm.clearanceM) return false;
  const goneEastM = (lonE7 - last.lonE7) * calm.metresLonE7;
  const goneNorthM = (latE7 - last.latE7) * calm.metresLatE7;
  const fixRadiusM = radiusM(fix, calm);
  const reachM = (timeMs - last.timeMs) * calm.jumpMMs + last.radiusM + fixRadiusM - SLACK_M;
  if (reachM < 0 || goneEastM * goneEastM + goneNorthM * goneNorthM > reachM * reachM) return false;
  return fixRadiusM <= calm.goodRadiusM;
}

/** A sign of life that tells of nothing. */
function isPlain({ abovePct }: Calm, body: RecordBody): boolean {
  if (body.kind === 'heartbeat') return true;
  return body.kind === 'tag' && body.flags.length === 0 && (body.batteryPct === null || body.batteryPct > abovePct);
}

function nothingCompared({ contradiction: { pending, runs } }: SubjectState): boolean {
  return pending === null && isEmpty(runs);
}

/** The tag whose fix was the last of all; null: none is worn that has told where it is. */
function lastTag(policy: OrderPolicy, { equipment, atMs }: SubjectState): DeviceId | null {
  let [tagId, lastMs]: [DeviceId | null, number] = [null, -Infinity];
  for (const deviceId of Object.keys(equipment) as DeviceId[]) {
    const fixMs = equipment[deviceId]?.lastFix?.timeMs ?? -Infinity;
    if (fixMs <= lastMs || assignmentAt(policy, deviceId, atMs ?? 0)?.kind !== 'tag') continue;
    [tagId, lastMs] = [deviceId, fixMs];
  }
  return tagId;
}

/** Since when it moves: Infinity, not at all; null: since before its last fix, or some of it counts still. */
function calmMotionMs({ motion: { sinceMs, spans }, lastFix }: EquipmentState): number | null {
  if (spans.length > 0) return null;
  if (sinceMs === null) return Infinity;
  return lastFix !== null && sinceMs >= lastFix.timeMs ? sinceMs : null;
}

function zonesAreClear({ zones }: OrderPolicy, { visits, approaches }: SubjectState): boolean {
  if (!isEmpty(approaches)) return false;
  for (const { conditionId } of zones) {
    const visit = visits[conditionId];
    if (visit === undefined || !isClear(visit)) return false;
  }
  return true;
}

/** The first timer, edition or end besides the tag's silence; and when the stream would be due without that. */
function timersBesides(
  editions: readonly OrderPolicy[],
  policy: OrderPolicy,
  state: SubjectState,
  tagId: DeviceId,
): { readonly untilMs: number; readonly foundMs: number } {
  const next = coming(editions, state)[0];
  const switchMs = next === undefined ? Infinity : Math.max(next.effectiveMs, state.atMs ?? next.effectiveMs);
  const timers = timersOf(new Draft(state, policy, tagId), switchMs);
  return { untilMs: Math.min(timers.nextMs, switchMs), foundMs: Math.min(timers.foundMs, switchMs) };
}

/** How far from a fix no zone, and no home unit that counts at a moment, has anything to say; at most 0: nothing is sure. */
function circleAround(policy: OrderPolicy, fix: Fix, atMs: number): number {
  const [lon, lat] = [fix.lonE7 / 1e7, fix.latE7 / 1e7];
  let circleM = CLEARANCE_M_ASKED;
  for (const { position } of witnesses(policy, atMs)) {
    const nearM = policy.numbers.contradictionM - distanceM(position[0], position[1], lon, lat);
    circleM = Math.min(circleM, nearM * 0.99 - SLACK_M);
  }
  const span = spanOf(policy.reach, null, { lon, lat }, 1.01 * circleM);
  for (const [i, zone] of policy.zones.entries()) {
    if (circleM <= 0) return 0;
    if (isBeyond(policy.reach, i, span)) continue;
    const bufferM = (zone.approach?.bufferM ?? 0) + SLACK_M;
    // A visit that was lost in a silence may have left the tag inside.
    if (zoneDistanceM(zone, lon, lat, 0) <= 0) return 0;
    circleM = Math.min(circleM, clearanceM(zone.shape, lon, lat, circleM + bufferM) - bufferM);
  }
  return circleM;
}

/** The rule of the zones: each plausible fix of the order's tags, shown to every zone that the order names. */
import type { Cause } from '../domain/alert.js';
import type { ConditionId } from '../domain/ids.js';
import type { LocationFix } from '../domain/record.js';
import type { ApproachState, SubjectState, VisitState } from '../domain/subject-state.js';
import { leftThenEntered } from './alerts.js';
import { approachDueMs, closeApproach, stepApproachFix, stepApproachTime } from './approach.js';
import { attendInZones } from './attendance-rule.js';
import type { OrderPolicy } from './compile.js';
import { inferCrossing, type PlacedFix } from './crossing.js';
import { type Draft, isEmpty } from './draft.js';
import { UNHEARD } from './equipment.js';
import type { Moment } from './machine.js';
import { judgeFix } from './plausibility.js';
import { NOTHING, type Rule, type Sighting } from './rule.js';
import { trackFix } from './visit-track.js';
import { closeVisit, initialVisit, isClear, stepVisitFix, stepVisitTime, visitDueMs } from './visits.js';
import { type CompiledZone, zoneDistanceM } from './zone-condition.js';
import { isBeyond, spanOf } from './zone-reach.js';
import { partUnder, zoneChange } from './zone-revision.js';

export const zonesRule: Rule = {
  show: (draft, policy, sighting) => {
    const { body } = sighting.record;
    return sighting.sender.kind === 'tag' && body.kind === 'fix'
      ? [{ part: 'fixes', take: () => takeFix(draft, policy, body, sighting) }]
      : NOTHING;
  },
  dueMs: (draft, policy) => {
    const { visits, approaches } = draft.state;
    const nobodyApproaches = isEmpty(approaches);
    let dueMs = Infinity;
    for (const zone of policy.zones) {
      // Several times a record, and most often nobody is near.
      if (nobodyApproaches && visits[zone.conditionId]?.startMs == null) continue;
      dueMs = Math.min(dueMs, zoneDueMs(draft, zone));
    }
    return dueMs;
  },
  fire: fireZones,
  revise: reviseZones,
};

function takeFix(draft: Draft, policy: OrderPolicy, fix: LocationFix, { sender, ref, moment }: Sighting): void {
  const { state } = draft;
  const tagId = sender.deviceId;
  const tag = state.equipment[tagId] ?? UNHEARD;
  const { lastFix } = tag;
  // The same fix again, under another sequence: it must not count twice among the k that lean (§7).
  if (lastFix?.timeMs === ref.timeMs && lastFix.hash === ref.hash) return;
  const judged = judgeFix(tagId, tag, fix, policy.numbers, moment);
  draft.setDevice(tagId, judged.state);
  if (!judged.plausible) return;
  const place = placed(ref.timeMs, fix, judged.radiusM, ref);
  const former =
    lastFix === null ? null : placed(lastFix.timeMs, lastFix, lastFix.radiusM, { ...lastFix, deviceId: tagId });
  const firstFinding = draft.findings.length;
  const span = spanOf(policy.reach, former, place, judged.radiusM);
  for (const [i, zone] of policy.zones.entries()) {
    if (isBeyond(policy.reach, i, span) && nobodyIsNear(state, zone)) continue;
    const distanceM = zoneDistanceM(zone, place.lon, place.lat, judged.radiusM);
    const seen = { timeMs: moment.atMs, distanceM, radiusM: judged.radiusM, mechanism: fix.mechanism, ref };
    const before = state.visits[zone.conditionId];
    const inZone = trackFix(zone, before ?? initialVisit('INITIAL'), seen);
    const approach = state.approaches[zone.conditionId] ?? null;
    keepApproach(draft, zone, approach, stepApproachFix(zone, approach, seen, inZone, moment));
    // The first evaluation gives a state with its reason, also where nobody is near.
    const after = before === undefined && inZone === null ? initialVisit('INITIAL') : null;
    keepVisit(draft, zone, after ?? stepVisitFix(zone, before ?? initialVisit('INITIAL'), inZone, moment));
    // What was judged before a zone was edited says nothing of the zone as it is now.
    const knownSince = before !== undefined && (before.reason === null || before.reason === 'INITIAL');
    if (former !== null && knownSince) inferCrossing(zone, former, place, distanceM, moment);
  }
  // Several zones changing at one fix are told in a fixed order (§4), whatever the order of the conditions.
  draft.reorder(firstFinding, leftThenEntered);
  attendInZones(draft, policy, place, moment);
}

/** As far as is known: then a fix that is far from the zone, and was, changes nothing. */
function nobodyIsNear({ visits, approaches }: SubjectState, { conditionId }: CompiledZone): boolean {
  const visit = visits[conditionId];
  return visit !== undefined && isClear(visit) && approaches[conditionId] === undefined;
}

function placed(
  timeMs: number,
  at: { readonly latE7: number; readonly lonE7: number },
  radiusM: number,
  ref: PlacedFix['ref'],
): PlacedFix {
  const { deviceId, hash } = ref;
  return { timeMs, lon: at.lonE7 / 1e7, lat: at.latE7 / 1e7, radiusM, ref: { deviceId, timeMs, hash } };
}

function zoneDueMs({ state }: Draft, zone: CompiledZone): number {
  const visit = state.visits[zone.conditionId];
  const approach = state.approaches[zone.conditionId];
  return Math.min(
    visit === undefined ? Infinity : (visitDueMs(zone, visit) ?? Infinity),
    approach === undefined ? Infinity : (approachDueMs(zone, approach) ?? Infinity),
  );
}

function fireZones(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  const firstFinding = draft.findings.length;
  for (const zone of policy.zones) {
    if (zoneDueMs(draft, zone) > atMs) continue;
    const moment = draft.moment(atMs, cause, null);
    const visit = draft.state.visits[zone.conditionId];
    if (visit !== undefined) keepVisit(draft, zone, stepVisitTime(zone, visit, moment));
    const approach = draft.state.approaches[zone.conditionId];
    if (approach !== undefined) keepApproach(draft, zone, approach, stepApproachTime(zone, approach, moment));
    draft.judged('fixes', atMs, true);
  }
  draft.reorder(firstFinding, leftThenEntered);
}

function reviseZones(draft: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  const { state } = draft;
  for (const zone of former.zones) {
    const visit = state.visits[zone.conditionId];
    const approach = state.approaches[zone.conditionId] ?? null;
    if (visit === undefined) continue;
    const successor = next.zones.find(({ conditionId }) => conditionId === zone.conditionId);
    let reason = zoneChange(former, next, zone, moment.atMs);
    if (reason === null && successor !== undefined) {
      const part = partUnder(successor, visit.part, visit.startMs);
      const approachPart = partUnder(successor, approach?.part ?? null, approach?.sinceMs ?? null);
      if (part !== undefined && approachPart !== undefined) {
        keepVisit(draft, zone, { ...visit, part });
        if (approach !== null) keepApproach(draft, zone, approach, { ...approach, part: approachPart });
        continue;
      }
      reason = 'ZONE_EDITED';
    }
    const why = reason ?? 'ORDER_REVISED';
    if (approach !== null) keepApproach(draft, zone, approach, closeApproach(zone, approach, moment, why));
    const closed = closeVisit(zone, visit, moment, why);
    if (successor !== undefined) keepVisit(draft, zone, closed);
    else state.visits = without(state.visits, zone.conditionId);
  }
}

function keepVisit({ state }: Draft, { conditionId }: CompiledZone, after: VisitState): void {
  if (after !== state.visits[conditionId]) state.visits = { ...state.visits, [conditionId]: after };
}

function keepApproach(
  { state }: Draft,
  { conditionId }: CompiledZone,
  before: ApproachState | null,
  after: ApproachState | null,
): void {
  if (after === before) return;
  state.approaches =
    after === null ? without(state.approaches, conditionId) : { ...state.approaches, [conditionId]: after };
}

function without<T>(all: Readonly<Record<string, T>>, conditionId: ConditionId): Readonly<Record<string, T>> {
  const { [conditionId]: _, ...others } = all;
  return others;
}

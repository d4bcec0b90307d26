/** The rule of the zones: each plausible fix of the order's tags, shown to every zone that the order names. */
import type { Cause } from '../domain/alert.js';
import type { LocationFix } from '../domain/record.js';
import { leftThenEntered } from './alerts.js';
import { meansTheSame, type OrderPolicy } from './compile.js';
import type { Draft } from './draft.js';
import { UNHEARD } from './equipment.js';
import type { Moment } from './machine.js';
import { judgeFix } from './plausibility.js';
import type { Rule, Sighting } from './rule.js';
import { closeVisit, initialVisit, stepVisitFix, stepVisitTime, visitDueMs, zoneDistanceM } from './visits.js';

export const zonesRule: Rule = {
  show: (draft, policy, sighting) => {
    const { body } = sighting.record;
    return sighting.sender.kind === 'tag' && body.kind === 'fix'
      ? [{ part: 'fixes', take: () => takeFix(draft, policy, body, sighting) }]
      : [];
  },
  dueMs: visitsDueMs,
  fire: fireVisits,
  revise: reviseVisits,
};

function takeFix(draft: Draft, policy: OrderPolicy, fix: LocationFix, { sender, ref, moment }: Sighting): void {
  const { state } = draft;
  const tagId = sender.deviceId;
  const tag = state.equipment[tagId] ?? UNHEARD;
  // The same fix again, under another sequence: it must not count twice among the k that lean (§7).
  if (tag.lastFix?.timeMs === ref.timeMs && tag.lastFix.hash === ref.hash) return;
  const judged = judgeFix(tagId, tag, fix, policy.numbers, moment);
  state.equipment = { ...state.equipment, [tagId]: judged.state };
  if (!judged.plausible) return;
  const [lon, lat] = [fix.lonE7 / 1e7, fix.latE7 / 1e7];
  const firstFinding = draft.findings.length;
  for (const zone of policy.zones) {
    const before = state.visits[zone.conditionId] ?? initialVisit('INITIAL');
    const distanceM = zoneDistanceM(zone, lon, lat, judged.radiusM);
    const seen = { timeMs: moment.atMs, distanceM, radiusM: judged.radiusM, mechanism: fix.mechanism, ref };
    const after = stepVisitFix(zone, before, seen, moment);
    if (after !== state.visits[zone.conditionId]) state.visits = { ...state.visits, [zone.conditionId]: after };
  }
  // Several zones changing at one fix are told in a fixed order (§4), whatever the order of the conditions.
  draft.reorder(firstFinding, leftThenEntered);
}

function visitsDueMs({ state }: Draft, policy: OrderPolicy): number {
  let dueMs = Infinity;
  for (const zone of policy.zones) {
    const visit = state.visits[zone.conditionId];
    if (visit !== undefined) dueMs = Math.min(dueMs, visitDueMs(zone, visit) ?? Infinity);
  }
  return dueMs;
}

function fireVisits(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  const { state } = draft;
  for (const zone of policy.zones) {
    const before = state.visits[zone.conditionId];
    if (before === undefined || (visitDueMs(zone, before) ?? Infinity) > atMs) continue;
    const after = stepVisitTime(zone, before, draft.moment(atMs, cause, null));
    state.visits = { ...state.visits, [zone.conditionId]: after };
    draft.judged('fixes', atMs, true);
  }
}

function reviseVisits({ state }: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  for (const zone of former.zones) {
    const before = state.visits[zone.conditionId];
    if (before === undefined) continue;
    if (meansTheSame(former, next, zone.conditionId)) continue;
    const kept = next.zones.some(({ conditionId }) => conditionId === zone.conditionId);
    closeVisit(zone, before, moment, kept ? 'ZONE_EDITED' : 'ORDER_REVISED');
    const { [zone.conditionId]: _, ...others } = state.visits;
    state.visits = kept ? { ...others, [zone.conditionId]: initialVisit('ZONE_EDITED') } : others;
  }
}

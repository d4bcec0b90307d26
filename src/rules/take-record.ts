/** A record, shown to every rule that it concerns. */
import type { DeviceId } from '../domain/ids.js';
import type { Assignment } from '../domain/order.js';
import type { DeviceRecord, LocationFix, RecordRef } from '../domain/record.js';
import type { EquipmentState } from '../domain/subject-state.js';
import { leftThenEntered } from './alerts.js';
import { assignmentAt, type OrderPolicy } from './compile.js';
import { noteCurfew } from './curfew.js';
import { type Draft, type Part, partOfDevice } from './draft.js';
import { stepEquipment, UNHEARD } from './equipment.js';
import type { Moment } from './machine.js';
import { judgeFix } from './plausibility.js';
import { hearUnit, initialUnit } from './presence.js';
import { initialVisit, stepVisitFix, zoneDistanceM } from './visits.js';

/**
 * Timers due before the record have fired; `policy` is the edition in force at its time, `sender` the device that speaks
 * for the order in it. False: a rule that it concerns
 * has judged beyond it already and did not take it; the others did.
 */
export function takeRecord(draft: Draft, policy: OrderPolicy, sender: Assignment, record: DeviceRecord): boolean {
  const { body, timeMs } = record;
  const { deviceId } = sender;
  const ref: RecordRef = { deviceId, timeMs, hash: record.hash };
  const moment = draft.moment(timeMs, 'record', ref);
  const shown: [Part, () => void][] = [
    [partOfDevice(deviceId), () => takeEquipment(draft, policy, sender, record, moment)],
  ];
  const seen = body.kind === 'rf' ? assignmentAt(policy, body.tagId, timeMs) : null;
  // A plain reading says nothing of a tag that speaks for itself: what that says may still be on its way.
  if (seen !== null && body.kind === 'rf' && (body.status !== null || seen.kind === 'rf_tag')) {
    shown.push([partOfDevice(seen.deviceId), () => takeEquipment(draft, policy, seen, record, moment)]);
  }
  if (sender.kind === 'home_unit') shown.push(['home', () => takePresence(draft, policy, deviceId, record, ref)]);
  if (sender.kind === 'tag' && body.kind === 'fix') {
    shown.push(['fixes', () => takeFix(draft, policy, deviceId, body, ref, moment)]);
  }
  let inOrder = true;
  for (const [part, take] of shown) {
    if (timeMs < draft.opensMs(part)) {
      inOrder = false;
      continue;
    }
    take();
    draft.judged(part, timeMs, false);
  }
  return inOrder;
}

function takeEquipment(
  draft: Draft,
  policy: OrderPolicy,
  device: Assignment,
  { body }: DeviceRecord,
  moment: Moment,
): void {
  const before = equipmentOf(draft, device.deviceId);
  const after = stepEquipment(device, before, body, policy.numbers, moment);
  // Kept also where it says nothing yet: what has been raised of the device ends with its assignment.
  if (after !== draft.state.equipment[device.deviceId]) setEquipment(draft, device.deviceId, after);
}

function takePresence(draft: Draft, policy: OrderPolicy, unitId: DeviceId, record: DeviceRecord, ref: RecordRef): void {
  const { state } = draft;
  const heard = hearUnit(policy.presence, unitId, state.units[unitId] ?? initialUnit(), record);
  state.units = { ...state.units, [unitId]: heard.unit };
  for (const curfew of policy.curfews) {
    const before = state.curfews[curfew.conditionId];
    if (before === undefined) continue;
    const after = noteCurfew(curfew, before, heard, ref);
    if (after !== before) state.curfews = { ...state.curfews, [curfew.conditionId]: after };
  }
}

function takeFix(
  draft: Draft,
  policy: OrderPolicy,
  tagId: DeviceId,
  fix: LocationFix,
  ref: RecordRef,
  moment: Moment,
): void {
  const tag = equipmentOf(draft, tagId);
  // The same fix again, under another sequence: it must not count twice among the k that lean (§7).
  if (tag.lastFix?.timeMs === ref.timeMs && tag.lastFix.hash === ref.hash) return;
  const judged = judgeFix(tagId, tag, fix, policy.numbers, moment);
  setEquipment(draft, tagId, judged.state);
  if (!judged.plausible) return;
  const [lon, lat] = [fix.lonE7 / 1e7, fix.latE7 / 1e7];
  const { state } = draft;
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

function equipmentOf(draft: Draft, deviceId: DeviceId): EquipmentState {
  return draft.state.equipment[deviceId] ?? UNHEARD;
}

function setEquipment(draft: Draft, deviceId: DeviceId, state: EquipmentState): void {
  draft.state.equipment = { ...draft.state.equipment, [deviceId]: state };
}

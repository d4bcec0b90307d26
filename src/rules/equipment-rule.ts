/** The rule of the devices: each is judged by itself, for as long as it is assigned. */
import type { Cause } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { Assignment } from '../domain/order.js';
import type { EquipmentState } from '../domain/subject-state.js';
import { assignmentAt, type OrderPolicy } from './compile.js';
import type { Draft } from './draft.js';
import { endEquipment, equipmentDueMs, equipmentRuns, equipmentTime, stepEquipment, UNHEARD } from './equipment.js';
import type { Moment } from './machine.js';
import { stepMotion } from './no-fix.js';
import { type Part, partOfDevice } from './part.js';
import type { Rule, Showing, Sighting } from './rule.js';

export const equipmentRule: Rule = {
  show: (draft, policy, sighting) => {
    const { sender, seen, record } = sighting;
    const showing = (device: Assignment): Showing => ({
      part: partOf(policy, device.deviceId),
      take: () => takeEquipment(draft, policy, device, sighting),
    });
    // A plain reading says nothing of a tag that speaks for itself: what that says may still be on its way.
    const speaksOfTag =
      seen !== null && record.body.kind === 'rf' && (record.body.status !== null || seen.kind === 'rf_tag');
    return speaksOfTag ? [showing(sender), showing(seen)] : [showing(sender)];
  },
  dueMs: (draft, policy) => {
    let dueMs = Infinity;
    for (const deviceId in draft.state.equipment) {
      dueMs = Math.min(dueMs, deviceDueMs(draft, policy, deviceId as DeviceId));
    }
    return dueMs;
  },
  fire: fireDevices,
  revise: reviseEquipment,
};

function takeEquipment(
  draft: Draft,
  policy: OrderPolicy,
  device: Assignment,
  { sender, record, moment }: Sighting,
): void {
  const before = draft.state.equipment[device.deviceId];
  const known = before ?? UNHEARD;
  let after = stepEquipment(device, known, record.body, policy.numbers, moment);
  // What moves, and where, a tag says itself; its home unit has that at second hand.
  if (device.kind === 'tag' && sender.deviceId === device.deviceId) {
    const motion = stepMotion(device.deviceId, known.motion, record.body, known.lastMs, policy.numbers, moment);
    if (motion !== after.motion) after = { ...after, motion };
  }
  // Kept also where it says nothing yet: what has been raised of the device ends with its assignment.
  if (after !== before) draft.setDevice(device.deviceId, after);
}

function fireDevices(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  const { state } = draft;
  for (const [deviceId, before] of Object.entries(state.equipment) as [DeviceId, EquipmentState][]) {
    const device = lastAssignment(draft, deviceId, before);
    if (device === null || deviceDueMs(draft, policy, deviceId) > atMs) continue;
    const moment = draft.moment(atMs, cause, null);
    const after =
      atMs >= device.toMs
        ? endEquipment(device, moment, atMs >= policy.order.endMs ? 'ORDER_ENDED' : 'ORDER_REVISED')
        : equipmentTime(device, before, policy.numbers, moment);
    draft.setDevice(deviceId, after);
    draft.judged(partOf(policy, deviceId), atMs, true);
  }
}

/** A device is due when it has been silent for too long, and once when its last assignment ends. */
function deviceDueMs(draft: Draft, policy: OrderPolicy, deviceId: DeviceId): number {
  const equipment = draft.state.equipment[deviceId];
  const device = equipment === undefined ? null : lastAssignment(draft, deviceId, equipment);
  if (device === null || equipment === undefined) return Infinity;
  // A tag that its home unit alone has spoken of was never heard, and may have been tampered with all the same.
  if (equipment.lastMs === null && !equipmentRuns(draft.running, deviceId)) return Infinity;
  const silentMs = draft.spared === deviceId ? null : equipmentDueMs(device, equipment, policy.numbers);
  return Math.min(silentMs ?? Infinity, device.toMs);
}

const NONE: readonly Assignment[] = [];

/** The assignment that the device's equipment state belongs to: the last that has begun, as far as it has been judged. */
function lastAssignment(draft: Draft, deviceId: DeviceId, { lastMs }: EquipmentState): Assignment | null {
  // Not as far as the stream has come: its first record may be of an assignment that is over.
  const { policy } = draft;
  const assignments = policy?.devices.get(deviceId) ?? NONE;
  if (policy === null || assignments.length === 0) return null;
  // Most have one, and have been heard in it.
  const only = assignments.length === 1 ? assignments[0] : undefined;
  if (only !== undefined && lastMs !== null && lastMs >= only.fromMs) return only;
  const judgedMs = draft.opensMs(partOf(policy, deviceId));
  let last: Assignment | null = null;
  for (const assignment of assignments) {
    if (assignment.fromMs <= judgedMs) last = assignment;
  }
  return last;
}

const partOf = ({ parts }: OrderPolicy, deviceId: DeviceId): Part => parts.get(deviceId) ?? partOfDevice(deviceId);

/** A device goes on where the new edition has it at this moment, as what it was; what runs of any other ends now. */
function reviseEquipment({ state }: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  for (const deviceId of Object.keys(state.equipment) as DeviceId[]) {
    const [before, after] = [former, next].map((policy) => assignmentAt(policy, deviceId, moment.atMs));
    if (after != null && (before == null || before.kind === after.kind)) continue;
    const device = before ?? after ?? former.devices.get(deviceId)?.at(-1);
    if (device !== undefined) endEquipment(device, moment, 'ORDER_REVISED');
    const { [deviceId]: _, ...others } = state.equipment;
    state.equipment = others;
  }
}

/** Due times of one stream: when something must be judged though no record comes, and what is judged then. */
import type { Cause } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { Assignment } from '../domain/order.js';
import type { EquipmentState } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import { curfewDueMs, initialCurfew, judgeCurfew } from './curfew.js';
import { type Draft, partOfDevice } from './draft.js';
import { endEquipment, equipmentDueMs, equipmentRuns, equipmentTime } from './equipment.js';
import { presenceAt, presenceDueMs } from './presence.js';
import { stepVisitTime, visitDueMs } from './visits.js';

/** The earliest due time that has not fired; null: nothing is due ever. */
export function nextDueMs(draft: Draft): number | null {
  const { policy, state } = draft;
  if (policy === null) return null;
  let dueMs = homeDueMs(draft, policy);
  for (const zone of policy.zones) {
    const visit = state.visits[zone.conditionId];
    if (visit !== undefined) dueMs = Math.min(dueMs, visitDueMs(zone, visit) ?? Infinity);
  }
  for (const deviceId of Object.keys(state.equipment) as DeviceId[]) {
    dueMs = Math.min(dueMs, deviceDueMs(draft, policy, deviceId));
  }
  return dueMs === Infinity ? null : dueMs;
}

/** Judges everything that is due at `atMs`, the moment whose records are all in. */
export function fireTimers(draft: Draft, atMs: number, cause: Cause): void {
  const { policy } = draft;
  if (policy === null) throw new Error('a stream without a policy has a due time');
  fireHome(draft, policy, atMs, cause);
  fireVisits(draft, policy, atMs, cause);
  fireDevices(draft, policy, atMs, cause);
  draft.passTo(atMs, true);
}

function homeDueMs(draft: Draft, policy: OrderPolicy): number {
  if (policy.curfews.length === 0) return Infinity;
  const { state } = draft;
  const firedMs = draft.opensMs('home') - 1;
  const { running } = draft.moment(firedMs, 'timer', null);
  let dueMs = Infinity;
  let inWindow = false;
  for (const curfew of policy.curfews) {
    const curfewState = state.curfews[curfew.conditionId] ?? initialCurfew();
    dueMs = Math.min(dueMs, curfewDueMs(curfew, curfewState, running, firedMs) ?? Infinity);
    inWindow ||= curfewState.window !== null;
  }
  return inWindow ? Math.min(dueMs, presenceDueMs(policy.presence, state.units, firedMs) ?? Infinity) : dueMs;
}

function fireHome(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  if (homeDueMs(draft, policy) > atMs) return;
  const { state } = draft;
  const moment = draft.moment(atMs, cause, null);
  const presenceFor = (addresses: readonly string[]) => presenceAt(policy.presence, state.units, addresses, atMs);
  for (const curfew of policy.curfews) {
    const before = state.curfews[curfew.conditionId] ?? initialCurfew();
    const after = judgeCurfew(curfew, before, presenceFor, moment);
    if (after !== before) state.curfews = { ...state.curfews, [curfew.conditionId]: after };
  }
  draft.judged('home', atMs, true);
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

function fireDevices(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  const { state } = draft;
  for (const [deviceId, before] of Object.entries(state.equipment) as [DeviceId, EquipmentState][]) {
    const device = lastAssignment(draft, deviceId);
    if (device === null || deviceDueMs(draft, policy, deviceId) > atMs) continue;
    const moment = draft.moment(atMs, cause, null);
    const after =
      atMs >= device.toMs
        ? endEquipment(device, moment, atMs >= policy.order.endMs ? 'ORDER_ENDED' : 'ORDER_REVISED')
        : equipmentTime(device, before, policy.numbers, moment);
    state.equipment = { ...state.equipment, [deviceId]: after };
    draft.judged(partOfDevice(deviceId), atMs, true);
  }
}

/** A device is due when it has been silent for too long, and once when its last assignment ends. */
function deviceDueMs(draft: Draft, policy: OrderPolicy, deviceId: DeviceId): number {
  const equipment = draft.state.equipment[deviceId];
  const device = lastAssignment(draft, deviceId);
  if (device === null || equipment === undefined) return Infinity;
  // A tag that its home unit alone has spoken of was never heard, and may have been tampered with all the same.
  const { running } = draft.moment(device.toMs, 'timer', null);
  if (equipment.lastMs === null && !equipmentRuns(running, deviceId)) return Infinity;
  return Math.min(equipmentDueMs(device, equipment, policy.numbers) ?? Infinity, device.toMs);
}

/** The assignment that the device's equipment state belongs to: the last that has begun. */
function lastAssignment({ policy, state }: Draft, deviceId: DeviceId): Assignment | null {
  let last: Assignment | null = null;
  for (const assignment of policy?.devices.get(deviceId) ?? []) {
    if (state.atMs !== null && assignment.fromMs <= state.atMs) last = assignment;
  }
  return last;
}

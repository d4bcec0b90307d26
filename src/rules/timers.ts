/** Due times of one stream: when something must be judged though no record comes, and what is judged then. */
import type { Cause } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { Assignment } from '../domain/order.js';
import { curfewDueMs, initialCurfew, judgeCurfew } from './curfew.js';
import type { Draft } from './draft.js';
import { endEquipment, equipmentDueMs, equipmentTime } from './equipment.js';
import { presenceAt, presenceDueMs } from './presence.js';
import { stepVisitTime, visitDueMs } from './visits.js';

/** The earliest due time that has not fired; null: nothing is due ever. */
export function nextDueMs(draft: Draft): number | null {
  const { policy, state, firedMs } = draft;
  if (policy === null) return null;
  let dueMs = Infinity;
  const consider = (ms: number | null): void => {
    if (ms !== null && ms < dueMs) dueMs = ms;
  };
  const running = draft.moment(firedMs, 'timer', null).running;
  let inWindow = false;
  for (const curfew of policy.curfews) {
    const curfewState = state.curfews[curfew.conditionId] ?? initialCurfew();
    consider(curfewDueMs(curfew, curfewState, running, firedMs));
    inWindow ||= curfewState.window !== null;
  }
  if (inWindow) consider(presenceDueMs(policy.presence, state.units, firedMs));
  for (const zone of policy.zones) {
    const visit = state.visits[zone.conditionId];
    if (visit !== undefined) consider(visitDueMs(zone, visit));
  }
  for (const [deviceId, equipment] of Object.entries(state.equipment) as [
    DeviceId,
    (typeof state.equipment)[DeviceId],
  ][]) {
    const device = lastAssignment(draft, deviceId);
    if (device === null || equipment === undefined) continue;
    consider(equipmentDueMs(device, equipment, policy.numbers));
    // Its last day with this order ends what runs of it, once.
    if (equipment.lastMs !== null) consider(device.toMs);
  }
  return dueMs === Infinity ? null : Math.max(dueMs, firedMs + 1);
}

/** Judges everything that is due at `atMs`, the moment whose records are all in. */
export function fireTimers(draft: Draft, atMs: number, cause: Cause): void {
  const { policy, state } = draft;
  if (policy === null) throw new Error('a stream without a policy has a due time');
  const moment = draft.moment(atMs, cause, null);
  for (const curfew of policy.curfews) {
    const before = state.curfews[curfew.conditionId] ?? initialCurfew();
    const presenceFor = (addresses: readonly string[]) => presenceAt(policy.presence, state.units, addresses, atMs);
    const after = judgeCurfew(curfew, before, presenceFor, moment);
    if (after !== before) state.curfews = { ...state.curfews, [curfew.conditionId]: after };
  }
  for (const zone of policy.zones) {
    const before = state.visits[zone.conditionId];
    if (before === undefined) continue;
    const after = stepVisitTime(zone, before, moment);
    if (after !== before) state.visits = { ...state.visits, [zone.conditionId]: after };
  }
  for (const [deviceId, before] of Object.entries(state.equipment) as [
    DeviceId,
    (typeof state.equipment)[DeviceId],
  ][]) {
    const device = lastAssignment(draft, deviceId);
    if (device === null || before === undefined) continue;
    const after =
      atMs >= device.toMs
        ? endEquipment(device, moment, atMs >= policy.order.endMs ? 'ORDER_ENDED' : 'ORDER_REVISED')
        : equipmentTime(device, before, policy.numbers, moment);
    if (after !== before) state.equipment = { ...state.equipment, [deviceId]: after };
  }
  draft.passTo(atMs, true);
}

/** The assignment that the device's equipment state belongs to: the last that has begun. */
function lastAssignment({ policy, state, firedMs }: Draft, deviceId: DeviceId): Assignment | null {
  let last: Assignment | null = null;
  const nowMs = Math.max(firedMs, state.atMs ?? firedMs);
  for (const assignment of policy?.devices.get(deviceId) ?? []) {
    if (assignment.fromMs <= nowMs) last = assignment;
  }
  return last;
}

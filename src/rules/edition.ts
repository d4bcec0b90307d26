/** An order's policy changes in the course of time: which edition is in force, and what a change does to what runs. */
import type { DeviceId } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import { assignmentAt, meansTheSame, type OrderPolicy } from './compile.js';
import { closeCurfew, initialCurfew, reviseCurfew } from './curfew.js';
import { type Draft, WHOLE } from './draft.js';
import { endEquipment } from './equipment.js';
import type { Moment } from './machine.js';
import { closeVisit, initialVisit } from './visits.js';

/** Null: none has begun. Throws when the edition that the state was made under is not among those given. */
export function policyInForce(editions: readonly OrderPolicy[], state: SubjectState): OrderPolicy | null {
  if (state.edition === 0) return null;
  const policy = editions.find(({ edition }) => edition === state.edition);
  if (policy === undefined) throw new Error(`edition ${state.edition} of an order in force is not at hand`);
  return policy;
}

/**
 * `next` takes over at `atMs`. What means the same in both editions goes on untouched; what does not is closed with its
 * reason, never silently, and judged anew.
 */
export function switchEdition(draft: Draft, next: OrderPolicy, atMs: number): void {
  const former = draft.policy;
  const moment = draft.moment(atMs, 'order_revised', null);
  if (former !== null) {
    reviseCurfews(draft, former, next, moment);
    reviseVisits(draft, former, next, moment);
    reviseEquipment(draft, former, next, moment);
  }
  const { state } = draft;
  const curfews = next.curfews.map(({ conditionId }) => [conditionId, state.curfews[conditionId] ?? initialCurfew()]);
  state.curfews = Object.fromEntries(curfews);
  state.units = Object.fromEntries(
    Object.entries(state.units).filter(([unitId]) => next.presence.units.has(unitId as DeviceId)),
  );
  state.policyRevision = next.order.revision;
  state.edition = next.edition;
  draft.passTo(atMs, false);
  draft.judged(WHOLE, atMs, false);
  draft.policy = next;
}

function reviseCurfews({ state }: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  for (const curfew of former.curfews) {
    const before = state.curfews[curfew.conditionId] ?? initialCurfew();
    const successor = next.curfews.find(({ conditionId }) => conditionId === curfew.conditionId);
    const after =
      successor === undefined
        ? closeCurfew(curfew, before, moment, 'ORDER_REVISED')
        : reviseCurfew(curfew, successor, before, moment);
    state.curfews = { ...state.curfews, [curfew.conditionId]: after };
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

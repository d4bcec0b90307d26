/** How sure a fix is, and whether the tag can have come there since its last good one (§4). */
import type { DeviceId } from '../domain/ids.js';
import type { Policy } from '../domain/policy.js';
import type { LocationFix } from '../domain/record.js';
import type { EquipmentState, SubjectState } from '../domain/subject-state.js';
import { countIntegrity } from './equipment.js';
import { distanceM } from './geometry.js';
import type { Moment } from './machine.js';

type Radii = Pick<Policy, 'gnssRadiusM' | 'wifiRadiusM' | 'otherRadiusM'>;

/** The 95 % radius in metres: the device's own, or what its mechanism can be trusted with. */
export function radiusM(fix: Pick<LocationFix, 'accuracyDm' | 'mechanism'>, numbers: Radii): number {
  if (fix.accuracyDm > 0) return fix.accuracyDm / 10;
  switch (fix.mechanism) {
    case 'GNSS':
      return numbers.gnssRadiusM;
    case 'WIFI':
      return numbers.wifiRadiusM;
    default:
      return numbers.otherRadiusM;
  }
}

/**
 * How long a last good fix is compared with. At 100 m/s anywhere on Earth can be reached in 56 hours, so nothing that comes
 * later contradicts it. A position must not outlive the horizon in a state that is sealed anew (¶17), so a state has it no
 * longer than that; which record it was stays, and for that of before an hour the recent log still has what it said.
 */
export const FIX_REMEMBERED_MS = 60 * 3_600_000;

/** The state without positions that are too old for it at `nowMs`; the same one where there are none. */
export function withoutOldFixes(state: SubjectState, nowMs: number): SubjectState {
  return withEquipment(state, (one) => {
    if (one.lastFix === null || nowMs - one.lastFix.timeMs < FIX_REMEMBERED_MS) return one;
    const { timeMs, hash, radiusM: radius } = one.lastFix;
    return { ...one, lastFix: null, forgottenFix: { timeMs, hash, radiusM: radius } };
  });
}

/** The state with the positions that it has forgotten, as far as `fixOf` has their records; the same one where it has none. */
export function withForgottenFixes(
  state: SubjectState,
  fixOf: (deviceId: DeviceId, ref: NonNullable<EquipmentState['forgottenFix']>) => LocationFix | null,
): SubjectState {
  return withEquipment(state, (one, deviceId) => {
    const { forgottenFix, ...others } = one;
    const fix = forgottenFix === undefined ? null : fixOf(deviceId, forgottenFix);
    if (forgottenFix === undefined || fix === null) return one;
    return { ...others, lastFix: { ...forgottenFix, latE7: fix.latE7, lonE7: fix.lonE7 } };
  });
}

function withEquipment(
  state: SubjectState,
  change: (one: EquipmentState, deviceId: DeviceId) => EquipmentState,
): SubjectState {
  let equipment = state.equipment;
  for (const [deviceId, one] of Object.entries(state.equipment) as [DeviceId, EquipmentState][]) {
    const changed = change(one, deviceId);
    if (changed !== one) equipment = { ...equipment, [deviceId]: changed };
  }
  return equipment === state.equipment ? state : { ...state, equipment };
}

/**
 * Takes a fix of one tag, in event-time order. An implausible one raises `integrity.location_jump`, leaves the last
 * good fix as it was, and is to be shown to no zone. Two fixes of the same instant must overlap.
 */
export function judgeFix(
  deviceId: DeviceId,
  state: EquipmentState,
  fix: LocationFix,
  numbers: Radii & Pick<Policy, 'jumpMS'>,
  moment: Moment,
): { readonly state: EquipmentState; readonly plausible: boolean; readonly radiusM: number } {
  const radius = radiusM(fix, numbers);
  const last = state.lastFix;
  if (last !== null && moment.atMs - last.timeMs < FIX_REMEMBERED_MS) {
    const apartM =
      distanceM(last.lonE7 / 1e7, last.latE7 / 1e7, fix.lonE7 / 1e7, fix.latE7 / 1e7) - last.radiusM - radius;
    if (apartM > (numbers.jumpMS * (moment.atMs - last.timeMs)) / 1000) {
      countIntegrity(moment, 'integrity.location_jump', deviceId);
      return { state, plausible: false, radiusM: radius };
    }
  }
  const hash = moment.record?.hash ?? '';
  const lastFix = { timeMs: moment.atMs, hash, latE7: fix.latE7, lonE7: fix.lonE7, radiusM: radius };
  const { forgottenFix: _, ...others } = state;
  return { state: { ...others, lastFix }, plausible: true, radiusM: radius };
}

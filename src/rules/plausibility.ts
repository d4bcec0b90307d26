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
 * later contradicts it; and a position must not outlive the horizon in a state that is sealed anew (¶17).
 */
export const FIX_REMEMBERED_MS = 60 * 3_600_000;

/** The state without positions that nothing is compared with any more at `nowMs`; the same one where there are none. */
export function withoutOldFixes(state: SubjectState, nowMs: number): SubjectState {
  const old = Object.entries(state.equipment).filter(
    ([, { lastFix }]) => lastFix !== null && nowMs - lastFix.timeMs >= FIX_REMEMBERED_MS,
  );
  if (old.length === 0) return state;
  const forgotten = old.map(([device, one]) => [device, { ...one, lastFix: null }] as const);
  return { ...state, equipment: { ...state.equipment, ...Object.fromEntries(forgotten) } };
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
  return { state: { ...state, lastFix }, plausible: true, radiusM: radius };
}

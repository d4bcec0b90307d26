/**
 * A way through an exclusion zone that no fix shows (§4): two fixes that follow one another, both outside, and the
 * straight path between them inside for longer than both fixes could be wrong by.
 */
import type { RecordRef } from '../domain/record.js';
import { signedDistanceM } from './geometry.js';
import { lengthInsideM, type Place } from './geometry-path.js';
import { close, type Moment, open } from './machine.js';
import type { CompiledZone } from './zone-condition.js';

/** A plausible fix of one tag. */
export interface PlacedFix extends Place {
  readonly timeMs: number;
  readonly radiusM: number;
  readonly ref: RecordRef;
}

/**
 * `to` follows `from`, of the same tag, both judged under the same edition; `distanceM` is that of `to`, as
 * `zoneDistanceM` gives it. Raised at `to`, and over there: both fixes lie in one active window (¶19).
 */
export function inferCrossing(
  zone: CompiledZone,
  from: PlacedFix,
  to: PlacedFix,
  distanceM: number,
  moment: Moment,
): void {
  if (zone.type !== 'exclusion' || to.timeMs - from.timeMs > zone.crossingMs) return;
  if (!outside(distanceM, to.radiusM)) return;
  const insideM = lengthInsideM(zone.shape, from, to);
  if (insideM <= 2 * Math.max(from.radiusM, to.radiusM)) return;
  if (!outside(signedDistanceM(zone.shape, from.lon, from.lat, from.radiusM), from.radiusM)) return;
  const window = zone.windows.windowAt(to.timeMs);
  if (window === null || from.timeMs < window.startMs) return;
  const { conditionId } = zone;
  const type = 'zone.crossing_inferred';
  const records = [from.ref, to.ref];
  open(moment, { kind: 'alert', type, conditionId, startMs: from.timeMs, records });
  const running = moment.running(type, conditionId, null);
  if (running !== null) close(moment, running, to.timeMs, null, null, { records });
}

const outside = (distanceM: number, radiusM: number): boolean => distanceM >= radiusM && distanceM > -radiusM;

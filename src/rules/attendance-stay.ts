/**
 * Where a person is known to have been in relation to one zone: inside, outside, or neither (§4).
 *
 * Inside is a visit; outside is a visit with in and out exchanged, as for an inclusion zone. Each begins at the fix at
 * which the other ends, or where `k` fixes in a row lean its way; so one machine follows both. Of a stay no more is known
 * than up to its last fix that leans to its side: what lies between that and a gap is neither.
 */
import type { Side, ZoneStay } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';
import type { AttendedZone } from './attendance.js';
import { signedDistanceM } from './geometry.js';

export interface SidedFix {
  readonly timeMs: number;
  readonly leans: Side;
  /** By more than its radius. */
  readonly certain: boolean;
}

/** A stretch of time of which the side is known now. */
export interface KnownStretch extends Interval {
  readonly side: Side;
}

/** A position in degrees with its 95 % radius in metres; null where the zone is not known. */
export function sideOf(
  { shape }: AttendedZone,
  { timeMs, lon, lat, radiusM }: { timeMs: number; lon: number; lat: number; radiusM: number },
): SidedFix | null {
  if (shape === null) return null;
  const distanceM = signedDistanceM(shape, lon, lat, radiusM, radiusM);
  return { timeMs, leans: distanceM <= 0 ? 'in' : 'out', certain: Math.abs(distanceM) >= radiusM };
}

/** Takes the next plausible fix. Each moment of time is in one stretch at most, however many fixes come. */
export function stepStay(
  { k, gapMs }: Pick<AttendedZone, 'k' | 'gapMs'>,
  before: ZoneStay | null,
  { timeMs, leans, certain }: SidedFix,
): { readonly stay: ZoneStay; readonly known: readonly KnownStretch[] } {
  const followed = before !== null && timeMs <= before.lostMs ? before : null;
  const side = followed?.side ?? null;
  const openMs = followed?.openMs ?? timeMs;
  const lostMs = timeMs + gapMs;
  if (side === leans) {
    return { stay: { side, openMs: timeMs, run: null, lostMs }, known: [{ side, startMs: openMs, endMs: timeMs }] };
  }
  const running = followed?.run ?? null;
  const run =
    running?.side === leans ? { ...running, count: running.count + 1 } : { side: leans, sinceMs: timeMs, count: 1 };
  const complete = run.count >= k;
  if (!certain && !complete) {
    return { stay: { side, openMs: side === null ? run.sinceMs : openMs, run, lostMs }, known: [] };
  }
  const known: KnownStretch[] = [];
  // where both are complete the shorter stay stands, on either side
  if (side !== null) known.push({ side, startMs: openMs, endMs: complete ? run.sinceMs : timeMs });
  known.push({ side: leans, startMs: certain ? timeMs : run.sinceMs, endMs: timeMs });
  return { stay: { side: leans, openMs: timeMs, run: null, lostMs }, known };
}

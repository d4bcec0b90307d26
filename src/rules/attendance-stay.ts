/**
 * Where a person is known to have been in relation to one zone: inside, outside, or neither (§4).
 *
 * Inside is a visit; outside is a visit with in and out exchanged, as for an inclusion zone. Each begins at the fix at
 * which the other ends, or where `k` fixes in a row lean its way; so one machine follows both. Of a stay no more is known
 * than up to its last fix that leans to its side: what lies between that and a gap is neither.
 */
import type { RecordRef } from '../domain/record.js';
import type { Side, ZoneStay } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';
import type { AttendedZone } from './attendance.js';
import { signedDistanceM } from './geometry.js';

export interface SidedFix {
  readonly leans: Side;
  /** By more than its radius. */
  readonly certain: boolean;
  readonly ref: RecordRef;
}

/** A stretch of time of which the side is known now. */
export interface KnownStretch extends Interval {
  readonly side: Side;
}

/** A position in degrees and its 95 % radius in metres; null where the zone is not known. */
export function sideOf(zone: AttendedZone, lon: number, lat: number, radiusM: number, ref: RecordRef): SidedFix | null {
  if (zone.shape === null) return null;
  const distanceM = signedDistanceM(zone.shape, lon, lat, radiusM);
  if (distanceM <= -radiusM) return { leans: 'in', certain: true, ref };
  if (distanceM >= radiusM) return { leans: 'out', certain: true, ref };
  return { leans: distanceM <= 0 ? 'in' : 'out', certain: false, ref };
}

/** Takes the next plausible fix; stretches come oldest first, each moment of time at most once. */
export function stepStay(
  zone: Pick<AttendedZone, 'k' | 'gapMs'>,
  before: ZoneStay | null,
  fix: SidedFix,
): { readonly stay: ZoneStay; readonly known: readonly KnownStretch[] } {
  const { leans, certain, ref: lastFix } = fix;
  const { timeMs } = lastFix;
  const gone = before !== null && timeMs - before.lastFix.timeMs > zone.gapMs;
  const { side, sureMs, run: running } = gone || before === null ? NOWHERE : before;
  if (side === leans) {
    return { stay: { side, sureMs: timeMs, run: null, lastFix }, known: [{ side, startMs: sureMs, endMs: timeMs }] };
  }
  const run =
    running?.side === leans ? { ...running, count: running.count + 1 } : { side: leans, sinceMs: timeMs, count: 1 };
  const complete = run.count >= zone.k;
  if (!certain && !complete) return { stay: { side, sureMs, run, lastFix }, known: [] };

  const known: KnownStretch[] = [];
  // where both are complete the shorter stay stands, on either side
  if (side !== null) known.push({ side, startMs: sureMs, endMs: complete ? run.sinceMs : timeMs });
  known.push({ side: leans, startMs: certain ? timeMs : run.sinceMs, endMs: timeMs });
  return { stay: { side: leans, sureMs: timeMs, run: null, lastFix }, known };
}

const NOWHERE = { side: null, sureMs: 0, run: null } as const;

/** Before this moment no later fix makes anything known. */
export function openSinceMs({ side, sureMs, run, lastFix }: ZoneStay): number {
  return side === null ? (run?.sinceMs ?? lastFix.timeMs) : sureMs;
}

/** When it is too long since the last fix: nothing after `openSinceMs` will be known. */
export function lostMs(zone: Pick<AttendedZone, 'gapMs'>, { lastFix }: ZoneStay): number {
  return lastFix.timeMs + zone.gapMs;
}

/** A morning's walk by the sea, a fix a minute, that leads through a circle for ten minutes; no two coordinates are the same. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const START_MS = Date.parse('2026-03-09T06:00:00Z');

/** A circle in the North Sea. */
export const VISIT = { center: [2.5, 56.0] as const, radius_m: 300 };

const METRE_LAT_E7 = 90;
const MINUTES = 360;
/** In the middle of the circle. */
const MIDDLE = 185;
const PACE_M = 50;

export interface WalkFix {
  readonly timeMs: number;
  readonly latE7: number;
  readonly lonE7: number;
}

/** Up the meridian and through the circle, a little to the east with each step. */
export function walk(): WalkFix[] {
  return Array.from({ length: MINUTES }, (_, i) => ({
    timeMs: START_MS + i * MINUTE_MS,
    latE7: Math.round(VISIT.center[1] * 1e7) + (i - MIDDLE) * PACE_M * METRE_LAT_E7 + ((i * 7) % 89),
    lonE7: Math.round(VISIT.center[0] * 1e7) + i * 13 + ((i * 131) % 11),
  }));
}

/** How far one can go from a position before a zone can have anything new to say: the safe radius. */
import { type CompiledShape, signedDistanceM } from './geometry.js';

/** Nearer to a pole a degree of longitude changes too fast to be reckoned with here: nothing is safe there. */
const LAT_MAX = 80;
/** Nobody goes farther between two looks, and the bound below is for as far as this. */
export const CLEARANCE_M_MAX = 25_000;
/** `distanceM` is right to 1 mm over such lengths; that twice, and whatever rounding does. */
const SLACK_M = 0.01;
/** The least radius of curvature of a meridian (at the equator), metres. */
const MERIDIAN_M_MIN = 6_335_439;
const RAD = Math.PI / 180;

/**
 * A clearance c in metres, 0 ≤ c ≤ `capM`: every position p with `distanceM(here, p)` ≤ c is on the same side of the shape
 * as here (degrees), and `|signedDistanceM(shape, p)|` ≥ c − `distanceM(here, p)`. So a fix at p that is uncertain by a
 * radius of up to c − `distanceM(here, p)` is as surely inside or outside as one here; and where a margin must stay clear as
 * well (a buffer), take it off c. It falls short of the distance by under 1 % within 10 km up to 70° of latitude. Never more than
 * `CLEARANCE_M_MAX`; 0 where nothing can be said: beyond 80° (of circles it can, anywhere), and of what is wider than
 * half the earth.
 */
export function clearanceM(shape: CompiledShape, lon: number, lat: number, capM: number): number {
  const farM = Math.min(capM, CLEARANCE_M_MAX);
  if (!(farM > 0)) return 0;
  if (shape.kind === 'polygons' && (shape.wide || !(Math.abs(lat) <= LAT_MAX))) return 0;
  // A little more than what is asked for, so that who is farther gets all of it. Beyond, the answer is only some value.
  const enoughM = farM / 0.9 + 1;
  const distanceM = Math.min(Math.abs(signedDistanceM(shape, lon, lat, enoughM, enoughM)), enoughM);
  const surelyM = shape.kind === 'circle' ? distanceM : shrunkM(distanceM, lat);
  return Math.max(0, Math.min(farM, surelyM - SLACK_M));
}

/**
 * The distance is reckoned in the position's own plane, which stretches what lies north or south of it.
 *
 * Let P(h, b) be the distance from h to a point b of the boundary in h's plane, g that on the ground, and say that degrees
 * have lengths within a factor ρ of each other wherever we come to. Then P/g and g/P are at most ρ. Were there a p with
 * g(h, p) = r ≤ c and P(p, b) < c − r, then g(h, b) < r + ρ (c − r) ≤ ρ c, and P(h, b) < ρ² c. So c = d / ρ² is safe, d being
 * the least P(h, b); and as g(h, b) ≥ c, the way from h to p crosses no boundary.
 *
 * The length of a degree of longitude changes by tan φ a radian of latitude, that of latitude by under 0.0102. All
 * happens within 1.03 c of h, and either factor spans at most that: ln ρ² ≤ 2.06 c (tan φ + 0.011) / M, and 1 − x ≤ e⁻ˣ.
 */
function shrunkM(distanceM: number, lat: number): number {
  const reach = (1.05 * distanceM) / MERIDIAN_M_MIN;
  return distanceM * (1 - 2 * reach * (Math.tan(Math.abs(lat) * RAD + reach) + 0.011));
}

/**
 * Which of an order's zones a fix can say anything of: their boxes in one row, looked through before any zone is asked.
 * On the way of every fix (`bench/step`): with ten zones and more most are nowhere near.
 */
import type { CompiledShape } from './geometry.js';
import { marginDeg } from './geometry.js';

/** Degrees. */
interface Place {
  readonly lon: number;
  readonly lat: number;
}

export interface ZoneReach {
  /** West, east, south and north of each zone, in the order of the conditions; of those that must be asked, everywhere. */
  readonly boxes: Float64Array;
  /** The widest buffer around any of them, metres. */
  readonly bufferM: number;
}

/** Where a fix, and the way to it, can have anything to do with a zone, degrees. */
export interface Span {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

interface Zone {
  readonly type: 'exclusion' | 'inclusion';
  readonly shape: CompiledShape;
  readonly approach: { readonly bufferM: number } | null;
}

/** Nearer to the antimeridian or to a pole all zones are asked: boxes may lie a turn away, and degrees are no measure. */
const LON_MAX = 178;
const LAT_MAX = 80;

export function reachOf(zones: readonly Zone[]): ZoneReach {
  const boxes = new Float64Array(4 * zones.length);
  let bufferM = 0;
  for (const [i, { type, shape, approach }] of zones.entries()) {
    const { west, east, south, north } = shape;
    const isPlain = west > -LON_MAX && east < LON_MAX && south > -LAT_MAX && north < LAT_MAX;
    // Who is far from an inclusion zone is not where they should be.
    const box =
      type === 'exclusion' && isPlain ? [west, east, south, north] : [-Infinity, Infinity, -Infinity, Infinity];
    boxes.set(box, 4 * i);
    bufferM = Math.max(bufferM, approach?.bufferM ?? 0);
  }
  return { boxes, bufferM };
}

/** Around a fix of that radius, and the straight way to it from the one before. */
export function spanOf({ bufferM }: ZoneReach, from: Place | null, to: Place, radiusM: number): Span {
  const margin = marginDeg(to.lat, radiusM + 1.01 * bufferM + 1);
  const [fromLon, fromLat] = from === null ? [to.lon, to.lat] : [from.lon, from.lat];
  return {
    west: Math.min(fromLon, to.lon - margin.lon),
    east: Math.max(fromLon, to.lon + margin.lon),
    south: Math.min(fromLat, to.lat - margin.lat),
    north: Math.max(fromLat, to.lat + margin.lat),
  };
}

/** Whether the zone at `index` has nothing to do with it: the fix is surely outside, buffer and all, and so was the way. */
export function isBeyond({ boxes }: ZoneReach, index: number, { west, east, south, north }: Span): boolean {
  const at = 4 * index;
  return (
    west > (boxes[at + 1] as number) ||
    east < (boxes[at] as number) ||
    south > (boxes[at + 3] as number) ||
    north < (boxes[at + 2] as number)
  );
}

/** The side of a point by exact arithmetic, as a definition: written from RFC 7946, knowing nothing of the rules' code. */
import type { Polygon, Position } from '../../src/domain/zone.js';

/** A double as a whole number of 2⁻¹²⁰ degrees; nothing is lost while it is no smaller than 2⁻⁶⁷ (or 0). */
const exact = (degrees: number): bigint => {
  const scaled = degrees * 2 ** 120;
  if (!Number.isSafeInteger(degrees) && scaled !== 0 && !Number.isInteger(scaled)) throw new Error(`${degrees}`);
  return BigInt(scaled);
};
const TURN = exact(360);

/**
 * Even-odd rule in the plane of longitude and latitude, in which edges are straight (§3.1.1). `unwrapped` takes each
 * edge over half a turn the short way, as of rings that were not cut at the antimeridian; the point is then looked for
 * at every turn.
 */
export function exactlyInside(polygons: readonly Polygon[], [lon, lat]: Position, unwrapped = false): boolean {
  let inside = false;
  for (const turn of unwrapped ? [-TURN, 0n, TURN] : [0n]) {
    const x = exact(lon) + turn;
    for (const ring of polygons.flat()) {
      let shift = 0n;
      for (let i = 1; i < ring.length; i++) {
        const [ax, ay] = ring[i - 1] as Position;
        const [bx, by] = ring[i] as Position;
        const [from, step] = [exact(ax) + shift, bx - ax];
        if (unwrapped && step > 180) shift -= TURN;
        if (unwrapped && step < -180) shift += TURN;
        // comparing doubles is exact by itself
        if (ay > lat === by > lat) continue;
        const [dx, dy] = [exact(bx) + shift - from, exact(by) - exact(ay)];
        const cross = (from - x) * dy - (exact(ay) - exact(lat)) * dx;
        if (cross > 0n === dy > 0n && cross !== 0n) inside = !inside;
      }
    }
  }
  return inside;
}

const A = 6_378_137;
const E2 = 6.69437999014e-3;

/** Metres of a degree at a latitude, by the ellipsoid's two radii of curvature. */
export function metresPerDegree(lat: number): { lon: number; lat: number } {
  const phi = (lat * Math.PI) / 180;
  const w2 = 1 - E2 * Math.sin(phi) ** 2;
  return {
    lon: ((A * Math.cos(phi)) / Math.sqrt(w2)) * (Math.PI / 180),
    lat: ((A * (1 - E2)) / w2 ** 1.5) * (Math.PI / 180),
  };
}

/** Metres to the nearest edge in the point's own plane; only says who stands in the band, so doubles will do. */
export function nearestEdgeM(polygons: readonly Polygon[], [lon, lat]: Position): number {
  const per = metresPerDegree(lat);
  let nearest = Number.POSITIVE_INFINITY;
  for (const ring of polygons.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = ring[i - 1] as Position;
      const [bx, by] = ring[i] as Position;
      let step = bx - ax;
      if (Math.abs(step) > 180 && Math.abs(step) < 360) step -= 360 * Math.sign(step);
      for (const turn of [-360, 0, 360]) {
        const [px, py] = [(lon + turn - ax) * per.lon, (lat - ay) * per.lat];
        const [dx, dy] = [step * per.lon, (by - ay) * per.lat];
        const length2 = dx * dx + dy * dy;
        const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
        nearest = Math.min(nearest, Math.hypot(px - t * dx, py - t * dy));
      }
    }
  }
  return nearest;
}

/** A zone's rings on one continuous run of longitudes, as they were written wherever that is possible. */
import type { Polygon, Ring } from '../domain/zone.js';
import { joinSeam } from './geometry-seam.js';

/**
 * Chains (`lon, lat, lon, lat, …` in degrees) of all rings; a chain is a ring, or what is left of one at the
 * antimeridian. A position keeps its own longitude, or gets whole turns added: the side of a point is then decided by
 * the very numbers that were written. Empty rings are nothing.
 */
export function chainsOf(polygons: readonly Polygon[]): number[][] {
  const rings: number[][] = [];
  let first: number | null = null;
  for (const polygon of polygons) {
    let near: number | null = first;
    for (const ring of polygon) {
      const start = ring[0]?.[0];
      if (start === undefined) continue;
      first ??= start;
      const flat = unwrap(ring, near === null ? 0 : turnsTowards(start, near));
      near = flat[0] as number;
      rings.push(flat);
    }
  }
  return joinSeam(rings);
}

/** Degrees (whole turns) that bring a longitude to within half a turn of another; none where it is so already. */
const turnsTowards = (lon: number, near: number): number =>
  Math.abs(near - lon) <= 180 ? 0 : 360 * Math.round((near - lon) / 360);

/**
 * An edge longer than half a turn is meant to go the short way, across the antimeridian: people write
 * `179.9, -179.9`. One of exactly half a turn or a whole one (along a map's lower rim) has no shorter way and stays as it
 * is written, and so does a ring that would not close: it goes around a pole.
 */
function unwrap(ring: Ring, turnsDeg: number): number[] {
  const flat: number[] = [];
  let shift = turnsDeg;
  let before = ring[0]?.[0] ?? 0;
  for (const [lon, lat] of ring) {
    const step = lon - before;
    if (step > 180 && step < 360) shift -= 360;
    else if (step < -180 && step > -360) shift += 360;
    flat.push(lon + shift, lat);
    before = lon;
  }
  return shift === turnsDeg ? flat : ring.flatMap(([lon, lat]) => [lon + turnsDeg, lat]);
}

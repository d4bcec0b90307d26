/** A zone's rings on one continuous run of longitudes, as they were written wherever that is possible. */
import type { Polygon, Ring } from '../domain/zone.js';
import { joinSeam } from './geometry-seam.js';

/**
 * Chains (`lon, lat, lon, lat, …` in degrees) of all rings; a chain is a ring, or what is left of one at the
 * antimeridian. Empty rings are nothing.
 */
export function chainsOf(polygons: readonly Polygon[]): number[][] {
  const rings = unwrapped(polygons).flat();
  return joinSeam(rings.filter((ring) => ring.length > 0).map((ring) => ring.flat()));
}

/**
 * The same polygons without a jump from 180 to −180. A position keeps its own longitude, or gets whole turns added: the
 * side of a point is then decided by the very numbers that were written.
 */
export function unwrapped(polygons: readonly Polygon[]): Polygon[] {
  let first: number | null = null;
  return polygons.map((polygon) => {
    let near: number | null = first;
    return polygon.map((ring) => {
      const start = ring[0]?.[0];
      if (start === undefined) return ring;
      first ??= start;
      const found = unwrap(ring, near === null ? 0 : turnsTowards(start, near));
      near = found[0]?.[0] ?? near;
      return found;
    });
  });
}

/** Has a ring edges that are taken the short way, across the antimeridian? One around a pole stays as it is written. */
export function crossesAntimeridian(ring: Ring): boolean {
  const turns = ring.slice(1).map((_, i) => turnOf(ring, i + 1));
  return turns.some((turn) => turn !== 0) && turns.reduce((sum, turn) => sum + turn, 0) === 0;
}

/** Degrees (whole turns) that bring a longitude to within half a turn of another; none where it is so already. */
const turnsTowards = (lon: number, near: number): number =>
  Math.abs(near - lon) <= 180 ? 0 : 360 * Math.round((near - lon) / 360);

/**
 * Degrees to add from position `i` on. An edge longer than half a turn is meant to go the short way: people write
 * `179.9, -179.9`. One of exactly half a turn or a whole one (along a map's lower rim) has no shorter way and stays as it
 * is written.
 */
function turnOf(ring: Ring, i: number): number {
  const step = (ring[i]?.[0] ?? 0) - (ring[i - 1]?.[0] ?? 0);
  if (step > 180 && step < 360) return -360;
  return step < -180 && step > -360 ? 360 : 0;
}

function unwrap(ring: Ring, turnsDeg: number): Ring {
  let shift = turnsDeg;
  const shifts = ring.map((_, i) => {
    if (i > 0) shift += turnOf(ring, i);
    return shift;
  });
  // one that would not close goes around a pole: it stays as it is written
  const closes = shift === turnsDeg;
  return ring.map(([lon, lat], i) => [lon + (closes ? (shifts[i] as number) : turnsDeg), lat]);
}

/** Made-up ground: flat metres around a centre, and rings that wind around a spot without crossing themselves. */
import type { Position, Ring } from '../../src/domain/zone.js';
import type { Random } from '../../src/sim/random.js';

/** Metres east and north of an area's centre. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Degrees. */
export interface Area {
  readonly lon: number;
  readonly lat: number;
}

const DEGREE_M = 111_250;

/** Degrees to seven decimals, as the wire carries them. */
export function positionOf(area: Area, { x, y }: Spot): Position {
  const lon = area.lon + x / (DEGREE_M * Math.cos((area.lat * Math.PI) / 180));
  const lat = area.lat + y / DEGREE_M;
  return [Math.round(lon * 1e7) / 1e7, Math.round(lat * 1e7) / 1e7];
}

export function spotAt(from: Spot, angle: number, distanceM: number): Spot {
  return { x: from.x + distanceM * Math.cos(angle), y: from.y + distanceM * Math.sin(angle) };
}

/** A spot in any direction, from `nearM` to `farM` metres away. */
export function spotAround(random: Random, from: Spot, nearM: number, farM: number): Spot {
  return spotAt(from, random.between(0, 2 * Math.PI), random.between(nearM, farM));
}

/** A closed ring of so many vertices, at most `radiusM` from the middle and at least 0.6 of it. */
export function ring(random: Random, area: Area, middle: Spot, vertices: number, radiusM: number): Ring {
  const positions = Array.from({ length: vertices }, (_, i) =>
    positionOf(area, spotAt(middle, (2 * Math.PI * i) / vertices, radiusM * random.between(0.6, 1))),
  );
  return [...positions, positions[0] as Position];
}

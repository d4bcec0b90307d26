/** Positions written as [latitude, longitude]: found where the order's country says that the other way round fits. */
import type { Problem } from '../domain/problem.js';
import type { Position, ZoneShape } from '../domain/zone.js';

type Box = readonly [lonMin: number, latMin: number, lonMax: number, latMax: number];

/** Generous boxes around what a time zone's people live in. A zone that is not here is not guessed at. */
const COUNTRIES: Readonly<Record<string, Box>> = {
  'Europe/London': [-9, 49, 2, 61],
  'Europe/Belfast': [-9, 49, 2, 61],
  'Europe/Isle_of_Man': [-9, 49, 2, 61],
  'Europe/Jersey': [-3, 48.5, -1.5, 50],
  'Europe/Guernsey': [-3, 48.5, -1.5, 50],
  'Europe/Dublin': [-11, 51, -5, 56],
  'Europe/Amsterdam': [3, 50.5, 7.5, 54],
  'Europe/Berlin': [5.5, 47, 15.5, 55.5],
  'Europe/Brussels': [2, 49, 7, 52],
  'Europe/Madrid': [-10, 35, 5, 44.5],
  'Europe/Paris': [-5.5, 41, 10, 51.5],
  'Europe/Rome': [6, 35, 19, 47.5],
  'Europe/Warsaw': [14, 48.5, 24.5, 55],
};

/** A position or shape outside the country of which every position, swapped, lies inside it; null when it does not. */
export function swappedProblem(where: Position | ZoneShape, timeZone: string, path: string): Problem | null {
  const box = Object.hasOwn(COUNTRIES, timeZone) ? COUNTRIES[timeZone] : undefined;
  if (box === undefined) return null;
  const positions = positionsOf(where);
  const outside = positions.some(([lon, lat]) => !within(box, lon, lat));
  if (!outside || !positions.every(([lon, lat]) => within(box, lat, lon))) return null;
  return {
    path,
    expected: `GeoJSON's [longitude, latitude], in the country of ${timeZone}`,
    got: 'what looks like [latitude, longitude]',
  };
}

function positionsOf(where: Position | ZoneShape): readonly Position[] {
  if (!('kind' in where)) return [where];
  return where.kind === 'circle' ? [where.center] : where.polygons.flatMap((rings) => rings.flat());
}

const within = ([lonMin, latMin, lonMax, latMax]: Box, lon: number, lat: number): boolean =>
  lon >= lonMin && lon <= lonMax && lat >= latMin && lat <= latMax;

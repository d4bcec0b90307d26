/** Zones of every form: stars with holes, several polygons, circles, boxes over the antimeridian. */
import { vincentyTo } from '../../rules/geodesic.js';
import type { LonLat, RingJson, ZoneJson } from '../contract.js';
import type { Chance } from './chance.js';

export const around = (center: LonLat, azimuth: number, metres: number): LonLat => {
  const [lon, lat] = vincentyTo(center[0], center[1], azimuth, metres);
  return [round(lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon), round(lat)];
};
const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;

export function someZone(chance: Chance, center: LonLat): ZoneJson {
  const crosses = Math.abs(center[0]) === 180;
  if (chance.is(0.25)) return { type: 'Circle', center, radius_m: chance.pick([50, 250, chance.int(80, 900), 3_000]) };
  if (crosses) return boxesOver(chance, center[1]);
  const radius = chance.pick([120, 300, chance.int(150, 900)]);
  if (chance.is(0.25)) {
    const count = chance.int(2, 3);
    const coordinates = Array.from({ length: count }, (_, i) =>
      star(chance, around(center, (360 / count) * i, 2.2 * radius), radius),
    );
    return { type: 'MultiPolygon', coordinates };
  }
  return { type: 'Polygon', coordinates: star(chance, center, radius) };
}

/** A polygon of random corners, and at times a hole in its middle. */
function star(chance: Chance, center: LonLat, radius: number): RingJson[] {
  const rings = [corners(chance, center, chance.int(5, 12), radius)];
  if (chance.is(0.35)) rings.push(corners(chance, center, chance.int(3, 6), radius * 0.3));
  return rings;
}

function corners(chance: Chance, center: LonLat, count: number, radius: number): RingJson {
  const turn = chance.between(0, 360);
  const ring = Array.from({ length: count }, (_, i) =>
    around(center, turn + (360 / count) * (i + chance.between(-0.3, 0.3)), radius * chance.between(0.6, 1)),
  );
  const wound = chance.is(0.5) ? ring : [...ring].reverse();
  return [...wound, wound[0] as LonLat];
}

/** A box over the antimeridian, cut there as RFC 7946 §3.1.9 wants it. */
function boxesOver(chance: Chance, lat: number): ZoneJson {
  const [width, height] = [chance.between(0.002, 0.01), chance.between(0.001, 0.006)];
  const [south, north] = [round(lat - height), round(lat + height)];
  const box = (west: number, east: number): RingJson[] => [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ];
  return { type: 'MultiPolygon', coordinates: [box(round(180 - width), 180), box(-180, round(-180 + width * 0.7))] };
}

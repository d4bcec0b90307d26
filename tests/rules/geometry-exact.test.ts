/**
 * The side of a point agrees with exact arithmetic at every place and size, outside a band of 1 mm about an edge.
 * `POINTS=1000000` asks as many (under a minute); by itself it asks enough for every kind of zone.
 */
import t from 'tap';
import type { Polygon, Position, Ring } from '../../src/domain/zone.js';
import { compileShape, signedDistanceM } from '../../src/rules/geometry.js';
import { exactlyInside, metresPerDegree, nearestEdgeM } from './exact-side.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
const points = Number(process.env.POINTS ?? 100_000);
t.comment(`SEED=${seed} POINTS=${points}`);

/** Metres about an edge in which the side may be either; the acceptance says 1 mm. */
const BAND_M = 0.001;

type Random = () => number;
interface Zone {
  readonly polygons: readonly Polygon[];
  readonly unwrapped?: boolean;
}

/** A ring that never crosses itself: radii wander around a centre in the plane. */
function star(random: Random, [lon, lat]: Position, wide: number, high: number, corners: number): Ring {
  const ring = Array.from({ length: corners }, (_, i): Position => {
    const [angle, radius] = [(2 * Math.PI * i) / corners, 0.4 + 0.6 * random()];
    return [lon + wide * radius * Math.cos(angle), lat + high * radius * Math.sin(angle)];
  });
  return [...ring, ring[0] as Position];
}
const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
const between = (random: Random, low: number, high: number) => low + (high - low) * random();
/** 1 m to `most` m, every order of magnitude as likely. */
const size = (random: Random, most: number) => most ** random();

const KINDS: Readonly<Record<string, (random: Random) => Zone>> = {
  'a zone of a street or a town, anywhere'(random) {
    const centre: Position = [between(random, -179, 179), between(random, -84, 84)];
    const [metres, per] = [size(random, 30_000), metresPerDegree(centre[1])];
    const corners = 3 + Math.floor(40 * random());
    return { polygons: [[star(random, centre, Math.min(0.9, metres / per.lon), metres / per.lat, corners)]] };
  },
  'a zone with holes, and another polygon in a hole'(random) {
    const centre: Position = [between(random, -179, 179), between(random, -80, 80)];
    const r = (size(random, 5_000) + 4) / 111_000;
    const hole = star(random, centre, 0.3 * r, 0.3 * r, 9);
    return { polygons: [[box(centre[0] - r, centre[1] - r, centre[0] + r, centre[1] + r), hole], [shrunk(hole)]] };
  },
  'polygons that touch at a position'(random) {
    const [lon, lat] = [between(random, -5, 5), between(random, 50, 60)];
    const r = (size(random, 5_000) + 4) / 111_000;
    return { polygons: [[box(lon - r, lat - r, lon, lat)], [box(lon, lat, lon + 2 * r, lat + r)]] };
  },
  'across the prime meridian and the equator'(random) {
    const r = (size(random, 50_000) + 4) / 111_000;
    return { polygons: [[star(random, [between(random, -r, r), between(random, -r, r)], r, r, 12)]] };
  },
  'a country or a hemisphere'(random) {
    const [wide, high] = [between(random, 1, 85), between(random, 1, 40)];
    const centre: Position = [between(random, wide - 180, 180 - wide), between(random, -45, 45)];
    return { polygons: [[star(random, centre, wide, high, 4 + Math.floor(60 * random()))]] };
  },
  'of hundreds of positions, with holes'(random) {
    const centre: Position = [between(random, -170, 170), between(random, -80, 80)];
    const r = (size(random, 400_000) + 4) / 111_000;
    const corners = () => 3 + Math.floor(300 * random());
    const hole = (at: number) => star(random, [centre[0] + at * r, centre[1]], 0.1 * r, 0.1 * r, corners());
    return { polygons: [[star(random, centre, r, r, 65 + corners()), hole(0), hole(0.25)]] };
  },
  'half of the map and more'(random) {
    const [west, east] = [between(random, -180, -100), between(random, 100, 180)];
    const ring: Position[] = [
      [west, -80],
      [0, -89],
      [east, -70],
      [east, 75],
      [0, 89],
      [west, 80],
      [west, -80],
    ];
    return { polygons: [[ring, box(between(random, -90, -1), -9, 90 * random(), 9)]] };
  },
  'near a pole'(random) {
    const lat = (random() < 0.5 ? 1 : -1) * (90 - 10 ** between(random, -2, 0.5));
    const room = 90 - Math.abs(lat);
    return { polygons: [[star(random, [between(random, -130, 130), lat], between(random, 0.01, 40), 0.9 * room, 9)]] };
  },
  'cut in two at the antimeridian'(random) {
    const [lat, r] = [between(random, -70, 70), (size(random, 50_000) + 4) / 111_000];
    return { polygons: [[box(180 - r, lat, 180, lat + r)], [box(-180, lat, -180 + 2 * r, lat + r)]], unwrapped: true };
  },
  'written across the antimeridian'(random) {
    const r = (size(random, 50_000) + 4) / 111_000;
    const centre: Position = [180 + r * between(random, -1, 1), between(random, -70, 70)];
    const onMap = (lon: number) => (lon > 180 ? lon - 360 : lon);
    const ring = star(random, centre, r, r, 14).map(([lon, lat]): Position => [onMap(lon), lat]);
    return { polygons: [[ring]], unwrapped: true };
  },
  'on a grid, where many positions share a latitude'(random) {
    const step = 2 ** -Math.floor(4 + 16 * random());
    const [lon, lat] = [Math.floor(between(random, -90, 90)), Math.floor(between(random, -80, 80))];
    const heights = Array.from({ length: 12 }, () => 1 + Math.floor(5 * random()));
    const top = heights.flatMap((h, i): Position[] => [
      [lon + step * i, lat + step * h],
      [lon + step * (i + 1), lat + step * h],
    ]);
    return {
      polygons: [[[[lon, lat], ...top, [lon + step * 12, lat], [lon, lat]].map(([x, y]) => [x, y] as Position)]],
    };
  },
};

/** The same ring about its middle, half as large. */
function shrunk(ring: Ring): Ring {
  const n = ring.length - 1;
  const [cx, cy] = ring.slice(1).reduce(([x, y], at) => [x + at[0] / n, y + at[1] / n], [0, 0]);
  return ring.map(([x, y]) => [cx + (x - cx) / 4, cy + (y - cy) / 4]);
}

/** Most points beside an edge, where it is decided; the others where rays meet corners, and anywhere. */
function point(random: Random, zone: Zone): Position {
  const ring = pick(random, pick(random, zone.polygons));
  const i = 1 + Math.floor((ring.length - 1) * random());
  const [ax, ay] = ring[i - 1] as Position;
  const [bx, by] = ring[i] as Position;
  const step = Math.abs(bx - ax) > 180 && zone.unwrapped ? bx - ax - 360 * Math.sign(bx - ax) : bx - ax;
  const how = random();
  const flat = ring.map(([, lat]) => lat);
  if (how < 0.1) return [between(random, -180, 180), ay];
  if (how < 0.2) return onMap(ax + step * between(random, -3, 3), pick(random, flat));
  if (how < 0.3) return onMap(ax, ay + (by - ay) * between(random, -3, 3));
  if (how < 0.4) {
    return onMap(ax + step * between(random, -2, 2), between(random, Math.min(...flat), Math.max(...flat)));
  }
  // beside the edge, from just outside the band to 10 m
  const along = how < 0.5 ? between(random, -0.01, 0.01) : random();
  const [lon, lat] = [ax + step * along, ay + (by - ay) * along];
  const per = metresPerDegree(lat);
  const [dx, dy] = [step * per.lon, (by - ay) * per.lat];
  const off = ((random() < 0.5 ? 1.1 : -1.1) * BAND_M * 10_000 ** random()) / (Math.hypot(dx, dy) || 1);
  return onMap(lon - (off * dy) / per.lon, lat + (off * dx) / per.lat);
}
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(from.length * random())] as T;
const onMap = (lon: number, lat: number): Position => [
  Math.abs(lon) <= 180 ? lon : lon - 360 * Math.round(lon / 360),
  Math.max(-90, Math.min(90, lat)),
];

for (const [what, make] of Object.entries(KINDS)) {
  t.test(`the side is that of exact arithmetic: ${what}`, async (t) => {
    const random = seeded(seed + what.length);
    let [asked, inBand, inside, beside] = [0, 0, 0, 0];
    while (asked + inBand < points / Object.keys(KINDS).length) {
      const zone = make(random);
      const shape = compileShape({ kind: 'polygons', polygons: zone.polygons });
      for (let n = 0; n < 50; n++) {
        const at = point(random, zone);
        const nearestM = nearestEdgeM(zone.polygons, at);
        if (nearestM < BAND_M) {
          inBand++;
          continue;
        }
        asked++;
        const got = signedDistanceM(shape, at[0], at[1]);
        const want = exactlyInside(zone.polygons, at, zone.unwrapped);
        if (got < 0 !== want || got === 0) t.fail(`${JSON.stringify(at)} in ${JSON.stringify(zone)}: ${got}`);
        // the twin's distance is of the same plane; it knows no seam, and half a turn away (over a pole, too) sees other edges
        const compared = zone.unwrapped !== true && nearestM < 1e6 && Math.abs(at[1]) < 85;
        if (compared && Math.abs(Math.abs(got) - nearestM) > 1e-6 + 1e-9 * nearestM) {
          t.fail(`${got} for ${nearestM} at ${JSON.stringify(at)} of ${JSON.stringify(zone)}`);
        }
        if (want) inside++;
        if (nearestM < 0.01) beside++;
      }
    }
    t.comment(`${asked} points, ${inside} inside, ${beside} within 1 cm; ${inBand} in the band of 1 mm not asked`);
    t.ok(inside > asked / 20 && inside < asked && beside > asked / 50, 'all sorts of points were asked');
  });
}

t.test('every position of a zone is on its boundary', async (t) => {
  const random = seeded(seed);
  let asked = 0;
  for (const make of Object.values(KINDS)) {
    for (let n = 0; n < 20; n++) {
      const { polygons } = make(random);
      const shape = compileShape({ kind: 'polygons', polygons });
      // where two polygons were cut apart no boundary is left between
      for (const [lon, lat] of polygons.flat(2)) {
        if (Math.abs(lon) === 180) continue;
        asked++;
        if (signedDistanceM(shape, lon, lat) !== 0) t.fail(`${lon} ${lat} of ${JSON.stringify(polygons)}`);
      }
    }
  }
  t.ok(asked > 1_000, `${asked} positions`);
});

/**
 * Zones of many edges by their definition: every edge is looked at, one after the other. `ZONES=2000` asks about as many of
 * each kind.
 */
import t from 'tap';
import type { Polygon, Position, Ring, ZoneShape } from '../../src/domain/zone.js';
import { compileShape, signedDistanceM } from '../../src/rules/geometry.js';
import { metresPerDegree } from './exact-side.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
const ZONES = Number(process.env.ZONES ?? 120);
t.comment(`SEED=${seed} ZONES=${ZONES}`);

type Random = () => number;
const between = (random: Random, low: number, high: number) => low + (high - low) * random();
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(from.length * random())] as T;

/** Signed metres in the point's plane, by the even-odd rule. Rings that were cut at the antimeridian are joined before. */
function plainM(rings: readonly Ring[], [lon, lat]: Position): number {
  const per = metresPerDegree(lat);
  let [nearest, inside] = [Infinity, false];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = ring[i - 1] as Position;
      const [bx, by] = ring[i] as Position;
      const [px, py] = [(lon - ax) * per.lon, (lat - ay) * per.lat];
      const [dx, dy] = [(bx - ax) * per.lon, (by - ay) * per.lat];
      if (ay > lat !== by > lat && (py * dx - px * dy) * dy > 0) inside = !inside;
      const length2 = dx * dx + dy * dy;
      const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
      nearest = Math.min(nearest, Math.hypot(px - t * dx, py - t * dy));
    }
  }
  return inside ? -nearest : nearest;
}

/** A border that winds about a centre: radii wander from corner to corner, a little or wildly. */
function border(random: Random, [lon, lat]: Position, sizeM: number, corners: number): Ring {
  const per = metresPerDegree(lat);
  const wild = random();
  let radius = 1;
  const ring = Array.from({ length: corners }, (_, i): Position => {
    radius = Math.min(1, Math.max(0.3, radius + wild * between(random, -0.4, 0.4)));
    const angle = (2 * Math.PI * i) / corners;
    return [lon + (sizeM * radius * Math.cos(angle)) / per.lon, lat + (sizeM * radius * Math.sin(angle)) / per.lat];
  });
  return [...ring, ring[0] as Position];
}

/** Straight sides of many positions each, so that boxes of runs have no height or no width. */
function straight([lon, lat]: Position, step: number, perSide: number): Ring {
  const side = (i: number, from: number, to: number) => from + ((to - from) * i) / perSide;
  const end = step * perSide;
  const steps = Array.from({ length: perSide }, (_, i) => i);
  return [
    ...steps.map((i): Position => [lon + side(i, 0, end), lat]),
    ...steps.map((i): Position => [lon + end, lat + side(i, 0, end)]),
    ...steps.map((i): Position => [lon + side(i, end, 0), lat + end]),
    ...steps.map((i): Position => [lon, lat + side(i, end, 0)]),
    [lon, lat],
  ];
}

interface Zone {
  readonly polygons: readonly Polygon[];
  /** The same without cuts and jumps, around the longitude at which it is asked. */
  readonly rings: readonly Ring[];
}
const whole = (...polygons: Polygon[]): Zone => ({ polygons, rings: polygons.flat() });
const moved = (ring: Ring, by: number): Ring => ring.map(([x, y]) => [x + by, y]);

const KINDS: Readonly<Record<string, (random: Random) => Zone>> = {
  'a border'(random) {
    const centre: Position = [between(random, -150, 150), between(random, -84, 84)];
    return whole([border(random, centre, 20_000 ** random() + 5, 64 + Math.floor(400 * random()))]);
  },
  'a border with a lake, and islands in it'(random) {
    const centre: Position = [between(random, -150, 150), between(random, -70, 70)];
    const per = metresPerDegree(centre[1]);
    const sizeM = between(random, 500, 20_000);
    const lake = border(random, centre, 0.29 * sizeM, 3 + Math.floor(90 * random()));
    const islands = Array.from({ length: 6 }, (_, i): Polygon => {
      const at: Position = [centre[0] + (0.03 * sizeM * (i - 2.5)) / per.lon, centre[1]];
      return [border(random, at, 0.01 * sizeM, 3 + Math.floor(9 * random()))];
    });
    return whole([border(random, centre, sizeM, 80 + Math.floor(200 * random())), lake], ...islands);
  },
  'many small parts'(random) {
    const [lon, lat] = [between(random, -150, 150), between(random, -70, 70)];
    const parts = Array.from({ length: 10 + Math.floor(60 * random()) }, (_, i): Polygon => {
      const at: Position = [lon + 0.01 * (i % 9), lat + 0.01 * Math.floor(i / 9)];
      return [border(random, at, between(random, 50, 300), 3 + Math.floor((i % 5 === 0 ? 40 : 8) * random()))];
    });
    return whole(...parts);
  },
  'a chain of islands'(random) {
    const [lon, lat] = [between(random, -150, 150), between(random, -70, 70)];
    const parts = Array.from({ length: 30 + Math.floor(60 * random()) }, (_, i): Polygon => {
      const at: Position = [lon + 0.01 * i, lat + between(random, -0.002, 0.002)];
      return [border(random, at, between(random, 50, 300), 3 + Math.floor(6 * random()))];
    });
    return whole(...parts);
  },
  'straight sides of many positions'(random) {
    const at: Position = [Math.floor(between(random, -90, 90)), Math.floor(between(random, -80, 80))];
    return whole([straight(at, 2 ** -Math.floor(6 + 8 * random()), 16 + Math.floor(60 * random()))]);
  },
  'cut in two at the antimeridian'(random) {
    const lat = Math.floor(between(random, -70, 70));
    const n = 8 + Math.floor(30 * random());
    const step = 2 ** -Math.floor(6 + 8 * random());
    const halves = [straight([180 - step * n, lat], step, n), straight([180, lat], step, n)] as const;
    const outer: Ring = [
      [180 - step * n, lat],
      [180 + step * n, lat],
      [180 + step * n, lat + step * n],
      [180 - step * n, lat + step * n],
      [180 - step * n, lat],
    ];
    return { polygons: [[halves[0]], [moved(halves[1], -360)]], rings: [outer] };
  },
  'across the antimeridian'(random) {
    const ring = border(
      random,
      [180, between(random, -70, 70)],
      between(random, 100, 30_000),
      64 + Math.floor(100 * random()),
    );
    return { polygons: [[ring.map(([x, y]): Position => [x > 180 ? x - 360 : x, y])]], rings: [ring] };
  },
  'a country'(random) {
    const centre: Position = [between(random, -100, 100), between(random, -40, 40)];
    return whole([border(random, centre, between(random, 1e5, 3e6), 64 + Math.floor(200 * random()))]);
  },
};

/** Within the zone's box, about it, beside an edge, level with a corner. Never where rounding decides. */
function place(random: Random, rings: readonly Ring[]): Position {
  const all = rings.flat();
  const [lons, lats] = [all.map(([x]) => x), all.map(([, y]) => y)];
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const how = random();
  if (how < 0.5) return [between(random, west, east), between(random, south, north)];
  const [wide, high] = [east - west, north - south];
  if (how < 0.6) {
    return [between(random, west - wide, east + wide), Math.min(89, between(random, south - high, north + high))];
  }
  const [x, y] = pick(random, all);
  if (how < 0.75) return [between(random, west - 0.2 * wide, east), y];
  const per = metresPerDegree(y);
  const off = 10 ** between(random, -2, 3);
  return [x + between(random, -off, off) / per.lon, y + between(random, -off, off) / per.lat];
}

const shapeOf = (polygons: readonly Polygon[]): ZoneShape => ({ kind: 'polygons', polygons });
const wrapped = (lon: number): number => lon - 360 * Math.floor((lon + 180) / 360);

for (const [what, make] of Object.entries(KINDS)) {
  t.test(`as by looking at every edge: ${what}`, (t) => {
    const random = seeded(seed + what.length);
    let [asked, inside, capped, deep] = [0, 0, 0, 0];
    let fault: string | null = null;
    for (let n = 0; n < ZONES && fault === null; n++) {
      const zone = make(random);
      const shape = compileShape(shapeOf(zone.polygons));
      if (shape.kind !== 'polygons' || shape.wide) throw new Error('not the kind of zone that was meant');
      for (let k = 0; k < 60; k++) {
        const at = place(random, zone.rings);
        const want = plainM(zone.rings, at);
        const lon = n % 2 === 0 ? at[0] : wrapped(at[0]);
        // what a turn takes from a longitude's last digits
        const room = 1e-6 + 1e-9 * Math.abs(want) + (lon === at[0] ? 0 : 1e-5);
        if (Math.abs(want) < 1e-4) continue;
        asked++;
        if (want < 0) inside++;
        const got = signedDistanceM(shape, lon, at[1]);
        if (!(Math.abs(got - want) <= room)) fault = `${got} for ${want} at ${at} of ${JSON.stringify(zone.polygons)}`;
        const [capM, depthM] = [between(random, 0, 2) * Math.abs(want), between(random, 0, 2) * Math.abs(want)];
        const some = signedDistanceM(shape, lon, at[1], capM, depthM);
        if (some === got) continue;
        if (want > 0 ? !(some > capM && want + room > capM) : !(some < -depthM && want - room < -depthM)) {
          fault = `${some} for ${want}, cap ${capM}, depth ${depthM} at ${at} of ${JSON.stringify(zone.polygons)}`;
        }
        if (want > 0) capped++;
        else deep++;
        if (k < 2 && signedDistanceM(compileShape(shapeOf(zone.polygons)), lon, at[1], capM, depthM) !== some)
          fault = 'another answer of a new one';
      }
    }
    t.comment(`${asked} places, ${inside} inside; ${capped} beyond the cap, ${deep} below the depth`);
    t.equal(fault, null);
    t.ok(asked > 50 * ZONES && inside > 8 * ZONES && capped + deep > 5 * ZONES, 'all sorts of places were asked');
    t.end();
  });
}

t.test('within a zone wider than half the earth too, from whichever turn it is asked', (t) => {
  const random = seeded(seed + 1);
  for (let n = 0; n < 60; n++) {
    const corners = 70 + Math.floor(200 * random());
    const ring = Array.from({ length: corners }, (_, i): Position => {
      const angle = (2 * Math.PI * i) / corners;
      const radius = between(random, 0.8, 1);
      return [-10 + 150 * radius * Math.cos(angle), 60 * radius * Math.sin(angle)];
    });
    const rings = [[...ring, ring[0] as Position]];
    const shape = compileShape(shapeOf([rings]));
    if (shape.kind !== 'polygons' || !shape.wide) throw new Error('not wide');
    for (let k = 0; k < 60; k++) {
      const [lon, lat]: Position = [between(random, -180, 180), between(random, -70, 70)];
      const nearest = [-360, 0, 360].map((turn) => plainM(rings, [lon + turn, lat]));
      const isInside = nearest.some((d) => d < 0);
      const want = Math.min(...nearest.map(Math.abs)) * (isInside ? -1 : 1);
      const got = signedDistanceM(shape, lon + 360 * Math.floor(between(random, -1, 2)), lat);
      const near = Math.abs(got - want) <= 1e-3 + 1e-9 * Math.abs(want);
      if (!near) throw new Error(`${got} for ${want} at ${lon} ${lat}`);
    }
  }
  t.pass('at every place');
  t.end();
});

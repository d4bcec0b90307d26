// How much of a straight path lies inside a zone, against samples judged by other means.
import { booleanPointInPolygon, point } from '@turf/turf';
import t from 'tap';
import type { Position, Ring, ZoneShape } from '../../src/domain/zone.js';
import { compileShape } from '../../src/rules/geometry.js';
import { lengthInsideM, type Place } from '../../src/rules/geometry-path.js';
import { vincentyM, vincentyTo } from './geodesic.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const SAMPLES = 2_000;
const place = ([lon, lat]: Position): Place => ({ lon, lat });

/** Metres, by looking at so many places on the way. */
function sampledM(isInside: (lon: number, lat: number) => boolean, from: Place, to: Place): number {
  let inside = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const share = (i + 0.5) / SAMPLES;
    if (isInside(from.lon + share * (to.lon - from.lon), from.lat + share * (to.lat - from.lat))) inside += 1;
  }
  return (inside / SAMPLES) * vincentyM(from.lon, from.lat, to.lon, to.lat);
}

const polygons = (...of: Ring[][]): ZoneShape => ({ kind: 'polygons', polygons: of });
const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
const inside = (shape: ZoneShape, from: Position, to: Position) =>
  lengthInsideM(compileShape(shape), place(from), place(to));
/** To a thousandth. */
const about = (got: number, want: number, what: string): void => {
  if (!(Math.abs(got - want) <= 0.001 * want)) throw new Error(`${what}: ${got} m, not ${want} m`);
};

t.test('a path through a square is inside for the width of it, whichever way it is walked', async (t) => {
  const square = polygons([box(-1.55, 53.8, -1.54, 53.81)]);
  const width = vincentyM(-1.55, 53.805, -1.54, 53.805);
  about(inside(square, [-1.6, 53.805], [-1.5, 53.805]), width, 'east');
  about(inside(square, [-1.5, 53.805], [-1.6, 53.805]), width, 'west');
  about(inside(square, [-1.545, 53.7], [-1.545, 53.9]), vincentyM(-1.545, 53.8, -1.545, 53.81), 'north');
  about(inside(square, [-1.545, 53.805], [-1.5, 53.805]), width / 2, 'from the middle');
  about(inside(square, [-1.546, 53.805], [-1.544, 53.805]), width / 5, 'within');
  t.pass('to a thousandth');
});

t.test('a path beside the zone, away from it, or of no length is not inside', async (t) => {
  const square = polygons([box(-1.55, 53.8, -1.54, 53.81)]);
  for (const [from, to] of [
    [
      [-1.6, 53.82],
      [-1.5, 53.82],
    ],
    [
      [-1.6, 53.805],
      [-1.56, 53.805],
    ],
    [
      [-1.56, 53.805],
      [-1.545, 53.815],
    ],
    [
      [-1.545, 53.805],
      [-1.545, 53.805],
    ],
  ] as const) {
    t.equal(inside(square, from, to), 0);
  }
});

t.test('holes are not counted, and every part of a zone in several parts is', async (t) => {
  const yard = polygons([box(-1.56, 53.8, -1.53, 53.82), box(-1.55, 53.805, -1.54, 53.815)]);
  const whole = vincentyM(-1.56, 53.81, -1.53, 53.81);
  about(inside(yard, [-1.7, 53.81], [-1.5, 53.81]), (2 / 3) * whole, 'around the yard');
  const two = polygons([box(-1.56, 53.8, -1.55, 53.82)], [box(-1.54, 53.8, -1.53, 53.82)]);
  about(inside(two, [-1.7, 53.81], [-1.5, 53.81]), (2 / 3) * whole, 'two parts');
  t.pass('to a thousandth');
});

t.test('a path through two corners is inside between them', async (t) => {
  const square = polygons([box(-1.55, 53.8, -1.54, 53.81)]);
  const diagonal = vincentyM(-1.55, 53.8, -1.54, 53.81);
  about(inside(square, [-1.56, 53.79], [-1.53, 53.82]), diagonal, 'corner to corner');
  t.pass('to a thousandth');
});

t.test('the antimeridian is no edge of the zone or of the path', async (t) => {
  const cut = polygons([box(179.9, 51, 180, 51.1)], [box(-180, 51, -179.9, 51.1)]);
  const across = polygons([box(179.9, 51, 180.1, 51.1)]);
  const width = vincentyM(179.9, 51.05, -179.9, 51.05);
  for (const shape of [cut, across]) {
    about(inside(shape, [179.8, 51.05], [-179.8, 51.05]), width, 'east');
    about(inside(shape, [-179.8, 51.05], [179.8, 51.05]), width, 'west');
    about(inside(shape, [-179.95, 51.05], [-179.8, 51.05]), width / 4, 'beyond');
  }
  t.pass('to a thousandth');
});

t.test('a path through a circle is inside for its chord', async (t) => {
  for (const radiusM of [50, 500, 20_000]) {
    const circle: ZoneShape = { kind: 'circle', center: [-1.54, 53.81], radiusM };
    for (const share of [0, 0.3, 0.6, 0.9, 0.999]) {
      const near = vincentyTo(-1.54, 53.81, 0, share * radiusM);
      const [from, to] = [270, 90].map((azimuth) => vincentyTo(near[0], near[1], azimuth, 1.5 * radiusM));
      const want = sampledM(
        (lon, lat) => vincentyM(lon, lat, -1.54, 53.81) < radiusM,
        place(from as Position),
        place(to as Position),
      );
      const got = inside(circle, from as Position, to as Position);
      t.ok(Math.abs(got - want) < (4 * radiusM) / SAMPLES, `${radiusM} m at ${share}: ${got}, looked at ${want}`);
    }
    const beside = vincentyTo(-1.54, 53.81, 0, 1.01 * radiusM);
    t.equal(inside(circle, vincentyTo(...beside, 270, radiusM), vincentyTo(...beside, 90, radiusM)), 0, 'beside it');
  }
});

t.test('stars with holes at random: as many metres as the places on the way that lie inside', async (t) => {
  const next = seeded(seed);
  let through = 0;
  for (let round = 0; round < 300; round++) {
    const star = (radius: number, corners: number): Ring => {
      const points = Array.from({ length: corners }, (_, i): Position => {
        const angle = (2 * Math.PI * i) / corners;
        const far = radius * (0.5 + 0.5 * next());
        return [-1.54 + far * Math.cos(angle), 53.81 + 0.6 * far * Math.sin(angle)];
      });
      return [...points, points[0] as Position];
    };
    const rings = [star(0.02, 5 + Math.floor(20 * next())), ...(next() < 0.5 ? [star(0.004, 5)] : [])];
    const shape = polygons(rings);
    const somewhere = (): Position => [-1.54 + 0.05 * (next() - 0.5), 53.81 + 0.03 * (next() - 0.5)];
    const [from, to] = [somewhere(), somewhere()];
    const asTurf = { type: 'Polygon' as const, coordinates: rings.map((ring) => ring.map(([lon, lat]) => [lon, lat])) };
    const want = sampledM((lon, lat) => booleanPointInPolygon(point([lon, lat]), asTurf), place(from), place(to));
    const got = inside(shape, from, to);
    if (want > 0) through += 1;
    const step = vincentyM(from[0], from[1], to[0], to[1]) / SAMPLES;
    if (Math.abs(got - want) > 8 * step + 0.001 * want) t.fail(`round ${round}: ${got} m, looked at ${want} m`);
  }
  t.ok(through > 100, `${through} paths led through`);
});

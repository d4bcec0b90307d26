import * as turf from '@turf/turf';
import t from 'tap';
import type { Polygon, Position, ZoneShape } from '../../src/domain/zone.js';
import { compileShape, distanceM, signedDistanceM } from '../../src/rules/geometry.js';
import { vincentyM, vincentyTo } from './geodesic.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const polygons = (...polygons: Polygon[]): ZoneShape => ({ kind: 'polygons', polygons });
const circle = (center: Position, radiusM: number): ZoneShape => ({ kind: 'circle', center, radiusM });
const d = (shape: ZoneShape, lon: number, lat: number, capM?: number) =>
  signedDistanceM(compileShape(shape), lon, lat, capM);
const box = (west: number, south: number, east: number, north: number): Position[] => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];
/** Whether two distances agree to a part in `per`, or to 2 mm. */
const agree = (got: number, want: number, per: number) => Math.abs(got - want) <= Math.max(0.002, Math.abs(want) / per);

/** A star around a centre: radii wander, so that it has bays and spikes but never crosses itself. */
function star(random: () => number, lon: number, lat: number, sizeM: number, corners: number): Position[] {
  const ring: Position[] = [];
  for (let i = 0; i < corners; i++) {
    ring.push(vincentyTo(lon, lat, (360 * i) / corners, sizeM * (0.35 + 0.65 * random())));
  }
  ring.push(ring[0] as Position);
  return ring;
}

t.test('the distance to a vertex that stands out agrees with the geodesic within 0.5 % under 10 km, up to 85°', (t) => {
  const random = seeded(seed);
  let worst = 0;
  for (let i = 0; i < 4_000; i++) {
    const lat = -85 + 170 * random();
    const lon = -180 + 360 * random();
    const metres = 1 + 9_999 * random() ** 2;
    const azimuth = 360 * random();
    const [plon, plat] = vincentyTo(lon, lat, azimuth, metres);
    // a thin needle that points at the position and begins at the vertex
    const far1 = vincentyTo(lon, lat, azimuth + 180 - 5, metres / 4 + 1);
    const far2 = vincentyTo(lon, lat, azimuth + 180 + 5, metres / 4 + 1);
    const got = d(polygons([[[lon, lat], far1, far2, [lon, lat]]]), plon, plat);
    worst = Math.max(worst, Math.abs(got - metres) / metres);
    if (!agree(got, metres, 200)) t.fail(`${lon} ${lat} azimuth ${azimuth}: ${got} for ${metres}`);
  }
  t.comment(`worst ${(100 * worst).toFixed(4)} %`);
  t.ok(worst < 0.005, `worst ${worst}`);
  t.end();
});

t.test('a circle is measured by the geodesic, to 1 mm for radii up to 100 km, poles and antimeridian included', (t) => {
  const random = seeded(seed + 1);
  let worst = 0;
  for (let i = 0; i < 4_000; i++) {
    const center: Position = [-180 + 360 * random(), -89.9 + 179.8 * random()];
    const radiusM = 5 + 99_995 * random() ** 3;
    const away = radiusM * 2 * random();
    const [lon, lat] = vincentyTo(center[0], center[1], 360 * random(), away);
    const got = d(circle(center, radiusM), lon > 180 ? lon - 360 : lon, lat);
    if (away < 110_000) worst = Math.max(worst, Math.abs(got - (away - radiusM)));
    if (!agree(got, away - radiusM, 200)) t.fail(`${center} ${radiusM} at ${away}: ${got}`);
  }
  t.comment(`worst ${(1000 * worst).toFixed(1)} mm within 110 km`);
  t.ok(worst < 0.001, `worst ${worst} m`);
  t.end();
});

t.test('two positions up to 15,000 km apart are as far apart as the geodesic says, within 0.5 %', (t) => {
  const random = seeded(seed + 2);
  for (let i = 0; i < 4_000; i++) {
    const [lon1, lat1, lat2] = [-180 + 360 * random(), -89 + 178 * random(), -89 + 178 * random()];
    const lon2 = lon1 - 150 + 300 * random();
    const [got, want] = [distanceM(lon1, lat1, lon2, lat2), vincentyM(lon1, lat1, lon2, lat2)];
    if (want < 15_000_000 && !agree(got, want, 200)) t.fail(`${lon1} ${lat1} ${lon2} ${lat2}: ${got} for ${want}`);
  }
  t.equal(distanceM(-1.5, 53.8, -1.5, 53.8), 0);
  t.end();
});

t.test('polygons with holes, several polygons and their sides agree with turf', (t) => {
  const random = seeded(seed + 3);
  let inside = 0;
  for (let i = 0; i < 400; i++) {
    const lat = -60 + 120 * random();
    // also across the prime meridian
    const lon = i % 3 === 0 ? -0.01 + 0.02 * random() : -170 + 340 * random();
    const sizeM = 50 + 3_000 * random();
    const outer = star(random, lon, lat, sizeM, 5 + Math.floor(40 * random()));
    const hole = star(random, lon, lat, sizeM * 0.3, 5);
    const [lon2, lat2] = vincentyTo(lon, lat, 360 * random(), sizeM * 2.5);
    const shape = polygons([outer, hole], [star(random, lon2, lat2, sizeM, 7)]);
    if (shape.kind !== 'polygons') throw new Error('not polygons');
    const feature = turf.multiPolygon(shape.polygons.map((p) => p.map((r) => r.map(([x, y]) => [x, y]))));
    for (let n = 0; n < 12; n++) {
      const [x, y] = vincentyTo(lon, lat, 360 * random(), sizeM * 3 * random());
      const got = d(shape, x, y);
      // turf reckons on a sphere, which differs by up to 0.6 %, and bends edges along great circles: by L² tan φ / 8R
      const bendM = ((2 * sizeM) ** 2 * Math.tan((Math.abs(lat) * Math.PI) / 180)) / (8 * 6_371_000) + 0.05;
      const want = turf.pointToPolygonDistance([x, y], feature, { units: 'meters' });
      if (Math.abs(want) < 0.5 + bendM) continue;
      if (turf.booleanPointInPolygon([x, y], feature) !== got < 0) t.fail(`side of ${x} ${y}: ${got}`);
      if (!agree(got, want, 120) && Math.abs(got - want) > bendM) t.fail(`${x} ${y}: ${got}, turf ${want}`);
      if (got < 0) inside++;
    }
  }
  t.ok(inside > 500, `${inside} of them inside`);
  t.end();
});

t.test('a zone across the antimeridian is one zone, however it is written', (t) => {
  const random = seeded(seed + 4);
  // the same zone at Greenwich, past 180, short of -180, wrapped vertex by vertex, and cut in two
  const home = polygons([box(-0.02, -17, 0.03, -16.97), box(-0.001, -16.99, 0.001, -16.98)]);
  const shift = (by: number): ZoneShape =>
    polygons(
      [box(-0.02, -17, 0.03, -16.97), box(-0.001, -16.99, 0.001, -16.98)].map((r) => r.map(([x, y]) => [x + by, y])),
    );
  const wrapped = polygons([box(179.98, -17, -179.97, -16.97), box(179.999, -16.99, -179.999, -16.98)]);
  const west: Position[] = [
    [180, -17],
    [180, -16.99],
    [179.999, -16.99],
    [179.999, -16.98],
    [180, -16.98],
    [180, -16.97],
    [179.98, -16.97],
    [179.98, -17],
    [180, -17],
  ];
  const east: Position[] = [
    [-180, -16.97],
    [-180, -16.98],
    [-179.999, -16.98],
    [-179.999, -16.99],
    [-180, -16.99],
    [-180, -17],
    [-179.97, -17],
    [-179.97, -16.975],
    [-179.97, -16.97],
    [-180, -16.97],
  ];
  const forms = [shift(180), shift(-180), wrapped, polygons([west], [east])];
  for (let i = 0; i < 2_000; i++) {
    const [x, y] = [-0.1 + 0.2 * random(), -17.1 + 0.2 * random()];
    const want = d(home, x, y);
    for (const [n, form] of forms.entries()) {
      const lon = x < 0 ? x + 180 : x - 180;
      const got = d(form, lon, y);
      if (Math.abs(got - want) > 0.001) t.fail(`form ${n} at ${lon} ${y}: ${got} for ${want}`);
      if (Math.abs(d(form, lon + 360, y) - want) > 0.001) t.fail(`form ${n} at ${lon + 360} ${y}`);
    }
  }
  t.ok(d(polygons([west], [east]), 180, -16.975) < -500, 'on the seam one is deep inside, not at the edge');
  t.end();
});

t.test('a zone that ends at the antimeridian has its boundary there', (t) => {
  t.ok(Math.abs(d(polygons([box(179.98, -17, 180, -16.97)]), 180, -16.985)) < 0.001);
  t.ok(
    agree(
      d(polygons([box(179.98, -17, 180, -16.97)]), -179.99, -16.985),
      vincentyM(180, -16.985, -179.99, -16.985),
      200,
    ),
  );
  t.end();
});

t.test('a zone of half the earth and more has its sides where they were drawn', (t) => {
  // half a turn has no shorter way around: the edge goes where its numbers go
  const half = polygons([box(0, -10, 180, 10)]);
  t.ok(d(half, 90, 0) < -1_000_000);
  t.ok(d(half, -90, 0) > 1_000_000);
  t.equal(d(half, 180, 0), 0);
  t.equal(d(half, -180, 0), 0);
  // Antarctica as maps draw it: along the lower rim of the map, and up again
  const pole = polygons([
    [
      [-180, -90],
      [180, -90],
      [180, -80],
      [60, -70],
      [-60, -75],
      [-180, -80],
      [-180, -90],
    ],
  ]);
  for (const lon of [-179.9, -120, -1, 0, 60, 179.9]) {
    t.ok(d(pole, lon, -85) < 0, `${lon}`);
    t.ok(d(pole, lon, -65) > 0, `${lon}`);
  }
  // a ring that goes around the pole stays as it is written, from its westernmost to its easternmost position
  const around = polygons([
    [
      [-170, 80],
      [-60, 81],
      [60, 80],
      [170, 81],
      [0, 85],
      [-170, 80],
    ],
  ]);
  t.ok(d(around, 0, 83) < 0);
  t.ok(d(around, 180, 80.5) > 0);
  t.end();
});

t.test('polygons on both sides of the antimeridian far apart are each where they are', (t) => {
  const shape = polygons(
    [box(-170, 0, -160, 10)],
    [box(-10, 0, 10, 10)],
    [box(160, 0, 170, 10)],
    [box(175, 0, 180, 10)],
  );
  const inside = [-165, 0, 165, 178, -179.99999];
  t.same(
    inside.map((lon) => d(shape, lon, 5) < 0),
    [true, true, true, true, false],
  );
  for (const lon of [-175, -100, -20, 20, 100, 172, 183]) t.ok(d(shape, lon, 5) > 0, `${lon}`);
  // 0.00001° beyond the map's rim, seen from the other side of it
  t.ok(Math.abs(d(shape, -179.99999, 5) - vincentyM(180, 5, -179.99999, 5)) < 0.01);
  t.end();
});

t.test('a hole of a zone of half the earth is a hole from wherever it is looked at', (t) => {
  const wide: Position[] = [
    [-170, -20],
    [0, -20],
    [170, -20],
    [170, 20],
    [0, 20],
    [-170, 20],
    [-170, -20],
  ];
  const shape = polygons([wide, box(150, -5, 160, 5)]);
  t.ok(d(shape, 155, 0) > 0, 'in the hole');
  t.ok(d(shape, 145, 0) < 0);
  t.ok(d(shape, -165, 0) < 0);
  t.ok(d(shape, 175, 0) > 0);
  t.end();
});

t.test('where a circle ends is told to 1 mm, and so near to an edge that only rounding is left one is on it', (t) => {
  const [lon, lat] = vincentyTo(-1.5, 53.8, 77, 250);
  t.ok(Math.abs(d(circle([-1.5, 53.8], 250), lon, lat)) < 0.001);
  const slanted = polygons([
    [
      [-1.5, 53.8],
      [-1.2, 53.9],
      [-1.5, 54],
      [-1.5, 53.8],
    ],
  ]);
  // a third of the way, which no binary fraction meets
  t.equal(d(slanted, -1.4, 53.8 + 0.1 / 3), 0);
  t.ok(d(slanted, -1.4, 53.8 + 0.1 / 3 + 1e-10) < 0);
  t.ok(d(slanted, -1.4, 53.8 + 0.1 / 3 - 1e-10) > 0);
  t.end();
});

t.test('beyond the cap some value at or over it is given, and within it the exact one', (t) => {
  const random = seeded(seed + 5);
  let [near, far] = [0, 0];
  for (let i = 0; i < 4_000; i++) {
    const lat = -80 + 160 * random();
    const lon = -180 + 360 * random();
    const sizeM = 20 + 2_000 * random();
    const shape =
      i % 2 === 0 ? polygons([star(random, lon, lat, sizeM, 9)]) : circle([lon, lat], i % 4 === 1 ? sizeM : 40 * sizeM);
    const extent = shape.kind === 'circle' ? shape.radiusM : sizeM;
    const [x, y] = vincentyTo(lon, lat, 360 * random(), 3 * extent * random());
    const capM = extent * random();
    const [exact, got] = [d(shape, x, y), d(shape, x, y, capM)];
    if (exact < capM ? got !== exact : got < capM) t.fail(`${got} for ${exact}, cap ${capM}`);
    if (exact < capM) near++;
    else far++;
  }
  t.ok(near > 500 && far > 500, `${near} near, ${far} far`);
  t.end();
});

t.test('a ray through a vertex crosses it once, and a position on the boundary is at no distance', (t) => {
  const diamond = polygons([
    [
      [0, 51],
      [0.01, 51.01],
      [0, 51.02],
      [-0.01, 51.01],
      [0, 51],
    ],
  ]);
  t.ok(d(diamond, 0, 51.01) < -400, 'level with two vertices');
  t.ok(d(diamond, -0.02, 51.01) > 600);
  t.ok(d(diamond, 0.02, 51.01) > 600);
  t.ok(d(diamond, -0.02, 51) > 600, 'level with the lowest vertex');
  t.equal(d(diamond, 0.01, 51.01), 0);
  t.end();
});

/** Distances at their edges: around the earth, at a margin, beyond what is asked for, and zones of more than half of it. */
import t from 'tap';
import type { Polygon, Position, Ring, ZoneShape } from '../../src/domain/zone.js';
import { compileShape, distanceM, marginDeg, signedDistanceM, wrapLon } from '../../src/rules/geometry.js';
import { crossesAntimeridian, unwrapped } from '../../src/rules/geometry-rings.js';
import { vincentyTo } from './geodesic.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const polygons = (...parts: Polygon[]): ZoneShape => ({ kind: 'polygons', polygons: parts });
const box = (x0: number, y0: number, x1: number, y1: number): Ring => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
  [x0, y0],
];

t.test('a longitude is taken into the turn from -180 up to 180, and one that is there stays as it is', (t) => {
  for (const [lon, wrapped] of [
    [-180, -180],
    [180, -180],
    [180.5, -179.5],
    [-180.5, 179.5],
    [179.999, 179.999],
    [0.1, 0.1],
    [540, -180],
    [-541, 179],
    [361, 1],
  ] as const) {
    t.equal(wrapLon(lon), wrapped, `${lon}`);
  }
  t.end();
});

t.test('the degrees around a place hold all that is within the margin, and hardly more', (t) => {
  for (const lat of [-89, -60, 0, 53.8, 80, 85]) {
    for (const marginM of [1, 1_000, 20_000]) {
      const margin = marginDeg(lat, marginM);
      for (let bearing = 0; bearing < 360; bearing += 5) {
        const [x, y] = vincentyTo(0, lat, bearing, marginM);
        t.ok(Math.abs(x) <= margin.lon && Math.abs(y - lat) <= margin.lat, `${bearing}° of ${lat}, ${marginM} m`);
      }
      const [east] = vincentyTo(0, lat, 90, marginM);
      const [, north] = vincentyTo(0, lat, 0, marginM);
      t.ok(margin.lat < (north - lat) * 1.02, `${margin.lat} of latitude`);
      if (Math.abs(lat) < 82) t.ok(margin.lon < east * 1.04, `${margin.lon} of longitude`);
    }
  }
  for (const lat of [90, -90, 89.9999]) t.equal(marginDeg(lat, 1_000).lon, 180, 'all around a pole');
  t.equal(marginDeg(0, 30_000_000).lon, 180, 'never more than all around');
  t.end();
});

t.test('positions on either side of a half turn, and the same one twice, are as far apart as they are', (t) => {
  t.equal(distanceM(12, 34, 12, 34), 0);
  t.equal(distanceM(180, 10, -180, 10) < 1e-6, true);
  const quarter = distanceM(0, 0, 0, 90);
  t.ok(Math.abs(quarter / 10_001_966 - 1) < 0.005, `pole to equator: ${quarter} m`);
  const half = distanceM(0, 0, 180, 0);
  t.ok(half > 19_900_000 && half < 20_100_000, `half around the equator: ${half} m`);
  t.end();
});

t.test('beyond what is asked for some value over it is given, of circles too, and within it the true one', (t) => {
  const random = seeded(seed);
  let beyond = 0;
  for (const shape of [
    polygons([box(-1.6, 53.7, -1.4, 53.9)]),
    { kind: 'circle', center: [-1.5, 53.8], radiusM: 9_000 } as ZoneShape,
    { kind: 'circle', center: [-1.5, 82], radiusM: 50_000 } as ZoneShape,
  ]) {
    const compiled = compileShape(shape);
    const [aroundLat, spreadLon] = shape.kind === 'circle' && shape.center[1] > 80 ? [82, 20] : [53.8, 2];
    for (let n = 0; n < 2_000; n++) {
      const [lon, lat] = [-1.5 + (random() - 0.5) * spreadLon, aroundLat + (random() - 0.5) * 2];
      const exact = signedDistanceM(compiled, lon, lat);
      const capM = random() * 100_000;
      const capped = signedDistanceM(compiled, lon, lat, capM);
      if (capped === exact) continue;
      beyond++;
      if (exact < capM || capped < capM) t.fail(`${lon} ${lat}: ${capped} for ${exact}, asked up to ${capM}`);
    }
  }
  t.ok(beyond > 500, `${beyond} were beyond`);
  t.end();
});

/** A box with a corner every few degrees: an edge of more than half a turn would be taken the other way round. */
const wideBox = (x0: number, y0: number, x1: number, y1: number): Ring => {
  const along = Array.from({ length: 8 }, (_, i) => x0 + ((x1 - x0) * i) / 8);
  return [
    ...along.map((x): Position => [x, y0]),
    [x1, y0],
    [x1, y1],
    ...along.reverse().map((x): Position => [x, y1]),
    [x0, y0],
  ];
};
/** Is a place in the box, whatever turn it is written in? */
const inBox = ([x, y]: Position, [x0, y0, x1, y1]: readonly [number, number, number, number]): boolean =>
  [-720, -360, 0, 360, 720].some((turn) => x + turn > x0 && x + turn < x1) && y > y0 && y < y1;

t.test('a zone wider than half the earth is inside where it is, however its place is written', (t) => {
  for (const edges of [
    [-100, -10, 100, 10],
    [20, -10, 340, 10],
    [-350, -5, -10, 5],
    [-90.5, 0, 89.5, 9],
    [-90, 0, 90.5, 9],
  ] as const) {
    const compiled = compileShape(polygons([wideBox(edges[0], edges[1], edges[2], edges[3])]));
    let wrong = 0;
    for (let lon = -539.5; lon < 540; lon += 7) {
      for (const lat of [-20, -7, 3, 7, 20]) {
        if (signedDistanceM(compiled, lon, lat) < 0 !== inBox([lon, lat], edges)) wrong++;
      }
    }
    for (const edge of [edges[0], edges[2]]) {
      for (const off of [-0.6, -0.3, 0.3, 0.6]) {
        for (const turn of [-360, 0, 360]) {
          const at = [edge + off + turn, (edges[1] + edges[3]) / 2] as const;
          if (signedDistanceM(compiled, at[0], at[1]) < 0 !== inBox(at, edges)) wrong++;
        }
      }
    }
    t.equal(wrong, 0, edges.join(' '));
  }
  t.end();
});

t.test('a hole and an island on the antimeridian count once, and their seam is no boundary', (t) => {
  const cutInTwo = compileShape(polygons([box(170, 0, 180, 10)], [box(-180, 0, -170, 10)]));
  const whole = compileShape(polygons([box(170, 0, 190, 10)]));
  for (const lon of [165, 171, 175, 179.9, 180, -180, -179.9, -172, -165]) {
    for (const lat of [-1, 1, 5, 9, 11]) {
      const [a, b] = [signedDistanceM(cutInTwo, lon, lat), signedDistanceM(whole, lon, lat)];
      t.ok(Math.abs(a - b) < 1e-3, `${lon} ${lat}: ${a} and ${b}`);
    }
  }
  for (const parts of [
    [box(-180, 0, -170, 10), box(170, 0, 180, 10)],
    [box(530, 0, 540, 10), box(-180, 0, -170, 10)],
    [box(-190, 0, -180, 10), box(180, 0, 190, 10)],
  ]) {
    const cut = compileShape(polygons(...parts.map((ring) => [ring])));
    for (const lon of [175, 179.9, 180, -180, -172]) {
      t.equal(signedDistanceM(cut, lon, 5), signedDistanceM(whole, lon, 5), `${lon}, whichever half is first`);
    }
  }
  for (const lon of [170.5, 175, 179, 181, 185, 189, 195]) {
    t.equal(signedDistanceM(whole, lon, 5), signedDistanceM(whole, lon - 360, 5), `${lon}, and a turn less`);
    t.ok(signedDistanceM(whole, lon, 5) < 0 === lon < 190, `${lon} is where it is`);
  }
  const half = compileShape(polygons([box(170, 0, 180, 10)], [box(-180, 4, -170, 6)]));
  t.ok(signedDistanceM(half, 180, 5) < 0, 'inside where both parts meet');
  t.equal(signedDistanceM(half, 180, 2), 0, 'on the boundary where only one is');
  t.equal(signedDistanceM(half, 180, 8), 0);
  t.ok(
    Math.abs(signedDistanceM(half, 180, 5) + distanceM(180, 5, 180, 4)) < 100,
    'as far as the corner of the smaller',
  );
  t.end();
});

t.test('many edges give the distance that few give: to the nearest, and on its side', (t) => {
  const random = seeded(seed + 1);
  for (const corners of [60, 64, 65, 200, 1_000]) {
    const star: Position[] = Array.from({ length: corners }, (_, i) => {
      const angle = (i / corners) * 2 * Math.PI;
      const r = i % 2 === 0 ? 0.1 : 0.06 + 0.03 * random();
      return [-1.5 + r * Math.cos(angle), 53.8 + r * Math.sin(angle)];
    });
    const ring = [...star, star[0] as Position];
    const compiled = compileShape(polygons([ring]));
    // each edge as a zone of its own, of no width: its distance is that to the edge
    const edges = star.map((from, i) => compileShape(polygons([[from, ring[i + 1] as Position, from]])));
    let [inside, outside] = [0, 0];
    for (let n = 0; n < 60; n++) {
      const [lon, lat] = [-1.5 + (random() - 0.5) * 0.3, 53.8 + (random() - 0.5) * 0.3];
      const d = signedDistanceM(compiled, lon, lat);
      const nearest = Math.min(...edges.map((edge) => Math.abs(signedDistanceM(edge, lon, lat))));
      if (Math.abs(Math.abs(d) - nearest) > 1e-3) t.fail(`${corners} corners, ${lon} ${lat}: ${d}, nearest ${nearest}`);
      const angle = Math.hypot(lon + 1.5, lat - 53.8);
      if (angle < 0.059) inside += d < 0 ? 1 : Number.NaN;
      if (angle > 0.101) outside += d > 0 ? 1 : Number.NaN;
    }
    t.ok(inside > 0 && outside > 0, `${corners} corners: ${inside} inside, ${outside} outside, each on its side`);
  }
  t.end();
});

t.test('a hole is a hole on whichever turn it was written', (t) => {
  for (const [outer, hole, ...places] of [
    [box(170, 0, 190, 10), box(-176, 4, -174, 6), 185, -175],
    [box(170, 0, 190, 10), box(184, 4, 186, 6), 185, -175],
    [box(-190, 0, -170, 10), box(174, 4, 176, 6), 175, -185],
    [box(170, 0, -170, 10), box(-176, 4, -174, 6), 185, -175],
    [box(-170, 0, 170, 10), box(174, 4, 176, 6), 175, -185],
    [box(350, 0, 370, 10), box(4, 4, 6, 6), 365, 5, -355],
    [box(-10, 0, 10, 10), box(364, 4, 366, 6), 365, 5, -355],
    [box(-10, 0, 10, 10), box(-356, 4, -354, 6), 365, 5, -355],
  ] as const) {
    const compiled = compileShape(polygons([outer, hole]));
    for (const lon of places) {
      t.ok(signedDistanceM(compiled, lon, 5) > 0, `${lon} is in the hole`);
      t.ok(signedDistanceM(compiled, lon, 2) < 0, `${lon} is beside it`);
    }
  }
  t.end();
});

t.test('a ring crosses the antimeridian where an edge is taken the short way, and the ring closes', (t) => {
  const aroundThePole: Ring = [
    [0, 80],
    [120, 80],
    [-120, 80],
    [0, 80],
  ];
  for (const [says, ring, crosses] of [
    ['written with a jump', box(170, 0, -170, 10), true],
    ['written with a jump, from the other side', box(-170, 0, 170, 10), true],
    ['written on', box(170, 0, 190, 10), false],
    ['beyond it', box(190, 0, 195, 10), false],
    ['nowhere near', box(-10, 0, 10, 10), false],
    ['around a pole', aroundThePole, false],
    ['nothing', [], false],
  ] as const) {
    t.equal(crossesAntimeridian(ring), crosses, says);
  }
  const lons = (...rings: Ring[]) =>
    unwrapped([rings])
      .flat(2)
      .map(([lon]) => lon);
  t.strictSame(lons(aroundThePole), [0, 120, -120, 0], 'around a pole it stays as it is written');
  t.strictSame(lons(box(170, 0, -170, 10)), [170, 190, 190, 170, 170]);
  t.strictSame(lons(box(-170, 0, 170, 10)), [-170, -190, -190, -170, -170]);
  t.strictSame(lons(box(190, 0, -165, 10)), [190, 195, 195, 190, 190], 'begun beyond it');
  t.strictSame(lons(box(170, 0, 190, 10), box(-176, 4, -174, 6)).slice(5), [184, 186, 186, 184, 184], 'a hole follows');
  t.strictSame(lons(box(-190, 0, -170, 10), box(174, 4, 176, 6)).slice(5), [-186, -184, -184, -186, -186]);
  t.strictSame(lons(box(0, 0, 10, 10), box(720, 4, 726, 6)).slice(5), [0, 6, 6, 0, 0], 'from two turns away');
  t.strictSame(lons(box(0, 0, 10, 10), box(180, 4, 185, 6)).slice(5), [180, 185, 185, 180, 180], 'half a turn is near');
  t.strictSame(lons(box(0, 0, 10, 10), box(180.5, 4, 185, 6)).slice(5), [-179.5, -175, -175, -179.5, -179.5]);
  t.strictSame(lons([], box(1, 0, 2, 1)), [1, 2, 2, 1, 1], 'an empty ring is passed over');
  const parts = unwrapped([[box(170, 0, 175, 10)], [box(-178, 0, -174, 10)], [box(-5, 0, 5, 10)]]);
  t.strictSame(
    parts.map((rings) => rings[0]?.[0]?.[0]),
    [170, 182, -5],
    'each part is near the first',
  );
  const alongTheRim = box(0, 0, 180, 10)
    .concat(box(0, 0, 360, 10))
    .map(([lon]) => lon);
  t.strictSame(lons(box(0, 0, 180, 10)).concat(lons(box(0, 0, 360, 10))), alongTheRim, 'no shorter way');
  t.end();
});

t.test('a second polygon lies where it was written, also a turn away from the first', (t) => {
  const compiled = compileShape(polygons([box(170, 0, 175, 10)], [box(-178, 0, -174, 10)], [box(176, 0, 177, 10)]));
  for (const [lon, isInside] of [
    [172, true],
    [175.5, false],
    [176.5, true],
    [179, false],
    [182.5, true],
    [-177, true],
    [-173, false],
  ] as const) {
    t.equal(signedDistanceM(compiled, lon, 5) < 0, isInside, `${lon}`);
  }
  t.end();
});

t.test('an edge of more than half a turn goes the short way; one of half, or of a whole one, as it is written', (t) => {
  for (const [x0, x1, inside, outside] of [
    [0, 179.5, 90, -90],
    [0, 180, 90, -90],
    [0, 180.5, -90, 90],
    [0, 359.5, -0.25, 90],
    [10, -169.5, -100, 100],
    [10, -170, -100, 100],
    [10, -170.5, 100, -100],
    [10, -349.5, 10.25, -100],
  ] as const) {
    const compiled = compileShape(polygons([box(x0, 0, x1, 10)]));
    t.ok(signedDistanceM(compiled, inside, 5) < 0, `${x0} to ${x1}: ${inside} is inside`);
    t.ok(signedDistanceM(compiled, outside, 5) > 0, `${x0} to ${x1}: ${outside} is not`);
  }
  const around = compileShape(polygons([box(-180, 60, 180, 90)]));
  for (const lon of [-170, -90, 0, 90, 170]) {
    t.ok(signedDistanceM(around, lon, 61) < 0, `all around: ${lon}`);
    t.ok(signedDistanceM(around, lon, 59) > 0, `and not south of it: ${lon}`);
  }
  t.end();
});

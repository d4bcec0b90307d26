/** The safe radius by its definition: from wherever it was asked, everybody within it is tried against the zone itself. */
import t from 'tap';
import type { Position, ZoneShape } from '../../src/domain/zone.js';
import { type CompiledShape, compileShape, distanceM, signedDistanceM } from '../../src/rules/geometry.js';
import { CLEARANCE_M_MAX, clearanceM } from '../../src/rules/safe-radius.js';
import { vincentyTo } from './geodesic.js';
import { seeded, seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

/** A star whose corners wander, with a hole in it now and then. */
function star(random: () => number, [lon, lat]: Position, sizeM: number, corners: number): ZoneShape {
  const ring = (share: number): Position[] => {
    const found = Array.from({ length: corners }, (_, i) =>
      vincentyTo(lon, lat, (360 * i) / corners, sizeM * share * (0.3 + 0.7 * random())),
    );
    return [...found, found[0] as Position];
  };
  return { kind: 'polygons', polygons: [random() < 0.3 ? [ring(1), ring(0.29)] : [ring(1)]] };
}

/** A needle whose point is the only thing near: the way to it may lead in any direction. */
function needle([lon, lat]: Position, towards: number, lengthM: number): ZoneShape {
  const end = (off: number) => vincentyTo(lon, lat, towards + off, lengthM);
  const ring: Position[] = [[lon, lat], end(-1), end(1), [lon, lat]];
  return { kind: 'polygons', polygons: [[ring]] };
}

interface Case {
  readonly shape: CompiledShape;
  readonly here: Position;
  /** Where it may well go wrong soonest, degrees. */
  readonly bearing: number;
}

function someCase(random: () => number, n: number): Case {
  const lat = n % 5 === 0 ? 79.9 - 2 * random() : -82 + 164 * random();
  const lon = n % 3 === 0 ? 179 + 2 * random() : -180 + 360 * random();
  const bearing = 360 * random();
  if (n % 2 === 0) {
    const farM = 30_000 * random() ** 2;
    const [x, y] = vincentyTo(lon, lat, bearing, farM);
    return { shape: compileShape(needle([x, y], bearing, farM + 100)), here: [lon, lat], bearing };
  }
  const sizeM = 20 + 20_000 * random() ** 3;
  const [x, y] = vincentyTo(lon, lat, bearing, 2 * sizeM * random());
  const shape: ZoneShape =
    n % 4 === 1
      ? star(random, [x, y], sizeM, 3 + Math.floor((n % 8 === 1 ? 12 : 150) * random()))
      : { kind: 'circle', center: [x, y], radiusM: sizeM * (n % 8 === 3 ? 4 : 1) };
  return { shape: compileShape(shape), here: [lon, lat], bearing };
}

const wrapped = (lon: number): number => (lon > 180 ? lon - 360 : lon);

t.test('within the safe radius nobody changes sides, nor comes nearer than what is left of it', (t) => {
  const random = seeded(seed);
  let [safe, tight] = [0, 0];
  for (let n = 0; n < 20_000; n++) {
    const { shape, here, bearing } = someCase(random, n);
    const capM = n % 7 === 0 ? 3_000 * random() : 30_000;
    const clearM = clearanceM(shape, here[0], here[1], capM);
    const distance = signedDistanceM(shape, here[0], here[1]);
    if (!(clearM >= 0 && clearM <= Math.min(capM, CLEARANCE_M_MAX))) t.fail(`${clearM} of ${capM}`);
    if (clearM > 0) safe++;
    if (clearM > 0 && clearM < capM && clearM < CLEARANCE_M_MAX) tight++;
    for (let k = 0; k < 12; k++) {
      const goM = clearM * (k % 3 === 0 ? 0.9999 : random());
      const towards = k < 4 ? bearing + (random() - 0.5) : k < 6 ? bearing + 180 : 360 * random();
      const [x, y] = vincentyTo(here[0], here[1], towards, goM);
      const goneM = distanceM(here[0], here[1], wrapped(x), y);
      if (goneM > clearM) continue;
      const there = signedDistanceM(shape, wrapped(x), y);
      if (Math.abs(there) < clearM - goneM || there > 0 !== distance > 0) {
        t.fail(`n ${n}: ${here} is ${distance} m off, clear ${clearM}; ${goneM} m on at ${towards}° it is ${there}`);
      }
    }
  }
  t.ok(safe > 15_000 && tight > 10_000, `${safe} had one, ${tight} of them below what was asked for`);
  t.end();
});

t.test(
  'it is hardly less than the distance where people live, and all that is asked for where that is farther',
  (t) => {
    const random = seeded(seed + 1);
    for (let n = 0; n < 4_000; n++) {
      const { shape, here } = someCase(random, n);
      const distance = Math.abs(signedDistanceM(shape, here[0], here[1]));
      const clearM = clearanceM(shape, here[0], here[1], CLEARANCE_M_MAX);
      if (Math.abs(here[1]) < 70 && distance < 10_000) {
        if (clearM < 0.99 * distance - 0.02) t.fail(`${here}: ${clearM} of ${distance}`);
        if (clearM > distance) t.fail(`${here}: ${clearM} of ${distance}`);
        t.ok(clearanceM(shape, here[0], here[1], clearM / 2) >= clearM / 2, 'no less than was asked for');
      }
    }
    t.end();
  },
);

t.test('where nothing can be said it is nothing', (t) => {
  const wide: ZoneShape = {
    kind: 'polygons',
    polygons: [
      [
        [
          [-170, -20],
          [0, -20],
          [170, -20],
          [170, 20],
          [0, 20],
          [-170, 20],
          [-170, -20],
        ],
      ],
    ],
  };
  const near: ZoneShape = { kind: 'circle', center: [0, 89], radiusM: 1_000 };
  const home = needle([0, 81], 0, 1_000);
  t.equal(clearanceM(compileShape(wide), 0, 0, 1_000), 0, 'wider than half the earth');
  t.equal(clearanceM(compileShape(home), 0, 80.5, 1_000), 0, 'near a pole');
  t.equal(clearanceM(compileShape(home), 0, Number.NaN, 1_000), 0, 'nowhere');
  t.equal(clearanceM(compileShape(home), 0, 0, 0), 0, 'nothing asked for');
  t.equal(clearanceM(compileShape(home), 0, 0, -1), 0);
  t.equal(clearanceM(compileShape(home), 0, 0, Number.NaN), 0);
  t.equal(clearanceM(compileShape(home), 0, 0, Infinity), CLEARANCE_M_MAX);
  t.equal(clearanceM(compileShape(needle([0, 51], 0, 1_000)), 0, 51, 1_000), 0, 'on the boundary');
  t.ok(clearanceM(compileShape(near), 180, 89.5, 50_000) > 20_000, 'a circle is measured anywhere');
  t.end();
});

// A zone that a fix is not asked about has nothing to say of it: at any place, also on the antimeridian and near the poles.
import t from 'tap';
import type { ZoneShape } from '../../src/domain/zone.js';
import { compileShape, signedDistanceM, wrapLon } from '../../src/rules/geometry.js';
import { lengthInsideM } from '../../src/rules/geometry-path.js';
import { isBeyond, reachOf, spanOf } from '../../src/rules/zone-reach.js';
import { seeded, seedOfRun, times } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

t.test('beyond its box a fix is outside, buffer and radius and all, and so is the way to it', async (t) => {
  const chance = seeded(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const spread = (by: number): number => (chance() - 0.5) * 2 * by;
  let beyond = 0;
  for (let i = 0; i < times(20_000); i += 1) {
    const [lon, lat] = [pick([-1.5, 179.99, -179.99, 177.9, 0]), pick([53, 0, -34, 79.9, 84, -89])];
    const apartDeg = pick([0.005, 0.05, 1]);
    const place = () => ({
      lon: wrapLon(lon + spread(apartDeg)),
      lat: Math.max(-90, Math.min(90, lat + spread(apartDeg))),
    });
    const shape = shapeAt(lon + spread(apartDeg / 2), lat + spread(apartDeg / 2), pick([20, 300, 5_000]));
    const bufferM = pick([0, 100, 3_000]);
    const compiled = compileShape(shape);
    const approach = bufferM === 0 ? null : { bufferM };
    const reach = reachOf([{ type: 'exclusion', shape: compiled, approach }]);
    const [from, to, radiusM] = [pick([place(), null]), place(), pick([0, 5, 60, 1_500])];
    if (!isBeyond(reach, 0, spanOf(reach, from, to, radiusM))) continue;
    beyond += 1;
    const distanceM = signedDistanceM(compiled, to.lon, to.lat);
    const insideM = from === null ? 0 : lengthInsideM(compiled, from, to);
    if (distanceM < radiusM + bufferM || insideM > 0) {
      t.fail(JSON.stringify({ shape, from, to, radiusM, bufferM, distanceM, insideM }));
      return;
    }
  }
  t.ok(beyond > 1_000, `${beyond} were beyond`);
});

t.test('an inclusion zone is always asked: who is far from it is not where they should be', async (t) => {
  const shape = compileShape({ kind: 'circle', center: [-1.5, 53], radiusM: 100 });
  const reach = reachOf([{ type: 'inclusion', shape, approach: null }]);
  t.equal(isBeyond(reach, 0, spanOf(reach, null, { lon: 5, lat: 60 }, 10)), false);
});

function shapeAt(lon: number, lat: number, radiusM: number): ZoneShape {
  const middle = Math.max(-89.9, Math.min(89.9, lat));
  if (radiusM === 300) return { kind: 'circle', center: [wrapLon(lon), middle], radiusM };
  const [dLon, dLat] = [radiusM / 111_300 / Math.max(0.01, Math.cos((middle * Math.PI) / 180)), radiusM / 111_300];
  const [south, north] = [Math.max(-90, middle - dLat), Math.min(90, middle + dLat)];
  const corners: [number, number][] = [
    [lon - dLon, south],
    [lon + dLon, south],
    [lon + dLon, north],
    [lon - dLon, north],
    [lon - dLon, south],
  ];
  return { kind: 'polygons', polygons: [[corners]] };
}

/** What bench/zones stands on: zones that are valid, answers that are held against each other, and the same input anew. */
import t from 'tap';
import { matchOwn } from '../../bench/lib/own-zones.js';
import { Agreement } from '../../bench/lib/zone-agreement.js';
import { inTheirBoxes, largeZones, peopleWithZones, sharedZones } from '../../bench/lib/zone-ground.js';
import * as ways from '../../bench/lib/zone-matchers.js';
import { zoneProblems } from '../../src/rules/zone-validity.js';

t.test('shared and large zones are valid, and the same seed makes the same', (t) => {
  const made = [sharedZones('a', 50, 12, 10), largeZones('a', 4, 300, 10), largeZones('a', 2, 2_000, 10)];
  for (const { polygons } of made) {
    for (const polygon of polygons) t.same(zoneProblems({ kind: 'polygons', polygons: [polygon] }, ''), []);
  }
  t.same(sharedZones('a', 50, 12, 10), made[0]);
  t.same(largeZones('a', 4, 300, 10), made[1]);
  const boxed = inTheirBoxes('a', largeZones('a', 4, 300, 500));
  t.same(inTheirBoxes('a', largeZones('a', 4, 300, 500)), boxed);
  const boxes = ways.turfOf(boxed.polygons).map(({ bbox }) => bbox as [number, number, number, number]);
  for (const [i, lon] of boxed.fixes.lon.entries()) {
    const lat = boxed.fixes.lat[i]!;
    if (!boxes.some(([w, s, e, n]) => lon >= w && lon <= e && lat >= s && lat <= n)) t.fail(`fix ${i} is in no box`);
  }
  t.not(sharedZones('b', 50, 12, 10).fixes.lon[0], made[0]?.fixes.lon[0]);
  t.end();
});

t.test('every way finds the same zones, and one that errs is noticed', (t) => {
  const { polygons, fixes } = largeZones('a', 9, 200, 500);
  const [mine, features] = [ways.ours(polygons, fixes, false), ways.turfOf(polygons)];
  const agreement = new Agreement();
  const never = () => false;
  for (const them of [
    ways.turfAlone(features, fixes),
    ways.rbushAndTurf(features, fixes),
    ways.flatbushAndTurf(features, fixes),
    ways.flatbushAndOurs(polygons, fixes),
  ]) {
    agreement.compare(500, mine.list, them.list, never);
  }
  t.same([agreement.compared, agreement.excluded], [2_000, 0]);
  let found = 0;
  for (let fix = 0; fix < 500; fix++) found += mine.count(fix);
  t.ok(found > 100 && found < 400, `${found} found`);
  const err = (fix: number) => (fix === 300 ? [] : mine.list(fix).concat(fix === 301 ? [0] : []));
  t.throws(() => agreement.compare(500, mine.list, err, never), /fix 30[01]/);
  agreement.compare(500, mine.list, err, () => true);
  t.ok(agreement.excluded > 0, 'what lies on a border is counted');
  t.end();
});

t.test('with a safe radius people get the answers of a full scan, most of them without one', (t) => {
  const agreement = new Agreement();
  const costs = matchOwn(peopleWithZones('a', 40, 200), 1, agreement);
  t.equal(agreement.compared, 16_000);
  t.ok(costs.found > 0, 'some fixes are in a zone');
  t.end();
});

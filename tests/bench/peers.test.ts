/** The circle question that the peers are asked: who is inside is known by how it was made, and our geometry says the same. */
import t from 'tap';
import { changesOf, edgeFixes, makePeople, RADIUS_M } from '../../bench/lib/peers-fixes.js';
import { haversineM, nodeRedIn } from '../../bench/lib/peers-servers.js';
import { makeTimedOrder } from '../../bench/lib/timetables.js';
import { compileShape, signedDistanceM } from '../../src/rules/geometry.js';
import { orderWindows } from '../../src/rules/windows.js';

t.test('fixes lie on the side that they are said to, by the rules’ geometry and on a sphere', async (t) => {
  const people = makePeople('peers.test', 150, 40);
  t.same(people, makePeople('peers.test', 150, 40), 'the same seed, the same people');
  t.notSame(people[0]?.fixes, makePeople('another', 1, 40)[0]?.fixes);
  let [inside, wrong] = [0, 0];
  people.forEach((person, i) => {
    const shape = compileShape({ kind: 'circle', center: person.centre, radiusM: RADIUS_M });
    for (const fix of person.fixes) {
      inside += Number(fix.inside);
      wrong += Number(signedDistanceM(shape, fix.lon, fix.lat) <= 0 !== fix.inside);
      wrong += Number(haversineM(...person.centre, fix.lon, fix.lat) <= RADIUS_M !== fix.inside);
      // nobody is in another's zone: a search by place finds one or none
      const other = people[(i + 1) % people.length] as (typeof people)[number];
      wrong += Number(haversineM(...other.centre, fix.lon, fix.lat) <= 2 * RADIUS_M);
    }
    const near = edgeFixes('peers.test', i, 20).map(({ lon, lat }) => haversineM(...person.centre, lon, lat));
    wrong += near.filter((m) => Math.abs(m / RADIUS_M - 1) > 0.03).length;
  });
  t.equal(wrong, 0);
  t.equal(inside, (150 * 40) / 2);
  t.equal(changesOf(people[0] as (typeof people)[number]), 7, 'eight stays of five');
});

t.test('a folder without Node-RED is none', async (t) => {
  t.equal(nodeRedIn(t.testdir({ node_modules: {} })), null);
  t.match(nodeRedIn(t.testdir({ 'red.js': '' })), /red\.js$/);
  t.match(nodeRedIn(t.testdir({ node_modules: { 'node-red': { 'red.js': '' } } })), /node-red.red\.js$/);
});

t.test('the timetables of bench/windows have what real ones have, and windows in their week', async (t) => {
  const weekMs = Date.UTC(2026, 2, 23);
  const orders = Array.from({ length: 60 }, (_, i) => makeTimedOrder('timetables', i, weekMs, 'Europe/London'));
  t.same(orders[7], makeTimedOrder('timetables', 7, weekMs, 'Europe/London'));
  const curfews = orders.map(({ timetables }) => timetables[0]);
  t.ok(curfews.some((curfew) => curfew?.weekly?.length === 2));
  t.equal(curfews.filter((curfew) => (curfew?.absences.length ?? 0) > 0).length, 6);
  t.equal(curfews.filter((curfew) => (curfew?.dated.length ?? 0) > 0).length, 6);
  for (const order of orders) {
    const nights = orderWindows(order.timetables[0] as never, order).between(weekMs, weekMs + 7 * 86_400_000);
    t.ok(nights.length >= 5 && nights.length <= 10, `${nights.length} windows`);
  }
});

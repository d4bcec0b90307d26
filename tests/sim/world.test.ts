// Simulated runs: any seed gives a world whose plan and whose truth, found in different ways, say the same.
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import { parseZoneFeature } from '../../src/codec/zone-json.js';
import { GRID_MS } from '../../src/sim/civil-time.js';
import { signedDistance } from '../../src/sim/ground.js';
import { DECK } from '../../src/sim/incident-deck.js';
import { makeWorld, truthAt, type World } from '../../src/sim/world.js';

const small = (seed: number): World => makeWorld({ people: 40, seed, hours: 12 });

const found = (world: World, orderId: string): string =>
  truthAt(world, world.endMs)
    .filter((item) => item.orderId === orderId)
    .map((item) => [item.type, ...item.codes].join(' '))
    .sort()
    .join(', ');

t.test(
  'fifty seeds: what each plan means is what its reports amount to, and near misses amount to nothing',
  async (t) => {
    for (let seed = 1; seed <= 50; seed++) {
      const world = small(seed);
      const truth = new Map<string, string[]>();
      for (const item of truthAt(world, world.endMs)) {
        truth.set(item.orderId, [...(truth.get(item.orderId) ?? []), [item.type, ...item.codes].join(' ')]);
      }
      for (const [i, person] of world.people.entries()) {
        const orderId = world.orders[i]?.order_id ?? '';
        const read = (truth.get(orderId) ?? []).sort().join(', ');
        const meant = person.expected
          .map(({ type, codes }) => [type, ...codes].join(' '))
          .sort()
          .join(', ');
        if (read !== meant) t.fail(`seed ${seed}, ${orderId} (${person.incidents.join(', ')})`, { read, meant });
      }
      t.ok(truth.size > 0, `seed ${seed}: ${truth.size} orders with alerts`);
    }
  },
);

t.test('the same seed makes the same run, and another makes another', async (t) => {
  const text = (world: World): string => JSON.stringify([world.orders, world.zones, world.devices, world.reports]);
  t.equal(text(small(7)), text(small(7)));
  t.not(text(small(7)), text(small(8)));
});

t.test('a run of two hundred has every incident there is, and over a hundred true alerts of every kind', async (t) => {
  const world = makeWorld({ people: 200, seed: 3, hours: 26 });
  const truth = truthAt(world, world.endMs);
  t.ok(truth.length > 100, `${truth.length} true alerts`);
  const dealt = new Set(world.people.flatMap((person) => person.incidents));
  t.same(
    DECK.map((card) => card.name).filter((name) => !dealt.has(name)),
    [],
  );
  const kinds = new Set(truth.flatMap((item) => [item.type, `${item.type} ${item.endedBy}`, ...item.codes]));
  for (const kind of [
    ...['AL04', 'AL05', 'AL08', 'AL09', 'AL10', 'AL11', 'AL12', 'AL21', 'AL23', 'AL24'],
    ...['exclusion return', 'exclusion gap', 'exclusion window', 'curfew unknown', 'curfew.unverified'],
    ...['inclusion return', 'zone.approach', 'zone.crossing_inferred'],
    ...['tamper.strap', 'battery.critical', 'device.silent'],
  ]) {
    t.ok(kinds.has(kind), kind);
  }
});

t.test('reports lie on the grid, each device counts its uploads, and sides of fixes are beyond rounding', async (t) => {
  const world = small(11);
  const last = new Map<string, number>();
  const zones = new Map(world.zones.map((zone) => [zone.id, zone.geometry]));
  const orders = new Map(world.orders.map((order) => [order.order_id, order]));
  for (const report of world.reports) {
    if ((report.timeMs - world.startMs) % GRID_MS !== 0) t.fail(`off the grid: ${report.timeMs}`);
    if (report.sequence !== (last.get(report.deviceId) ?? 0) + 1) t.fail(`sequence ${report.sequence}`);
    last.set(report.deviceId, report.sequence);
    for (const body of report.bodies) {
      if (body.kind !== 'fix') continue;
      for (const condition of orders.get(report.orderId)?.conditions ?? []) {
        if (condition.kind !== 'exclusion_zone' && condition.kind !== 'inclusion_zone') continue;
        const shape = condition.zone ?? zones.get(condition.zone_ref ?? '');
        if (shape === undefined) throw new Error('a zone that is not there');
        const metres = signedDistance(shape, body.lonE7 / 1e7, body.latE7 / 1e7);
        const bufferM = condition.kind === 'exclusion_zone' ? (condition.buffer_m ?? 0) : 0;
        for (const distance of [metres, metres - bufferM]) {
          const radius = body.accuracyDm / 10;
          const room = Math.min(Math.abs(distance), Math.abs(Math.abs(distance) - radius));
          if (room < 2 + 0.005 * Math.abs(metres))
            t.fail(`a side that rounding could change: ${distance} at ${radius}`);
        }
      }
    }
  }
  t.ok(last.size > 0, `${world.reports.length} reports of ${last.size} devices`);
});

t.test('the gateway takes the orders and zones as they are', async (t) => {
  const world = small(5);
  for (const zone of world.zones) t.ok(parseZoneFeature(zone).ok, zone.id);
  for (const order of world.orders) t.ok(parseOrder(order).ok, order.order_id);
});

t.test('the truth of an interrupted run is that of the reports up to then', async (t) => {
  const world = small(2);
  const half = (world.startMs + world.endMs) / 2;
  const early = truthAt(world, half);
  const whole = truthAt(world, world.endMs);
  t.ok(early.length > 0 && early.length < whole.length);
  const starts = new Set(whole.map((item) => `${item.orderId} ${item.type} ${item.startMs}`));
  t.ok(early.every((item) => starts.has(`${item.orderId} ${item.type} ${item.startMs}`)));
  t.equal(found(world, 'ORD-9999'), '');
});

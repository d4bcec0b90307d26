/** Which stream a record goes to, by the device, the tag it names and its event time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { DeviceId, OrderId } from '../../src/domain/ids.js';
import type { Assignment, Order } from '../../src/domain/order.js';
import type { DeviceRecord, RecordBody } from '../../src/domain/record.js';
import { AssignmentIndex } from '../../src/rules/assignments.js';
import { seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`seed ${seed}`);

const device = (name: string) => name as DeviceId;
const has = (name: string, fromMs: number, toMs: number): Assignment => ({
  deviceId: device(name),
  kind: name.startsWith('HU') ? 'home_unit' : 'tag',
  address: name.startsWith('HU') ? 'primary' : null,
  fromMs,
  toMs,
});
/** The index reads no more of an order than these. */
const order = (orderId: string, revision: number, ...devices: Assignment[]): Order =>
  ({ orderId, revision, devices }) as unknown as Order;
const indexOf = (...orders: Order[]): AssignmentIndex => {
  const index = new AssignmentIndex();
  for (const one of orders) index.put(one);
  return index;
};

const record = (timeMs: number, body: RecordBody): DeviceRecord => ({ timeMs, hash: String(timeMs), body });
const heartbeat = (timeMs: number) => record(timeMs, { kind: 'heartbeat', firmware: '1', uptimeS: 1 });
const seen = (timeMs: number, tag: string) =>
  record(timeMs, { kind: 'rf', tagId: device(tag), event: 'PRESENT', rssiDbm: -60, status: null });
const routed = (index: AssignmentIndex, from: string, ...records: DeviceRecord[]): Record<string, number[]> =>
  Object.fromEntries([...index.route(device(from), records)].map(([key, list]) => [key, list.map((r) => r.timeMs)]));

t.test('a re-issued tag never speaks for its last wearer', async (t) => {
  const index = indexOf(order('A', 1, has('TAG', 100, 200)), order('B', 1, has('TAG', 200, 300)));
  t.same(
    [99, 100, 199, 200, 299, 300].map((at) => index.orderAt(device('TAG'), at)),
    [null, 'A', 'A', 'B', 'B', null],
  );
  t.same(routed(index, 'TAG', ...[99, 100, 199, 200, 299, 300].map(heartbeat)), {
    '~TAG': [99, 300],
    A: [100, 199],
    B: [200, 299],
  });
});

t.test('a device that nobody was given speaks for itself', async (t) => {
  const index = indexOf();
  t.equal(index.streamOf(device('TAG'), 5), '~TAG');
  t.equal(index.orderAt(device('TAG'), 5), null);
  t.same(routed(index, 'TAG', heartbeat(5)), { '~TAG': [5] });
});

t.test('a newer revision takes the place of the former assignments, an older one changes nothing', async (t) => {
  const index = indexOf(order('A', 2, has('TAG', 0, 100), has('HU', 0, 100)), order('A', 3, has('TAG', 0, 50)));
  t.equal(index.orderAt(device('TAG'), 49), 'A');
  t.equal(index.orderAt(device('TAG'), 50), null);
  t.equal(index.orderAt(device('HU'), 10), null);
  index.put(order('A', 1, has('HU', 0, 100)));
  t.equal(index.orderAt(device('HU'), 10), null);
  index.put(order('A', 3, has('HU', 0, 100)));
  t.equal(index.orderAt(device('HU'), 10), 'A', 'the same revision again is what was said last');
});

t.test('an order that is removed leaves the others their devices', async (t) => {
  const index = indexOf(order('A', 1, has('TAG', 0, 100)), order('B', 1, has('TAG', 100, 200)));
  index.remove('A' as OrderId);
  index.remove('nobody' as OrderId);
  t.equal(index.orderAt(device('TAG'), 50), null);
  t.equal(index.orderAt(device('TAG'), 150), 'B');
});

t.test('what a home unit says of its own tag, and of itself, goes to its order', async (t) => {
  const index = indexOf(order('A', 1, has('HU', 0, 100), has('TAG', 0, 100)));
  t.same(routed(index, 'HU', seen(1, 'TAG'), heartbeat(2), seen(3, 'TAG')), { A: [1, 2, 3] });
});

t.test('a foreign sighting goes to the stream of the tag alone', async (t) => {
  const index = indexOf(order('A', 1, has('HU', 0, 100)), order('B', 1, has('TAG', 0, 100)));
  t.same(routed(index, 'HU', seen(1, 'TAG'), seen(2, 'LOST'), heartbeat(3)), { B: [1], '~LOST': [2], A: [3] });
});

t.test('a tag is of the order only while it is assigned to it', async (t) => {
  const index = indexOf(order('A', 1, has('HU', 0, 100), has('TAG', 0, 50)), order('B', 1, has('TAG', 50, 100)));
  t.same(routed(index, 'HU', seen(49, 'TAG'), seen(50, 'TAG')), { A: [49], B: [50] });
});

t.test(
  'a home unit that nobody was given: of an assigned tag to its order, the rest stays with the unit',
  async (t) => {
    const index = indexOf(order('B', 1, has('TAG', 0, 100)));
    t.same(routed(index, 'HU', seen(1, 'TAG'), seen(2, 'LOST'), heartbeat(3)), { B: [1], '~HU': [2, 3] });
  },
);

t.test('the earliest other order that has a device is named; touching is no overlap', async (t) => {
  const index = indexOf(
    order('C', 1, has('TAG', 300, 400)),
    order('B', 1, has('TAG', 100, 200)),
    order('A', 1, has('TAG', 0, 100)),
  );
  const overlap = (from: number, to: number) => index.overlapping('A' as OrderId, has('TAG', from, to));
  t.equal(overlap(0, 100), null);
  t.equal(overlap(200, 300), null);
  t.equal(overlap(0, 101), 'B');
  t.equal(overlap(199, 301), 'B');
  t.equal(overlap(399, 500), 'C');
  t.equal(index.overlapping('A' as OrderId, has('OTHER', 0, 999)), null);
});

t.test('whatever was put and replaced, a look-up finds what the newest revisions say', async (t) => {
  const assignment = fc
    .tuple(fc.constantFrom('T1', 'T2', 'HU1'), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 5 }))
    .map(([name, from, length]) => has(name, from, from + length));
  const put = fc
    .tuple(fc.constantFrom('A', 'B', 'C'), fc.integer({ min: 1, max: 3 }), fc.array(assignment, { maxLength: 3 }))
    .map(([orderId, revision, devices]) => order(orderId, revision, ...devices));
  fc.assert(
    fc.property(fc.array(put, { maxLength: 8 }), fc.integer({ min: 0, max: 14 }), (orders, at) => {
      const index = indexOf(...orders);
      const newest = new Map<string, Order>();
      for (const one of orders) {
        if ((newest.get(one.orderId)?.revision ?? 0) <= one.revision) newest.set(one.orderId, one);
      }
      for (const name of ['T1', 'T2', 'HU1']) {
        const holders = [...newest.values()].filter((one) =>
          one.devices.some((d) => d.deviceId === name && d.fromMs <= at && at < d.toMs),
        );
        const found = index.orderAt(device(name), at);
        assert(found === null ? holders.length === 0 : holders.some(({ orderId }) => orderId === found));
      }
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});

/** Assignments at their edges: orders that go and come again, and orders that begin together. */
import t from 'tap';
import type { DeviceId, OrderId } from '../../src/domain/ids.js';
import type { Assignment, Order } from '../../src/domain/order.js';
import { AssignmentIndex } from '../../src/rules/assignments.js';
import { device } from './moments.js';

const TAG = device('TAG');
const tag = (fromMs: number, toMs: number, deviceId: DeviceId = TAG): Assignment => ({
  deviceId,
  kind: 'tag',
  address: null,
  fromMs,
  toMs,
});
/** The index reads no more of an order than these. */
const order = (orderId: string, revision: number, ...devices: Assignment[]): Order =>
  ({ orderId, revision, devices }) as unknown as Order;

t.test('a record goes to the stream of the order that has its device, and to the device itself outside', (t) => {
  const index = new AssignmentIndex();
  index.put(order('A', 1, tag(100, 200)));
  t.strictSame(
    [99, 100, 199, 200].map((ms) => index.streamOf(TAG, ms)),
    ['~TAG', 'A', 'A', '~TAG'],
  );
  t.end();
});

t.test('an order that was removed may come again under any revision', (t) => {
  const index = new AssignmentIndex();
  index.put(order('A', 5, tag(0, 100)));
  index.remove('A' as OrderId);
  index.put(order('A', 1, tag(0, 50)));
  t.equal(index.orderAt(TAG, 49), 'A');
  t.equal(index.orderAt(TAG, 50), null);
  t.end();
});

t.test('a device that leaves its order in a revision can go to another', (t) => {
  const index = new AssignmentIndex();
  index.put(order('A', 1, tag(0, 100), tag(0, 100, device('TAG-2'))));
  index.put(order('A', 2, tag(0, 100, device('TAG-2'))));
  t.equal(index.orderAt(TAG, 10), null);
  index.put(order('B', 1, tag(0, 100)));
  t.equal(index.orderAt(TAG, 10), 'B');
  t.equal(index.orderAt(device('TAG-2'), 10), 'A');
  t.end();
});

for (const put of [
  ['B', 'C', 'D'],
  ['D', 'C', 'B'],
  ['C', 'D', 'B'],
]) {
  t.test(
    `of orders that have a device from the same moment the first by id is named, put as ${put.join(', ')}`,
    (t) => {
      const index = new AssignmentIndex();
      for (const orderId of put) index.put(order(orderId, 1, tag(0, 100)));
      t.equal(index.overlapping('A' as OrderId, tag(50, 60)), 'B');
      t.equal(index.overlapping('B' as OrderId, tag(50, 60)), 'C');
      t.end();
    },
  );
}

// Assignments in columns answer as a plain list of them does, whatever was put and removed before.
import t from 'tap';
import { type DeviceId, type OrderId, parseDeviceId, parseOrderId } from '../../src/domain/ids.js';
import type { Assignment } from '../../src/domain/order.js';
import { AssignmentIndex } from '../../src/rules/assignments.js';
import { Random } from '../../src/sim/random.js';
import { order } from '../support/samples.js';
import { seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const must = <T>(parsed: { ok: true; value: T } | { ok: false }): T => {
  if (!parsed.ok) throw new Error('not an id');
  return parsed.value;
};

t.test('whose a device is at any time, over many orders that come, change and go', async (t) => {
  const random = new Random(`assignments ${seed}`);
  const index = new AssignmentIndex();
  const said = new Map<OrderId, { revision: number; devices: readonly Assignment[] }>();
  const device = (): DeviceId => must(parseDeviceId(`TAG-${random.whole(0, 30)}`));
  for (let n = 0; n < 2_400; n += 1) {
    // some hundred at first, to outgrow the columns, then few
    const orderId = must(parseOrderId(`ORD-${random.whole(0, n < 900 ? 700 : 40)}`));
    const before = said.get(orderId);
    if (random.chance(0.3)) {
      index.remove(orderId);
      said.delete(orderId);
    } else {
      const devices = Array.from({ length: random.whole(0, 4) }, (): Assignment => {
        const fromMs = random.chance(0.1) ? -Infinity : random.whole(0, 90);
        const toMs = random.chance(0.1) ? Infinity : Math.max(fromMs, 0) + random.whole(1, 40);
        return { deviceId: device(), kind: 'tag', address: null, fromMs, toMs };
      });
      const revision =
        (before?.revision ?? 1) + (before !== undefined && before.revision > 1 && random.chance(0.2) ? -1 : 1);
      index.put({ ...order(1, revision), orderId, devices });
      if (before === undefined || revision >= before.revision) said.set(orderId, { revision, devices });
    }
    const [asked, atMs] = [device(), random.whole(-5, 140)];
    const spans = [...said]
      .flatMap(([id, one]) => one.devices.map((span) => ({ ...span, id })))
      .filter(({ deviceId }) => deviceId === asked)
      .sort((a, b) => (a.fromMs === b.fromMs ? (a.id < b.id ? -1 : 1) : a.fromMs - b.fromMs));
    const holder = spans.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.id ?? null;
    const span: Assignment = { deviceId: asked, kind: 'tag', address: null, fromMs: atMs, toMs: atMs + 10 };
    const rival =
      spans.find((one) => one.id !== orderId && one.fromMs < span.toMs && span.fromMs < one.toMs)?.id ?? null;
    const found = [index.orderAt(asked, atMs), index.streamOf(asked, atMs), index.overlapping(orderId, span)];
    const expected = [holder, holder ?? `~${asked}`, rival];
    if (found.join() !== expected.join()) t.fail(`after ${n} changes ${asked} at ${atMs}: ${found}, not ${expected}`);
  }
  t.ok(said.size > 10);
});

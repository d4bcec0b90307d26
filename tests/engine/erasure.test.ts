// Erasure on command: nobody is watched under the order any more, nothing of it is kept, and a crash leaves no half.
import t, { type Test } from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import { streamOfDevice, streamOfOrder } from '../../src/domain/ids.js';
import type { Ledger } from '../../src/ports/ledger.js';
import { tagSays } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { around } from './around.js';
import { openRoom, type Room } from './room.js';
import { NOON, orderIdOf, setUp, tagOf } from './story.js';

async function folderOf(t: Test): Promise<string> {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  return folder.path;
}
const cut = async (room: Room, n: number, sequence: number) => {
  const flag = sequence % 2 === 1 ? 'STRAP_TAMPER_START' : 'STRAP_TAMPER_END';
  await room.upload(tagOf(n), sequence, [makeRecord(NOON + sequence * 1_000, tagSays(flag))]);
  await room.settled();
};
const erase = (n: number) => ({ kind: 'erase_order', orderId: orderIdOf(n), by: 'controller' }) as const;
const orders = (room: Room) => [...new Set(room.told().map(({ version }) => version.orderId))];

t.test(
  'an erased order has no state, no due time, no rows and no device; the next person is watched as before',
  async (t) => {
    const path = await folderOf(t);
    const room = await openRoom(path, 1, { startMs: NOON });
    await setUp(room, 2);
    await cut(room, 0, 1);
    await cut(room, 1, 1);
    t.same(orders(room).sort(), [orderIdOf(0), orderIdOf(1)]);
    const due = room.dueTimes.size;

    t.same(await room.command(erase(0)), { ok: true, created: true });
    t.same(orders(room), [orderIdOf(1)]);
    t.same(room.ledger.orderRevisions(orderIdOf(0)), []);
    t.equal(room.states.get(streamOfOrder(orderIdOf(0))), null);
    t.equal(room.dueTimes.size, due - 1);
    t.equal(room.policies.newest(orderIdOf(0)), null);

    await cut(room, 0, 2);
    await cut(room, 1, 2);
    t.equal(room.assignments.streamOf(tagOf(0), NOON), streamOfDevice(tagOf(0)), 'what the device says is nobody’s');
    t.equal(room.states.get(streamOfOrder(orderIdOf(0))), null);
    t.notOk(orders(room).includes(orderIdOf(0)));
    t.same(await room.command(erase(0)), { ok: true, created: false }, 'a second time changes nothing');
    t.same(room.failures, []);
    await room.close();

    const again = await openRoom(path, 2);
    t.teardown(() => again.close());
    t.equal(again.states.get(streamOfOrder(orderIdOf(0))), null, 'nor after a restart');
    t.ok(again.states.get(streamOfOrder(orderIdOf(1))));
  },
);

t.test('a tick that was on its way to an erased order comes due for nobody', async (t) => {
  const room = await openRoom(await folderOf(t), 1, { startMs: NOON });
  t.teardown(() => room.close());
  await setUp(room, 1);
  await cut(room, 0, 1);
  await room.command(erase(0));
  const stream = streamOfOrder(orderIdOf(0));
  await room.enter({ kind: 'tick', stream, receivedMs: NOON, atMs: NOON, cause: 'timer' });
  await room.settled();
  t.equal(room.states.get(stream), null);
});

t.test('it is settled when all is removed; cut short by a crash it is taken up again', async (t) => {
  const path = await folderOf(t);
  const wrapLedger = (ledger: Ledger): Ledger =>
    around(ledger, { removeOrder: () => Promise.reject(new Error('the process dies here')) });
  const room = await openRoom(path, 1, { startMs: NOON, wrapLedger });
  await setUp(room, 1);
  await cut(room, 0, 1);
  const place = await room.commands.append(erase(0), NOON);
  while (room.failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(room.commands.outcome(place), null, 'not said to be done');
  t.same(orders(room), [orderIdOf(0)]);
  await room.close();

  const again = await openRoom(path, 2);
  t.teardown(() => again.close());
  again.follower.start();
  t.match(await again.commands.awaitOutcome(place, 5_000), { ok: true });
  t.same(orders(again), []);
});

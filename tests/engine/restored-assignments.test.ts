/** Whose records are whose after a start: as the ledger has the orders, and as the journal's last entries say. */
import { cp } from 'node:fs/promises';
import t from 'tap';
import type { JournalEntry } from '../../src/domain/entry.js';
import type { Order } from '../../src/domain/order.js';
import { temporaryFolder } from '../support/folder.js';
import { deviceId, order, orderId, orderStream, T0 } from '../support/samples.js';
import { openRoom } from './room.js';

const AT = T0 + 3_600_000;
const said = (one: Order, receivedMs = T0): JournalEntry => ({
  kind: 'order',
  stream: orderStream(1),
  receivedMs,
  order: one,
});
const ordered = (n: number): JournalEntry => ({ ...said(order(n, 1)), stream: orderStream(n) });

t.test('what the ledger has, what was said last, and what was erased last', async (t) => {
  const folder = await temporaryFolder();
  const alone = await temporaryFolder();
  t.teardown(() => Promise.all([folder.remove(), alone.remove()]));
  const live = await openRoom(folder.path, 1, { startMs: T0 });
  await live.enter(ordered(1), ordered(2), ordered(3));
  await live.settled();
  // durable, and the gateway ends before they are judged: another device in 1, no 2 any more, and a 4
  const [other] = order(9, 1).devices;
  const revised = { ...order(1, 2), devices: other === undefined ? [] : [other] };
  await live.journal.append([
    said(revised, T0 + 1),
    { kind: 'erase', stream: orderStream(2), receivedMs: T0 + 1, orderId: orderId(2) },
    { ...said(order(4, 1), T0 + 1), stream: orderStream(4) },
  ]);
  await live.close();
  await cp(`${folder.path}/journal`, `${alone.path}/journal`, { recursive: true });
  for (const [how, path] of [
    ['with the ledger', folder.path],
    ['from the journal alone', alone.path],
  ] as const) {
    const room = await openRoom(path, 2);
    const whose = [1, 9, 2, 3, 4].map((n) => room.assignments.orderAt(deviceId(n), AT));
    t.same(whose, [null, orderId(1), null, orderId(3), orderId(4)], how);
    t.same([...room.policies.spokenFor()].map((one) => one.orderId).sort(), [1, 3, 4].map(orderId), how);
    await room.close();
  }
});

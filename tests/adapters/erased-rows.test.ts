/** What lay under an order's keys is noise when they are gone: readers pass over it, and nothing new of it is kept. */
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { FileOrderKeyRing } from '../../src/adapters/files/order-key-ring.js';
import { FileReviewKeys } from '../../src/adapters/files/review-keys.js';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { LmdbCommandLog } from '../../src/adapters/lmdb/lmdb-command-log.js';
import { LmdbLedger } from '../../src/adapters/lmdb/lmdb-ledger.js';
import { LmdbLedgerReader } from '../../src/adapters/lmdb/lmdb-ledger-reader.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { order, orderId, T0, version } from '../support/samples.js';
import { testVault } from '../support/tiers.js';

const [A, B] = [orderId(1), orderId(2)];

async function house(t: Test) {
  const vault = await testVault();
  const folder = await temporaryFolder();
  t.teardown(() => Promise.all([vault.remove(), folder.remove()]));
  const [ingest, review] = [await vault.ingest(), await vault.review()];
  const keys = new FileReviewKeys(review);
  const ring = new FileOrderKeyRing(ingest);
  await Promise.all([keys.make(A), keys.make(B)]);
  return {
    folder: folder.path,
    keys,
    ring,
    engine: { shared: ingest.shared, orders: ring },
    api: { shared: review.shared, orders: keys },
  };
}

const revision = (n: number, position: number) => ({
  position,
  order: order(n, 1),
  receivedMs: T0,
  effectiveMs: T0,
});

t.test('the ledger passes over an erased order, in the process that writes it and in the other', async (t) => {
  const { folder, keys, ring, engine, api } = await house(t);
  const ledger = await LmdbLedger.open(folder, engine);
  const reader = LmdbLedgerReader.openReader(folder, api);
  await ledger.claim(1);
  await ledger.commit({
    epoch: 1,
    orders: [revision(1, 1), revision(2, 2)],
    zones: [],
    versions: [1, 2, 3].map((n) => version(n, 1, { orderId: n === 3 ? null : orderId(n) })),
  });
  t.same(ids(reader), ['ALERT-1', 'ALERT-2', 'ALERT-3'], 'the other tier reads what this one writes');
  await keys.destroy(A);
  await ring.refresh(A);
  for (const [name, each] of Object.entries({ ledger, reader })) {
    t.same(ids(each), ['ALERT-2', 'ALERT-3'], name);
    t.same(
      each.alerts({}, 0, 10).map((one) => one.version.alertId as string),
      ['ALERT-2', 'ALERT-3'],
    );
    t.same(each.alerts({ orderId: A }, 0, 10), []);
    t.same(each.orderRevisions(A), []);
    t.equal(each.standing(A), null);
    t.not(each.standing(B), null);
    t.same(
      [...each.orders()].map((one) => one.order.orderId),
      [B],
    );
  }
  // done again after a crash: nothing of it is kept, and others' are
  const head = ledger.head();
  await ledger.commit({
    epoch: 1,
    orders: [revision(1, 9)],
    zones: [],
    versions: [version(8, 1, { orderId: A }), version(9, 1, { orderId: B })],
  });
  t.equal(ledger.head(), head + 1);
  t.same(ids(ledger), ['ALERT-2', 'ALERT-3', 'ALERT-9']);
  t.equal(await ledger.removeOrder(A), 2);
  t.equal(await ledger.removeOrder(A), 0);
  await reader.close();
  await ledger.close();
});

t.test(
  'what a start reads under keys of hours is passed over once the order’s own key is gone from the vault',
  async (t) => {
    for (const how of ['listed before', 'listed after', 'not listed'] as const) {
      const { folder, keys, ring, engine } = await house(t);
      const holds = ring.holds.bind(ring);
      const open = () => openEngineStores(folder, { ...engine, holds, hot: testSeals(), reader: null as never });
      const first = await open();
      await first.ledger.claim(1);
      await first.ledger.commit({ epoch: 1, orders: [revision(1, 1), revision(2, 2)], zones: [], versions: [] });
      for (const store of Object.values(first)) await store.close();
      if (how === 'listed before') await ring.list();
      // and the gateway ends before it has removed a row
      await keys.destroy(A);
      await ring.refresh(A);
      if (how === 'listed after') await ring.list();
      t.same(
        [A, B].map((id) => holds(ring.nameOf(id))),
        [false, true],
        how,
      );
      const again = await open();
      const said = [...again.ledger.histories()].flat();
      t.same(
        said.map(({ order }) => order.orderId),
        [B],
        how,
      );
      for (const store of Object.values(again)) await store.close();
    }
  },
);

t.test('a command for an order lies under its keys, one that erases it does not', async (t) => {
  const { folder, keys, ring, engine, api } = await house(t);
  const apiLog = LmdbCommandLog.open(folder, api);
  const engineLog = LmdbCommandLog.open(folder, engine);
  for (const n of [1, 2]) await apiLog.append({ kind: 'put_order', order: order(n, 1), by: 'import' }, T0);
  await apiLog.append({ kind: 'erase_order', orderId: A, by: 'controller' }, T0 + 1);
  const kinds = (log = engineLog) => log.after(0).map(({ place, command }) => `${place} ${command.kind}`);
  t.same(kinds(), ['1 put_order', '2 put_order', '3 erase_order']);
  await keys.destroy(A);
  await ring.refresh(A);
  t.same(kinds(), ['2 put_order', '3 erase_order']);
  await t.rejects(apiLog.append({ kind: 'put_order', order: order(1, 1), by: 'import' }, T0), /make them first/);
  t.equal(await apiLog.removeOrder(A), 0, 'what is not settled stays in its place');
  for (const place of [1, 2, 3]) await engineLog.settle(place, { ok: true, created: true });
  t.equal(await apiLog.removeOrder(A), 1);
  t.equal(apiLog.outcome(1), null);
  t.equal(await apiLog.expire(T0 + 1), 1);
  // asked of the log that wrote: the other's look may be of a moment before
  t.same(kinds(apiLog), [], 'what erased an order names it no longer when it is settled');
  await Promise.all([apiLog.close(), engineLog.close()]);
});

t.test('no row shows an order’s id', async (t) => {
  const { folder, engine } = await house(t);
  const ledger = await LmdbLedger.open(folder, engine);
  await ledger.claim(1);
  await ledger.commit({ epoch: 1, orders: [revision(1, 1)], zones: [], versions: [version(1, 1, { orderId: A })] });
  await ledger.close();
  t.notOk(readFileSync(`${folder}/data.mdb`).includes(A));
});

const ids = (ledger: LmdbLedgerReader): string[] =>
  ledger.versionsAfter(0, 10).map((one) => one.version.alertId as string);

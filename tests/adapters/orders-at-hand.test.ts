/** Orders under keys of an hour beside the ledger: a start opens no order's own key, and nothing of an erased one. */
import t, { type Test } from 'tap';
import { type EngineStores, openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { ORDERS_AT_HAND } from '../../src/adapters/lmdb/orders-at-hand.js';
import { EpochSeals, epochAt } from '../../src/crypto/epoch-seals.js';
import { Pseudonyms } from '../../src/crypto/pseudonyms.js';
import { TierSeals } from '../../src/crypto/seals.js';
import type { OrderId } from '../../src/domain/ids.js';
import type { OrderRevision } from '../../src/ports/ledger.js';
import { temporaryFolder } from '../support/folder.js';
import { order, orderId, T0 } from '../support/samples.js';

const names = new Pseudonyms(Buffer.alloc(32, 1));
const HOUR = epochAt(T0);
const keyOf = (n: number) => Buffer.alloc(32, n);

/** Orders' own keys, and how often one was opened. */
class CountedKeys {
  readonly gone = new Set<string>();
  opened = 0;
  readonly #seals = TierSeals.fromKey(keyOf(2), 1, names);

  nameOf(id: OrderId): string {
    return names.of(id);
  }

  sealsNamed(name: string) {
    this.opened++;
    return this.gone.has(name) ? null : this.#seals;
  }
}

const revision = (n: number, number: number, position: number): OrderRevision => ({
  position,
  order: order(n, number),
  receivedMs: T0 + position,
  effectiveMs: T0,
});

interface House {
  readonly folder: string;
  readonly orders: CountedKeys;
  /** Closes what was open. `hours`: the keys that are left, and the hour it is. */
  open(hours: readonly number[], nowHour: number): Promise<EngineStores>;
}

async function house(t: Test): Promise<House> {
  const folder = await temporaryFolder();
  const orders = new CountedKeys();
  let stores: EngineStores | null = null;
  const close = async () => {
    for (const store of Object.values(stores ?? {})) await store.close();
  };
  t.teardown(async () => {
    await close();
    await folder.remove();
  });
  let epoch = 0;
  const open = async (hours: readonly number[], nowHour: number) => {
    await close();
    const hot = new EpochSeals(names, () => nowHour * 3_600_000);
    for (const hour of hours) hot.add(hour, keyOf(hour % 200));
    const shared = TierSeals.fromKey(keyOf(3), 1, names);
    const holds = (name: string) => !orders.gone.has(name);
    stores = await openEngineStores(folder.path, { shared, orders, hot, holds, reader: null as never });
    epoch++;
    await stores.ledger.claim(epoch);
    if (epoch === 1) {
      const revisions = [revision(1, 1, 3), revision(2, 1, 4), revision(1, 2, 9)];
      await stores.ledger.commit({ epoch, orders: revisions, zones: [], versions: [] });
    }
    orders.opened = 0;
    return stores;
  };
  return { folder: folder.path, orders, open };
}

const said = ({ ledger }: EngineStores, upTo?: number) =>
  [...ledger.histories(upTo)]
    .map((one) => one.map(({ order, position }) => `${order.orderId}.${order.revision}@${position}`).join(' '))
    .sort();
const ALL = ['ORD-1.1@3 ORD-1.2@9', 'ORD-2.1@4'];

t.test('a start reads everybody’s orders and opens none of their keys', async (t) => {
  const { open, orders } = await house(t);
  await open([HOUR], HOUR);
  const stores = await open([HOUR, HOUR + 1], HOUR + 1);
  t.same(said(stores), ALL);
  t.same(
    [...stores.ledger.histories()].flat().find(({ position }) => position === 9),
    revision(1, 2, 9),
  );
  t.same(said(stores, 8), ['ORD-1.1@3', 'ORD-2.1@4']);
  t.same([...stores.ledger.orders()].map(({ position }) => position).sort(), [4, 9]);
  t.equal(orders.opened, 0);
});

t.test('what lies under an hour that is gone is read in the ledger, renewed, and at hand again', async (t) => {
  const { open, orders } = await house(t);
  await open([HOUR], HOUR);
  const stores = await open([HOUR + 80], HOUR + 80);
  t.same(said(stores), ALL);
  t.ok(orders.opened > 0);
  t.equal(await stores.ledger.renewAtHand(2), 2);
  t.equal(await stores.ledger.renewAtHand(2), 1);
  orders.opened = 0;
  t.same(said(stores), ALL);
  t.equal(orders.opened, 0);
});

t.test('what is at hand is renewed under the hour of now before its own is gone', async (t) => {
  const { open, orders } = await house(t);
  await open([HOUR], HOUR);
  const stores = await open([HOUR, HOUR + 30], HOUR + 30);
  t.equal(await stores.ledger.renewAtHand(10), 3);
  t.equal(orders.opened, 0, 'no key is opened for it');
  const later = await open([HOUR + 30, HOUR + 75], HOUR + 75);
  t.same(said(later), ALL);
  t.equal(orders.opened, 0);
});

t.test('rows that are missing, of another order, or damaged are read in the ledger', async (t) => {
  const { open, orders, folder } = await house(t);
  await open([HOUR], HOUR);
  const [a, b] = [names.of(orderId(1)), names.of(orderId(2))];
  const env = Environment.open(folder).enter();
  const db = env.db<[string, number]>(ORDERS_AT_HAND);
  await env.transaction(() => {
    const row = Buffer.from(db.get([a, 1]) as Buffer);
    db.put([b, 1], row);
    db.remove([a, 2]);
    row[40] = (row[40] as number) ^ 1;
    db.put([a, 1], row);
  });
  await env.leave();
  const stores = await open([HOUR], HOUR);
  t.same(said(stores), ALL);
  t.equal(orders.opened, 3);
});

t.test('an order whose key is destroyed is passed over, though its row is there still', async (t) => {
  const { open, orders } = await house(t);
  await open([HOUR], HOUR);
  // a crash came between the destruction of the key and the removal of the rows
  orders.gone.add(names.of(orderId(1)));
  const stores = await open([HOUR], HOUR);
  t.same(said(stores), ['ORD-2.1@4']);
  t.same(
    [...stores.ledger.orders()].map(({ position }) => position),
    [4],
  );
  t.equal(await stores.ledger.renewAtHand(10), 1, 'and is renewed no more');
});

t.test('what is at hand of an order goes with its rows', async (t) => {
  const { open, folder } = await house(t);
  const stores = await open([HOUR], HOUR);
  await stores.ledger.removeOrder(orderId(1));
  t.same(said(stores), ['ORD-2.1@4']);
  await open([HOUR], HOUR);
  const env = Environment.open(folder).enter();
  const rows = [...env.db<[string, number]>(ORDERS_AT_HAND).getKeys({})];
  await env.leave();
  t.same(rows, [[names.of(orderId(2)), 1]]);
});

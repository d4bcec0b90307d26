/** What every ledger promises, crashes included. */
import t, { type Test } from 'tap';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { Ledger, LedgerBatch, PlacedVersion } from '../../src/ports/ledger.js';
import { Superseded } from '../../src/ports/subject-states.js';
import { agencyId, alertId, order, orderId, T0, version, zone, zoneId } from '../support/samples.js';

export interface LedgerPlace {
  open(): Promise<Ledger>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  remove(): Promise<void>;
}

const batch = (change: Partial<LedgerBatch>): LedgerBatch => ({
  epoch: 1,
  orders: [],
  zones: [],
  versions: [],
  ...change,
});
const revision = (n: number, number: number, position: number) => ({
  position,
  order: order(n, number),
  receivedMs: T0 + position,
  effectiveMs: T0 + position,
});
const places = (found: readonly PlacedVersion[]) => found.map(({ place }) => place);
const names = (found: readonly PlacedVersion[]) => found.map((one) => `${one.version.alertId}.${one.version.version}`);

export function ledgerContract(name: string, make: () => Promise<LedgerPlace>): void {
  const clause = (text: string, run: (ledger: Ledger, t: Test, place: LedgerPlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      const ledger = await place.open();
      await ledger.claim(1);
      await run(ledger, t, place);
    });

  clause('an empty ledger answers everything with nothing', async (ledger, t) => {
    t.equal(ledger.head(), 0);
    t.same(ledger.versionsAfter(0, 10), []);
    t.same(ledger.alert(alertId(1)), []);
    t.same(ledger.alerts({}, 0, 10), []);
    t.same(ledger.orderRevisions(orderId(1)), []);
    t.same([...ledger.orders()], []);
    t.equal(ledger.lastOrderPosition(), 0);
    t.same([...ledger.zones()], []);
    t.equal(ledger.zone(zoneId(1)), null);
    t.match(ledger.ledgerId, /^.{8,}$/);
    await ledger.close();
  });

  clause('versions get consecutive places from 1 and come back whole, in that order', async (ledger, t) => {
    const told = [version(1, 1), version(2, 1), version(1, 2, { codes: ['AL08', 'AL09'], endMs: T0 + 900_000 })];
    await ledger.commit(batch({ versions: told.slice(0, 2) }));
    await ledger.commit(batch({ versions: told.slice(2) }));
    t.equal(ledger.head(), 3);
    t.same(
      ledger.versionsAfter(0, 10),
      told.map((one, index) => ({ place: index + 1, version: one })),
    );
    t.same(places(ledger.versionsAfter(1, 1)), [2]);
    t.same(ledger.versionsAfter(3, 10), []);
    t.same(names(ledger.alert(alertId(1))), ['ALERT-1.1', 'ALERT-1.2']);
    await ledger.close();
  });

  clause('a batch done twice changes nothing, and of one version the first write stands', async (ledger, t) => {
    const once = batch({
      orders: [revision(1, 1, 5)],
      zones: [{ position: 6, zoneId: zoneId(1), zone: zone(1, 1), receivedMs: T0 }],
      versions: [version(1, 1), version(2, 1)],
    });
    await ledger.commit(once);
    await ledger.commit(once);
    await ledger.commit(
      batch({
        orders: [{ ...revision(1, 1, 9), order: { ...order(1, 1), hdc: true } }],
        versions: [version(1, 1, { state: 'withdrawn' }), version(3, 1), version(3, 1, { count: 9 })],
      }),
    );
    t.same(names(ledger.versionsAfter(0, 10)), ['ALERT-1.1', 'ALERT-2.1', 'ALERT-3.1']);
    t.same(
      ledger.versionsAfter(0, 10).map((one) => [one.version.state, one.version.count]),
      [
        ['open', 1],
        ['open', 1],
        ['open', 1],
      ],
    );
    t.same(ledger.orderRevisions(orderId(1)), [revision(1, 1, 5)]);
    t.same([...ledger.zones()], [zone(1, 1)]);
    await ledger.close();
  });

  clause('a list holds the newest version of each alert, at its place', async (ledger, t) => {
    await ledger.commit(batch({ versions: [version(1, 1), version(2, 1), version(3, 1)] }));
    await ledger.commit(batch({ versions: [version(1, 2), version(1, 3)] }));
    t.same(names(ledger.alerts({}, 0, 10)), ['ALERT-2.1', 'ALERT-3.1', 'ALERT-1.3']);
    t.same(places(ledger.alerts({}, 0, 10)), [2, 3, 5]);
    t.same(places(ledger.alerts({}, 2, 1)), [3]);
    t.same(places(ledger.alerts({}, 3, 10)), [5]);
    await ledger.close();
  });

  clause('a list is filtered by state, type, agency and order, as the newest version has them', async (ledger, t) => {
    const told: AlertVersion[] = [
      version(0, 1),
      version(1, 1, { type: 'battery.low', kind: 'alert' }),
      version(2, 1),
      version(3, 1, { agency: null, orderId: null, subjectId: null }),
      version(5, 1),
      version(2, 2, { state: 'withdrawn' }),
    ];
    await ledger.commit(batch({ versions: told }));
    t.same(names(ledger.alerts({ state: 'withdrawn' }, 0, 10)), ['ALERT-2.2']);
    t.same(names(ledger.alerts({ state: 'open', type: 'curfew' }, 0, 10)), ['ALERT-0.1', 'ALERT-3.1', 'ALERT-5.1']);
    t.same(names(ledger.alerts({ agency: agencyId(0) }, 0, 10)), ['ALERT-0.1', 'ALERT-2.2']);
    t.same(names(ledger.alerts({ orderId: orderId(0) }, 0, 10)), ['ALERT-0.1', 'ALERT-5.1']);
    t.same(names(ledger.alerts({ orderId: orderId(2), state: 'open' }, 0, 10)), []);
    t.same(names(ledger.alerts({ type: 'tamper.strap' }, 0, 10)), []);
    await ledger.close();
  });

  clause('orders keep every revision; a list gives the newest, or the newest up to a position', async (ledger, t) => {
    await ledger.commit(batch({ orders: [revision(1, 1, 3), revision(2, 1, 4)] }));
    await ledger.commit(batch({ orders: [revision(1, 2, 9)] }));
    const listed = (upTo?: number) =>
      [...(upTo === undefined ? ledger.orders() : ledger.orders(upTo))]
        .map((one) => `${one.order.orderId}.${one.order.revision}`)
        .sort();
    t.same(ledger.orderRevisions(orderId(1)), [revision(1, 1, 3), revision(1, 2, 9)]);
    t.same(listed(), ['ORD-1.2', 'ORD-2.1']);
    t.same(listed(9), ['ORD-1.2', 'ORD-2.1']);
    t.same(listed(8), ['ORD-1.1', 'ORD-2.1']);
    t.same(listed(3), ['ORD-1.1']);
    t.same(listed(2), []);
    const said = (upTo?: number) =>
      [...ledger.histories(upTo)].map((one) => one.map(({ position }) => position)).sort();
    t.same(said(), [[3, 9], [4]]);
    t.same(said(8), [[3], [4]]);
    t.same(said(3), [[3]]);
    t.same(said(2), []);
    t.same([...ledger.histories(3)], [[revision(1, 1, 3)]]);
    t.equal(ledger.lastOrderPosition(), 9);
    await ledger.close();
  });

  clause('zones stand as they were changed last, or as they stood at a position', async (ledger, t) => {
    const change = (n: number, number: number | null, position: number) => ({
      position,
      zoneId: zoneId(n),
      zone: number === null ? null : zone(n, number),
      receivedMs: T0 + position,
    });
    await ledger.commit(batch({ zones: [change(1, 1, 2), change(2, 1, 3), change(1, 2, 5)] }));
    await ledger.commit(batch({ zones: [change(2, null, 7), change(3, 1, 8)] }));
    const listed = (upTo?: number) =>
      [...(upTo === undefined ? ledger.zones() : ledger.zones(upTo))]
        .map((one) => `${one.zoneId}.${one.revision}`)
        .sort();
    t.same(ledger.zone(zoneId(1)), zone(1, 2));
    t.equal(ledger.zone(zoneId(2)), null);
    t.same(listed(), ['ZONE-1.2', 'ZONE-3.1']);
    t.same(listed(6), ['ZONE-1.2', 'ZONE-2.1']);
    t.same(listed(4), ['ZONE-1.1', 'ZONE-2.1']);
    t.same(listed(1), []);
    await ledger.close();
  });

  clause(
    'an order stands as its newest revision says, in whatever order they came, and until it is removed',
    async (ledger, t) => {
      const restricted = { ...revision(1, 2, 6), order: { ...order(1, 2), restricted: true, supervisor: agencyId(2) } };
      t.equal(ledger.standing(orderId(1)), null);
      await ledger.commit(batch({ orders: [restricted, revision(2, 1, 5)] }));
      await ledger.commit(batch({ orders: [revision(1, 1, 7)] }));
      t.same(ledger.standing(orderId(1)), { revision: 2, restricted: true, supervisor: agencyId(2) });
      t.same(ledger.standing(orderId(2)), { revision: 1, restricted: false, supervisor: order(2, 1).supervisor });
      await ledger.commit(batch({ orders: [revision(1, 3, 8), revision(1, 2, 9)] }));
      t.same(ledger.standing(orderId(1)), { revision: 3, restricted: false, supervisor: order(1, 3).supervisor });
      await ledger.removeOrder(orderId(1));
      t.equal(ledger.standing(orderId(1)), null);
      t.not(ledger.standing(orderId(2)), null);
      await ledger.close();
    },
  );

  clause('what was committed is there after a crash, under the same ledger id', async (ledger, t, place) => {
    const id = ledger.ledgerId;
    await ledger.commit(batch({ orders: [revision(1, 1, 1)], versions: [version(1, 1), version(2, 1)] }));
    await place.crash();
    const again = await place.open();
    t.equal(again.ledgerId, id);
    t.equal(again.head(), 2);
    t.same(again.versionsAfter(0, 9), [
      { place: 1, version: version(1, 1) },
      { place: 2, version: version(2, 1) },
    ]);
    await again.claim(2);
    await again.commit(batch({ epoch: 2, versions: [version(2, 1), version(2, 2)] }));
    t.same(names(again.versionsAfter(2, 9)), ['ALERT-2.2']);
    await again.close();
  });

  clause(
    'what is done again after a crash leaves each alert in the lists once, at its newest version',
    async (ledger, t, place) => {
      await ledger.commit(batch({ versions: [version(1, 1), version(2, 1)] }));
      await ledger.commit(batch({ versions: [version(1, 2)] }));
      await place.crash();
      const again = await place.open();
      await again.claim(2);
      await again.commit(batch({ epoch: 2, versions: [version(1, 1), version(2, 1), version(3, 1)] }));
      t.same(names(again.alerts({}, 0, 9)), ['ALERT-2.1', 'ALERT-1.2', 'ALERT-3.1']);
      await again.commit(batch({ epoch: 2, versions: [version(1, 1), version(1, 2), version(1, 3), version(2, 1)] }));
      t.same(names(again.alerts({}, 0, 9)), ['ALERT-2.1', 'ALERT-3.1', 'ALERT-1.3']);
      t.same(names(again.versionsAfter(0, 9)), ['ALERT-1.1', 'ALERT-2.1', 'ALERT-1.2', 'ALERT-3.1', 'ALERT-1.3']);
      await again.close();
    },
  );

  clause('an owner with a lower epoch commits nothing', async (ledger, t) => {
    await ledger.commit(batch({ versions: [version(1, 1)] }));
    await ledger.claim(2);
    await t.rejects(ledger.commit(batch({ orders: [revision(1, 1, 1)], versions: [version(9, 1)] })), Superseded);
    await t.rejects(ledger.claim(2), Superseded);
    await t.rejects(ledger.claim(1), Superseded);
    t.equal(ledger.head(), 1);
    t.same(ledger.orderRevisions(orderId(1)), []);
    await ledger.close();
  });

  clause('batches that are committed at once are placed one after the other', async (ledger, t) => {
    await Promise.all([1, 2, 3, 4, 5].map((n) => ledger.commit(batch({ versions: [version(n, 1), version(n, 2)] }))));
    t.same(
      names(ledger.versionsAfter(0, 20)),
      [1, 2, 3, 4, 5].flatMap((n) => [`ALERT-${n}.1`, `ALERT-${n}.2`]),
    );
    await ledger.close();
  });

  clause('listeners are woken by a commit, until they stop', async (ledger, t) => {
    let woken = 0;
    const stop = ledger.onCommit(() => {
      woken++;
    });
    await ledger.commit(batch({ versions: [version(1, 1)] }));
    t.equal(woken, 1);
    stop();
    await ledger.commit(batch({ versions: [version(2, 1)] }));
    t.equal(woken, 1);
    await ledger.close();
  });

  clause('long lists are read whole while other commits go on', async (ledger, t) => {
    const many = Array.from({ length: 700 }, (_, n) => version(n, 1));
    await ledger.commit(batch({ versions: many, orders: many.map((_, n) => revision(n, 1, n + 1)) }));
    let seen = 0;
    for (const _ of ledger.orders()) {
      if (seen++ === 300) await ledger.commit(batch({ versions: [version(900, 1)] }));
    }
    t.equal(seen, 700);
    t.equal(ledger.alerts({}, 0, 2_000).length, 701);
    t.equal(ledger.versionsAfter(0, 1_000).length, 701);
    await ledger.close();
  });

  clause('of an order that is removed nothing is left; places of others stay, and so do theirs', async (ledger, t) => {
    const [a, b] = [orderId(1), orderId(2)];
    await ledger.commit(
      batch({
        orders: [revision(1, 1, 5), revision(1, 2, 6), revision(2, 1, 7)],
        versions: [
          version(1, 1, { orderId: a }),
          version(2, 1, { orderId: b }),
          version(1, 2, { orderId: a }),
          version(3, 1, { orderId: null }),
        ],
      }),
    );
    t.equal(await ledger.removeOrder(a), 4);
    t.same(names(ledger.versionsAfter(0, 10)), ['ALERT-2.1', 'ALERT-3.1']);
    t.same(places(ledger.versionsAfter(0, 10)), [2, 4]);
    t.same(names(ledger.versionsAfter(0, 1)), ['ALERT-2.1'], 'a page begins with what stands');
    t.same(names(ledger.alerts({}, 0, 10)), ['ALERT-2.1', 'ALERT-3.1']);
    t.same(ledger.alerts({ orderId: a }, 0, 10), []);
    t.same(ledger.alert(alertId(1)), []);
    t.same(ledger.orderRevisions(a), []);
    t.same(
      [...ledger.orders()].map(({ order }) => order.orderId),
      [b],
    );
    t.equal(await ledger.removeOrder(a), 0);
    await ledger.commit(batch({ versions: [version(4, 1, { orderId: b })] }));
    t.equal(ledger.head(), 5, 'no place is given twice');
    await ledger.close();
  });
}

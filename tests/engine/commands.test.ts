// Commands: each carried out once and answered, refused with its problem, and in force before the uploads behind it.
import t, { type Test } from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import type { JournalEntry } from '../../src/domain/entry.js';
import type { DeviceId, ZoneId } from '../../src/domain/ids.js';
import { streamOfDevice, streamOfOrder } from '../../src/domain/ids.js';
import { assigned, at, circle, clock, curfew, exclusion, fix, heartbeat, tagSays } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { openRoom, type Room, type RoomOptions } from './room.js';
import { NOON, orderIdOf, personOrder, SHARED, setUp, sharedZone, tagOf, unitOf } from './story.js';

async function folderOf(t: Test): Promise<string> {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  return folder.path;
}
async function roomOf(t: Test, people: number, o: RoomOptions = {}): Promise<Room> {
  const path = await folderOf(t);
  const room = await openRoom(path, 1, { startMs: NOON, ...o });
  t.teardown(() => room.close());
  await setUp(room, people);
  return room;
}
async function entriesOf(room: Room): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const { entry } of room.journal.read(1)) entries.push(entry);
  return entries;
}
const put = (n: number, change: Parameters<typeof personOrder>[1] = {}) =>
  ({ kind: 'put_order', order: personOrder(n, change), by: 'test' }) as const;
const episodes = (room: Room, type: string) => {
  const newest = new Map(room.told().map(({ version }) => [version.alertId, version]));
  return [...newest.values()]
    .filter((version) => version.type === type)
    .map((v) => `${v.orderId} ${v.conditionId} ${clock(v.startMs)}–${clock(v.endMs) ?? ''} ${v.endedBy ?? ''}`.trim());
};

t.test(
  'what cannot be carried out is refused with where, what was expected and what came; the next one goes on',
  async (t) => {
    const room = await roomOf(t, 1);
    const before = room.journal.last;
    t.match(await room.command(put(0, { revision: 1, hdc: true })), {
      ok: false,
      code: 'conflict',
      problems: [{ path: 'revision', expected: /above 1/, got: '1' }],
    });
    t.match(await room.command(put(1, { devices: [assigned(tagOf(0), 'tag')] })), { ok: false, code: 'invalid' });
    t.match(await room.command(put(1, { conditions: [exclusion('ZONE-9')] })), {
      ok: false,
      code: 'invalid',
      problems: [{ path: /conditions/, got: /ZONE-9/ }],
    });
    t.match(await room.command({ kind: 'delete_zone', zoneId: 'ZONE-9' as ZoneId, by: 'test' }), {
      ok: false,
      code: 'not_found',
    });
    t.equal(room.journal.last, before, 'none of it is in the journal');
    t.equal(room.assignments.streamOf(tagOf(0), NOON), streamOfOrder(orderIdOf(0)), 'nor in force');
    t.same(await room.command(put(0)), { ok: true, created: false }, 'the same again is no conflict');
    t.equal(room.journal.last, before);
    t.same(await room.command(put(1)), { ok: true, created: true });
  },
);

t.test('a zone that an order names is not deleted: in force, to come, or about to be replaced', async (t) => {
  const room = await roomOf(t, 1);
  const remove = { kind: 'delete_zone', zoneId: SHARED, by: 'test' } as const;
  t.match(await room.command(remove), { ok: false, code: 'conflict', problems: [{ got: /ORD-0/ }] });
  const without = put(0, { revision: 2, effectiveMs: at('20:00'), conditions: [curfew()] });
  t.match(await room.command(without), { ok: true });
  t.match(await room.command(remove), { ok: false, code: 'conflict' }, 'until the revision without it is in force');
  await room.clock.advanceTo(at('20:00:01'));
  t.match(await room.command(remove), { ok: true });
  t.match(await room.command(put(1)), { ok: false, code: 'invalid' }, 'a deleted zone can be named no more');
  t.match(await room.command({ kind: 'put_zone', zone: sharedZone(300, 3), by: 'test' }), { ok: true, created: true });
  t.match(await room.command(put(1)), { ok: true });
});

t.test('a crash between the journal and the answer: it is answered, and carried out once', async (t) => {
  const path = await folderOf(t);
  const before = await openRoom(path, 1, { startMs: NOON });
  await before.commands.append({ kind: 'put_zone', zone: sharedZone(300, 1), by: 'test' }, NOON);
  await before.commands.append(put(0), NOON);
  await before.commands.append(put(1), NOON);
  await before.commands.settle(1, { ok: true, created: true });
  const order = personOrder(0);
  await before.enter(
    { kind: 'zone', stream: '~~' as never, receivedMs: NOON, zoneId: SHARED, zone: sharedZone(300, 1) },
    { kind: 'order', stream: streamOfOrder(order.orderId), receivedMs: NOON, order },
  );
  await before.close();

  const room = await openRoom(path, 2);
  t.teardown(() => room.close());
  room.follower.start();
  t.match(await room.commands.awaitOutcome(2, 10_000), { ok: true });
  t.same(await room.commands.awaitOutcome(3, 10_000), { ok: true, created: true });
  const orders = (await entriesOf(room)).flatMap((entry) => (entry.kind === 'order' ? [entry.order.orderId] : []));
  t.same(orders, ['ORD-0', 'ORD-1']);
  t.equal(room.ledger.orderRevisions(orderIdOf(0)).length, 1);
});

t.test('what an order is given is routed to it behind the order in the journal, and never before', async (t) => {
  const room = await roomOf(t, 0);
  const place = await room.commands.append(put(0), NOON);
  const uploads: Promise<number>[] = [];
  for (let n = 1; room.commands.outcome(place) === null; n += 1) {
    uploads.push(room.upload(tagOf(0), n, [makeRecord(at('12:30'), heartbeat)]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(uploads);
  await room.upload(tagOf(0), 999, [makeRecord(at('12:30'), heartbeat)]);
  const streams = (await entriesOf(room)).map((entry) => (entry.kind === 'order' ? 'the order' : entry.stream));
  const order = streams.indexOf('the order');
  t.ok(order > 0);
  t.notOk(streams.slice(0, order).includes(streamOfOrder(orderIdOf(0))));
  t.ok(streams.slice(order).includes(streamOfOrder(orderIdOf(0))));
  t.notOk(streams.slice(streams.indexOf(streamOfOrder(orderIdOf(0)))).includes(streamOfDevice(tagOf(0))));
});

t.test('until a revision takes over, the devices that it drops speak for the order; over a start too', async (t) => {
  const path = await folderOf(t);
  const next = 'TAG-NEXT' as DeviceId;
  const speaks = (room: Room, time: string) =>
    [tagOf(0), next].filter((device) => room.assignments.orderAt(device, at(time)) === orderIdOf(0));
  const before = await openRoom(path, 1, { startMs: NOON });
  await setUp(before, 1);
  const devices = [assigned(unitOf(0), 'home_unit'), assigned(next, 'tag', { fromMs: at('20:00') })];
  t.match(await before.command(put(0, { revision: 2, effectiveMs: at('20:00'), devices })), { ok: true });
  t.same([speaks(before, '19:59:59.999'), speaks(before, '20:00')], [[tagOf(0)], [next]]);
  await before.upload(tagOf(0), 1, [makeRecord(NOON, tagSays('STRAP_TAMPER_START'))]);
  await before.settled();
  t.same(episodes(before, 'tamper.strap'), ['ORD-0 null 12:00:00–']);
  await before.close();
  const room = await openRoom(path, 2);
  t.teardown(() => room.close());
  t.same([speaks(room, '19:59:59.999'), speaks(room, '20:00')], [[tagOf(0)], [next]]);
  await room.clock.advanceTo(at('20:00:01'));
  t.same(episodes(room, 'tamper.strap'), ['ORD-0 null 12:00:00–20:00:00 ORDER_REVISED']);
});

t.test('a zone edit does not keep a later revision from taking over', async (t) => {
  const room = await roomOf(t, 1);
  await room.command(put(0, { revision: 2, effectiveMs: at('14:00'), conditions: [exclusion(circle(900))] }));
  await room.command({ kind: 'put_zone', zone: sharedZone(100, 2), by: 'test' });
  await room.clock.advanceTo(at('13:50'));
  await room.upload(tagOf(0), 1, [makeRecord(at('13:50'), fix(800))]);
  await room.clock.advanceTo(at('14:10'));
  await room.upload(tagOf(0), 2, [makeRecord(at('14:10'), fix(800))]);
  await room.settled();
  t.same(episodes(room, 'exclusion'), ['ORD-0 Z1 14:10:00–']);
  t.equal(room.policies.of(orderIdOf(0)).length, 3, 'what was before stays, for late data');
});

t.test('a correction of an order that has not begun takes the place of it, whichever begins first', async (t) => {
  const tomorrow = at('12:00', 1);
  const dayAfter = at('12:00', 2);
  const from = (startMs: number) => ({
    startMs,
    devices: [assigned(unitOf(0), 'home_unit', { fromMs: startMs }), assigned(tagOf(0), 'tag', { fromMs: startMs })],
    conditions: [exclusion(circle(200))],
  });
  for (const [first, second, beginsMs] of [
    [tomorrow, dayAfter, dayAfter],
    [dayAfter, tomorrow, tomorrow],
  ] as const) {
    const room = await roomOf(t, 0);
    await room.command(put(0, from(first)));
    await room.command(put(0, { ...from(second), revision: 2 }));
    let sequence = 0;
    for (const ms of [tomorrow, dayAfter]) {
      await room.clock.advanceTo(ms + 60_000);
      sequence += 1;
      await room.upload(tagOf(0), sequence, [makeRecord(ms + 30_000, fix(0))]);
    }
    await room.settled();
    t.equal(room.told().find(({ version }) => version.type === 'exclusion')?.version.startMs, beginsMs + 30_000);
    t.equal(room.telemetry.counts.get('fairwatch_records_late_total') ?? 0, 0);
  }
});

t.test('a revision that puts the beginning off takes the order out of force until then', async (t) => {
  const room = await roomOf(t, 1);
  await room.upload(tagOf(0), 1, [makeRecord(NOON, fix(0))]);
  const later = { startMs: at('15:00'), conditions: [exclusion(circle(200)), curfew()] };
  const devices = [unitOf(0), tagOf(0)].map((id, i) =>
    assigned(id, i === 0 ? 'home_unit' : 'tag', { fromMs: at('15:00') }),
  );
  t.match(await room.command(put(0, { revision: 2, ...later, devices })), { ok: true });
  await room.clock.advanceTo(at('12:05'));
  await room.upload(tagOf(0), 2, [makeRecord(at('12:04'), fix(0))]);
  await room.settled();
  t.same(episodes(room, 'exclusion'), [
    'ORD-0 Z1 12:00:00–12:00:00 ZONE_EDITED',
    'ORD-0 Z2 12:00:00–12:00:00 ORDER_REVISED',
  ]);
});

t.test('a zone edit whose time had not come before a crash closes what runs, with its reason, after it', async (t) => {
  const path = await folderOf(t);
  const before = await openRoom(path, 1, { startMs: NOON });
  await setUp(before, 2);
  await before.clock.advanceTo(at('12:10'));
  for (const n of [0, 1]) await before.upload(tagOf(n), 1, [makeRecord(at('12:10'), fix(350))]);
  await before.settled();
  await before.command(put(1, { revision: 2, effectiveMs: at('12:30') }));
  await before.command({ kind: 'put_zone', zone: sharedZone(380, 2), by: 'test' });
  await before.close();
  const room = await openRoom(path, 2);
  t.teardown(() => room.close());
  t.same(episodes(room, 'exclusion'), ['ORD-0 Z2 12:10:00–', 'ORD-1 Z2 12:10:00–'], 'not by the start itself');
  t.same(
    [0, 1].map((n) => room.policies.of(orderIdOf(n)).map(({ order }) => order.revision)),
    [
      [1, 1],
      [1, 1, 2],
    ],
  );
  await room.clock.advanceTo(at('12:11'));
  t.same(episodes(room, 'exclusion'), [
    'ORD-0 Z2 12:10:00–12:10:00 ZONE_EDITED',
    'ORD-1 Z2 12:10:00–12:10:00 ZONE_EDITED',
  ]);
  await room.clock.advanceTo(at('12:31'));
  t.equal(room.states.get(streamOfOrder(orderIdOf(1)))?.policyRevision, 2);
});

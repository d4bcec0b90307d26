// Due times: never before what waits, never lost, and after an interruption only when a backlog has had its say.
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { makeRecord } from '../../src/codec/record.js';
import type { JournalEntry } from '../../src/domain/entry.js';
import { type StreamKey, streamOfOrder } from '../../src/domain/ids.js';
import { DueTimes } from '../../src/engine/due-times.js';
import { Ticker } from '../../src/engine/ticker.js';
import { seedOfRun } from '../rules/seeded.js';
import { at, clock, curfew, rf } from '../rules/step-driver.js';
import { temporaryFolder } from '../support/folder.js';
import { around, Gate } from './around.js';
import { openRoom, type Room, type RoomOptions } from './room.js';
import { NOON, orderIdOf, personOrder, setUp, tagOf, unitOf } from './story.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

async function roomOf(t: Test, people: number, o: RoomOptions = {}): Promise<Room> {
  const folder = await temporaryFolder();
  const room = await openRoom(folder.path, 1, { startMs: NOON, ...o });
  await setUp(room, people);
  t.teardown(async () => {
    await room.close();
    await folder.remove();
  });
  return room;
}
const reading = (n: number, timeMs: number, event: 'ENTER' | 'EXIT') => makeRecord(timeMs, rf(event, tagOf(n)));
const curfews = (room: Room) =>
  room
    .told()
    .filter(({ version }) => version.type === 'curfew')
    .map(({ version }) =>
      [clock(version.eventMs), clock(version.derivedMs), version.cause, ...version.codes].join(' '),
    );
async function entriesOf(room: Room): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const { entry } of room.journal.read(1)) entries.push(entry);
  return entries;
}

t.test(
  'due times come out earliest first, each stream once at the time set last, those of one time by their names, like a sorted list',
  async (t) => {
    const act = fc.oneof(
      fc.record({ set: fc.nat(8), dueMs: fc.option(fc.nat(50)) }),
      fc.record({ take: fc.nat(60), max: fc.integer({ min: 1, max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const due = new DueTimes();
        const list = new Map<string, number>();
        for (const one of acts) {
          if ('set' in one) {
            const stream = `S${one.set}` as StreamKey;
            due.set(stream, one.dueMs);
            if (one.dueMs === null) list.delete(stream);
            else list.set(stream, one.dueMs);
          } else {
            const taken = due.take(one.take, one.max).map(({ stream, dueMs }) => [stream, dueMs] as const);
            const ripe = [...list].filter(([, ms]) => ms <= one.take);
            ripe.sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1));
            if (taken.join(';') !== ripe.slice(0, one.max).join(';')) return false;
            for (const [stream, ms] of taken) {
              if (list.get(stream) !== ms) return false;
              list.delete(stream);
            }
          }
          if (due.size !== list.size) return false;
          if (due.next() !== (list.size === 0 ? null : Math.min(...list.values()))) return false;
        }
        return true;
      }),
      { seed, numRuns: 2_000 },
    );
    t.pass();
  },
);

t.test('a due time that every record moves on takes no more room than one', async (t) => {
  const due = new DueTimes();
  for (let n = 0; n < 10_000; n += 1) due.set(`S${n % 10}` as StreamKey, 1_000 + n);
  t.equal(due.queued, 10);
  t.equal(due.take(20_000, 100).length, 10);
});

t.test('a tick stands behind every upload that waits: what it says comes first', async (t) => {
  const gate = new Gate();
  const room = await roomOf(t, 2, {
    wrapLedger: (ledger) =>
      around(ledger, {
        async commit(batch) {
          await gate.pass();
          await ledger.commit(batch);
        },
      }),
  });
  await room.clock.advanceTo(at('18:00'));
  for (const n of [0, 1]) await room.upload(unitOf(n), 1, [reading(n, at('18:00'), 'EXIT')]);
  await room.clock.advanceTo(at('19:04:50'));
  await room.settled();
  gate.shut();
  // something holds the engine up; the way home waits behind it
  await room.enter({
    kind: 'integrity',
    stream: streamOfOrder(orderIdOf(1)),
    receivedMs: at('19:04:51'),
    deviceId: tagOf(1),
    type: 'integrity.bad_seal',
  });
  await gate.someone();
  const home = await room.upload(unitOf(0), 3, [reading(0, at('19:04:51'), 'ENTER')]);
  const fired = room.ticker.fire(at('19:05'));
  gate.open();
  await fired;
  const ticks = (await entriesOf(room)).flatMap((entry, i) =>
    entry.kind === 'tick' && i + 1 > home ? [entry.stream] : [],
  );
  t.ok(ticks.includes(streamOfOrder(orderIdOf(0))), 'it was due, and its tick came');
  t.same(curfews(room), ['19:05:00 19:05:00 timer AL08'], 'of the one who is out, and not of the one who is home');
});

t.test('after an interruption ticks wait until the backlog could speak, and say whose silence it was', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const before = await openRoom(folder.path, 1, { startMs: NOON });
  await setUp(before, 3);
  await before.clock.advanceTo(at('18:00'));
  for (const n of [0, 1, 2]) await before.upload(unitOf(n), 1, [reading(n, at('18:00'), 'EXIT')]);
  await before.clock.advanceTo(at('19:03'));
  await before.settled();
  await before.close();

  const room = await openRoom(folder.path, 2);
  t.teardown(() => room.close());
  let nowMs = at('19:20');
  const ticker = new Ticker({
    clock: { nowMs: () => nowMs },
    journal: room.journal,
    dueTimes: room.dueTimes,
    deliver: room.engine.deliver.bind(room.engine),
    whenReached: room.engine.whenReached.bind(room.engine),
    telemetry: room.telemetry,
    reconnectGraceMs: 120_000,
    lastAliveMs: at('19:03'),
    onFatal: () => t.fail('fatal'),
  });
  await ticker.fire(nowMs);
  nowMs = at('19:21:59.999');
  await ticker.fire(nowMs);
  t.same(curfews(room), [], 'nothing yet');
  // the backlog of one of them: home in time
  await room.enter({
    kind: 'upload',
    stream: streamOfOrder(orderIdOf(0)),
    receivedMs: nowMs,
    deviceId: unitOf(0),
    sequence: 3n,
    index: 0,
    digest: 'AAAAAAAAAAAAAAAAAAAAAA',
    records: [reading(0, at('19:04:30'), 'ENTER')],
  });
  nowMs = at('19:22');
  await ticker.fire(nowMs);
  t.same(curfews(room), ['19:05:00 19:22:00 gateway_outage AL08', '19:05:00 19:22:00 gateway_outage AL08']);
  t.same(room.failures, []);
});

t.test("what came due before the interruption, or after it is over, is the wearer's own", async (t) => {
  const causes: string[] = [];
  for (const [dueMs, lastAliveMs] of [
    [at('19:05'), at('19:05:00.001')],
    [at('19:05'), at('19:05')],
    [at('19:22'), at('19:05')],
    [at('19:22:00.001'), at('19:05')],
    [at('19:05'), null],
  ] as const) {
    const dueTimes = new DueTimes();
    dueTimes.set('ORD-1' as StreamKey, dueMs);
    let nowMs = at('19:20');
    const ticker = new Ticker({
      clock: { nowMs: () => nowMs },
      journal: {
        last: 0,
        append: async (entries: readonly JournalEntry[]) => {
          for (const entry of entries) if (entry.kind === 'tick') causes.push(entry.cause);
          return 1;
        },
      } as never,
      dueTimes,
      deliver: () => {},
      whenReached: async () => {},
      telemetry: { count: () => {} } as never,
      reconnectGraceMs: 120_000,
      lastAliveMs,
      onFatal: () => t.fail('fatal'),
    });
    nowMs = at('19:30');
    await ticker.fire(nowMs);
  }
  t.same(causes, ['timer', 'gateway_outage', 'gateway_outage', 'timer', 'timer']);
});

t.test('the stepped clock fires each timer at its own time, those of the very moment at the next step', async (t) => {
  const room = await roomOf(t, 2);
  for (const n of [0, 1]) await room.upload(unitOf(n), 1, [reading(n, at('11:59'), 'EXIT')]);
  await room.clock.advanceTo(at('18:00'));
  for (const n of [0, 1]) await room.upload(unitOf(n), 2, [reading(n, at('18:00'), 'EXIT')]);
  await room.clock.advanceTo(at('19:05'));
  t.same(curfews(room), [], 'records of 19:05 come before its timers');
  await room.upload(unitOf(0), 3, [reading(0, at('19:05'), 'ENTER')]);
  await room.clock.advanceTo(at('19:30'));
  t.same(curfews(room), ['19:05:00 19:05:00 timer AL08']);
  await room.clock.advanceTo(at('19:10'));
  t.equal(room.clock.nowMs(), at('19:30'), 'it does not go back');
  t.equal((await entriesOf(room)).at(-1)?.receivedMs, at('19:30'), 'and it is kept over a crash');
});

t.test('ten thousand people whose curfew begins at once: each is told of, in turn', async (t) => {
  const PEOPLE = 10_000;
  const room = await roomOf(t, 0);
  const orders = Array.from({ length: PEOPLE }, (_, n): JournalEntry => {
    const order = personOrder(n, { conditions: [curfew()] });
    return { kind: 'order', stream: streamOfOrder(order.orderId), receivedMs: NOON, order };
  });
  await room.enter(...orders);
  await room.settled();
  await room.clock.advanceTo(at('18:00'));
  const exits = orders.map(
    ({ stream }, n): JournalEntry => ({
      kind: 'upload',
      stream,
      receivedMs: at('18:00'),
      deviceId: unitOf(n),
      sequence: 1n,
      index: 0,
      digest: 'AAAAAAAAAAAAAAAAAAAAAA',
      records: [reading(n, at('18:00'), 'EXIT')],
    }),
  );
  await room.enter(...exits);
  await room.clock.advanceTo(at('19:05:00.001'));
  const told = room.told().filter(({ version }) => version.type === 'curfew');
  t.equal(told.length, PEOPLE);
  t.equal(new Set(told.map(({ version }) => version.orderId)).size, PEOPLE);
  t.equal(room.telemetry.counts.get('fairwatch_ticks_total'), 2 * PEOPLE, 'the edition, the tolerance');
  t.same(room.failures, []);
});

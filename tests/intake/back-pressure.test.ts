// What waits for an engine that is behind, over real MQTT and into a real journal; only the engine is held by the test.
import t, { type Test } from 'tap';
import type { JournalEntry } from '../../src/domain/entry.js';
import { LIMITS } from '../../src/domain/limits.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';
import { connectPacket, PINGREQ, publishPacket, RawClient } from '../support/mqtt-raw.js';
import { NOW_MS, type TestIntakeOptions, testIntake, until } from './harness.js';

const HOUR = 3_600_000;

/** An engine that judges what it is told to. */
function heldEngine() {
  const waiting: { readonly position: number; readonly resolve: () => void; readonly reject: (e: Error) => void }[] =
    [];
  return {
    whenReached: (position: number): Promise<void> =>
      new Promise((resolve, reject) => void waiting.push({ position, resolve, reject })),
    judge: (): void => {
      for (const { resolve } of waiting.splice(0)) resolve();
    },
    fail: (): void => {
      for (const { reject } of waiting.splice(0)) reject(new Error('the engine has failed'));
    },
  };
}

/** Room for four records, two of them for backlog. */
const TIGHT = { lagRecordsMax: 4, backlogLagRecordsMax: 2, liveRecordsPerBacklogRecord: 1_000 };

async function tightIntake(t: Test, options: TestIntakeOptions = {}) {
  const engine = heldEngine();
  const room = await testIntake(t, {
    ...options,
    whenReached: engine.whenReached,
    limits: { admission: TIGHT, ...options.limits },
  });
  const devices = await Promise.all(
    ['TAG-A', 'TAG-B', 'TAG-L'].map(async (name) => {
      const device = new TestDevice(name);
      await room.enrol(device);
      const client = await RawClient.open(room.port);
      client.send(connectPacket({ clientId: name, username: name, password: device.password }));
      await client.take(4);
      t.teardown(() => client.socket.destroy());
      return {
        device,
        client,
        acked: () => client.pending.length / 4,
        send: (sequence: number, timeMs: number) => {
          const payload = device.seal({ sequence: BigInt(sequence), records: [heartbeat(timeMs)] });
          client.send(publishPacket({ topic: device.topic, payload, id: sequence }));
        },
      };
    }),
  );
  const [a, b, live] = devices;
  if (a === undefined || b === undefined || live === undefined) throw new Error('three devices');
  return { ...room, engine, a, b, live };
}

const places = (entries: readonly JournalEntry[]): string[] =>
  entries.flatMap((entry) => (entry.kind === 'upload' ? [`${entry.deviceId} ${entry.sequence}`] : [entry.kind]));
/** Lets the engine judge until it is so; for a test that fails, not for ever. */
async function judging(engine: { judge(): void }, until: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 10_000; !until(); await turns()) {
    engine.judge();
    if (Date.now() > endMs) throw new Error('it does not come to that');
  }
}
const turns = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
};

t.test(
  'while the engine is behind a live upload is journalled and acknowledged past the backlog that waits',
  async (t) => {
    const { a, b, live, engine, journalled, telemetry } = await tightIntake(t);
    for (let n = 1; n <= 6; n++) a.send(n, NOW_MS - HOUR + n);
    await until(() => a.acked() === 2 && telemetry.gauges.get('fairwatch_backlog_uploads_waiting') === 4);
    for (let n = 1; n <= 3; n++) b.send(n, NOW_MS - HOUR + n);
    live.send(1, NOW_MS);
    await until(() => live.acked() === 1);
    t.same(places(await journalled()), ['TAG-A 1', 'TAG-A 2', 'TAG-L 1']);
    t.equal(a.acked(), 2, 'nothing is acknowledged that is not in the journal');
    t.equal(b.acked(), 0);
    t.equal(telemetry.gauges.get('fairwatch_engine_lag_records'), 3);

    for (const end = Date.now() + 5_000; a.acked() < 6 || b.acked() < 3; await turns()) {
      engine.judge();
      if (Date.now() > end) t.fail(`${a.acked()} and ${b.acked()} are acknowledged`);
    }
    const all = places(await journalled());
    t.equal(all.length, 10);
    for (const name of ['TAG-A', 'TAG-B']) {
      const own = all.filter((place) => place.startsWith(name));
      t.same(own, [...own].sort(), 'in the order of the device');
    }
  },
);

t.test('what is durable already is acknowledged again though the engine is behind, and waits in no lane', async (t) => {
  const { a, b, engine, journalled, intake } = await tightIntake(t);
  for (const n of [1, 2]) a.send(n, NOW_MS - HOUR + n);
  await until(() => a.acked() === 2);
  b.send(1, NOW_MS - HOUR);
  a.send(1, NOW_MS - HOUR + 1);
  await until(() => a.acked() === 3);
  t.same(places(await journalled()), ['TAG-A 1', 'TAG-A 2']);

  for (let times = 0; times < 5; times++) b.send(1, NOW_MS - HOUR);
  await turns();
  t.equal(b.acked(), 0, 'what waits is not acknowledged, however often it comes');
  await judging(engine, () => b.acked() === 6);
  t.same(places(await journalled()), ['TAG-A 1', 'TAG-A 2', 'TAG-B 1']);
  t.match(intake.counts(), { accepted: 3, repeated: 6 });
});

t.test('live uploads alone wait too, when they are more than the engine judges', async (t) => {
  const { a, engine, journalled } = await tightIntake(t);
  for (let n = 1; n <= 9; n++) a.send(n, NOW_MS);
  await until(() => a.acked() === 4);
  await turns();
  t.equal((await journalled()).length, 4);
  engine.judge();
  await until(() => a.acked() === 8);
});

t.test('what the gateway itself sees is journalled however much waits', async (t) => {
  const { a, device, port, journalled } = await tightIntake(t);
  for (let n = 1; n <= 9; n++) a.send(n, NOW_MS);
  await until(() => a.acked() === 4);
  const twice = [await RawClient.open(port), await RawClient.open(port)];
  for (const client of twice) {
    client.send(connectPacket({ clientId: 'TAG-1', username: 'TAG-1', password: device.password }));
    t.teardown(() => client.socket.destroy());
    await client.take(4);
    // one that has said nothing since its CONNECT proves nothing
    client.send(PINGREQ);
    await client.take(2);
  }
  await until(() => twice[0]?.socket.destroyed === true || twice[0]?.socket.readableEnded === true);
  for (let tries = 0; (await journalled()).length === 4 && tries < 500; tries++) await turns();
  t.same(places(await journalled()).slice(4), ['integrity']);
});

t.test('a device whose uploads wait here has no gap', async (t) => {
  const { a, live, engine, intake, journalled, clock } = await tightIntake(t, {
    limits: { admission: { ...TIGHT, lagRecordsMax: 1, backlogLagRecordsMax: 1 } },
  });
  const sendHolding = (sequence: bigint): void => {
    const payload = a.device.seal({ sequence, oldestHeld: 1n, records: [heartbeat(NOW_MS)] });
    a.client.send(publishPacket({ topic: a.device.topic, payload, id: Number(sequence) }));
  };
  // newest first: what is missing is on its way
  sendHolding(3n);
  await until(() => a.acked() === 1);
  sendHolding(2n);
  sendHolding(1n);
  live.send(1, NOW_MS);
  await turns();
  for (const ms of [6_000, 12_000, 18_000]) {
    clock.ms = NOW_MS + ms;
    await intake.onTime(clock.ms);
  }
  t.same(places(await journalled()), ['TAG-A 3'], 'no integrity.sequence_gap');
  await judging(engine, () => a.acked() === 3);
  clock.ms += 60_000;
  await intake.onTime(clock.ms);
  t.notOk(places(await journalled()).includes('integrity'));
});

t.test('a stop leaves what waits with its devices: the journal has what was acknowledged, and no more', async (t) => {
  const { a, b, engine, intake, journalled } = await tightIntake(t);
  for (let n = 1; n <= 60; n++) {
    a.send(n, NOW_MS - HOUR + n);
    b.send(n, NOW_MS - HOUR + n);
  }
  await until(() => a.acked() + b.acked() === 2);
  engine.judge();
  await until(() => a.acked() + b.acked() === 4);
  // an engine that stands still holds up no stop
  await intake.stop();
  await Promise.all([a.client.closed(), b.client.closed()]);
  t.equal((await journalled()).length, 4);
  t.equal(a.acked() + b.acked(), 4);
});

t.test('an engine that has failed acknowledges nobody’s waiting upload, and closes', async (t) => {
  const { a, engine, journalled } = await tightIntake(t);
  for (let n = 1; n <= 9; n++) a.send(n, NOW_MS - HOUR + n);
  await until(() => a.acked() === 2);
  engine.fail();
  await a.client.closed();
  t.equal((await journalled()).length, 2);
});

t.test('a device that comes back is not held up by what its lost connection had waiting', async (t) => {
  const { a, b, engine, port, journalled, telemetry } = await tightIntake(t);
  for (let n = 1; n <= 2; n++) b.send(n, NOW_MS - HOUR + n);
  await until(() => b.acked() === 2);
  for (let n = 1; n <= 5; n++) a.send(n, NOW_MS - HOUR + n);
  const waits = (): number | undefined => telemetry.gauges.get('fairwatch_backlog_uploads_waiting');
  await turns();
  a.client.socket.destroy();
  await turns();
  const back = await RawClient.open(port);
  t.teardown(() => back.socket.destroy());
  back.send(connectPacket({ clientId: 'TAG-A', username: 'TAG-A', password: a.device.password }));
  await back.take(4);
  for (let n = 1; n <= 5; n++) {
    const payload = a.device.seal({ sequence: BigInt(n), records: [heartbeat(NOW_MS - HOUR + n)] });
    back.send(publishPacket({ topic: a.device.topic, payload, id: n }));
  }
  await turns();
  await judging(engine, () => back.pending.length === 20);
  t.equal(waits(), 0);
  t.same(
    places(await journalled()),
    ['TAG-B 1', 'TAG-B 2', 'TAG-A 1', 'TAG-A 2', 'TAG-A 3', 'TAG-A 4', 'TAG-A 5'],
    'each once',
  );
});

t.test('the limits fit each other', async (t) => {
  const l = LIMITS;
  t.ok(l.recordsPerUploadMax <= l.laneTurnRecords, 'the longest upload fits into one turn of its lane');
  t.ok(l.laneTurnRecords <= l.turnRecordsMax, 'a turn of the loop serves a turn of a lane');
  t.ok(l.turnRecordsMax <= l.batchRecordsMax, 'what one turn lets in is one batch');
  t.ok(2 * l.batchRecordsMax <= l.backlogLagRecordsMax, 'while one batch is judged the next is there');
  t.ok(l.backlogLagRecordsMax < l.engineLagRecordsMax, 'what is live finds room');
  t.ok(l.backlogLagMsMax < l.engineLagMsMax, 'on a slow machine too');
  t.ok(l.engineLagRecordsMax + 4_096 <= l.engineQueueMax, 'what is let in, and one append of ticks, stays in memory');
  t.ok(l.inflightPerClientMax < l.inflightMax);
  t.ok(l.spareUploadBytesMax < l.uploadBytesMax && l.uploadBytesMax < l.packetBytesMax);
  t.ok(l.packetBytesMax < l.inflightBytesMax);
});

/**
 * PUBACK means durable behind a broker too, with many uploads in flight: a wiretap between the gateway and a real Mosquitto
 * (or a broker of our own, where it must misbehave) sees every packet, and the journal is held back by the test.
 */
import mqtt from 'mqtt';
import t, { type Test } from 'tap';
import { type BrokerLimits, BrokerLink } from '../../src/adapters/broker/broker-link.js';
import { decodeEnvelope } from '../../src/codec/envelope.js';
import type { MqttHandlers, Verdict } from '../../src/ports/mqtt-endpoint.js';
import { HeldJournal, NOW_MS, type TestIntake, testIntake, until } from '../intake/harness.js';
import { HandBroker } from '../support/hand-broker.js';
import { GATEWAY_PASSWORD, GATEWAY_USER, Mosquitto } from '../support/mosquitto.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';
import { MqttTap, type Passed } from '../support/mqtt-tap.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { randomFrom } from '../support/samples.js';

const UNACKED = 50;

interface Held extends TestIntake {
  readonly journal_: HeldJournal;
  readonly link: BrokerLink;
}

/** An intake whose door is a link to `url`, and whose journal waits to be let through. */
async function heldIntake(t: Test, url: string, limits: Partial<BrokerLimits> = {}): Promise<Held> {
  let held: HeldJournal | null = null;
  let link: BrokerLink | null = null;
  const room = await testIntake(t, {
    acknowledge: true,
    wrap: (journal) => {
      held = new HeldJournal(journal);
      return held;
    },
    door: (handlers, telemetry) => {
      const address = { url, user: GATEWAY_USER, password: GATEWAY_PASSWORD };
      link = new BrokerLink(handlers, { address, clientId: 'fairwatch-test', telemetry, limits });
      return link;
    },
  });
  if (held === null || link === null) throw new Error('no journal, or no link');
  return { ...room, journal_: held, link };
}

/** `device sequence` of what a PUBLISH carries. */
function nameOf({ topic, payload }: Passed): string {
  const envelope = decodeEnvelope(payload);
  return `${topic.split('/')[3]} ${envelope.ok ? envelope.value.sequence : '?'}`;
}

const devices = ['TAG-1', 'TAG-2', 'TAG-3', 'TAG-4', 'TAG-5'].map((id) => new TestDevice(id));
const users = Object.fromEntries(devices.map(({ deviceId, password }) => [deviceId, password]));

/** Ten uploads a device; Mosquitto has taken them all when it resolves. */
async function sendAll(broker: Mosquitto, from = 1): Promise<void> {
  await Promise.all(
    devices.map(async (device) => {
      const client = await mqtt.connectAsync(broker.url, {
        clientId: device.deviceId,
        username: device.deviceId,
        password: device.password,
        reconnectPeriod: 0,
      });
      const numbers = Array.from({ length: UNACKED / devices.length }, (_, i) => BigInt(from + i));
      await Promise.all(
        numbers.map((sequence) => {
          const payload = device.seal({ sequence, records: [heartbeat(NOW_MS, Number(sequence))] });
          return client.publishAsync(device.topic, payload, { qos: 1 });
        }),
      );
      await client.endAsync();
    }),
  );
}

/** Every PUBACK of the gateway names an upload whose append had been let through by then. */
class Witness {
  readonly early: string[] = [];
  readonly acked = new Set<string>();
  readonly durable = new Set<string>();
  readonly #names = new Map<string, string>();

  see(passed: Passed): void {
    const key = `${passed.connection} ${passed.packetId}`;
    if (passed.from === 'broker' && passed.type === 3) this.#names.set(key, nameOf(passed));
    if (passed.from !== 'client' || passed.type !== 4) return;
    const name = this.#names.get(key) ?? `nothing (${key})`;
    this.acked.add(name);
    if (!this.durable.has(name)) this.early.push(name);
  }

  /** Lets the oldest append through. */
  release(held: HeldJournal): void {
    const next = held.held.shift();
    for (const entry of next?.entries ?? []) {
      if (entry.kind === 'upload') this.durable.add(`${entry.deviceId} ${entry.sequence}`);
    }
    next?.release();
  }
}

/** A link whose uploads go nowhere: the test says what becomes of each. */
async function linkTo(
  t: Test,
  broker: HandBroker,
  limits: Partial<BrokerLimits>,
  take: (settle: (verdict: Verdict) => void) => void,
): Promise<BrokerLink> {
  const handlers: MqttHandlers = {
    authenticate: async () => false,
    takenOver: () => {},
    mayPublish: () => false,
    maySubscribe: () => false,
    subscribed: () => {},
    message: (_message, settle) => take(settle),
    refused: () => {},
  };
  const telemetry = new RecordingTelemetry();
  const link = new BrokerLink(handlers, {
    address: { url: broker.url },
    clientId: 'fairwatch-test',
    telemetry,
    limits,
  });
  await link.listen();
  t.teardown(() => link.close());
  return link;
}

const received = (tap: MqttTap, connection: number): number =>
  tap.of('broker', 3).filter((passed) => passed.connection === connection && passed.topic.endsWith('/up')).length;

t.test('fifty uploads in flight: none is acknowledged before its append, and then all are', async (t) => {
  const broker = await Mosquitto.start(t, users);
  const witness = new Witness();
  const tap = await MqttTap.open(t, broker.port, (passed) => witness.see(passed));
  const room = await heldIntake(t, tap.url);
  for (const device of devices) await room.enrol(device);
  await until(() => room.link.reasons().length === 0);
  await sendAll(broker);
  await until(() => received(tap, 1) === UNACKED);
  const waiting = (): number => new Set(room.journal_.held.flatMap(({ entries }) => entries)).size;
  await until(() => waiting() === UNACKED);
  t.same(tap.of('client', 4), [], 'fifty were sent, and not one PUBACK came back');
  while (room.journal_.held.length > 0) {
    witness.release(room.journal_);
    await until(() => witness.acked.size === witness.durable.size);
  }
  t.equal(witness.acked.size, UNACKED);
  t.same(witness.early, [], 'none before its append was durable');
  t.same(room.intake.counts(), { accepted: UNACKED });
});

t.test(
  'a connection that is cut with fifty in flight: all come again, none is acknowledged early, none is lost or stuck',
  async (t) => {
    const broker = await Mosquitto.start(t, users);
    const witness = new Witness();
    const tap = await MqttTap.open(t, broker.port, (passed) => witness.see(passed));
    const room = await heldIntake(t, tap.url);
    for (const device of devices) await room.enrol(device);
    await until(() => room.link.reasons().length === 0);
    await sendAll(broker);
    await until(() => received(tap, 1) === UNACKED);
    tap.cut();
    await until(() => received(tap, 2) === UNACKED);
    t.ok(tap.of('broker', 3).some(({ connection, duplicate }) => connection === 2 && duplicate));
    t.same(tap.of('client', 4), []);
    // once more in the midst of the acknowledgements
    for (let released = 0; released < UNACKED / 2 && room.journal_.held.length > 0; released += 1) {
      witness.release(room.journal_);
    }
    await until(() => witness.acked.size > 0);
    tap.cut();
    while (new Set(room.delivered.map(({ position }) => position)).size < UNACKED || witness.acked.size < UNACKED) {
      witness.release(room.journal_);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    t.same(witness.early, []);
    t.equal((await room.journalled()).length, UNACKED, 'each is stored once');
    t.equal(room.intake.counts().accepted, UNACKED);
    // nothing is left with Mosquitto
    const before = tap.of('broker', 3).length;
    tap.cut();
    await until(() => room.link.reasons().length > 0);
    await until(() => room.link.reasons().length === 0);
    await sendAll(broker, 101);
    await until(() => tap.of('broker', 3).length >= before + UNACKED);
    while (witness.acked.size < 2 * UNACKED) {
      witness.release(room.journal_);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    t.equal(tap.of('broker', 3).filter(({ topic }) => topic.endsWith('/up')).length, before + UNACKED);
  },
);

t.test(
  "an acknowledgement of an earlier connection never goes out over a later one, whose packet ids are others'",
  async (t) => {
    const broker = await HandBroker.open(t);
    const room = await heldIntake(t, broker.url);
    const [one, two] = devices as [TestDevice, TestDevice];
    await room.enrol(two);
    await until(() => broker.subscribed === 1);
    broker.publish(7, one.topic, one.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }));
    await until(() => room.journal_.held.length === 1);
    broker.cut();
    await until(() => broker.subscribed === 2);
    broker.publish(7, two.topic, two.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }));
    await until(() => room.journal_.held.length === 2);
    room.journal_.held.shift()?.release();
    await until(() => room.intake.counts().accepted === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.same(broker.acks, [], 'the first upload is durable, and packet 7 is now the second');
    room.journal_.held.shift()?.release();
    await until(() => broker.acks.length > 0);
    t.same(broker.acks, [{ connection: 2, packetId: 7 }]);
    t.equal(room.telemetry.counts.get('fairwatch_broker_acks_dropped_total'), 1);
  },
);

t.test('what could not be stored is left with the broker, and asked for again with a new connection', async (t) => {
  const broker = await HandBroker.open(t);
  const room = await heldIntake(t, broker.url, { retakeMs: 10 });
  const [one] = devices as [TestDevice];
  await until(() => broker.subscribed === 1);
  const payload = one.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] });
  broker.publish(1, one.topic, payload);
  await until(() => room.journal_.held.length === 1);
  room.journal_.held.shift()?.refuse();
  await until(() => broker.subscribed === 2);
  t.same(broker.acks, []);
  broker.publish(1, one.topic, payload);
  await until(() => room.journal_.held.length === 1);
  room.journal_.held.shift()?.release();
  await until(() => broker.acks.length === 1);
  t.same(
    await room.journalled(),
    [{ kind: 'upload', sequence: 1n }].map((one) => ({ ...room.delivered[0]?.entry, ...one })),
  );
});

t.test('PUBACKs leave in the order of arrival, whatever is durable first; what failed is passed over', async (t) => {
  const broker = await HandBroker.open(t);
  const settle: ((verdict: Verdict) => void)[] = [];
  await linkTo(t, broker, {}, (settled) => void settle.push(settled));
  await until(() => broker.subscribed === 1);
  for (const packetId of [9, 4, 7, 2, 5]) broker.publish(packetId, 'em/v1/d/TAG-1/up', Buffer.from('upload'));
  await until(() => settle.length === 5);
  const acked = async (): Promise<number[]> => {
    // longer than a PUBACK takes that has left
    await new Promise((resolve) => setTimeout(resolve, 50));
    return broker.acks.map(({ packetId }) => packetId);
  };
  for (const [at, verdict, then] of [
    [4, 'ack', []],
    [2, 'ack', []],
    [0, 'ack', [9]],
    [1, 'fail', [9, 7]],
    [3, 'ack', [9, 7, 2, 5]],
  ] as const) {
    settle[at]?.(verdict);
    t.same(await acked(), then);
  }
});

t.test('a flood is read in turns of the event loop, so that others have theirs', async (t) => {
  const broker = await HandBroker.open(t);
  let inThisTurn = 0;
  let most = 0;
  let read = 0;
  const turn = (): void => {
    inThisTurn = 0;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  t.teardown(() => clearImmediate(next));
  const link = await linkTo(t, broker, { turnMax: 16 }, (settle) => {
    inThisTurn += 1;
    most = Math.max(most, inThisTurn);
    read += 1;
    settle('ack');
  });
  await until(() => broker.subscribed === 1);
  for (let id = 1; id <= 1_000; id += 1) broker.publish(id, 'em/v1/d/TAG-1/up', Buffer.from('upload'));
  await until(() => broker.acks.length === 1_000);
  t.equal(read, 1_000);
  t.ok(most <= 16, `${most} in one turn`);
  t.same(link.reasons(), []);
});

t.test('what is live is read and taken though thirty-five thousand uploads of backlog came before it', async (t) => {
  const broker = await HandBroker.open(t);
  const room = await testIntake(t, {
    acknowledge: true,
    // the engine stands still: of the backlog no more is let in than may be ahead of it
    whenReached: () => new Promise(() => {}),
    door: (handlers, telemetry) =>
      new BrokerLink(handlers, { address: { url: broker.url }, clientId: 'fairwatch-test', telemetry }),
  });
  const absent = Array.from({ length: 100 }, (_, i) => new TestDevice(`AWAY-${i}`));
  const live = new TestDevice('TAG-9');
  for (const device of [...absent, live]) await room.enrol(device);
  await until(() => broker.subscribed === 1);
  let packetId = 0;
  for (let n = 1; n <= 350; n += 1) {
    for (const device of absent) {
      const payload = device.seal({ sequence: BigInt(n), records: [heartbeat(NOW_MS - 3_600_000 + n * 1_000, n)] });
      broker.publish(++packetId, device.topic, payload);
    }
  }
  broker.publish(++packetId, live.topic, live.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }));
  await until(() => room.delivered.some(({ entry }) => entry.kind === 'upload' && entry.deviceId === live.deviceId));
  t.ok(room.delivered.length < 10_000, 'the backlog waits');
});

t.test('a gateway that is full reads no more, and goes on when there is room', async (t) => {
  const broker = await HandBroker.open(t);
  const room = await heldIntake(t, broker.url, { inflightMax: 8 });
  const [one] = devices as [TestDevice];
  await until(() => broker.subscribed === 1);
  const payloads = Array.from({ length: 200 }, (_, i) =>
    one.seal({ sequence: BigInt(i + 1), records: [heartbeat(NOW_MS, i)] }),
  );
  payloads.forEach((payload, i) => {
    broker.publish(i + 1, one.topic, payload);
  });
  const waiting = (): number => room.journal_.held.reduce((sum, { entries }) => sum + entries.length, 0);
  await until(() => waiting() >= 8);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(waiting(), 8);
  let most = 0;
  while (broker.acks.length < 200) {
    most = Math.max(most, waiting());
    room.journal_.held.shift()?.release();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  t.equal(most, 8);
  t.equal(room.intake.counts().accepted, 200);
});

t.test(
  'a link that reads no more because the gateway is full stays, and the next one has room of its own',
  async (t) => {
    const broker = await HandBroker.open(t);
    const room = await heldIntake(t, broker.url, { inflightMax: 8, keepAliveS: 1 });
    const [one] = devices as [TestDevice];
    await until(() => broker.subscribed === 1);
    const payloads = Array.from({ length: 20 }, (_, i) =>
      one.seal({ sequence: BigInt(i + 1), records: [heartbeat(NOW_MS, i)] }),
    );
    const publishAll = (): void => payloads.forEach((payload, i) => void broker.publish(i + 1, one.topic, payload));
    publishAll();
    // this broker answers no ping at all, and nobody would read its answer
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    t.equal(broker.subscribed, 1, 'its silence is our own doing');
    t.same(room.link.reasons(), []);
    broker.cut();
    await until(() => broker.subscribed === 2);
    publishAll();
    await until(() => room.link.reasons().length === 0);
    while (broker.acks.length < 20) {
      room.journal_.held.shift()?.release();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    t.ok(broker.acks.every(({ connection }) => connection === 2));
    t.equal(room.intake.counts().accepted, 20);
    await until(() => broker.subscribed === 3);
    t.pass('now that it is heard, a broker that is silent is taken for gone');
  },
);

t.test(
  'a broker that brings uploads twice and out of order changes nothing: each is stored once and all are acknowledged',
  async (t) => {
    const seed = Number(process.env.SEED ?? 20_261_122);
    t.comment(`seed ${seed}`);
    const random = randomFrom(seed);
    const broker = await HandBroker.open(t);
    const room = await testIntake(t, {
      acknowledge: true,
      door: (handlers, telemetry) =>
        new BrokerLink(handlers, { address: { url: broker.url }, clientId: 'fairwatch-test', telemetry }),
    });
    for (const device of devices) await room.enrol(device);
    await until(() => broker.subscribed === 1);
    const uploads = devices.flatMap((device) =>
      Array.from({ length: 20 }, (_, i) => ({
        topic: device.topic,
        payload: device.seal({ sequence: BigInt(i + 1), records: [heartbeat(NOW_MS, i)] }),
      })),
    );
    const brought = uploads.flatMap((upload) => Array.from({ length: 1 + Math.floor(random() * 3) }, () => upload));
    for (let i = brought.length - 1; i > 0; i -= 1) {
      const j = Math.floor(random() * (i + 1));
      [brought[i], brought[j]] = [brought[j] as (typeof uploads)[0], brought[i] as (typeof uploads)[0]];
    }
    for (const [i, { topic, payload }] of brought.entries()) broker.publish(i + 1, topic, payload);
    await until(() => broker.acks.length === brought.length);
    t.same(
      broker.acks.map(({ packetId }) => packetId).sort((a, b) => a - b),
      brought.map((_, i) => i + 1),
    );
    const stored = (await room.journalled()).map((entry) =>
      entry.kind === 'upload' ? `${entry.deviceId} ${entry.sequence}` : entry.kind,
    );
    t.equal(stored.length, uploads.length);
    t.equal(new Set(stored).size, uploads.length);
    t.same(room.intake.counts(), { accepted: uploads.length, repeated: brought.length - uploads.length });
  },
);

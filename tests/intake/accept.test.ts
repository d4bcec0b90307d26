/** The way of a good upload, over real MQTT into a real journal; what bad input gets is in bad-input.test. */
import t from 'tap';
import type { JournalEntry } from '../../src/domain/entry.js';
import { streamOfDevice, streamOfOrder } from '../../src/domain/ids.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import type { Verdict } from '../../src/ports/mqtt-endpoint.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';
import { connectPacket, puback, publishPacket, RawClient } from '../support/mqtt-raw.js';
import { order } from '../support/samples.js';
import { HeldJournal, NOW_MS, testIntake, until } from './harness.js';

const hour = 3_600_000;
const kinds = (entries: readonly JournalEntry[]) => entries.map((entry) => entry.kind);
for (const cipher of ['A256GCM', 'C20P'] as const) {
  t.test(`an upload under ${cipher} is journalled, handed on and acknowledged`, async (t) => {
    const { port, device, delivered, journalled, intake, telemetry } = await testIntake(t, { cipher });
    const client = await device.connect(port);
    t.teardown(() => client.endAsync(true));
    const payload = device.seal({ sequence: 5n, records: [heartbeat(NOW_MS - 1_000), heartbeat(NOW_MS)] });
    await client.publishAsync(device.topic, payload, { qos: 1 });
    const [entry, ...others] = await journalled();
    t.equal(others.length, 0);
    t.match(entry, { kind: 'upload', stream: '~TAG-1', deviceId: 'TAG-1', sequence: 5n, index: 0, receivedMs: NOW_MS });
    t.match(entry?.kind === 'upload' && entry.digest, /^[\w-]{21}[AQgw]$/, '16 bytes in base64url');
    t.equal(entry?.kind === 'upload' && entry.records.length, 2);
    t.same(delivered, [{ position: 1, entry }]);
    t.same(intake.counts(), { accepted: 1 });
    await until(() => telemetry.counts.get('fairwatch_records_total') === 2);
    t.equal(telemetry.counts.get('fairwatch_messages_total accepted '), 1);
  });
}

t.test('records are split by the stream that each concerns, under one sequence', async (t) => {
  const { port, device, assignments, journalled } = await testIntake(t);
  const mine = order(1, 1);
  const [assignment] = mine.devices;
  if (assignment === undefined) throw new Error('the sample order has a device');
  assignments.put({
    ...mine,
    devices: [{ ...assignment, deviceId: device.deviceId, fromMs: NOW_MS, toMs: NOW_MS + hour }],
  });
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  const records = [heartbeat(NOW_MS - 1, 1), heartbeat(NOW_MS, 2), heartbeat(NOW_MS + 1, 3)];
  await client.publishAsync(device.topic, device.seal({ sequence: 1n, records }), { qos: 1 });
  t.match(await journalled(), [
    { kind: 'upload', stream: streamOfDevice(device.deviceId), index: 0, records: [{ timeMs: NOW_MS - 1 }] },
    { stream: streamOfOrder(mine.orderId), index: 1, records: [{ timeMs: NOW_MS }, { timeMs: NOW_MS + 1 }] },
  ]);
});

t.test('no PUBACK leaves before the append is durable', async (t) => {
  let held: HeldJournal | undefined;
  const { port, device, delivered } = await testIntake(t, {
    wrap: (journal) => {
      held = new HeldJournal(journal);
      return held;
    },
  });
  const client = await RawClient.open(port);
  client.send(connectPacket({ clientId: 'TAG-1', username: 'TAG-1', password: device.password }));
  await client.take(4);
  const payload = (sequence: bigint) => device.seal({ sequence, records: [heartbeat(NOW_MS)] });
  const poison = Buffer.from('poison');
  client.send(publishPacket({ topic: device.topic, payload: payload(9n), id: 9 }));
  await until(() => held?.held.length === 1);
  held?.held[0]?.release();
  t.same(await client.take(4), puback(9), 'the first one fetches the key');

  client.send(
    publishPacket({ topic: device.topic, payload: payload(1n), id: 1 }),
    publishPacket({ topic: device.topic, payload: poison, id: 2 }),
    publishPacket({ topic: device.topic, payload: payload(1n), id: 3 }),
  );
  await until(() => held?.held.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 30));
  t.equal(client.pending.length, 0, 'nothing is acknowledged: not the upload, not the poison, not the repeat');
  t.same(kinds(held?.held[1]?.entries ?? []), ['upload', 'quarantined', 'integrity'], 'one append');
  t.equal(delivered.length, 1, 'and the engine has seen nothing of it');
  held?.held[1]?.release();
  t.same(await client.take(12), Buffer.concat([puback(1), puback(2), puback(3)]));
  t.equal(delivered.length, 4);
  client.socket.destroy();
});

t.test('a repeat of an upload whose commit is under way waits for that commit', async (t) => {
  let held: HeldJournal | undefined;
  const { port, device, intake } = await testIntake(t, {
    wrap: (journal) => {
      held = new HeldJournal(journal);
      return held;
    },
  });
  const payload = device.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] });
  const client = await RawClient.open(port);
  client.send(connectPacket({ clientId: 'TAG-1', username: 'TAG-1', password: device.password }));
  await client.take(4);
  client.send(publishPacket({ topic: device.topic, payload, id: 1 }));
  await until(() => held?.held.length === 1);
  const send = (): Promise<Verdict> =>
    new Promise((settle) =>
      intake.handlers.message({ clientId: 'TAG-1', topic: device.topic, qos: 1, payload }, settle),
    );
  const repeat = send();
  let verdict = '';
  void repeat.then((is) => {
    verdict = is;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(verdict, '', 'the repeat waits');
  held?.held[0]?.refuse();
  t.equal(await repeat, 'fail', 'and shares the fate of what it repeats');
  await client.closed();
  t.equal(client.pending.length, 0, 'a failed append acknowledges nothing and closes the connection');
  t.same(intake.counts(), { failed: 2, 'refused.not_durable': 1 });

  const again = send();
  await until(() => held?.held.length === 2);
  held?.held[1]?.release();
  t.equal(await again, 'ack', 'sent again, it is new: nothing was lost');
  t.equal(held?.held[1]?.entries[0]?.kind, 'upload');
});

const good: readonly DeviceRecord[] = [heartbeat(NOW_MS)];
t.test('records from the far future or past are journalled: the engine judges them', async (t) => {
  const { port, device, journalled } = await testIntake(t);
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  const records = [heartbeat(NOW_MS - 100 * 24 * hour), heartbeat(NOW_MS + hour)];
  await client.publishAsync(device.topic, device.seal({ sequence: 1n, records }), { qos: 1 });
  t.same(kinds(await journalled()), ['upload']);
});

t.test('a stored key that does not unwrap is our fault: nothing is acknowledged, nothing quarantined', async (t) => {
  const { port, device, journalled, telemetry, intake } = await testIntake(t, {
    unwrap: () => Promise.reject(new Error('another key-encryption key')),
  });
  const client = await RawClient.open(port);
  client.send(connectPacket({ clientId: 'TAG-1', username: 'TAG-1', password: device.password }));
  await client.take(4);
  client.send(publishPacket({ topic: device.topic, payload: device.seal({ sequence: 1n, records: good }) }));
  await client.closed();
  t.equal(client.pending.length, 0);
  t.same(await journalled(), []);
  t.ok(telemetry.codes.includes('session_key_unwrap_failed'));
  t.same(intake.counts(), { failed: 1, 'refused.not_durable': 1 });
});

t.test('a QoS 0 upload goes the same way', async (t) => {
  const { port, device, journalled, intake } = await testIntake(t);
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  await client.publishAsync(device.topic, device.seal({ sequence: 1n, records: good }), { qos: 0 });
  await until(() => intake.counts().accepted === 1);
  t.same(kinds(await journalled()), ['upload']);
});

t.test('the engine gets the uploads of many devices in the order of the journal', async (t) => {
  const { port, enrol, delivered, journalled } = await testIntake(t);
  const devices = Array.from({ length: 8 }, (_, i) => new TestDevice(`D-${i}`));
  for (const device of devices) await enrol(device);
  await Promise.all(
    devices.map(async (device) => {
      const client = await device.connect(port);
      const sequences = Array.from({ length: 50 }, (_, i) => BigInt(i + 1));
      await Promise.all(
        sequences.map((sequence) =>
          client.publishAsync(device.topic, device.seal({ sequence, records: good }), { qos: 1 }),
        ),
      );
      await client.endAsync(true);
    }),
  );
  const entries = await journalled();
  t.equal(entries.length, 400);
  t.same(
    delivered.map(({ position }) => position),
    entries.map((_, i) => i + 1),
  );
  t.same(
    delivered.map(({ entry }) => entry.kind === 'upload' && [entry.deviceId, entry.sequence]),
    entries.map((entry) => entry.kind === 'upload' && [entry.deviceId, entry.sequence]),
  );
});

t.test('after a restart a repeat is still a repeat, and a reused sequence is still found', async (t) => {
  const first = await testIntake(t);
  const client = await first.device.connect(first.port);
  const payload = first.device.seal({ sequence: 1n, records: good });
  await client.publishAsync(first.device.topic, payload, { qos: 1 });
  await client.endAsync(true);

  const second = await testIntake(t);
  for (const entry of await first.journalled()) second.intake.replayed(entry);
  const again = await second.device.connect(second.port);
  t.teardown(() => again.endAsync(true));
  await again.publishAsync(second.device.topic, payload, { qos: 1 });
  const other = second.device.seal({ sequence: 1n, records: [heartbeat(NOW_MS, 2)] });
  await again.publishAsync(second.device.topic, other, { qos: 1 });
  t.same(second.intake.counts(), { repeated: 1, 'quarantined.sequence_reused': 1 });
});

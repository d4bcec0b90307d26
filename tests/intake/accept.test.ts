/** What becomes of an upload: every row of "what bad input gets", over real MQTT into a real journal. */
import t from 'tap';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { encodeUpload } from '../../src/codec/upload.js';
import type { JournalEntry, QuarantineReason } from '../../src/domain/entry.js';
import { streamOfDevice, streamOfOrder } from '../../src/domain/ids.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';
import { connectPacket, puback, publishPacket, RawClient } from '../support/mqtt-raw.js';
import { order } from '../support/samples.js';
import { HeldJournal, KEK, NOW_MS, testIntake, until } from './harness.js';

const hour = 3_600_000;
const kinds = (entries: readonly JournalEntry[]) => entries.map((entry) => entry.kind);
const quarantined = (entries: readonly JournalEntry[]) =>
  entries.flatMap((entry) =>
    entry.kind === 'quarantined' ? [entry.reason] : entry.kind === 'integrity' ? [entry.type] : [],
  );

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
  const repeat = intake.handlers.message({ clientId: 'TAG-1', topic: device.topic, qos: 1, payload });
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

  const again = intake.handlers.message({ clientId: 'TAG-1', topic: device.topic, qos: 1, payload });
  await until(() => held?.held.length === 2);
  held?.held[1]?.release();
  t.equal(await again, 'ack', 'sent again, it is new: nothing was lost');
  t.equal(held?.held[1]?.entries[0]?.kind, 'upload');
});

const good: readonly DeviceRecord[] = [heartbeat(NOW_MS)];
/** protobuf by hand, for what the encoder refuses to write */
const upload = (sequence: number, ...records: Buffer[]) =>
  Buffer.concat([
    Buffer.from([9, sequence, 0, 0, 0, 0, 0, 0, 0]),
    ...records.map((record) => Buffer.concat([Buffer.from([18, record.length]), record])),
  ]);
const fixAt = (latE7: number): Buffer => {
  const zigzag = (value: number): number[] => {
    const bytes: number[] = [];
    let left = BigInt(value) * 2n;
    for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
    return [...bytes, Number(left)];
  };
  const fix = [8, ...zigzag(latE7), 16, ...zigzag(0)];
  const time = [8, ...zigzag(NOW_MS / 2)];
  return Buffer.from([...time, 18, fix.length, ...fix]);
};

const poisons: [name: string, reason: QuarantineReason, integrity: string, payload: (device: TestDevice) => Buffer][] =
  [
    ['over 64 KiB', 'too_large', 'malformed', () => Buffer.alloc(65_537, 1)],
    ['bytes that are no envelope', 'not_an_envelope', 'malformed', () => Buffer.from('poison')],
    ['nothing at all', 'not_an_envelope', 'malformed', () => Buffer.alloc(0)],
    ['a JWE, which is not served yet', 'not_an_envelope', 'malformed', () => Buffer.from('eyJhbGciOiJkaXIifQ..a.b.c')],
    [
      'key id 0',
      'not_an_envelope',
      'malformed',
      () => Buffer.concat([Buffer.from([8, 0, 17, 1, 0, 0, 0, 0, 0, 0, 0, 26, 16]), Buffer.alloc(16)]),
    ],
    ['an unknown key', 'unknown_key', 'unknown_key', (d) => d.seal({ sequence: 1n, records: good, keyId: 9 })],
    ['an expired key', 'expired_key', 'unknown_key', (d) => d.seal({ sequence: 1n, records: good, keyId: 2 })],
    [
      'a bad tag',
      'bad_seal',
      'bad_seal',
      (d) => {
        const payload = d.seal({ sequence: 1n, records: good });
        payload[payload.length - 1] = (payload[payload.length - 1] ?? 0) ^ 1;
        return payload;
      },
    ],
    [
      'an envelope of another device',
      'bad_seal',
      'bad_seal',
      () => new TestDevice('TAG-2').seal({ sequence: 1n, records: good }),
    ],
    [
      'an envelope of the other direction',
      'bad_seal',
      'bad_seal',
      (d) => d.seal({ sequence: 1n, records: good, topic: 'em/v1/d/TAG-1/down' }),
    ],
    [
      'a sequence changed on the way',
      'bad_seal',
      'bad_seal',
      (d) => {
        const payload = d.seal({ sequence: 1n, records: good });
        const ciphertext = payload.subarray(13);
        return encodeEnvelope({ keyId: 1, sequence: 2n, ciphertext });
      },
    ],
    [
      'a plaintext that is no upload',
      'malformed_upload',
      'malformed',
      (d) => d.seal({ sequence: 1n, plaintext: Buffer.from([0xff, 0xff]) }),
    ],
    [
      'a latitude of 91°',
      'out_of_bounds',
      'malformed',
      (d) => d.seal({ sequence: 1n, plaintext: upload(1, fixAt(910_000_000)) }),
    ],
    ['no records', 'out_of_bounds', 'malformed', (d) => d.seal({ sequence: 1n, plaintext: upload(1) })],
    [
      '513 records',
      'out_of_bounds',
      'malformed',
      (d) => d.seal({ sequence: 1n, plaintext: upload(1, ...Array.from({ length: 513 }, () => fixAt(1))) }),
    ],
    [
      'a time before 2020',
      'out_of_bounds',
      'malformed',
      (d) => d.seal({ sequence: 1n, plaintext: upload(1, Buffer.from([8, 1, 58, 0])) }),
    ],
    [
      "a sequence that is not the envelope's",
      'sequence_mismatch',
      'malformed',
      (d) => d.seal({ sequence: 1n, plaintext: encodeUpload({ sequence: 2n, oldestHeld: 0n, records: good }) }),
    ],
  ];

for (const [name, reason, integrity, make] of poisons) {
  t.test(`${name} is acknowledged, kept with its reason, and told`, async (t) => {
    const { port, device, journalled, enrol, intake } = await testIntake(t);
    const expired = await device.storedKey(KEK, 2, NOW_MS - 73 * hour - 1);
    await enrol(device, { keys: [await device.storedKey(KEK), expired] });
    const client = await device.connect(port);
    t.teardown(() => client.endAsync(true));
    const payload = make(device);
    await client.publishAsync(device.topic, payload, { qos: 1 });
    const entries = await journalled();
    t.same(quarantined(entries), [reason, `integrity.${integrity}`]);
    const [kept] = entries;
    if (kept?.kind !== 'quarantined') throw new Error('kept first');
    t.same(Buffer.from(kept.bytes), payload.subarray(0, 65_536), 'as it came');
    t.equal(kept.stream, '~TAG-1');
    t.same(intake.counts(), { [`quarantined.${reason}`]: 1 });
  });
}

t.test('an old key opens until its not-after, the horizon and an hour', async (t) => {
  const { port, device, journalled, enrol, clock } = await testIntake(t);
  await enrol(device, { keys: [await device.storedKey(KEK, 1, NOW_MS - 73 * hour)] });
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  await client.publishAsync(device.topic, device.seal({ sequence: 1n, records: good }), { qos: 1 });
  clock.ms += 1;
  await client.publishAsync(device.topic, device.seal({ sequence: 2n, records: good }), { qos: 1 });
  t.match(await journalled(), [{ kind: 'upload' }, { reason: 'expired_key' }, { type: 'integrity.unknown_key' }]);
});

t.test('a repeated sequence is acknowledged without effect; with other bytes it is kept and told', async (t) => {
  const { port, device, journalled, intake } = await testIntake(t);
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  const payload = device.seal({ sequence: 3n, records: good });
  await client.publishAsync(device.topic, payload, { qos: 1 });
  await client.publishAsync(device.topic, payload, { qos: 1 });
  t.same(kinds(await journalled()), ['upload']);
  const other = device.seal({ sequence: 3n, records: [heartbeat(NOW_MS, 99)] });
  await client.publishAsync(device.topic, other, { qos: 1 });
  t.same(quarantined(await journalled()), ['sequence_reused', 'integrity.replayed']);
  t.same(intake.counts(), { accepted: 1, repeated: 1, 'quarantined.sequence_reused': 1 });
});

t.test('poison that opened is kept once, however often it comes', async (t) => {
  const { port, device, journalled } = await testIntake(t);
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  const payload = device.seal({ sequence: 1n, plaintext: Buffer.from([0xff]) });
  await client.publishAsync(device.topic, payload, { qos: 1 });
  await client.publishAsync(device.topic, payload, { qos: 1 });
  t.same(quarantined(await journalled()), ['malformed_upload', 'integrity.malformed']);
});

t.test('a forged sequence burns no number: the true upload is taken in afterwards', async (t) => {
  const { port, device, journalled } = await testIntake(t);
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  const forged = encodeEnvelope({ keyId: 1, sequence: 1n, ciphertext: Buffer.alloc(40) });
  await client.publishAsync(device.topic, forged, { qos: 1 });
  await client.publishAsync(device.topic, device.seal({ sequence: 1n, records: good }), { qos: 1 });
  t.same(kinds(await journalled()), ['quarantined', 'integrity', 'upload']);
});

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

/** What bad input gets: every row of the table, over real MQTT into a real journal. */
import t from 'tap';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { encodeUpload } from '../../src/codec/upload.js';
import type { JournalEntry, QuarantineReason } from '../../src/domain/entry.js';
import type { DeviceRecord } from '../../src/domain/record.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';
import { KEK, NOW_MS, testIntake } from './harness.js';

const hour = 3_600_000;
const kinds = (entries: readonly JournalEntry[]) => entries.map((entry) => entry.kind);
const quarantined = (entries: readonly JournalEntry[]) =>
  entries.flatMap((entry) =>
    entry.kind === 'quarantined' ? [entry.reason] : entry.kind === 'integrity' ? [entry.type] : [],
  );

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
    [
      'what begins as a JWE and is none',
      'not_an_envelope',
      'malformed',
      () => Buffer.from('eyJhbGciOiJkaXIifQ..a.b.c'),
    ],
    [
      'a JWE with zip',
      'not_an_envelope',
      'malformed',
      (d) => d.sealJwe({ sequence: 1n, records: good }, { header: { zip: 'DEF' } }),
    ],
    [
      'a JWE under an unknown key',
      'unknown_key',
      'unknown_key',
      (d) => d.sealJwe({ sequence: 1n, records: good, keyId: 9 }),
    ],
    [
      'a JWE under an expired key',
      'expired_key',
      'unknown_key',
      (d) => d.sealJwe({ sequence: 1n, records: good, keyId: 2 }),
    ],
    [
      'a JWE with a bad tag',
      'bad_seal',
      'bad_seal',
      (d) => d.sealJwe({ sequence: 1n, records: good }, { key: Buffer.alloc(32) }),
    ],
    [
      'a JWE of another device',
      'bad_seal',
      'bad_seal',
      () => new TestDevice('TAG-2').sealJwe({ sequence: 1n, records: good }),
    ],
    [
      "a JWE that names this device, under another's key",
      'bad_seal',
      'bad_seal',
      () => new TestDevice('TAG-2').sealJwe({ sequence: 1n, records: good }, { header: { kid: 'TAG-1:1' } }),
    ],
    [
      "a JWE that names another device, under this one's key",
      'bad_seal',
      'bad_seal',
      (d) => d.sealJwe({ sequence: 1n, records: good }, { header: { kid: 'TAG-2:1' } }),
    ],
    [
      'a JWE whose plaintext is no upload',
      'malformed_upload',
      'malformed',
      (d) => d.sealJwe({ sequence: 1n, plaintext: Buffer.from([0xff, 0xff]) }),
    ],
    [
      'a JWE with an upload without a sequence',
      'out_of_bounds',
      'malformed',
      (d) => d.sealJwe({ sequence: 1n, plaintext: upload(0, fixAt(1)) }),
    ],
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

t.test('an upload as a JWE goes the same way: taken in, repeated, and its number kept from another', async (t) => {
  const { port, device, journalled, intake } = await testIntake(t);
  const client = await device.connect(port);
  t.teardown(() => client.endAsync(true));
  const payload = device.sealJwe({ sequence: 5n, records: good });
  for (let n = 0; n < 2; n += 1) await client.publishAsync(device.topic, payload, { qos: 1 });
  await client.publishAsync(device.topic, device.seal({ sequence: 5n, records: good }), { qos: 1 });
  await client.publishAsync(device.topic, device.seal({ sequence: 6n, records: good }), { qos: 1 });
  await client.publishAsync(device.topic, device.sealJwe({ sequence: 6n, records: good }), { qos: 1 });
  const entries = await journalled();
  t.same(kinds(entries), ['upload', 'quarantined', 'integrity', 'upload', 'quarantined', 'integrity']);
  t.match(entries[0], { sequence: 5n, records: good, stream: '~TAG-1' });
  t.same(intake.counts(), { accepted: 2, repeated: 1, 'quarantined.sequence_reused': 2 });
});

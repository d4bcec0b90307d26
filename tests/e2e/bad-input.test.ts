// What bad input gets, as a user sees it: acknowledged or not, in the quarantine or not, and which alert says so.
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import t from 'tap';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { makeRecord } from '../../src/codec/record.js';
import { encodeUpload } from '../../src/codec/upload.js';
import { TestGateway } from '../support/gateway.js';
import { closed, enrol, inZone, person, strap } from '../support/gateway-people.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';
import { connectPacket, packet, puback, publishPacket, RawClient } from '../support/mqtt-raw.js';

interface Seen {
  readonly quarantine: readonly { readonly device_id: string; readonly reason: string }[];
  readonly alerts: readonly { readonly type: string; readonly device_id: string; readonly count: number }[];
}

const gateway = await TestGateway.start(t);
const startMs = Date.now();
const tag = await person(gateway, 1, startMs);
const client = await tag.connect(gateway.mqttPort);
client.on('error', () => {});
t.teardown(() => client.end(true));
let sequence = 0n;
const nextSequence = () => {
  sequence += 1n;
  return sequence;
};

async function alerts(): Promise<Seen['alerts']> {
  const { json } = await gateway.api('GET', '/v1/alerts?limit=500');
  return (json.events as { data: Seen['alerts'][number] }[]).map(({ data }) => data);
}
async function seen(): Promise<Seen> {
  const listed = await gateway.command('quarantine', 'list', '--json');
  const lines = listed.out.split('\n').filter((line) => line !== '');
  return { quarantine: lines.map((line) => JSON.parse(line)), alerts: await alerts() };
}
/** Waits until an alert of that type and count can be read. */
async function untilAlert(type: string, count: number): Promise<Seen> {
  while (!(await alerts()).some((alert) => alert.type === type && alert.count >= count)) await sleep(20);
  return seen();
}
const send = (payload: Buffer, through: MqttClient = client) => through.publishAsync(tag.topic, payload, { qos: 1 });

/** A latitude of 91° and the year 2101, as protobuf: the codec that makes records refuses to. */
const outOfBounds = (field: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x09]), littleEndian(sequence), Buffer.from([0x12, field.length]), field]);
const littleEndian = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};
const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];

t.test('poison is acknowledged, kept with its reason, and told of by its kind', async (t) => {
  const rows: readonly (readonly [reason: string, type: string, payload: () => Buffer])[] = [
    ['too_large', 'integrity.malformed', () => Buffer.alloc(65_537, 1)],
    ['not_an_envelope', 'integrity.malformed', () => Buffer.from('not an envelope')],
    [
      'unknown_key',
      'integrity.unknown_key',
      () => tag.seal({ sequence: nextSequence(), records: [heartbeat(startMs)], keyId: 9 }),
    ],
    [
      'bad_seal',
      'integrity.bad_seal',
      () => encodeEnvelope({ keyId: 1, sequence: nextSequence(), ciphertext: Buffer.alloc(60, 3) }),
    ],
    [
      'malformed_upload',
      'integrity.malformed',
      () => tag.seal({ sequence: nextSequence(), plaintext: Buffer.from([0xff, 0xff]) }),
    ],
    [
      'sequence_mismatch',
      'integrity.malformed',
      () =>
        tag.seal({
          sequence: nextSequence(),
          plaintext: encodeUpload({ sequence: 4_000n, oldestHeld: 0n, records: [heartbeat(startMs)] }),
        }),
    ],
    [
      'out_of_bounds',
      'integrity.malformed',
      () => {
        const year2101 = Buffer.from([0x08, ...varint(4_133_980_800_000n), 0x3a, 0x00]);
        return tag.seal({ sequence: nextSequence(), plaintext: outOfBounds(year2101) });
      },
    ],
    [
      'out_of_bounds',
      'integrity.malformed',
      () => tag.seal({ sequence: nextSequence(), plaintext: encodeUpload({ sequence, oldestHeld: 0n, records: [] }) }),
    ],
  ];
  const kept: string[] = [];
  const counts = new Map<string, number>();
  for (const [reason, type, payload] of rows) {
    await send(payload());
    kept.push(reason);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  t.ok(client.connected, 'all of it was acknowledged');
  const now = await untilAlert('integrity.malformed', 5);
  t.same(
    now.quarantine.map(({ device_id, reason }) => `${device_id} ${reason}`),
    kept.map((reason) => `${tag.deviceId} ${reason}`),
  );
  t.same([...new Set(now.alerts.map(({ type }) => type))].sort(), [...counts.keys()].sort());
  t.ok(now.alerts.every(({ device_id }) => device_id === tag.deviceId));
});

t.test(
  'a repeated sequence is acknowledged and changes nothing; the same with other bytes is kept and told of',
  async (t) => {
    const before = await seen();
    const first = tag.seal({ sequence: nextSequence(), records: [strap(0, startMs + 1_000)] });
    await send(first);
    await send(first);
    const now = await untilAlert('tamper.strap', 1);
    t.equal(now.quarantine.length, before.quarantine.length);
    t.equal(now.alerts.filter(({ type }) => type === 'tamper.strap').length, 1);
    await send(tag.seal({ sequence, records: [strap(1, startMs + 2_000)] }));
    const after = await untilAlert('integrity.replayed', 1);
    t.match(after.quarantine.at(-1), { reason: 'sequence_reused' });
  },
);

t.test('a sequence that is missing at or above the oldest held is told of', async (t) => {
  const held = nextSequence();
  await send(tag.seal({ sequence: held, oldestHeld: held, records: [heartbeat(startMs + 3_000)] }));
  sequence += 5n;
  await send(tag.seal({ sequence: nextSequence(), oldestHeld: held, records: [heartbeat(startMs + 4_000)] }));
  const now = await untilAlert('integrity.sequence_gap', 1);
  t.equal(now.alerts.filter(({ type }) => type === 'integrity.sequence_gap').length, 1, 'one gap, whatever its width');
});

t.test('clocks: ahead of its arrival, beyond the horizon, and a device that nobody is assigned', async (t) => {
  await send(tag.seal({ sequence: nextSequence(), records: [makeRecord(Date.now() + 600_000, inZone)] }));
  await untilAlert('integrity.clock_ahead', 1);
  // before the order too: it is the device's own stream that tells of it
  await send(tag.seal({ sequence: nextSequence(), records: [makeRecord(startMs - 4 * 86_400_000, inZone)] }));
  await untilAlert('integrity.beyond_horizon', 1);
  const spare = new TestDevice('TAG-SPARE');
  await enrol(gateway, spare, 'tag');
  const other = await spare.connect(gateway.mqttPort);
  await other.publishAsync(spare.topic, spare.seal({ sequence: 1n, records: [makeRecord(Date.now(), inZone)] }), {
    qos: 1,
  });
  await other.endAsync();
  const now = await untilAlert('integrity.unassigned_record', 1);
  t.notOk(
    now.alerts.some(({ type }) => type === 'exclusion'),
    'and no zone was judged by any of it',
  );
});

t.test("another's topic, a retained upload, QoS 2: the connection closes, nothing is acknowledged", async (t) => {
  const before = await seen();
  const { deviceId, password } = tag;
  for (const fields of [
    { topic: 'em/v1/d/TAG-SPARE/up', payload: Buffer.from('x') },
    { topic: tag.topic, payload: Buffer.from('x'), retain: true },
    { topic: tag.topic, payload: Buffer.from('x'), qos: 2 as const },
  ]) {
    const raw = await RawClient.open(gateway.mqttPort);
    raw.send(connectPacket({ clientId: deviceId, username: deviceId, password }));
    t.same(await raw.take(4), Buffer.from([0x20, 2, 0, 0]));
    raw.send(publishPacket({ ...fields, id: 7 }));
    await raw.closed();
    t.notOk(raw.pending.includes(puback(7)), fields.topic);
  }
  t.equal((await seen()).quarantine.length, before.quarantine.length);
});

t.test('a packet that is announced longer than anything legal cuts the connection before it is sent', async (t) => {
  const { deviceId, password } = tag;
  const raw = await RawClient.open(gateway.mqttPort);
  raw.send(connectPacket({ clientId: deviceId, username: deviceId, password }));
  await raw.take(4);
  raw.send(packet(0x32, Buffer.alloc(0)).subarray(0, 1), Buffer.from([0xff, 0xff, 0xff, 0x7f]));
  await raw.closed();
  t.pass();
});

t.test("a client id that is another's user name is refused, with the right password of one of them", async (t) => {
  const options = { username: tag.deviceId, password: tag.password, reconnectPeriod: 0 };
  await t.rejects(
    mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, { ...options, clientId: 'TAG-SPARE' }),
    /not authorized|identifier/i,
  );
});

t.test('two live sessions of one device: the newer wins, and it is told of', async (t) => {
  const older = await tag.connect(gateway.mqttPort);
  await send(tag.seal({ sequence: nextSequence(), records: [heartbeat(Date.now())] }), older);
  const gone = closed(older);
  const newer = await tag.connect(gateway.mqttPort);
  await gone;
  await send(tag.seal({ sequence: nextSequence(), records: [heartbeat(Date.now())] }), newer);
  await untilAlert('integrity.double_session', 1);
  await newer.endAsync();
  t.pass();
});

/** What a broker may bring besides good uploads: nothing of it blocks the queue, and nothing vanishes uncounted. */
import mqtt, { type MqttClient, type Packet } from 'mqtt';
import t, { type Test } from 'tap';
import { BrokerLink } from '../../src/adapters/broker/broker-link.js';
import { NOW_MS, type TestIntake, type TestIntakeOptions, testIntake, until } from '../intake/harness.js';
import { GATEWAY_PASSWORD, GATEWAY_USER, Mosquitto } from '../support/mosquitto.js';
import { heartbeat, TestDevice } from '../support/mqtt-device.js';

const device = new TestDevice('TAG-1');
const good = (sequence: bigint) => device.seal({ sequence, records: [heartbeat(NOW_MS, Number(sequence))] });
/** Everything that the fixture forbids at the broker's door. */
const permissive = (configuration: string): string =>
  configuration
    .replace('max_qos 1', 'max_qos 2')
    .replace('retain_available false', 'retain_available true')
    .replace('max_packet_size 131072', 'max_packet_size 10000000');
const rogue = 'user rogue\ntopic write em/v1/d/+/up\n';

interface Scene extends TestIntake {
  readonly broker: Mosquitto;
  readonly client: MqttClient;
}

async function scene(t: Test, options: TestIntakeOptions = {}): Promise<Scene> {
  const users = { [device.deviceId]: device.password, rogue: 'r' };
  const broker = await Mosquitto.start(t, users, { configuration: permissive, acl: (acl) => `${rogue}${acl}` });
  const address = { url: broker.url, user: GATEWAY_USER, password: GATEWAY_PASSWORD };
  const room = await testIntake(t, {
    acknowledge: true,
    door: (handlers, telemetry) => new BrokerLink(handlers, { address, clientId: 'fairwatch-test', telemetry }),
    ...options,
  });
  await until(() => room.intake.endpoint.connections() === 1);
  const client = await mqtt.connectAsync(broker.url, { clientId: 'rogue', username: 'rogue', password: 'r' });
  t.teardown(() => client.endAsync(true));
  return { ...room, broker, client };
}

/** What came before is settled when an upload that came after it is. */
async function settled(s: Scene, sequence: bigint): Promise<void> {
  await s.client.publishAsync(device.topic, good(sequence), { qos: 1 });
  await until(() => s.delivered.some(({ entry }) => entry.kind === 'upload' && entry.sequence === sequence));
}

const reasons = async (s: Scene) =>
  (await s.journalled()).flatMap((entry) =>
    entry.kind === 'quarantined' ? [`${entry.deviceId} ${entry.reason}`] : [],
  );

t.test('QoS 0, QoS 2 and retained uploads are taken as others are: to refuse them would lose them', async (t) => {
  const s = await scene(t);
  await s.client.publishAsync(device.topic, good(1n), { qos: 0 });
  await s.client.publishAsync(device.topic, good(2n), { qos: 2 });
  await s.client.publishAsync(device.topic, good(3n), { qos: 1, retain: true });
  await settled(s, 4n);
  t.match(s.intake.counts(), { accepted: 4, 'refused.retained_taken': 1 });
});

t.test('topics that no device can have are acknowledged and counted; nothing of them is kept', async (t) => {
  const s = await scene(t);
  for (const name of ['a b', 'ä', 'x'.repeat(65), '$x', '..x~', 'constructor']) {
    await s.client.publishAsync(`em/v1/d/${name}/up`, good(1n), { qos: 1 });
  }
  await s.client.publishAsync('em/v1/d//up', good(1n), { qos: 1 });
  await settled(s, 1n);
  t.match(s.intake.counts(), { accepted: 1, 'refused.topic': 7 });
  t.equal((await s.journalled()).length, 1);
});

t.test('poison is kept once, however often it comes again, and unknown and disabled devices are told of', async (t) => {
  const s = await scene(t);
  const stranger = new TestDevice('TAG-99');
  const disabled = new TestDevice('TAG-2');
  await s.enrol(disabled, { disabledMs: NOW_MS - 1 });
  const forged = Buffer.from(good(7n));
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  const publish = (to: TestDevice, payload: Buffer) => s.client.publishAsync(to.topic, payload, { qos: 1 });
  for (let n = 0; n < 3; n += 1) {
    await publish(device, forged);
    await publish(device, Buffer.from('no envelope'));
    await publish(device, Buffer.alloc(65_537, 8));
    await publish(stranger, stranger.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }));
    await publish(disabled, disabled.seal({ sequence: 1n, records: [heartbeat(NOW_MS)] }));
    // another device's upload, moved to this one's topic
    await publish(device, disabled.seal({ sequence: 9n, records: [heartbeat(NOW_MS)] }));
    await settled(s, BigInt(n + 1));
  }
  t.same((await reasons(s)).sort(), [
    'TAG-1 bad_seal',
    'TAG-1 bad_seal',
    'TAG-1 not_an_envelope',
    'TAG-1 too_large',
    'TAG-2 expired_key',
    'TAG-99 unknown_key',
  ]);
  t.match(s.intake.counts(), { accepted: 3, repeated: 12 });
});

t.test("what is too long for any packet is dropped by the broker, and stands in nobody's way", async (t) => {
  const s = await scene(t);
  await s.client.publishAsync(device.topic, Buffer.alloc(200_000), { qos: 1 });
  await settled(s, 1n);
  await s.client.publishAsync(device.topic, Buffer.alloc(200_000), { qos: 0 });
  await settled(s, 2n);
  t.same(s.intake.counts(), { accepted: 2 });
  t.equal(s.telemetry.counts.get('fairwatch_broker_disconnects_total'), undefined);
});

t.test(
  'a device whose stored key is broken is kept for when it is mended; others are served, over one connection',
  async (t) => {
    const { unwrapKey } = await import('../../src/crypto/device-keys.js');
    const { KEK } = await import('../intake/harness.js');
    let broken = true;
    const s = await scene(t, {
      unwrap: async (jwe) => {
        if (broken) throw new Error('another key-encryption key');
        return unwrapKey(KEK, jwe);
      },
    });
    await s.client.publishAsync(device.topic, good(1n), { qos: 1 });
    await until(() => s.intake.counts()['quarantined.unknown_key'] === 1);
    broken = false;
    await settled(s, 2n);
    t.ok(s.telemetry.codes.includes('session_key_unwrap_failed'));
    t.equal(s.telemetry.counts.get('fairwatch_broker_disconnects_total'), undefined);
    const kept = (await s.journalled()).find((entry) => entry.kind === 'quarantined');
    if (kept?.kind !== 'quarantined') throw new Error('nothing is kept');
    t.same(await s.intake.retry({ ...kept, place: 1 } as never), { kind: 'accepted' }, 'nothing is lost');
  },
);

t.test(
  'what thousands of uploads wait with the broker for is taken over one connection when the gateway is back',
  async (t) => {
    const s = await scene(t);
    await s.intake.endpoint.close();
    const uploads = 4_000;
    const sent = Array.from({ length: uploads }, (_, i) =>
      s.client.publishAsync(device.topic, good(BigInt(i + 1)), { qos: 1 }),
    );
    await Promise.all(sent);
    const address = { url: s.broker.url, user: GATEWAY_USER, password: GATEWAY_PASSWORD };
    const again = new BrokerLink(s.intake.handlers, { address, clientId: 'fairwatch-test', telemetry: s.telemetry });
    t.teardown(() => again.close());
    await again.listen();
    await until(() => s.intake.counts().accepted === uploads);
    t.equal(s.telemetry.counts.get('fairwatch_broker_disconnects_total'), 1, 'the one that was closed');
    t.ok(s.telemetry.codes.includes('broker_connected'), 'its session was kept');
    t.same(s.intake.counts(), { accepted: uploads });
  },
);

t.test('the fixture lets nobody do what the wire does not allow', async (t) => {
  const users = { [device.deviceId]: device.password, 'TAG-2': 'p', 'agency/probation-north': 'a' };
  const broker = await Mosquitto.start(t, users);
  const as = async (username: string, password: string): Promise<MqttClient> => {
    const options = { clientId: username, username, password, protocolVersion: 5, reconnectPeriod: 0 } as const;
    const client = await mqtt.connectAsync(broker.url, options);
    client.on('error', () => {});
    t.teardown(() => client.endAsync(true));
    return client;
  };
  await t.rejects(as('TAG-2', 'wrong'), /Not authorized/i);
  await t.rejects(as('', ''), /Not authorized/i);
  const one = await as(device.deviceId, device.password);
  const answer = async (client: MqttClient, topic: string): Promise<number> => {
    const puback = new Promise<number>((resolve) => {
      const hear = (packet: Packet): void => {
        if (packet.cmd !== 'puback') return;
        client.off('packetreceive', hear);
        resolve(packet.reasonCode ?? 0);
      };
      client.on('packetreceive', hear);
    });
    await client.publishAsync(topic, 'x', { qos: 1 }).catch(() => {});
    return puback;
  };
  t.equal(await answer(one, device.topic), 16, 'its own, where nobody listens yet');
  for (const topic of ['em/v1/d/TAG-2/up', 'em/v1/d/TAG-1/down', 'em/v1/alerts/probation-north', 'elsewhere']) {
    t.equal(await answer(one, topic), 135, topic);
  }
  // who may not read hears nothing, whatever it has subscribed to
  const heard: string[] = [];
  const north = await as('agency/probation-north', 'a');
  for (const client of [one, north]) {
    client.on('message', (topic) => heard.push(`${client.options.clientId} ${topic}`));
    await client.subscribeAsync(['#', '$share/fairwatch/em/v1/d/+/up']);
  }
  const gateway = await as(GATEWAY_USER, GATEWAY_PASSWORD);
  for (const topic of [
    'em/v1/d/TAG-1/down',
    'em/v1/d/TAG-2/down',
    'em/v1/alerts/probation-north',
    'em/v1/alerts/south',
  ]) {
    await gateway.publishAsync(topic, 'x', { qos: 1 });
  }
  await one.publishAsync(device.topic, 'x', { qos: 1 });
  await until(() => heard.length >= 2);
  await one.publishAsync(device.topic, 'x', { qos: 1 });
  t.same(heard.sort(), ['TAG-1 em/v1/d/TAG-1/down', 'agency/probation-north em/v1/alerts/probation-north']);

  const closed = new Promise<void>((resolve) => one.once('close', () => resolve()));
  one.publish(device.topic, Buffer.alloc(200_000), { qos: 1 });
  await closed;
});

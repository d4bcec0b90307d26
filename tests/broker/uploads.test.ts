/** A real gateway behind a real Mosquitto, and devices that follow Downlink.ack: what they are told is what is stored. */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { TestGateway } from '../support/gateway.js';
import { HandDevice } from '../support/hand-device.js';
import { GATEWAY_PASSWORD, GATEWAY_USER, Mosquitto } from '../support/mosquitto.js';

interface Scene {
  readonly broker: Mosquitto;
  readonly gateway: TestGateway;
  readonly hands: readonly HandDevice[];
}

async function scene(t: Test, names: readonly string[]): Promise<Scene> {
  const hands = names.map((name) => new HandDevice(name));
  const broker = await Mosquitto.start(t, Object.fromEntries(hands.map(({ id, password }) => [id, password])));
  const gateway = await TestGateway.start(t, { env: broker.env });
  for (const hand of hands) {
    const answer = await gateway.api('POST', '/v1/devices', {
      device_id: hand.id,
      kind: 'tag',
      cipher: 'A256GCM',
      session_key: hand.keys.get(1)?.key.toString('base64url'),
      password: hand.password,
    });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer));
  }
  return { broker, gateway, hands };
}

const ready = async (gateway: TestGateway): Promise<unknown> => (await fetch(`${gateway.url}/readyz`)).json();

t.test('an upload is stored, its device is told so, and Mosquitto is told so too', async (t) => {
  const { broker, gateway, hands } = await scene(t, ['TAG-1']);
  const hand = hands[0] as HandDevice;
  const client = await hand.connect(broker.port);
  t.teardown(() => client.endAsync(true));
  await client.publishAsync(hand.up, hand.seal(hand.upload(Date.now())), { qos: 1 });
  t.match(await hand.heardOne(({ ack }) => ack.length > 0), { ack: [{ first: 1n, last: 1n }], keyId: 1 });
  t.match(await (await fetch(`${gateway.url}/metrics`)).text(), /fairwatch_messages_total\{fate="accepted"[^}]*\} 1\n/);
  t.match(await ready(gateway), { ready: true, reasons: [] });

  // Nothing is left with Mosquitto: the next gateway gets no message again.
  const { code, out } = await gateway.stop();
  t.equal(code, 0);
  t.match(out, /"broker":"mqtt:\/\/127\.0\.0\.1:\d+"/, 'the ready line says where devices are met');
  await gateway.start();
  await client.publishAsync(hand.up, hand.seal(hand.upload(Date.now())), { qos: 1 });
  await hand.heardOne(({ ack }) => ack.some(({ last }) => last === 2n));
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  t.match(metrics, /fairwatch_messages_total\{fate="accepted"[^}]*\} 1\n/);
  t.notMatch(metrics, /fate="repeated"/);
});

t.test(
  'without its broker a gateway lives, says that it is not ready, and goes on when the broker is back',
  async (t) => {
    const { broker, gateway, hands } = await scene(t, ['TAG-1']);
    const hand = hands[0] as HandDevice;
    await broker.kill();
    const is = async (wanted: boolean): Promise<void> => {
      for (;;) {
        const { ready: now } = (await ready(gateway)) as { ready: boolean };
        if (now === wanted) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await is(false);
    t.match(await ready(gateway), { ready: false, reasons: ['broker_unreachable'] });
    t.equal((await fetch(`${gateway.url}/livez`)).status, 200);
    // a gateway starts without its broker, and stops without it
    await gateway.kill();
    await gateway.start();
    t.match(await ready(gateway), { ready: false, reasons: ['broker_unreachable'] });
    t.equal((await gateway.stop()).code, 0);
    await gateway.start();

    await broker.start();
    await is(true);
    const client = await hand.connect(broker.port);
    t.teardown(() => client.endAsync(true));
    await client.publishAsync(hand.up, hand.seal(hand.upload(Date.now())), { qos: 1 });
    t.match(await hand.heardOne(({ ack }) => ack.length > 0), { ack: [{ first: 1n, last: 1n }] });
  },
);

t.test('the password file of the broker may be given to the gateway as a file, and is shown nowhere', async (t) => {
  const { broker, gateway } = await scene(t, []);
  const { out } = await gateway.stop();
  t.notMatch(out + broker.log, /a password of the gateway/);
  const shown = await gateway.command('config', '--json');
  t.notMatch(shown.out, /a password of the gateway/);
  t.match(await readFile('.env.example', 'utf8'), /#MQTT_BROKER_PASSWORD_FILE=/);
});

t.test('over TLS: a broker that the given authority signed is spoken to, another is not', async (t) => {
  const { broker, gateway, hands } = await scene(t, ['TAG-1']);
  const hand = hands[0] as HandDevice;
  t.equal((await gateway.stop()).code, 0);
  const secret = join(broker.folder, 'password');
  writeFileSync(secret, `${GATEWAY_PASSWORD}\n`);
  const env = { MQTT_BROKER_URL: broker.tlsUrl, MQTT_BROKER_USER: GATEWAY_USER, MQTT_BROKER_PASSWORD_FILE: secret };
  const stranger = gateway.with({ env });
  await stranger.start();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  t.match(await ready(stranger), { ready: false, reasons: ['broker_unreachable'] });
  t.match((await stranger.stop()).out, /"cause":"[A-Z_]*(SELF_SIGNED|UNABLE_TO_VERIFY)[A-Z_]*".*"broker_gone"/);

  const known = gateway.with({ env: { ...env, MQTT_BROKER_CA: broker.ca } });
  await known.start();
  const client = await hand.connect(broker.port);
  t.teardown(() => client.endAsync(true));
  await client.publishAsync(hand.up, hand.seal(hand.upload(Date.now())), { qos: 1 });
  await hand.heardOne(({ ack }) => ack.length > 0);
  t.match(await ready(known), { ready: true, reasons: [] });
  t.equal((await known.stop()).code, 0);
});

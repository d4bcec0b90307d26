// A device written from the wire's page alone, at a real gateway that people command from outside.
import t, { type Test } from 'tap';
import { TestGateway } from '../support/gateway.js';
import { HandDevice } from '../support/hand-device.js';

async function enrolled(t: Test, gateway: TestGateway, device: HandDevice): Promise<void> {
  const { kty, crv, x, y } = device.identityJwk;
  const body = {
    device_id: device.id,
    kind: 'tag',
    cipher: device.keys.get(1)?.cipher,
    identity_jwk: { kty, crv, x, y },
    session_key: device.keys.get(1)?.key.toString('base64url'),
    password: device.password,
  };
  t.equal((await gateway.api('POST', '/v1/devices', body)).status, 201);
}

t.test('notice, new key and a kill: the device goes on under the new key, and nothing is told twice', async (t) => {
  const gateway = await TestGateway.start(t);
  const device = new HandDevice('TAG-E2E', 'C20P');
  await enrolled(t, gateway, device);
  let client = await device.connect(gateway.mqttPort);
  t.teardown(() => client.endAsync(true));
  const send = (payload: Buffer) => client.publishAsync(device.up, payload, { qos: 1 });

  const notified = await gateway.command('devices', 'notify', device.id, 'CHARGE_BATTERY');
  t.equal(notified.code ?? 0, 0, notified.err);
  t.match(await device.heardOne(({ notice }) => notice === 1), { keyId: 1 });

  const rotated = await gateway.api('POST', `/v1/devices/${device.id}/keys`, { overlap_s: 3_600 });
  t.match(rotated, { status: 201, json: { outcome: 'offered', key_id: 2, old_key_id: 1 } });
  await device.heardOne(({ key }) => key !== undefined);
  const backlog = device.seal(device.upload(Date.now() - 60_000), 1);
  await send(device.seal(device.upload(Date.now())));
  await send(backlog);
  const newest = device.heard.at(-1)?.sequence ?? 0n;

  await gateway.kill();
  await client.endAsync(true);
  await gateway.start();
  client = await device.connect(gateway.mqttPort);
  await send(device.sealJwe(device.upload(Date.now())));
  const config = await gateway.command('devices', 'config', device.id, '--report-interval-s', '30', '--json');
  t.match(JSON.parse(config.out), { device_id: device.id, outcome: 'waits' });
  const told = await device.heardOne(({ config }) => config !== undefined);
  t.match(told, { keyId: 2, config: { report: 30 } });
  t.ok(told.sequence > newest, 'numbers are not used again after a crash');
  t.equal(device.heard.filter(({ notice }) => notice !== undefined).length, 1);
  t.match((await gateway.api('GET', '/v1/devices')).json, { devices: [{ key_id: 2, offered_key_id: null }] });
  t.match((await gateway.api('GET', '/v1/quarantine')).json, { items: [], more: false });
});

t.test(
  'a late enrolment: the quarantine is listed and tried again from the command line and over the API',
  async (t) => {
    const gateway = await TestGateway.start(t);
    const device = new HandDevice('TAG-LATE');
    await enrolled(t, gateway, device);
    const client = await device.connect(gateway.mqttPort);
    t.teardown(() => client.endAsync(true));
    // keys that the gateway learns of only later: as a device has them that was enrolled elsewhere before
    const other = new HandDevice('TAG-LATE-2');
    device.keys.set(2, { cipher: 'A256GCM', key: other.keys.get(1)!.key });
    for (let n = 0; n < 2; n += 1) {
      await client.publishAsync(device.up, device.seal(device.upload(Date.now()), 2), { qos: 1 });
    }
    const list = await gateway.command('quarantine', 'list', '--json');
    const items = list.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { position: number; reason: string });
    t.same(
      items.map(({ reason }) => reason),
      ['unknown_key', 'unknown_key'],
      list.err,
    );
    const still = await gateway.command('quarantine', 'retry', '--all', '--json');
    t.match(
      still.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      items.map(({ position }) => ({ position, outcome: 'left', reason: 'unknown_key' })),
      still.err,
    );
    t.match(still.err, /2 are left with their reasons/);
    const over = await gateway.api('POST', '/v1/quarantine/retry', {
      positions: items.map(({ position }) => position),
    });
    t.match(over, { status: 200, json: { items: [{ outcome: 'left' }, { outcome: 'left' }] } });
    t.match((await gateway.command('quarantine', 'retry')).err, /say which/);
  },
);

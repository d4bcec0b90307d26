/** A gateway that stands on restored data: what it does not remember to have sent must never be sealed over. */
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../support/folder.js';
import { TestGateway } from '../support/gateway.js';
import { HandDevice } from '../support/hand-device.js';

t.test(
  'after a restore a device gets a new key before anything else, then what was wished, and is asked for the rest',
  async (t) => {
    const gateway = await TestGateway.start(t);
    const out = await temporaryFolder();
    t.teardown(() => out.remove());
    const device = new HandDevice('TAG-R');
    const { kty, crv, x, y } = device.identityJwk;
    const enrolment = {
      device_id: device.id,
      kind: 'tag',
      session_key: device.keys.get(1)?.key.toString('base64url'),
      password: device.password,
      identity_jwk: { kty, crv, x, y },
    };
    t.equal((await gateway.api('POST', '/v1/devices', enrolment)).status, 201);
    const client = await device.connect(gateway.mqttPort);
    await device.heardOne(() => true);
    const [data, vault] = [join(out.path, 'd'), join(out.path, 'v')];
    const backup = await gateway.command('backup', '--data-out', data, '--vault-out', vault);
    t.equal(backup.code, 0, backup.err);
    // numbers that the backup knows nothing of
    const notice = (to: TestGateway) => to.api('POST', `/v1/devices/${device.id}/notice`, { notice: 'LEAVE_ZONE' });
    t.equal((await notice(gateway)).status, 202);
    const forgotten = await device.heardOne(({ notice }) => notice === 4);
    await client.publishAsync(device.up, device.seal(device.upload(Date.now())), { qos: 1 });
    await client.endAsync(true);
    await gateway.kill();

    const other = await TestGateway.prepare(t);
    const restored = await other.command('restore', '--data-from', data, '--vault-from', vault);
    t.equal(restored.code, 0, restored.err);
    await other.start();
    t.equal((await notice(other)).status, 202);
    const before = device.heard.length;
    const again = await device.connect(other.mqttPort);
    t.teardown(() => again.endAsync(true));
    const offer = await device.heardOne(({ key }) => key !== undefined);
    t.equal(device.heard[before], offer, 'first of all');
    t.same(Object.keys(offer).sort(), ['ack', 'key', 'keyId', 'sequence'], 'and nothing else with it');
    t.ok(offer.sequence > forgotten.sequence + (1n << 40n), 'far above what may have been used');
    await again.publishAsync(device.up, device.seal(device.upload(Date.now())), { qos: 1 });
    const rest = await device.heardOne(({ notice, keyId }) => notice === 4 && keyId === device.keyId && keyId > 1);
    t.ok(rest.resend, 'it is asked for what was acknowledged after the backup, if it still holds it');
  },
);

/** A device at the tier that takes in, commanded by people at the tier that reads, which could not open a word of it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { repository } from '../house/repository.js';
import { temporaryFolder } from '../support/folder.js';
import { HandDevice } from '../support/hand-device.js';
import '../support/plain-children.js';

const main = join(repository, 'dist', 'src', 'main.js');

async function serve(t: Test, role: string, env: NodeJS.ProcessEnv): Promise<{ http?: string; mqtt?: string }> {
  const child: ChildProcess = spawn(process.execPath, [main, 'serve', '--dev', '--role', role], {
    env: { PATH: process.env.PATH, MQTT_PORT: '0', HTTP_PORT: '0', HEALTH_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { code: string; http?: string; mqtt?: string };
    if (said.code !== 'ready') continue;
    child.stdout.resume();
    return said;
  }
  throw new Error(`--role ${role} did not start`);
}

t.test('wishes of one process reach a device at the other; keys are made where they are used', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const data = { DATA_DIR: join(folder.path, 'data') };
  const keks = {
    KEK: randomBytes(32).toString('base64url'),
    REVIEW_KEK: randomBytes(32).toString('base64url'),
  };
  execFileSync(process.execPath, [main, 'keys', 'init'], { env: { PATH: process.env.PATH, ...data, ...keks } });
  const [ingest, api] = await Promise.all([
    serve(t, 'intake,engine', { ...data, KEK: keks.KEK }),
    serve(t, 'api', { ...data, REVIEW_KEK: keks.REVIEW_KEK }),
  ]);
  const token = readFileSync(join(data.DATA_DIR, 'dev-token'), 'utf8').trim();
  const call = async (method: string, path: string, body?: unknown) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`http://${api.http}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
  };
  const port = Number(ingest.mqtt?.split(':').at(-1));

  for (const kind of ['identity key', 'key-wrapping key'] as const) {
    const device = new HandDevice(kind === 'identity key' ? 'TAG-I' : 'TAG-W');
    const { kty, crv, x, y } = device.identityJwk;
    const enrolment = {
      device_id: device.id,
      kind: 'tag',
      session_key: device.keys.get(1)?.key.toString('base64url'),
      password: device.password,
      ...(kind === 'identity key' ? { identity_jwk: { kty, crv, x, y } } : {}),
    };
    const made = await call('POST', '/v1/devices', enrolment);
    if (kind === 'key-wrapping key') {
      Object.assign(device, { wrappingKey: Buffer.from(String(made.json.wrapping_key), 'base64url') });
    }
    const client = await device.connect(port);
    t.teardown(() => client.endAsync(true));
    t.equal((await call('POST', `/v1/devices/${device.id}/notice`, { notice: 'RETURN_HOME' })).status, 202);
    await device.heardOne(({ notice }) => notice === 3);
    const rotated = await call('POST', `/v1/devices/${device.id}/keys`, {});
    t.match(rotated, { status: 201, json: { outcome: 'offered', key_id: 2 } }, kind);
    await device.heardOne(({ key }) => key !== undefined);
    t.equal(device.keyId, 2);
    await client.publishAsync(device.up, device.seal(device.upload(Date.now())), { qos: 1 });
    await client.publishAsync(device.up, device.seal(device.upload(Date.now()), 1), { qos: 1 });
  }
  t.match((await call('GET', '/v1/quarantine')).json, { items: [] }, 'everything was understood');

  // under a key that nobody gave it
  const device = new HandDevice('TAG-I');
  device.keys.set(9, { cipher: 'A256GCM', key: randomBytes(32) });
  const client = await device.connect(port, { listen: false });
  t.teardown(() => client.endAsync(true));
  await client.publishAsync(device.up, device.sealJwe(device.upload(Date.now()), 9), { qos: 1 });
  let items: { position: number; reason: string }[] = [];
  while (items.length === 0) {
    items = (await call('GET', '/v1/quarantine')).json.items as typeof items;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.match(items, [{ reason: 'unknown_key' }]);
  const retried = await call('POST', '/v1/quarantine/retry', { positions: items.map(({ position }) => position) });
  t.match(retried.json, { items: [{ outcome: 'left', reason: 'unknown_key' }] });
});

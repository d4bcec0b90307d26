// The commands beside a running gateway, with and without its API, and after it has stopped.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import t from 'tap';
import { LmdbArchive } from '../../src/adapters/lmdb/lmdb-archive.js';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { encodeUpload } from '../../src/codec/upload.js';
import { openFolder } from '../../src/commands/cli-stores.js';
import { deriveKeys, sealEnvelope } from '../../src/crypto/envelope.js';
import { parseDeviceId } from '../../src/domain/ids.js';
import { orderJson, zoneJson } from '../api/harness.js';
import { room, serve } from './executable.js';

const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** An upload of HU-1 leaves the journal for the archive. */
async function archived(dataDir: string, sequence: bigint): Promise<void> {
  const { folders, either } = await openFolder({ dataDir });
  const archive = LmdbArchive.open(folders.archive, either.shared);
  const [epoch, deviceId] = [2 ** 40, parseDeviceId('HU-1')];
  if (!deviceId.ok) throw new Error(deviceId.fault);
  await archive.claim(epoch);
  const sequences = [{ deviceId: deviceId.value, sequence }];
  await archive.append({ epoch, segments: [], archivedUpTo: new Map(), sequences });
  await archive.close();
}

t.test('a day at the centre: import, enrol, upload, look, disable, with and without the API', async (t) => {
  const { run, folder, dataDir, env } = room(t);
  const order = join(folder, 'order.json');
  const zone = join(folder, 'zone.json');
  const conditions = [{ condition_id: 'C1', kind: 'exclusion_zone', zone_ref: 'Z-1' }];
  writeFileSync(order, JSON.stringify([orderJson({ conditions })]));
  writeFileSync(zone, JSON.stringify(zoneJson('Z-1')));
  const gateway = await serve(t, env);
  const api = ['--api', gateway.api, '--token-file', join(dataDir, 'dev-token')];

  const early = await run('orders', 'import', order);
  t.equal(early.code, 1);
  t.match(early.err, /conditions\[0\]\.zone_ref/, 'the running gateway refuses, and says why');
  t.match(await run('zones', 'import', zone), { code: 0, out: /1 zones: 1 created/ });
  t.match(await run('zones', 'import', zone, ...api), { code: 0, out: /1 unchanged/ });
  t.match(await run('orders', 'import', order, '--json'), { code: 0, out: /"created"/ });
  t.match(await run('orders', 'import', order, ...api, '--json'), { code: 0, out: /"unchanged"/ });

  const first = await run('devices', 'enroll', 'HU-1', '--kind', 'home_unit', '--json');
  t.equal(first.code, 0, first.err);
  const credentials = lines(first.out)[0] as Record<string, string>;
  t.equal((await run('devices', 'enroll', 'HU-1', '--kind', 'home_unit')).code, 1);
  const key = join(folder, 'key');
  const password = join(folder, 'password');
  writeFileSync(key, Buffer.alloc(32, 1).toString('base64url'));
  writeFileSync(password, Buffer.alloc(32, 2).toString('base64url'));
  const enroll = ['devices', 'enroll', 'TAG-1', '--kind', 'tag', '--cipher', 'C20P'];
  const given = ['--session-key-file', key, '--password-file', password, '--json'];
  t.equal((await run(...enroll, ...given)).code, 0);
  t.equal((await run(...enroll, ...given, ...api)).code, 0, 'done twice, over the other way');

  // the gateway takes in what another process enrolled, and what it acknowledges is found
  const topic = `em/v1/d/HU-1/up`;
  const client = await mqtt.connectAsync(gateway.mqtt, {
    clientId: 'HU-1',
    username: 'HU-1',
    password: credentials.password ?? '',
    protocolVersion: 4,
  });
  const upload = encodeUpload({
    sequence: 7n,
    oldestHeld: 7n,
    records: [{ timeMs: Date.now(), hash: '', body: { kind: 'heartbeat', firmware: '1', uptimeS: 1 } }],
  });
  const { up } = deriveKeys(Buffer.from(credentials.session_key ?? '', 'base64url'));
  const sealing = { key: up, cipher: 'A256GCM', keyId: 1, sequence: 7n, topic, plaintext: upload } as const;
  await client.publishAsync(topic, encodeEnvelope({ keyId: 1, sequence: 7n, ciphertext: sealEnvelope(sealing) }), {
    qos: 1,
  });
  const forged = { keyId: 1, sequence: 8n, ciphertext: Buffer.alloc(64, 3) };
  await client.publishAsync(topic, encodeEnvelope(forged), { qos: 1 });
  await client.endAsync();

  const acked = join(folder, 'acked.ndjson');
  writeFileSync(acked, '{"device_id":"HU-1","sequence":7}\n{"device_id":"HU-1","sequence":"8"}\n');
  const found = { acked: 2, found: 2, missing: 0 };
  t.match(lines((await run('journal', 'check', '--acked', acked, '--json')).out)[0], found, 'while it runs');
  const poison = lines((await run('quarantine', 'list', '--json')).out);
  t.match(poison, [{ device_id: 'HU-1', reason: 'bad_seal' }]);
  t.same(Object.keys(poison[0] ?? {}), ['position', 'device_id', 'received', 'reason', 'bytes'], 'no payload');

  const token = join(folder, 'token');
  writeFileSync(token, (await run('token', '--role', 'device_engineer', '--user', 'ann')).out);
  t.match(await run('devices', 'disable', 'HU-1', '--api', gateway.api, '--token-file', token), {
    code: 0,
    out: /disabled/,
  });
  const listed = lines((await run('devices', 'list', '--json')).out);
  t.same(listed.map(({ device_id, disabled }) => [device_id, disabled !== null]).sort(), [
    ['HU-1', true],
    ['TAG-1', false],
  ]);
  const refused = await run('orders', 'import', order, '--api', gateway.api, '--token-file', token);
  t.equal(refused.code, 1);
  t.match(refused.err, /device_engineer/);

  await gateway.stop();
  t.match(lines((await run('journal', 'check', '--acked', acked, '--json')).out)[0], found, 'while none runs');
  writeFileSync(acked, '{"device_id":"HU-1","sequence":9}\n');
  const lost = await run('journal', 'check', '--acked', acked);
  t.equal(lost.code, 1);
  t.match(lost.err, /HU-1 sequence 9/);
  writeFileSync(
    order,
    JSON.stringify(
      orderJson({
        order_id: 'ORD-9',
        subject_id: 'SUB-9',
        devices: [],
        conditions: [{ condition_id: 'T', kind: 'trail' }],
      }),
    ),
  );
  const offline = await run('orders', 'import', order);
  t.equal(offline.code, 0, offline.err);
  t.match(offline.out, /1 logged/);
  const again = await serve(t, env);
  t.match(await run('orders', 'import', order, '--api', again.api, '--token-file', join(dataDir, 'dev-token')), {
    code: 0,
    out: /1 unchanged/,
  });
  await again.stop();
  await archived(dataDir, 9n);
  t.match(await run('journal', 'check', '--acked', acked), { code: 0, out: /1 found, 0 missing/ }, 'archived since');
});

// The commands as an operator uses them, without a gateway.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { orderJson, zoneJson } from '../api/harness.js';
import { room } from './executable.js';

t.test('used wrongly, every command says so and exits with 2; with --help it shows an example', async (t) => {
  const { run } = room(t);
  const wrong = [
    ['nonsense'],
    ['nonsense', '--help'],
    ['help', 'nonsense'],
    ['orders', 'import'],
    ['orders', 'import', 'x', '--api', 'http://127.0.0.1:1'],
    ['devices', 'enroll', 'HU-1'],
    ['token', '--role', 'king', '--user', 'ann'],
    ['journal', 'check'],
    ['config', '--mqtt-port', 'x'],
  ];
  const helped = [
    ['orders', 'check'],
    ['orders', 'import'],
    ['zones', 'import'],
    ['devices', 'enroll'],
    ['token'],
    ['config'],
  ];
  const [codes, helps] = await Promise.all([
    Promise.all(wrong.map((args) => run(...args))),
    Promise.all([...helped, ['quarantine', 'list'], ['journal', 'check']].map((args) => run(...args, '--help'))),
  ]);
  codes.forEach(({ code, err }, i) => {
    t.equal(code, 2, `${wrong[i]?.join(' ')}: ${err}`);
    t.not(err, '');
  });
  for (const { code, out } of helps) {
    t.equal(code, 0);
    t.match(out, /Example/);
  }
});

t.test('without a gateway’s folder the commands that look say what to do, and make nothing', async (t) => {
  const { run, folder } = room(t);
  const acked = join(folder, 'acked');
  writeFileSync(acked, '{"device_id":"HU-1","sequence":1}\n');
  for (const args of [
    ['quarantine', 'list'],
    ['journal', 'check', '--acked', acked],
    ['devices', 'list'],
  ]) {
    const { code, err } = await run(...args);
    t.equal(code, 1);
    t.match(err, /fairwatch serve/);
  }
  const refused = await run('token', '--role', 'auditor', '--user', 'ann');
  t.equal(refused.code, 1);
  t.match(refused.err, /serve --dev/);
});

t.test('check names every problem with its place', async (t) => {
  const { run, folder } = room(t);
  const file = join(folder, 'orders.ndjson');
  const taken = orderJson({ order_id: 'ORD-2' });
  writeFileSync(
    file,
    [orderJson(), orderJson({ order_id: 'ORD-3', type: 'PARTY' }), taken].map((o) => JSON.stringify(o)).join('\n'),
  );
  const { code, err } = await run('orders', 'check', file);
  t.equal(code, 1);
  t.match(err, /orders\.ndjson:2 ORD-3: type: expected/);
  t.match(err, /orders\.ndjson:3 ORD-2: devices\[0\]/, 'a device that another order of the file has');
  const bow = zoneJson('Z-1');
  // the second and third corner exchanged: the ring crosses itself
  const ring = bow.geometry.coordinates[0] as number[][];
  [ring[1], ring[2]] = [ring[2] as number[], ring[1] as number[]];
  const zones = join(folder, 'zones.json');
  writeFileSync(zones, JSON.stringify({ type: 'FeatureCollection', features: [zoneJson('Z-2'), bow] }));
  const checked = await run('zones', 'check', zones);
  t.equal(checked.code, 1);
  t.match(checked.err, /features\[1\]\.geometry/);
});

t.test('with both KEKs devices are enrolled before the first start, and another KEK opens nothing', async (t) => {
  const { run, env, folder } = room(t);
  const file = join(folder, 'kek');
  writeFileSync(file, Buffer.alloc(32, 9).toString('base64url'));
  const review = join(folder, 'review-kek');
  writeFileSync(review, Buffer.alloc(32, 7).toString('base64url'));
  Object.assign(env, { KEK_FILE: file, REVIEW_KEK_FILE: review });
  t.equal((await run('devices', 'enroll', 'HU-1', '--kind', 'home_unit')).code, 0);
  t.match(await run('devices', 'list'), { code: 0, out: /HU-1/ });
  writeFileSync(file, Buffer.alloc(32, 8).toString('base64url'));
  t.match(await run('devices', 'list'), { code: 1, err: /another KEK/ });
});

/** The two tiers in processes of their own: each with its key-encryption key alone, meeting in the data folder. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectAsync } from 'mqtt';
import t, { type Test } from 'tap';
import { repository } from '../house/repository.js';
import { temporaryFolder } from '../support/folder.js';
import { freePorts } from '../support/gateway.js';
import { from, orderFor, strap } from '../support/gateway-people.js';
import { TestDevice } from '../support/mqtt-device.js';
import '../support/plain-children.js';

const main = join(repository, 'dist', 'src', 'main.js');
const KEK = randomBytes(32);
const REVIEW_KEK = randomBytes(32);

interface Running {
  readonly child: ChildProcess;
  readonly door: string;
  stop(): Promise<void>;
}

async function role(t: Test, name: string, env: NodeJS.ProcessEnv): Promise<Running> {
  const child = spawn(process.execPath, [main, 'serve', '--dev', '--role', name], {
    env: { PATH: process.env.PATH, MQTT_PORT: '0', HTTP_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { code: string; http?: string; mqtt?: string };
    if (said.code !== 'ready') continue;
    child.stdout.resume();
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    };
    return { child, door: said.http ?? said.mqtt ?? '', stop };
  }
  throw new Error(`--role ${name} did not start`);
}

/** Whether these bytes, or their base64url text, stand anywhere in what a process may write to. */
function holds(child: ChildProcess, key: Buffer): boolean {
  const text = Buffer.from(key.toString('base64url'), 'latin1');
  const memory = openSync(`/proc/${child.pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${child.pid}/maps`, 'latin1').split('\n')) {
      const [, start = '', end = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (start === '') continue;
      for (let at = Number.parseInt(start, 16); at < Number.parseInt(end, 16); at += CHUNK) {
        // over the edge of a chunk a key may lie across
        const piece = Buffer.alloc(Math.min(CHUNK + text.length, Number.parseInt(end, 16) - at));
        try {
          readSync(memory, piece, 0, piece.length, at);
        } catch {
          continue;
        }
        if (piece.includes(key) || piece.includes(text)) return true;
      }
    }
    return false;
  } finally {
    closeSync(memory);
  }
}
const CHUNK = 4 * 1_048_576;

t.test('an order imported by one process is judged by the other, and neither has the other’s key', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const env = { DATA_DIR: join(folder.path, 'data') };
  const keks = { KEK: KEK.toString('base64url'), REVIEW_KEK: REVIEW_KEK.toString('base64url') };
  const made = execFileSync(process.execPath, [main, 'keys', 'init'], {
    env: { PATH: process.env.PATH, ...env, ...keks },
  }).toString();
  for (const secret of Object.values(keks)) t.notOk(made.includes(secret));

  const [healthPort = 0] = await freePorts(1);
  const [ingest, api] = await Promise.all([
    role(t, 'intake,engine', { ...env, KEK: keks.KEK, HEALTH_PORT: String(healthPort) }),
    role(t, 'api', { ...env, REVIEW_KEK: keks.REVIEW_KEK }),
  ]);
  const token = readFileSync(join(env.DATA_DIR, 'dev-token'), 'utf8').trim();
  const headers = { authorization: `Bearer ${token}` };
  const call = async (method: string, path: string, body?: unknown) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`http://${api.door}${path}`, { method, headers: { ...headers, ...json }, ...sent });
    return { status: answer.status, text: await answer.text() };
  };
  t.match(await call('GET', '/readyz'), { status: 200 });

  const tag = new TestDevice('TAG-1');
  const enrolment = {
    device_id: tag.deviceId,
    kind: 'tag',
    cipher: tag.cipher,
    session_key: tag.sessionKey().toString('base64url'),
    password: tag.password,
  };
  t.match(await call('POST', '/v1/devices', enrolment), { status: 201 });
  t.match(await call('POST', '/v1/devices', enrolment), { status: 200 }, 'the same once more, without reading the key');
  const now = Date.now();
  const worn = [{ device_id: tag.deviceId, kind: 'tag', from: from(now) }];
  t.match(await call('PUT', '/v1/orders/ORD-1', orderFor('ORD-1', worn, now)), { status: 201 });

  const patience = AbortSignal.timeout(20_000);
  const stream = await fetch(`http://${api.door}/v1/alerts/stream`, { headers, signal: patience });
  t.equal(stream.status, 200);
  const client = await tag.connect(Number(ingest.door.split(':')[1]));
  await client.publishAsync(tag.topic, tag.seal({ sequence: 1n, records: [strap(0, Date.now())] }), { qos: 1 });
  await client.endAsync();
  let told = '';
  for await (const piece of stream.body ?? []) {
    told += Buffer.from(piece).toString();
    if (told.includes('tamper.strap')) break;
  }
  t.match(told, /uk\.fairwatch\.alert\.raised/);
  t.match(told, /ORD-1/);

  const metrics = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
  t.match(metrics, /fairwatch_messages_total\{fate="accepted"[^\n]* 1/);

  // who reads over MQTT is let in by the one process, and stands in the log of the other
  const [host, port] = ingest.door.split(':');
  const centre = await connectAsync(`mqtt://${host}:${port}`, {
    username: 'agency:monitoring-centre',
    password: token,
    clientId: 'wall',
  });
  await centre.endAsync();
  const asked = ['token', '--data-dir', env.DATA_DIR, '--role', 'auditor', '--user', 'ann'];
  const auditor = execFileSync(process.execPath, [main, ...asked], { env: { PATH: process.env.PATH } });
  const inLog = async () => {
    const authorization = `Bearer ${auditor.toString().trim()}`;
    const answer = await fetch(`http://${api.door}/v1/audit?limit=500`, { headers: { authorization } });
    return answer.text();
  };
  let log = '';
  for (let tries = 0; tries < 100 && !log.includes('sign_in'); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    log = await inLog();
  }
  t.match(log, /"action":"alerts\.topic"/);

  t.ok(holds(ingest.child, KEK), 'the look into memory sees a key that is there');
  t.ok(holds(api.child, REVIEW_KEK));
  t.notOk(holds(ingest.child, REVIEW_KEK), 'the tier that takes in never had the review tier’s key');
  t.notOk(holds(api.child, KEK), 'nor the other way round');

  await ingest.stop();
  t.match(await call('GET', '/readyz'), { status: 503, text: /engine_not_alive/ });
  await api.stop();
});

t.test('a tier without its keys says what to do', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: join(folder.path, 'data'),
    REVIEW_KEK: REVIEW_KEK.toString('base64url'),
  };
  const ran = spawnSync(process.execPath, [main, 'serve', '--dev', '--role', 'api'], { env, encoding: 'utf8' });
  t.equal(ran.status, 1);
  t.match(ran.stderr, /fairwatch keys init/);
  const half = spawnSync(process.execPath, [main, 'serve', '--dev', '--role', 'engine'], { env, encoding: 'utf8' });
  t.equal(half.status, 2);
  t.match(half.stderr, /intake and engine go together/);
});

/**
 * A gateway stands still at a busy moment; another one, which cannot see it (as from another container), takes the folder
 * over. When the first one wakes up it writes nothing, acknowledges nothing, tells nobody anything, says why, and ends.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import t, { type Test } from 'tap';
import { EventReader } from '../api/event-reader.js';
import { zoneJson } from '../api/harness.js';
import { startChild } from '../support/child.js';
import { TestGateway } from '../support/gateway.js';
import { person, strap } from '../support/gateway-people.js';
import type { TestDevice } from '../support/mqtt-device.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { changesAfterWaking } from '../trace/changes.js';
import { acknowledgedSinceWaking } from '../trace/judge.js';
import { straceArguments } from '../trace/syscalls.js';
import { PATIENCE_MS, whyNotTraced } from '../trace/traced-gateway.js';

const PEOPLE = 4;
const STORES = ['engine', 'archive', 'commands', 'devices', 'downlinks', 'sign-ins', 'register', 'audit'];

/** In a PID namespace of its own a process sees none of this one; where that is not allowed the lock is taken away by hand. */
const ELSEWHERE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const isolates = spawnSync(ELSEWHERE[0] as string, [...ELSEWHERE.slice(1), 'true']).status === 0;
const why = whyNotTraced();

/** A client that counts every message that it gets. */
interface Watched {
  readonly client: MqttClient;
  messages: number;
}

function watched(client: MqttClient): Watched {
  const one: Watched = { client, messages: 0 };
  client.on('packetreceive', ({ cmd }) => {
    if (cmd === 'publish') one.messages += 1;
  });
  client.on('error', () => {});
  return one;
}

async function agency(gateway: TestGateway, clientId: string): Promise<MqttClient> {
  const token = await gateway.command(
    'token',
    '--role',
    'supervising_officer',
    '--agency',
    'probation-north',
    '--user',
    'ann',
  );
  return mqtt.connect(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
    clientId,
    username: 'agency:probation-north',
    password: token.out.trim(),
    reconnectPeriod: 0,
  });
}

/**
 * Whether nobody stands still in the midst of a write transaction: a successor would wait for that one to end. Asked by a
 * process that can be killed, for whoever waits for LMDB's lock does nothing else.
 */
async function noStoreIsLocked(dataDir: string): Promise<boolean> {
  const child = startChild(
    'e2e/children/write-nothing.js',
    STORES.map((store) => join(dataDir, store)),
  );
  const free = await Promise.race([child.ended.then((code) => code === 0), sleep(1_500).then(() => false)]);
  await child.kill();
  return free;
}

/** Resolves when it takes uploads and judges them; a test that waits in vain fails by its own patience. */
async function ready(gateway: TestGateway, token: string): Promise<void> {
  while ((await gateway.api('GET', '/readyz', undefined, token)).status !== 200) await sleep(50);
}

async function story(t: Test, redis: RedisServer | null): Promise<void> {
  const env: Record<string, string> = redis === null ? {} : { REDIS_URL: redis.url };
  const under: string[] = [];
  const paused = await TestGateway.prepare(t, { env, under, patienceMs: PATIENCE_MS });
  const trace = join(paused.folder, 'trace');
  under.push('strace', '-D', ...straceArguments(trace), '--');
  await paused.start();
  t.teardown(() => paused.signal('SIGCONT'));

  // Busy: people whose straps are cut and made whole, poison, a device that listens, an agency that listens.
  const nowMs = Date.now();
  const devices: TestDevice[] = [];
  for (let n = 0; n < PEOPLE; n += 1) devices.push(await person(paused, n, nowMs));
  const seal = (n: number, sequence: number): Buffer =>
    (devices[n] as TestDevice).seal({
      sequence: BigInt(sequence),
      records: [strap(sequence - 1, nowMs + sequence * 1_000)],
      oldestHeld: BigInt(sequence),
    });
  const acked: { device_id: string; sequence: number }[] = [];
  const sequences = devices.map(() => 0);
  const fleet = await Promise.all(devices.map(async (device) => watched(await device.connect(paused.mqttPort))));
  const listener = watched(await agency(paused, 'ann'));
  await new Promise((resolve) => listener.client.once('connect', resolve));
  await listener.client.subscribeAsync('em/v1/alerts/probation-north', { qos: 1 });
  const listening = devices[0] as TestDevice;
  await fleet[0]?.client.subscribeAsync(listening.topic.replace(/up$/, 'down'), { qos: 1 });
  const push = (n: number): void => {
    const sequence = (sequences[n] ?? 0) + 1;
    sequences[n] = sequence;
    const one = devices[n] as TestDevice;
    fleet[n]?.client.publish(one.topic, seal(n, sequence), { qos: 1 }, (error) => {
      if (!error) acked.push({ device_id: one.deviceId, sequence });
    });
  };
  for (let round = 0; round < 30; round += 1) {
    for (let n = 0; n < PEOPLE; n += 1) push(n);
    if (round % 10 === 0) fleet[1]?.client.publish((devices[1] as TestDevice).topic, `poison ${round}`, { qos: 1 });
    await sleep(2);
  }

  // It stands still, with uploads on the way.
  for (let tries = 0; ; tries += 1) {
    for (let n = 0; n < PEOPLE; n += 1) push(n);
    paused.signal('SIGSTOP');
    await sleep(50);
    if (await noStoreIsLocked(paused.dataDir)) break;
    if (tries === 20) throw new Error('it always stands still in the midst of a transaction');
    paused.signal('SIGCONT');
    await sleep(20);
  }
  const ackedByFirst = [...acked];
  const before = [...fleet, listener].map(({ messages }) => messages);
  // What waits for it when it wakes: uploads, poison, somebody who signs in.
  for (let n = 0; n < PEOPLE; n += 1) push(n);
  fleet[1]?.client.publish((devices[1] as TestDevice).topic, 'poison at last', { qos: 1 });
  const late = await agency(paused, 'bob');
  let letIn = false;
  late.on('connect', () => {
    letIn = true;
  });
  late.on('error', () => {});

  // Its successor.
  if (!isolates) rmSync(join(paused.dataDir, 'LOCK'));
  if (!isolates) rmSync(join(paused.dataDir, 'api', 'LOCK'));
  t.comment(
    isolates ? 'the successor runs in a PID namespace of its own' : 'no PID namespaces here: the lock was taken away',
  );
  const next = await TestGateway.prepare(t, {
    env: { ...env, DATA_DIR: paused.dataDir },
    patienceMs: PATIENCE_MS,
    ...(isolates ? { under: ELSEWHERE } : {}),
  });
  await next.start();
  const token = paused.token;
  await ready(next, token);
  // Something that the first one will never have heard of, and by which it would answer wrongly.
  t.match(await next.api('PUT', '/v1/zones/Z-NEW', zoneJson('Z-NEW'), token), { status: 201 });

  // The devices send to it what was not acknowledged, byte for byte, and more.
  const again = await Promise.all(devices.map((device) => device.connect(next.mqttPort)));
  for (let n = 0; n < PEOPLE; n += 1) {
    const device = devices[n] as TestDevice;
    sequences[n] = (sequences[n] ?? 0) + 1;
    for (let sequence = 1; sequence <= (sequences[n] ?? 0); sequence += 1) {
      if (ackedByFirst.some((one) => one.device_id === device.deviceId && one.sequence === sequence)) continue;
      await again[n]?.publishAsync(device.topic, seal(n, sequence), { qos: 1 });
      acked.push({ device_id: device.deviceId, sequence });
    }
  }

  // It wakes up, and ends.
  const woken = paused.ended();
  paused.signal('SIGCONT');
  const ended = await woken;
  // LMDB's threads have been seen to fall over each other at such an end (SIGSEGV): to a supervisor that is a failure as well
  t.not(ended.code, 0, 'it does not end well');
  if (ended.signal !== undefined) t.comment(`it ended by ${ended.signal}`);
  t.match(ended.out, /another process has taken DATA_DIR.*"code":"superseded"/);
  await Promise.all([
    ...fleet.map(({ client }) => client.endAsync(true)),
    listener.client.endAsync(true),
    late.endAsync(true),
  ]);
  const traced = readFileSync(trace, 'latin1');
  const since = acknowledgedSinceWaking(traced, paused.mqttPort);
  t.same(since.findings, [], 'it acknowledged nothing but what was durable before it stood still');
  t.comment(`${since.acked} acknowledgements were on the way to their sockets`);
  t.same(
    [...fleet, listener].map(({ messages }) => messages),
    before,
    'it told nobody anything',
  );
  t.equal(letIn, false, 'it let nobody in');
  const changes = changesAfterWaking(traced, paused.folder);
  // what it had in hand when it stood still goes into files that are its own, by its epoch, and that nobody reads
  const own = /(\/journal\/\d{16}-0{15}1\.seg|\/(topics|sign-ins|incidents)\.place\.1\.next)$/;
  t.same(
    changes.filter(({ path }) => !own.test(path)),
    [],
    'it changed nothing',
  );
  t.ok(new Set(changes.map(({ call, path }) => `${call} ${path}`)).size === changes.length, 'nothing of its own twice');
  t.comment(`${changes.length} calls on files of its own`);

  // The successor has noticed nothing; and after its end everything is there, each once.
  await ready(next, token);
  t.same(readFileSync(join(paused.dataDir, 'EPOCH'), 'utf8'), '2\n');
  if (redis !== null) {
    const [key] = (await redis.command('KEYS', 'fairwatch:*')) as string[];
    t.equal(String(await redis.command('HGET', key as string, '@epoch')), '2');
  }
  const list = join(next.folder, 'acked.ndjson');
  const each = [...new Set(acked.map((one) => JSON.stringify(one)))];
  writeFileSync(list, `${each.join('\n')}\n`);
  const stream = await EventReader.open(`${next.url}/v1/alerts/stream?from=start`, token);
  const expected = sequences.reduce((sum, count) => sum + count, 0);
  await stream.until(() => stream.events.filter(({ data }) => data.data.type === 'tamper.strap').length >= expected);
  stream.close();
  const straps = stream.events.filter(({ data }) => data.data.type === 'tamper.strap').map(({ data }) => data.id);
  t.equal(straps.length, expected);
  t.equal(new Set(straps).size, expected, 'each version once');
  await Promise.all(again.map((client) => client.endAsync(true)));
  await next.kill();
  const checked = await paused.command('journal', 'check', '--acked', list, '--json');
  t.match(JSON.parse(checked.out), { acked: each.length, missing: 0 }, 'whoever acknowledged it, it is there');
}

t.test('with the states in LMDB', { skip: why ?? false }, (t) => story(t, null));

t.test('with the states in Redis', { skip: why ?? false }, async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  await story(t, redis);
});

/** Hot state in a real Redis: the contract, and what only Redis can do to it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import t from 'tap';
import { RedisAway } from '../../src/adapters/redis/redis-connection.js';
import { RedisSubjectStates } from '../../src/adapters/redis/redis-states.js';
import { decodeState } from '../../src/codec/state-record.js';
import type { StreamKey } from '../../src/domain/ids.js';
import { type StateBytes, Superseded } from '../../src/ports/subject-states.js';
import { subjectStatesContract } from '../contracts/subject-states.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { startRedis } from '../support/redis-server.js';
import { orderStream, state, stateBytes } from '../support/samples.js';
import { closeAll, hourlySeals, openThreaded } from '../support/threaded.js';

const server = await startRedis();
t.teardown(() => server.stop());

const clients: RedisSubjectStates[] = [];
let partitions = 0;

async function open(partition: string, telemetry = new RecordingTelemetry()): Promise<RedisSubjectStates> {
  const states = await RedisSubjectStates.open({ url: server.url, partition, seals: testSeals(), telemetry });
  clients.push(states);
  return states;
}
t.teardown(() => Promise.all(clients.map((client) => client.close())));

const batchOf = (previousPosition: number, position: number, people: readonly number[]) => ({
  epoch: 1,
  previousPosition,
  position,
  states: new Map<StreamKey, StateBytes>(people.map((n) => [orderStream(n), stateBytes(n, position)])),
});

async function loaded(states: RedisSubjectStates, keys: readonly StreamKey[]) {
  return (await states.load(keys)).map((bytes) => (bytes === null ? null : decodeState(bytes)));
}

async function fresh(): Promise<{ states: RedisSubjectStates; key: string; partition: string }> {
  const partition = `t${partitions++}`;
  const states = await open(partition);
  await states.claim(1);
  await states.replaceAll(1, 0, []);
  return { states, partition, key: `fairwatch:{${partition}}:states` };
}

async function eventually(attempt: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

subjectStatesContract('Redis states', async () => {
  const partition = `c${partitions++}`;
  return {
    open: () => open(partition),
    async crash() {},
    async empty() {
      await server.command('FLUSHALL');
    },
    async remove() {},
  };
});

const folder = await temporaryFolder();
const seals = hourlySeals();
const stores = await openThreaded(folder.path, seals);
t.teardown(async () => {
  await closeAll(stores);
  await folder.remove();
});

subjectStatesContract('Redis states, sealed on a thread', async () => {
  const partition = `c${partitions++}`;
  return {
    async open() {
      const telemetry = new RecordingTelemetry();
      const sealer = stores.writer;
      const states = await RedisSubjectStates.open({ url: server.url, partition, seals, sealer, telemetry });
      clients.push(states);
      return states;
    },
    async crash() {},
    async empty() {
      await server.command('FLUSHALL');
    },
    async remove() {},
  };
});

t.test('what lies in Redis names nobody and cannot be moved to another name', async (t) => {
  const { states, key } = await fresh();
  await states.save(batchOf(0, 5, [1, 2]));
  const fields = (await server.command('HKEYS', key)) as string[];
  t.equal(fields.length, 4);
  for (const field of fields.filter((name) => !name.startsWith('@'))) t.match(field, /^[0-9a-f]{32}$/);
  const dump = (await server.command('HVALS', key)) as string[];
  t.notMatch(dump.join(' '), /ORD-/);
  const copyTo = `return redis.call('HSET', KEYS[1], ARGV[1], redis.call('HGET', KEYS[1], ARGV[2]))`;
  const [first, second] = fields.filter((name) => !name.startsWith('@')) as [string, string];
  await server.command('EVAL', copyTo, '1', key, first, second);
  await t.rejects(states.load([orderStream(1), orderStream(2)]), { name: 'SealBroken' });
});

t.test('a batch of 1,024 people is one command', async (t) => {
  const { states } = await fresh();
  const people = Array.from({ length: 1_024 }, (_, n) => n);
  const calls = async () => {
    const info = (await server.command('INFO', 'commandstats')) as string;
    return Number(/cmdstat_fcall:calls=(\d+)/.exec(info)?.[1] ?? 0);
  };
  const before = await calls();
  await states.save(batchOf(0, 1, people));
  t.equal((await calls()) - before, 1);
});

t.test('a save of many commands that breaks off leaves the position where it was', async (t) => {
  const { states, partition } = await fresh();
  const batch = batchOf(0, 1, [...Array(3_000).keys()]);
  // the second command cannot be made, when the first is on its way
  const breaks = new (class extends Uint8Array {
    override get length(): number {
      throw new Error('no command comes of this');
    }
  })(8);
  batch.states.set(orderStream(1_500), breaks);
  await t.rejects(states.save(batch), /no command comes of this/);
  const after = await open(partition);
  t.equal(await states.position(), 0);
  t.equal(await after.position(), 0);
});

t.test('functions that a FUNCTION FLUSH has dropped are loaded again', async (t) => {
  const { states } = await fresh();
  await server.command('FUNCTION', 'FLUSH');
  await states.save(batchOf(0, 5, [1]));
  t.equal(await states.position(), 5);
});

t.test('a superseded owner is told so after a restart of Redis that lost everything, too', async (t) => {
  const { states, partition } = await fresh();
  await server.command('FLUSHALL');
  const owner = await open(partition);
  await owner.claim(2);
  await t.rejects(states.replaceAll(1, 0, []), Superseded);
  await owner.replaceAll(2, 7, []);
  await t.rejects(states.save(batchOf(0, 8, [1])), Superseded);
});

t.test('Redis away: a clear error at once; back and empty: the store says so, and is filled anew', async (t) => {
  const telemetry = new RecordingTelemetry();
  const partition = `t${partitions++}`;
  const states = await open(partition, telemetry);
  await states.claim(1);
  await states.replaceAll(1, 0, []);
  await states.save(batchOf(0, 5, [1, 2]));
  await server.kill();
  await t.rejects(states.save(batchOf(5, 6, [1])), {
    name: 'RedisAway',
    message: new RegExp(`Redis at 127\\.0\\.0\\.1:${server.port} does not answer.*start it, or correct REDIS_URL`),
  });
  await server.start();
  await t.rejects(
    eventually(() => states.save(batchOf(5, 6, [1]))),
    { name: 'StatesLost' },
  );
  await states.replaceAll(1, 5, batchOf(0, 5, [1, 2]).states);
  await states.save(batchOf(5, 6, [1]));
  t.same(await loaded(states, [orderStream(1), orderStream(2)]), [state(1, 6), state(2, 5)]);
  t.ok(telemetry.codes.includes('redis_lost'));
  t.equal(telemetry.codes.filter((code) => code === 'redis_connected').length, 2);
});

t.test('Redis away at the start: it is waited for, then found empty, and filled', async (t) => {
  const late = await startRedis();
  t.teardown(() => late.stop());
  await late.kill();
  const telemetry = new RecordingTelemetry();
  const states = await RedisSubjectStates.open({ url: late.url, partition: 'late', seals: testSeals(), telemetry });
  clients.push(states);
  t.ok(telemetry.codes.includes('redis_away_at_start'));
  await t.rejects(states.save(batchOf(0, 5, [1])), { name: 'RedisAway' });
  await late.start();
  await t.rejects(
    eventually(() => states.save(batchOf(4, 5, [1]))),
    { name: 'StatesLost' },
  );
  await states.replaceAll(1, 5, batchOf(0, 5, [1]).states);
  await states.save(batchOf(5, 6, [1]));
  t.equal(await states.position(), 6);
});

t.test('a save whose answer got lost was applied, and the same save once more succeeds', async (t) => {
  const link = await linkTo(server.port);
  t.teardown(() => link.close());
  const states = await RedisSubjectStates.open({
    url: `redis://127.0.0.1:${link.port}`,
    partition: `t${partitions++}`,
    seals: testSeals(),
    telemetry: new RecordingTelemetry(),
  });
  clients.push(states);
  await states.claim(1);
  await states.replaceAll(1, 0, []);
  await states.save(batchOf(0, 5, [1]));
  link.cutAtNextAnswer();
  await t.rejects(states.save(batchOf(5, 6, [1, 2])), RedisAway);
  await eventually(async () => {
    t.same(await loaded(states, [orderStream(1), orderStream(2)]), [state(1, 6), state(2, 6)], 'it was applied');
  });
  await states.save(batchOf(5, 6, [1, 2]));
  await states.save(batchOf(6, 7, [1]));
  t.equal(await states.position(), 7);
});

t.test(
  'without a Redis at the address, every call says where it should be and what to do, and no password',
  async (t) => {
    const states = await RedisSubjectStates.open({
      url: 'redis://:secret@127.0.0.1:1',
      partition: 'p',
      seals: testSeals(),
      telemetry: new RecordingTelemetry(),
    });
    clients.push(states);
    const asking = states.position();
    await t.rejects(asking, { name: 'RedisAway', message: /127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)/ });
    await t.rejects(asking, { message: /^(?!.*secret)/ });
  },
);

/** A network between a client and Redis that can lose an answer: the request has been carried out by then. */
async function linkTo(redisPort: number) {
  let cut = false;
  const proxy = createServer((near) => {
    const far = connect(redisPort, '127.0.0.1');
    near.on('data', (request) => far.write(request));
    far.on('data', (answer) => {
      if (!cut) return near.write(answer);
      cut = false;
      near.destroy();
      return far.destroy();
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address() as AddressInfo;
  return {
    port: address.port,
    cutAtNextAnswer() {
      cut = true;
    },
    close: () => proxy.close(),
  };
}

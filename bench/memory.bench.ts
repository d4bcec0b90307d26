/** bench/memory: what a person costs in a gateway that has just started, in its hot store, and until it is ready. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type RunningGateway, startGateway } from './lib/gateway.js';
import { ownMiB } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { fillStore } from './lib/population-store.js';
import { startRedis } from './lib/redis.js';
import type { Row } from './lib/result.js';

const SIZES = [10_000, 100_000, 1_000_000] as const;
const ZONES = [
  { label: 'two zones of 12', ownZones: 2, verticesPerZone: 12 },
  { label: 'ten of 20', ownZones: 10, verticesPerZone: 20 },
] as const;
const READY_WITHIN_MS = 1_800_000;
/** Nobody is absent who could be told of. */
const ABSENT_EVERY = 20;
const MIB = 1_048_576;
const SAMPLED = 1_000;

type Zones = (typeof ZONES)[number];

await main({
  bench: 'memory',
  about:
    'What a person costs: `fairwatch serve` is started on folders that hold its people (an order with own zones and two ' +
    'shared towns, a home unit and a tag, heard within the hour), and asked for its memory after a collection. With Redis ' +
    'as the hot store, and without.',
  aim:
    '≤ 2 KiB a person in process (two own zones of 12 vertices; ≤ 5 with ten of 20); sealed value in Redis ≤ 448 B, ≤ 600 B ' +
    'with overhead; ready in ≤ 60 s with 1,000,000; no worse than linear',
  labelTitle: 'people',
  columns: [
    { key: 'start', title: 'ready after s', digits: 1, better: 'less' },
    { key: 'startRedis', title: 'with an empty Redis', digits: 1, better: 'less' },
    { key: 'startUs', title: 'µs/person', digits: 0, better: 'less' },
    { key: 'own', title: 'own B/person', digits: 0, better: 'less' },
    { key: 'kept', title: 'kept B/person', digits: 0, better: 'less' },
    { key: 'heap', title: 'of it heap', digits: 0, better: 'less' },
    { key: 'external', title: 'outside', digits: 0, better: 'less' },
    { key: 'value', title: 'value in Redis B', digits: 0, better: 'less' },
    { key: 'redis', title: 'Redis B/person', digits: 0, better: 'less' },
  ],
  growth: { size: 'people', cost: 'kept memory a person', unit: 'B', columns: ['kept'] },
  options: {
    people: { type: 'string', value: 'N,…', help: `how many (default: ${SIZES.join(',')})` },
    heap: { type: 'string', value: 'MIB', help: 'of the gateway’s JavaScript (default: 3 KiB a person and 1,024)' },
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
  },
  examples: ['--people 10000,100000'],
  run: measureMemory,
});

async function measureMemory(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const rows: Row[] = [];
  const sizes = context.numbers('people', context.smallest ? [300] : SIZES);
  const empty = await measureOne(context, ZONES[0], 0);
  let hasRedis = true;
  for (const [i, zones] of ZONES.entries()) {
    for (const [n, people] of sizes.entries()) {
      // a million with ten zones each would be filled for an hour
      if (i > 0 && n === SIZES.length - 1) continue;
      const found = await measureOne(context, zones, people);
      hasRedis &&= found.redis !== null;
      const label = `${i === 0 ? `×${people / (sizes[0] ?? people)}: ` : ''}${people.toLocaleString('en-GB')}`;
      rows.push(rowOf(i === 0 ? label : `${label}, ${zones.label}`, people, found, empty));
      context.say(`memory: ${people} people, ${zones.label}: ready after ${found.startS.toFixed(1)} s`);
    }
  }
  if (!hasRedis) context.say('memory: no redis-server on this machine: Redis was left out');
  return {
    rows,
    notes: [
      'Own: memory of the process that no file stands behind, less that of a gateway with nobody; garbage of the start that was not ' +
        'given back to the system is in it. Kept: JavaScript’s heap after a collection and what it ' +
        'holds outside, less those of a gateway with nobody.',
      'Ready: from the start of the process until its doors are open; the people’s keys, orders and states are on disk, and not in ' +
        'the page cache alone. With an empty Redis every state is written into it meanwhile.',
      'Value: mean of a sealed state as Redis has it (STRLEN of 1,000). Redis a person: its used memory, less that before.',
      ...(hasRedis ? [] : ['There was no redis-server on this machine: Redis was left out.']),
    ],
  };
}

interface Found {
  readonly startS: number;
  readonly ownBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly redis: { readonly startS: number; readonly valueBytes: number; readonly usedBytes: number } | null;
}

async function measureOne(context: Context, zones: Zones, count: number): Promise<Found> {
  const start: Start = async (fill, env) => {
    let filledMs = performance.now();
    const heapMiB = context.number('heap', 1_024 + Math.ceil((3 * count) / 1_024));
    const gateway = await startGateway({
      folder: context.text('dir') ?? tmpdir(),
      profileFolder: null,
      settings: ['--clock', 'stepped'],
      nodeOptions: [`--max-old-space-size=${heapMiB}`, '--expose-gc'],
      readyWithinMs: READY_WITHIN_MS,
      env,
      fill: async (home) => {
        await fill(home);
        filledMs = performance.now();
      },
    });
    return { gateway, startS: (performance.now() - filledMs) / 1_000 };
  };
  const filled = async (home: string): Promise<void> => {
    if (count === 0) return;
    const { ownZones, verticesPerZone } = zones;
    const crowd = { seed: context.seed, absentEvery: ABSENT_EVERY, ownZones, verticesPerZone };
    const folders = { dataDir: join(home, 'data'), vaultDir: join(home, 'vault') };
    await fillStore({ ...folders, crowd, people: count, say: context.say });
  };
  const master = await mkdtemp(join(context.text('dir') ?? tmpdir(), 'fairwatch-bench-'));
  try {
    await filled(master);
    return await measureFilled(count, (home) => cp(master, home, { recursive: true }), start);
  } finally {
    await rm(master, { recursive: true, force: true });
  }
}

type Start = (
  fill: (home: string) => Promise<void>,
  env: Record<string, string>,
) => Promise<{ readonly gateway: RunningGateway; readonly startS: number }>;

async function measureFilled(count: number, fill: (home: string) => Promise<void>, start: Start): Promise<Found> {
  const { gateway, startS } = await start(fill, {});
  let memory: NodeJS.MemoryUsage;
  let ownBytes: number;
  try {
    memory = await gateway.memory();
    ownBytes = ownMiB(gateway.pid) * MIB;
  } finally {
    await gateway.stop();
  }
  const { heapUsed: heapBytes, external: externalBytes } = memory;
  return { startS, ownBytes, heapBytes, externalBytes, redis: await inRedis(count, fill, start) };
}

async function inRedis(count: number, fill: (home: string) => Promise<void>, start: Start): Promise<Found['redis']> {
  const own = await startRedis();
  if (own === null) return null;
  const redis = new Redis(own.url);
  try {
    const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0);
    const before = await used();
    const { gateway, startS } = await start(fill, { REDIS_URL: own.url });
    try {
      const [key] = await redis.keys('fairwatch:*:states');
      const usedBytes = (await used()) - before;
      return { startS, usedBytes, valueBytes: key === undefined || count === 0 ? 0 : await meanValue(redis, key) };
    } finally {
      await gateway.stop();
    }
  } finally {
    redis.disconnect();
    await own.stop();
  }
}

async function meanValue(redis: Redis, key: string): Promise<number> {
  const fields = (await redis.hrandfield(key, SAMPLED)) as string[];
  const lengths = await Promise.all(
    fields.filter((field) => !field.startsWith('@')).map((field) => redis.hstrlen(key, field)),
  );
  return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

function rowOf(label: string, people: number, found: Found, empty: Found): Row {
  const each = (bytes: number): number => bytes / people;
  const [heap, external] = [each(found.heapBytes - empty.heapBytes), each(found.externalBytes - empty.externalBytes)];
  return {
    label,
    cells: {
      start: found.startS,
      startRedis: found.redis?.startS ?? null,
      startUs: (1e6 * (found.startS - empty.startS)) / people,
      own: each(found.ownBytes - empty.ownBytes),
      kept: heap + external,
      heap,
      external,
      value: found.redis?.valueBytes ?? null,
      redis: found.redis === null ? null : each(found.redis.usedBytes),
    },
  };
}

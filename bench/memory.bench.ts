/** bench/memory: what a person costs in a gateway that has just started, in its hot store, and until it is ready. */
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type StreamKey, streamOfOrder } from '../src/domain/ids.js';
import { edgePeople } from './lib/edge-people.js';
import { type FirstDue, tellFirstDue } from './lib/first-due.js';
import { type RunningGateway, startGateway } from './lib/gateway.js';
import { ownKiB } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { openPopulation, POPULATION_OPTION, type Population } from './lib/population.js';
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
/** A million people with ten zones each are 60 GiB on disk. */
const MANY_ZONES_MAX = 100_000;
const SAMPLED = 1_000;

type Zones = (typeof ZONES)[number];

await main({
  bench: 'memory',
  about:
    'What a person costs: `fairwatch serve` is started on folders that hold its people (an order with own zones and two ' +
    'shared towns, a home unit and a tag, heard within the hour), and asked for its memory after a collection; then started again with ' +
    'people who are due. With Redis as the hot store, and without.',
  aim:
    '≤ 2 KiB a person in process (two own zones of 12 vertices; ≤ 5 with ten of 20); sealed value in Redis ≤ 448 B, ≤ 600 B ' +
    'with overhead; ready in ≤ 60 s with 1,000,000; no worse than linear',
  labelTitle: 'people',
  columns: [
    { key: 'start', title: 'ready after s', digits: 1, better: 'less' },
    { key: 'first', title: 'first due told after s', digits: 1, better: 'less' },
    { key: 'last', title: 'last', digits: 1, better: 'less' },
    { key: 'faults', title: 'missed or false' },
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
    population: POPULATION_OPTION,
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
  },
  examples: ['--people 10000,100000', '--people 1000000 --population /var/tmp/people'],
  run: measureMemory,
});

async function measureMemory(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const rows: Row[] = [];
  const sizes = context.numbers('people', context.smallest ? [300] : SIZES);
  const empty = await measureOne(context, ZONES[0], 0);
  let hasRedis = true;
  for (const [i, zones] of ZONES.entries()) {
    for (const people of sizes) {
      if (i > 0 && people > MANY_ZONES_MAX) continue;
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
      'First due: one person in twenty is absent when all curfews begin, ten minutes after the last that was heard. A gateway is ' +
        'started again on the same folders, its clock moved over that as soon as it is ready; seconds from the start of the process.',
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
  /** From the start of a process until the alerts that are due first have been told; null: nobody was there. */
  readonly due: FirstDue | null;
  readonly redis: { readonly startS: number; readonly valueBytes: number; readonly usedBytes: number } | null;
}

async function measureOne(context: Context, zones: Zones, count: number): Promise<Found> {
  const folder = context.text('dir') ?? tmpdir();
  const start: Start = async (fill, env = {}) => {
    let filledMs = performance.now();
    const heapMiB = context.number('heap', 1_024 + Math.ceil((3 * count) / 1_024));
    const gateway = await startGateway({
      folder,
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
  if (count === 0) return measureFilled(count, new Set(), { copyTo: noCopy, giveTo: noCopy }, start);
  const { ownZones, verticesPerZone } = zones;
  const crowd = { seed: context.seed, absentEvery: ABSENT_EVERY, ownZones, verticesPerZone };
  const people = edgePeople(crowd);
  const absent = new Set<StreamKey>();
  for (let i = 0; i < count; i++) if (people.isAbsent(i)) absent.add(streamOfOrder(people.orderId(i)));
  const filled = await openPopulation({
    kept: context.text('population'),
    folder,
    crowd,
    people: count,
    say: context.say,
  });
  try {
    return await measureFilled(count, absent, filled, start);
  } finally {
    await filled.remove();
  }
}

type Folders = Pick<Population, 'copyTo' | 'giveTo'>;
async function noCopy(): Promise<void> {}

type Start = (
  fill: (home: string) => Promise<void>,
  env?: Record<string, string>,
) => Promise<{ readonly gateway: RunningGateway; readonly startS: number }>;

async function measureFilled(
  count: number,
  absent: ReadonlySet<StreamKey>,
  filled: Folders,
  start: Start,
): Promise<Found> {
  const { gateway, startS } = await start(filled.copyTo);
  let memory: NodeJS.MemoryUsage;
  let ownBytes: number;
  let due: Found['due'] = null;
  try {
    memory = await gateway.memory();
    ownBytes = ownKiB(gateway.pid) * 1_024;
    await gateway.end();
    if (absent.size > 0) due = await dueAfterStart(gateway, absent, start);
  } finally {
    await gateway.stop();
  }
  const { heapUsed: heapBytes, external: externalBytes } = memory;
  return { startS, ownBytes, heapBytes, externalBytes, due, redis: await inRedis(count, filled.giveTo, start) };
}

/** On the folders that the gateway before has left. */
async function dueAfterStart(
  before: RunningGateway,
  absent: ReadonlySet<StreamKey>,
  start: Start,
): Promise<Found['due']> {
  const { gateway, startS } = await start(async (home) => {
    await rename(before.dataDir, join(home, 'data'));
    await rename(before.vaultDir, join(home, 'vault'));
  });
  try {
    const { firstS, lastS, faults } = await tellFirstDue(gateway, absent);
    return { firstS: startS + firstS, lastS: startS + lastS, faults };
  } finally {
    await gateway.stop();
  }
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
      first: found.due?.firstS ?? null,
      last: found.due?.lastS ?? null,
      faults: found.due?.faults ?? null,
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

/** bench/edge: 19:00, and everybody's curfew begins at once; who is at home costs nothing, who is not is told of. */
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StreamKey, streamOfOrder } from '../src/domain/ids.js';
import { percentiles } from '../src/sim/percentiles.js';
import { readLeft } from './lib/edge-left.js';
import { listenTo } from './lib/edge-listener.js';
import { EDGE_MS, type EdgePeople, edgePeople, OWN_ZONES, TOLD_MS } from './lib/edge-people.js';
import { type RunningGateway, startGateway } from './lib/gateway.js';
import { LiveDevice } from './lib/live-device.js';
import { ownMiB } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { cpuMsOf } from './lib/measure.js';
import { openPopulation, POPULATION_OPTION } from './lib/population.js';
import type { Row } from './lib/result.js';

const SIZES = [10_000, 100_000, 1_000_000] as const;
const ABSENT_EVERY = 20;
const READY_WITHIN_MS = 1_800_000;
/** What comes behind the last alert that was expected is false, and would come at once. */
const BEHIND_MS = 1_000;
/** Of the gateway’s clock, before the edge. */
const BEFORE_MS = EDGE_MS - 1_000;
/** Of ours: a start’s last work, and the live device’s first. */
const SETTLES_MS = 1_500;

await main({
  bench: 'edge',
  about:
    '19:00: everybody’s curfew begins at once, and one person in twenty is not at home. `fairwatch serve` on folders that ' +
    'hold its people (an order with two own zones and two shared towns each, heard within the hour), its clock moved over ' +
    '19:00 and over 19:05, when an absence is told. An outside subscriber (server-sent events over HTTP, another process) ' +
    'compares what it is told with the truth; another device goes on talking meanwhile.',
  aim: '1,000,000 people judged and 50,000 alerts out in ≤ 10 s; nothing written for those present; no worse than linear',
  labelTitle: 'people',
  columns: [
    { key: 'alerts', title: 'alerts' },
    { key: 'edge', title: '19:00 s', digits: 2 },
    { key: 'told', title: '19:05 s', digits: 2 },
    { key: 'both', title: 'both s', digits: 2 },
    { key: 'cpu', title: 'CPU s', digits: 2 },
    { key: 'alertUs', title: 'CPU µs/alert', digits: 0 },
    { key: 'growth', title: 'of ×1', digits: 2 },
    { key: 'missed', title: 'missed' },
    { key: 'false', title: 'false' },
    { key: 'entries', title: 'journal entries' },
    { key: 'entriesPresent', title: 'for those present' },
    { key: 'statesPresent', title: 'their states written' },
    { key: 'stall', title: 'longest standstill ms', digits: 0 },
    { key: 'ackP50', title: 'live ack p50 ms', digits: 0 },
    { key: 'ackMax', title: 'max', digits: 0 },
    { key: 'memory', title: 'own MiB' },
    { key: 'start', title: 'start-up s', digits: 1 },
  ],
  options: {
    people: { type: 'string', value: 'N,…', help: `how many (default: ${SIZES.join(',')})` },
    'absent-every': { type: 'string', value: 'N', help: 'one of so many is absent (default: 20)' },
    heap: { type: 'string', value: 'MIB', help: 'of the gateway’s JavaScript (default: 8 KiB a person and 1,024)' },
    population: POPULATION_OPTION,
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
    profile: { type: 'string', value: 'FOLDER', help: 'leave a .cpuprofile of the gateway there' },
  },
  examples: ['--people 1000000 --population /var/tmp/people'],
  run: measureEdges,
});

async function measureEdges(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const rows: Row[] = [];
  let first: { readonly people: number; readonly cpuS: number } | null = null;
  for (const people of context.numbers('people', context.smallest ? [400] : SIZES)) {
    const cells = await measureEdge(context, people);
    first ??= { people, cpuS: cells.cpuS };
    const times = people / first.people;
    rows.push(rowOf(`×${times}: ${people.toLocaleString('en-GB')}`, cells, cells.cpuS / first.cpuS / times));
    context.say(`edge: ${people} people: ${cells.bothS.toFixed(2)} s, ${cells.cpuS.toFixed(2)} s of CPU`);
  }
  return {
    rows,
    notes: [
      'Seconds: from the moment the clock is moved until everything that fell due is committed (19:00), or the last alert ' +
        'has reached the subscriber (19:05). CPU: all threads of the gateway, in both.',
      '“of ×1”: CPU time a person as a multiple of that at the smallest size; 1 would be linear.',
      'Missed: an absent person’s alert that did not come; false: another one, another time, or one that came twice. ' +
        'Journal entries and states: found in the folders after the gateway had ended.',
      'Live: a device that says something 50 times a second while both moves last.',
    ],
  };
}

interface Edge {
  readonly edgeS: number;
  readonly toldS: number;
  readonly bothS: number;
  readonly cpuS: number;
  readonly startS: number;
  readonly expected: number;
  readonly missed: number;
  readonly wrong: number;
  readonly entries: number;
  readonly entriesPresent: number;
  readonly statesPresent: number;
  readonly stallMs: number;
  readonly waitsMs: readonly number[];
  readonly memoryMiB: number;
}

async function measureEdge(context: Context, count: number): Promise<Edge> {
  const crowd = { seed: context.seed, absentEvery: context.number('absent-every', ABSENT_EVERY), ...OWN_ZONES };
  const people = edgePeople(crowd);
  const absent = new Set<StreamKey>();
  for (let i = 0; i < count; i++) if (people.isAbsent(i)) absent.add(streamOf(people, i));
  const folder = context.text('dir') ?? tmpdir();
  const kept = context.text('population');
  const { position, giveTo, remove } = await openPopulation({ kept, folder, crowd, people: count, say: context.say });
  let filledMs = 0;
  const heapMiB = context.number('heap', 1_024 + Math.ceil((8 * count) / 1_024));
  const gateway = await startGateway({
    folder,
    profileFolder: context.text('profile'),
    settings: ['--clock', 'stepped'],
    nodeOptions: [`--max-old-space-size=${heapMiB}`],
    readyWithinMs: READY_WITHIN_MS,
    fill: async (home) => {
      await giveTo(home);
      filledMs = performance.now();
    },
  }).finally(remove);
  const startS = (performance.now() - filledMs) / 1_000;
  context.say(`edge: ${count} people, started in ${startS.toFixed(1)} s`);
  try {
    const measured = await moveOver(gateway, absent);
    await gateway.end();
    const { entries, written } = await readLeft(gateway.dataDir, gateway.vaultDir, TOLD_MS, position);
    const present = Array.from({ length: count }, (_, i) => streamOf(people, i)).filter((one) => !absent.has(one));
    const own = [...absent, ...present];
    const sum = (streams: readonly StreamKey[]) => streams.reduce((all, one) => all + (entries.get(one) ?? 0), 0);
    return {
      ...measured,
      startS,
      expected: absent.size,
      entries: sum(own),
      entriesPresent: sum(present),
      statesPresent: present.filter((one) => written.has(one)).length,
    };
  } finally {
    await gateway.stop();
  }
}

function streamOf(people: EdgePeople, index: number): StreamKey {
  return streamOfOrder(people.orderId(index));
}

type Moved = Omit<Edge, 'startS' | 'expected' | 'entries' | 'entriesPresent' | 'statesPresent'>;

async function moveOver(gateway: RunningGateway, absent: ReadonlySet<StreamKey>): Promise<Moved> {
  const { api, listener, subscriber } = listenTo(gateway, absent);
  // whatever a start has put off happens now
  await api.moveClock(BEFORE_MS);
  let live: LiveDevice | null = null;
  try {
    await subscriber.start();
    live = await LiveDevice.begin(api, gateway.mqttUrl, () => BEFORE_MS);
    await sleep(SETTLES_MS);
    live.takeWaits();
    await gateway.longestStandstillMs();
    const cpuMs = cpuMsOf(gateway.pid);
    const startMs = now();
    await api.moveClock(EDGE_MS + 1);
    const edgeMs = now();
    await Promise.all([api.moveClock(TOLD_MS + 1), listener.all]);
    const toldMs = listener.lastMs;
    const cpuS = (cpuMsOf(gateway.pid) - cpuMs) / 1_000;
    const stallMs = await gateway.longestStandstillMs();
    const waitsMs = live.takeWaits();
    await sleep(BEHIND_MS);
    return {
      edgeS: (edgeMs - startMs) / 1_000,
      toldS: (toldMs - edgeMs) / 1_000,
      bothS: (toldMs - startMs) / 1_000,
      cpuS,
      missed: listener.missing.size,
      wrong: listener.wrong + subscriber.repeats,
      stallMs,
      waitsMs,
      memoryMiB: ownMiB(gateway.pid),
    };
  } finally {
    live?.end();
    await subscriber.stop();
    api.close();
  }
}

/** As the subscriber tells the time. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

function rowOf(label: string, edge: Edge, growth: number): Row {
  const ack = percentiles(edge.waitsMs);
  return {
    label,
    cells: {
      alerts: edge.expected,
      edge: edge.edgeS,
      told: edge.toldS,
      both: edge.bothS,
      cpu: edge.cpuS,
      alertUs: (1e6 * edge.cpuS) / edge.expected,
      growth,
      missed: edge.missed,
      false: edge.wrong,
      entries: edge.entries,
      entriesPresent: edge.entriesPresent,
      statesPresent: edge.statesPresent,
      stall: edge.stallMs,
      ackP50: ack.p50,
      ackMax: edge.waitsMs.length === 0 ? null : Math.max(...edge.waitsMs),
      memory: edge.memoryMiB,
      start: edge.startS,
    },
  };
}

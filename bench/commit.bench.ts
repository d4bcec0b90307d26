/** bench/commit: what it costs to keep an upload and what it led to, each store by itself, in batches. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRecord } from '../src/codec/record.js';
import type { AlertVersion } from '../src/domain/alert.js';
import { parseAlertId, parseDeviceId, parseOrderId, streamOfOrder } from '../src/domain/ids.js';
import type { Result } from '../src/domain/result.js';
import type { SubjectState } from '../src/domain/subject-state.js';
import { type CommitStore, type CommittedUpload, openCommitStores } from './lib/commit-stores.js';
import { versionOf } from './lib/commit-versions.js';
import { type Context, type Measured, main } from './lib/main.js';
import type { Row } from './lib/result.js';
import { makeArrivals, pass } from './lib/streams.js';
import { costOf } from './lib/threads.js';

const PEOPLE = [1_000, 10_000, 100_000] as const;
const BATCHES = [1, 32, 1_024] as const;
/** States that were really lived, which the people share. */
const LIVED = 200;
const LIVED_MINUTES = 30;
const NOW_MS = Date.UTC(2026, 2, 9, 20);

await main({
  bench: 'commit',
  about:
    'What keeping costs: a fix as a journal entry, as a row of the recent log and as the hot state that it leads to (a ' +
    'curfew, two own zones, two towns, a unit and a tag), and an alert version in the ledger; sealed, encoded, committed ' +
    'and synced (Redis: answered), one batch after the other, people in random order.',
  aim: '≤ 10 µs of CPU an upload with sealed state',
  labelTitle: 'store, people × batch',
  columns: [
    { key: 'uploads', title: 'uploads' },
    { key: 'mainUs', title: 'main thread, CPU µs/upload', digits: 1 },
    { key: 'allUs', title: 'all threads', digits: 1 },
    { key: 'wallMs', title: 'ms/batch', digits: 2 },
  ],
  options: {
    people: { type: 'string', value: 'N,N', help: `default: ${PEOPLE.join(',')}` },
    batch: { type: 'string', value: 'N,N', help: `uploads of one commit (default: ${BATCHES.join(',')})` },
    uploads: { type: 'string', value: 'N', help: 'about so many a row (default: 30000; 400 commits at the most)' },
    dir: { type: 'string', value: 'FOLDER', help: `where the stores lie (default: ${tmpdir()})` },
  },
  run: measureAll,
});

async function measureAll(context: Context): Promise<Measured> {
  const { smallest } = context;
  const uploads = context.number('uploads', smallest ? 200 : 30_000);
  const batches = context.numbers('batch', smallest ? [1, 16] : BATCHES);
  const states = livedStates(context.seed);
  const rows: Row[] = [];
  let hasRedis = true;
  for (const people of context.numbers('people', smallest ? [50] : PEOPLE)) {
    const all = Array.from({ length: uploads }, (_, n) => uploadOf(scattered(n) % people, n, states));
    const folder = mkdtempSync(join(context.text('dir') ?? tmpdir(), 'fairwatch-bench-'));
    const opened = await openCommitStores(folder, NOW_MS);
    hasRedis = opened.hasRedis;
    try {
      for (const store of opened.stores) {
        // everybody once, so that the trees have the size of these people
        let position = await fill(store, people, states);
        for (const batch of batches) {
          const row = await measure(store, all, batch, position, people);
          position += uploads;
          rows.push(row);
          context.say(`commit: ${row.label}: ${row.cells.mainUs} µs`);
        }
      }
    } finally {
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  if (!hasRedis) context.say('commit: no redis-server on this machine: Redis was left out');
  return {
    rows,
    notes: [
      'Main thread: what no second core takes off it. All threads: the whole process, with V8’s helpers and LMDB’s writer.',
      ...(hasRedis ? [] : ['There was no redis-server on this machine: Redis was left out.']),
    ],
  };
}

async function fill(store: CommitStore, people: number, states: readonly SubjectState[]): Promise<number> {
  const step = 4_096;
  for (let from = 0; from < people; from += step) {
    const batch = Array.from({ length: Math.min(step, people - from) }, (_, n) => uploadOf(from + n, from + n, states));
    await store.commit(batch, from + 1);
  }
  return people + 1;
}

async function measure(
  store: CommitStore,
  all: readonly CommittedUpload[],
  batch: number,
  position: number,
  people: number,
): Promise<Row> {
  const commits = Math.min(Math.ceil(all.length / batch), 400);
  const run = async (from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++) await store.commit(all.slice(n * batch, (n + 1) * batch), position + n * batch);
  };
  const warm = Math.ceil(commits / 10);
  await run(0, warm);
  const { mainMs, allMs, wallMs } = await costOf(() => run(warm, commits));
  const uploads = Math.min(all.length, commits * batch) - warm * batch;
  return {
    label: `${store.name}, ${people.toLocaleString('en-GB')} × ${batch}`,
    cells: {
      uploads,
      mainUs: (1000 * mainMs) / uploads,
      allUs: (1000 * allMs) / uploads,
      wallMs: wallMs / (commits - warm),
    },
  };
}

function livedStates(seed: string): SubjectState[] {
  const arrivals = makeArrivals({ seed, people: LIVED, ownZones: 2, verticesPerZone: 12, minutes: LIVED_MINUTES });
  pass(arrivals.arrivals);
  return arrivals.streams.map(({ state }) => state);
}

function uploadOf(person: number, n: number, states: readonly SubjectState[]): CommittedUpload {
  const orderId = must(parseOrderId(`ORD-${person}`));
  const stream = streamOfOrder(orderId);
  const deviceId = must(parseDeviceId(`TAG-${person}`));
  const timeMs = NOW_MS - 60_000 + (n % 60_000);
  const record = makeRecord(timeMs, {
    kind: 'fix',
    latE7: 515_000_000 + ((n * 7_919) % 1_000_000),
    lonE7: -1_000_000 + ((n * 104_729) % 1_000_000),
    accuracyDm: 40 + (n % 60),
    speedCmS: 120,
    headingCdeg: 9_000,
    satellites: 9,
    hdopCenti: 110,
    mechanism: 'GNSS',
    altitudeDm: 300,
  });
  const digest = record.hash;
  const sequence = BigInt(n + 1);
  const entry = {
    kind: 'upload',
    stream,
    receivedMs: NOW_MS,
    deviceId,
    sequence,
    index: 0,
    digest,
    records: [record],
  } as const;
  const lived = states[person % states.length] as SubjectState;
  const version: AlertVersion = versionOf(must(parseAlertId(`A-${n}-${person}`)), orderId, NOW_MS);
  return { stream, entry, state: { ...lived, position: n }, version };
}

/** Every number once, in no order that a store could make use of. */
function scattered(n: number): number {
  return (n * 2_654_435_761) % 4_294_967_296;
}

function must<T>(parsed: Result<T, string>): T {
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}

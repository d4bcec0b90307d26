/** bench/archive: a day of each person packed, sealed to the order and appended; and one read back as under a grant. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbArchive } from '../src/adapters/lmdb/lmdb-archive.js';
import { encodeSegment } from '../src/codec/segment.js';
import { TierSeals } from '../src/crypto/seals.js';
import { sealSegment } from '../src/crypto/segment-seal.js';
import { parseOrderId, type StreamKey, streamOfOrder } from '../src/domain/ids.js';
import { openSegment } from '../src/lawful/open-segment.js';
import type { ArchivedRecord, SealedSegment } from '../src/ports/archive.js';
import { type Context, type Measured, main } from './lib/main.js';
import { type Cost, measured, measuredAsync } from './lib/measure.js';
import type { Row } from './lib/result.js';
import { median, spread } from './lib/stats.js';
import { dayOf, FIELD_NOISE, type Noise, unforeseeableBits } from './lib/tracks.js';

const SIZES = [1, 10, 100] as const;
const DAY = 20_500;
/** Segments of one append: one commit to disk. */
const BATCH = 64;
const READS_MAX = 50;
/** Lived through before a size is measured: the smallest would else be measured while it is still being compiled. */
const WARM_DAYS = 60;
/** For pseudonyms only; no secret. */
const names = TierSeals.fromKey(Buffer.alloc(32, 1), 0);

/** What else tracks may be like; packed only, at the smallest size. */
const OTHERS: readonly { readonly label: string; readonly noise: Noise }[] = [
  { label: 'fixes on the minute', noise: { ...FIELD_NOISE, timeMs: 0 } },
  { label: 'errors 2.4 times as far', noise: { ...FIELD_NOISE, errorOfStated: 2.4 } },
  { label: 'cells (LBS): 57 m, 729 m', noise: { ...FIELD_NOISE, statedP50M: 57, statedP95M: 729 } },
  { label: 'every field of a fix', noise: { ...FIELD_NOISE, allFields: true } },
];

await main({
  bench: 'archive',
  about:
    'The archive: a day of each person (a fix a minute, the home unit’s hourly calls, battery statuses) packed by columns, ' +
    'sealed to the order’s public key under a key of its own, appended durably to LMDB; then one person’s day found, opened ' +
    'and decoded with the private key. Tracks sleep, walk and drive through streets; the receiver states a radius of 3 m at ' +
    'the median and 17 m at the 95th percentile (log-normal, anew at each fix), and errs as far as it states (95 of 100 ' +
    'fixes within it, normal, independent); fixes are taken within ± 0.5 s of their minute, to the millisecond, and arrive ' +
    'after 14 s at the median, 38 s at the 95th percentile.',
  aim: '≤ 8 bytes a fix for time, arrival (s), position, accuracy and mechanism on noisy tracks; a day of one person read in ≤ 50 ms',
  labelTitle: 'person-days',
  columns: [
    { key: 'fixes', title: 'fixes' },
    { key: 'bytes', title: 'bytes/fix', digits: 2 },
    { key: 'bound', title: 'noise alone', digits: 2 },
    { key: 'sealed', title: 'whole day, sealed', digits: 2 },
    { key: 'disk', title: 'on disk', digits: 2 },
    { key: 'packUs', title: 'pack CPU µs/fix', digits: 2, better: 'less' },
    { key: 'sealUs', title: 'seal CPU µs/day', better: 'less' },
    { key: 'appendUs', title: 'append CPU µs/day', better: 'less' },
    { key: 'daysPerSecond', title: 'days/s', better: 'more' },
    { key: 'readMs', title: 'read a day, ms', digits: 1, better: 'less' },
    { key: 'growth', title: 'of ×1', digits: 2, better: 'less' },
  ],
  growth: { size: 'person-days', cost: 'CPU time', unit: 'µs', columns: ['packUs', 'sealUs', 'appendUs'] },
  options: {
    people: {
      type: 'string',
      value: 'N',
      help: 'people at the smallest size; the others have 10 and 100 times as many',
    },
    runs: { type: 'string', value: 'N', help: 'measured runs after one to warm up (default: 5)' },
  },
  run: measureSizes,
});

async function measureSizes(context: Context): Promise<Measured> {
  const people = context.number('people', context.smallest ? 1 : 4);
  const runs = context.number('runs', context.smallest ? 2 : 5);
  const rows: Row[] = [];
  let cpuUsOfFirst: number | null = null;
  for (const times of context.smallest ? SIZES.slice(0, 2) : SIZES) {
    const days = makeDays(context.seed, people * times, FIELD_NOISE);
    const { fixes, cells, cpuUs } = await measureSize(days, runs);
    cpuUsOfFirst ??= cpuUs;
    rows.push({
      label: `×${times}: ${people * times}`,
      cells: { fixes, ...cells, bound: unforeseeableBits(FIELD_NOISE) / 8, growth: cpuUs / cpuUsOfFirst },
    });
    context.say(`archive: ${people * times} days, ${cpuUs.toFixed(2)} µs of CPU a fix`);
  }
  for (const { label, noise } of OTHERS) {
    const days = makeDays(context.seed, 2 * people, noise);
    const fixes = days.reduce((sum, { records }) => sum + fixesOf(records).length, 0);
    const bound = noise.allFields ? null : unforeseeableBits(noise) / 8;
    rows.push({ label, cells: { fixes, bytes: packedFixes(days) / fixes, bound } });
  }
  return {
    rows,
    notes: [
      'Nothing is quantised but the arrival (whole seconds): what is read back is bit for bit what the rules were given, and each run checks it.',
      '"bytes/fix": the fixes alone, packed: time (ms), arrival (s), position (10⁻⁷ degrees), radius (dm) and mechanism; their other fields say nothing and cost nothing. "every field of a fix": speed, heading, satellites, HDOP and altitude besides.',
      '"noise alone": the entropy of what is drawn at random at each fix, as if it were known where the person is; no lossless packing goes below it.',
      '"whole day, sealed": everything the archive holds of the day, 133 bytes of seal included. "on disk": growth of the LMDB file, whose pages of 4,096 bytes are filled as the days happen to fit.',
      `Appended ${BATCH} segments at a time, each append durable (fdatasync) before the next; "days/s" is the wall time of packing, sealing and appending on one core.`,
      '"read a day": found in LMDB, key agreed and unwrapped, opened, decoded, identities of records computed anew; median, least and most.',
      '"of ×1": processor time of packing, sealing and appending a fix as a multiple of its cost at the smallest size.',
      `${WARM_DAYS} days or more to warm up, then ${runs} runs.`,
    ],
  };
}

interface Day {
  readonly stream: StreamKey;
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly records: readonly ArchivedRecord[];
}

function makeDays(seed: string, people: number, noise: Noise): Day[] {
  return Array.from({ length: people }, (_, person) => {
    const orderId = parseOrderId(`ORD-${person}`);
    if (!orderId.ok) throw new Error(orderId.fault);
    const stream = streamOfOrder(orderId.value);
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { stream, name: names.pseudonym(stream), ...keys, records: dayOf(seed, person, DAY, noise) };
  });
}

function fixesOf(records: readonly ArchivedRecord[]): ArchivedRecord[] {
  return records.filter(({ record }) => record.body.kind === 'fix');
}

function packedFixes(days: readonly Day[]): number {
  return days.reduce((sum, { records }) => sum + encodeSegment(fixesOf(records)).length, 0);
}

async function measureSize(days: readonly Day[], runs: number) {
  const fixes = days.reduce((sum, { records }) => sum + fixesOf(records).length, 0);
  for (let warm = 0; warm < WARM_DAYS; warm += days.length) await measureRun(days);
  const measuredRuns: Run[] = [];
  for (let i = 0; i < runs; i++) measuredRuns.push(await measureRun(days));
  const total = ({ pack, seal, append }: Run) => pack.cpuMs + seal.cpuMs + append.cpuMs;
  const [last] = measuredRuns as [Run];
  const cells = {
    bytes: packedFixes(days) / fixes,
    sealed: last.sealedBytes / fixes,
    disk: last.diskBytes / fixes,
    packUs: spread(measuredRuns.map(({ pack }) => (1000 * pack.cpuMs) / fixes)),
    sealUs: spread(measuredRuns.map(({ seal }) => (1000 * seal.cpuMs) / days.length)),
    appendUs: spread(measuredRuns.map(({ append }) => (1000 * append.cpuMs) / days.length)),
    daysPerSecond: spread(
      measuredRuns.map(({ pack, seal, append }) => (1000 * days.length) / (pack.wallMs + seal.wallMs + append.wallMs)),
    ),
    readMs: spread(measuredRuns.flatMap(({ readsMs }) => readsMs)),
  };
  return { fixes, cells, cpuUs: median(measuredRuns.map((run) => (1000 * total(run)) / fixes)) };
}

interface Run {
  readonly pack: Cost;
  readonly seal: Cost;
  readonly append: Cost;
  readonly sealedBytes: number;
  readonly diskBytes: number;
  readonly readsMs: readonly number[];
}

/** One run into an archive of its own; throws unless what is read back is what was packed. */
async function measureRun(days: readonly Day[]): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'fairwatch-bench-'));
  try {
    const archive = LmdbArchive.open(folder, names);
    await archive.claim(1);
    const before = diskBytes(folder);
    let packed: Buffer[] = [];
    const pack = measured(() => {
      packed = days.map(({ records }) => encodeSegment(records));
    });
    let segments: SealedSegment[] = [];
    const seal = measured(() => {
      segments = days.map(({ stream, name, publicKey }, i) => {
        const sealed = sealSegment(publicKey, packed[i] as Buffer, { stream: name, day: DAY });
        return { stream, day: DAY, sealed };
      });
    });
    const append = await measuredAsync(async () => {
      for (let from = 0; from < segments.length; from += BATCH) {
        const batch = segments.slice(from, from + BATCH);
        const archivedUpTo = new Map(batch.map(({ stream }) => [stream, 1]));
        await archive.append({ epoch: 1, segments: batch, archivedUpTo, sequences: [] });
      }
    });
    const readsMs = days.slice(0, READS_MAX).map((day) => readBack(archive, day));
    const sealedBytes = segments.reduce((sum, { sealed }) => sum + sealed.length, 0);
    await archive.close();
    return { pack, seal, append, sealedBytes, diskBytes: diskBytes(folder) - before, readsMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readBack(archive: LmdbArchive, { stream, name, privateKey, records }: Day): number {
  const startMs = performance.now();
  const found: ArchivedRecord[] = [];
  for (const { day, sealed } of archive.segments(stream, DAY, DAY)) {
    const opened = openSegment(privateKey, sealed, name, day);
    if (!opened.ok) throw new Error(`a segment does not open: ${opened.fault}`);
    found.push(...opened.value);
  }
  const tookMs = performance.now() - startMs;
  if (JSON.stringify(found) !== JSON.stringify(records)) throw new Error('what was read back is not what was packed');
  return tookMs;
}

function diskBytes(folder: string): number {
  return statSync(join(folder, 'data.mdb')).size;
}

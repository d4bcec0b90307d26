/** bench/step: the rules alone, from record to alert version; no codec, no store, no network. */
import { type Context, type Measured, main } from './lib/main.js';
import { type Cost, measured } from './lib/measure.js';
import type { Row } from './lib/result.js';
import { spread } from './lib/stats.js';
import { type Arrivals, makeArrivals, type Passed, pass, rewind, statesDigest } from './lib/streams.js';

const SIZES = [1, 10, 100] as const;
/** Fixes a person reports at the largest size. */
const MINUTES_MIN = 10;
/** A gateway runs for months: after one pass V8 is still at it, and the second takes half as long again as the fourth. */
const WARM_PASSES = 3;

await main({
  bench: 'step',
  about:
    'The pure engine: records through `step` and its findings into alert versions, one core, no I/O. Each person has a ' +
    'nightly curfew, ten own exclusion zones of 12 vertices and two shared towns of 300 and 500, a fix a minute, hourly ' +
    'calls of the home unit, and now and then something to report. People take turns, so that their states are cold at ' +
    'the largest size; what arrives lies together in the order of its arrival, as it has just been decoded.',
  aim: '≥ 1,000,000 records/s a core',
  labelTitle: 'people',
  columns: [
    { key: 'records', title: 'records' },
    { key: 'ticks', title: 'ticks' },
    { key: 'versions', title: 'alert versions' },
    { key: 'perSecond', title: 'records/s', better: 'more' },
    { key: 'perCpuSecond', title: 'records/CPU s', better: 'more' },
    { key: 'cpuUs', title: 'CPU µs/record', digits: 2, better: 'less' },
    { key: 'growth', title: 'of ×1', digits: 2, better: 'less' },
    { key: 'calm', title: 'calm %', digits: 1 },
    { key: 'fullUs', title: 'CPU µs/record, full steps alone', digits: 2, better: 'less' },
    { key: 'fullPerCpuSecond', title: 'records/CPU s, full steps alone', better: 'more' },
  ],
  growth: { size: 'people', cost: 'CPU time a record', unit: 'µs', columns: ['cpuUs'] },
  options: {
    people: {
      type: 'string',
      value: 'N',
      help: 'people at the smallest size; the others have 10 and 100 times as many',
    },
    records: { type: 'string', value: 'N', help: 'about so many records a run, whatever the size (default: 100000)' },
    runs: { type: 'string', value: 'N', help: `measured runs after ${WARM_PASSES} to warm up (default: 5)` },
  },
  run: async (context) => measureSizes(context),
});

function measureSizes(context: Context): Measured {
  const { smallest } = context;
  const people = context.number('people', smallest ? 5 : 100);
  const records = context.number('records', smallest ? 5_000 : 100_000);
  const runs = context.number('runs', smallest ? 2 : 5);
  const rows: Row[] = [];
  let cpuUsOfFirst: number | null = null;
  for (const times of SIZES) {
    const minutes = Math.max(MINUTES_MIN, Math.round(records / (people * times)));
    const options = { seed: context.seed, people: people * times, ownZones: 10, verticesPerZone: 12, minutes };
    const arrivals = makeArrivals(options);
    const full = measureSize(arrivals, runs, false);
    const { passed, costs } = measureSize(arrivals, runs, true);
    if (passed.digest !== full.passed.digest || passed.states !== full.passed.states) {
      throw new Error('calm and full steps have told different things, or come to different states');
    }
    const fullUs = spread(full.costs.map(({ cpuMs }) => (1000 * cpuMs) / passed.records));
    const cpuUs = spread(costs.map(({ cpuMs }) => (1000 * cpuMs) / passed.records));
    cpuUsOfFirst ??= cpuUs.median;
    rows.push({
      label: `×${times}: ${(people * times).toLocaleString('en-GB')}`,
      cells: {
        records: passed.records,
        ticks: passed.ticks,
        versions: passed.versions,
        perSecond: spread(costs.map(({ wallMs }) => (1000 * passed.records) / wallMs)),
        perCpuSecond: spread(costs.map(({ cpuMs }) => (1000 * passed.records) / cpuMs)),
        cpuUs,
        growth: cpuUs.median / cpuUsOfFirst,
        calm: (100 * passed.calm) / passed.records,
        fullUs,
        fullPerCpuSecond: spread(full.costs.map(({ cpuMs }) => (1000 * passed.records) / cpuMs)),
      },
    });
    context.say(
      `step: ${people * times} people, ${cpuUs.median.toFixed(2)} µs of CPU a record, full steps ${fullUs.median.toFixed(2)}`,
    );
  }
  return {
    rows,
    notes: [
      `${WARM_PASSES} runs to warm up, then ${runs}; every run of a size gave the same alert versions.`,
      'Calm: a fix that can change nothing but time and place takes some comparisons; all else takes the full step. What is told, and every state in the end, is the same with and without.',
      'CPU time is the whole process’s: what V8 collects and compiles on other threads is in it.',
      '"of ×1": the cost of a record as a multiple of its cost at the smallest size. 1 would be no growth.',
    ],
  };
}

interface Size {
  /** `states`: what all states have come to. */
  readonly passed: Passed & { readonly states: number };
  readonly costs: readonly Cost[];
}

function measureSize(arrivals: Arrivals, runs: number, withCalm: boolean): Size {
  rewind(arrivals, withCalm);
  const passed = pass(arrivals.arrivals, withCalm);
  const states = statesDigest(arrivals);
  if (passed.late > 0) throw new Error(`${passed.late} records came late: the input is not in event order`);
  const costs: Cost[] = [];
  for (let i = 1; i < WARM_PASSES + runs; i++) {
    rewind(arrivals, withCalm);
    let again: Passed | null = null;
    const cost = measured(() => {
      again = pass(arrivals.arrivals, withCalm);
    });
    if (i >= WARM_PASSES) costs.push(cost);
    if (JSON.stringify(again) !== JSON.stringify(passed)) {
      throw new Error(`two runs over the same records differ: ${JSON.stringify([passed, again])}`);
    }
  }
  return { passed: { ...passed, states }, costs };
}

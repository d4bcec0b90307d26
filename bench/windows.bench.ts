/** bench/windows: what it costs to know when a week's curfews and timed zones are in force, for every order there is. */
import { orderWindows } from '../src/rules/windows.js';
import { type Context, type Measured, main } from './lib/main.js';
import { measured } from './lib/measure.js';
import type { Row } from './lib/result.js';
import { spread } from './lib/stats.js';
import { makeTimedOrder, type TimedOrder } from './lib/timetables.js';

const SIZES = [1, 10, 100] as const;
const WEEK_MS = 7 * 86_400_000;
const LONDON = ['Europe/London'] as const;
/** Not on a change, on the spring one, on the autumn one. */
const WEEKS = {
  ordinary: Date.UTC(2026, 1, 2),
  spring: Date.UTC(2026, 2, 23),
  autumn: Date.UTC(2026, 9, 19),
} as const;
const ZONES = ['Europe/London', 'Europe/Kyiv', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'] as const;

await main({
  bench: 'windows',
  about:
    'The windows of one week for each order, from its timetables: rows joined, absences cut out, civil times turned into ' +
    'UTC. Compiled anew for each order, as after an import. Half of the curfews have one row, others weekends of their ' +
    'own or nights cut at 23:59; one order in three has a zone for certain evenings, one a zone for always.',
  aim: '≥ 50,000 orders/s',
  labelTitle: 'orders',
  columns: [
    { key: 'windows', title: 'windows' },
    { key: 'perSecond', title: 'orders/s', better: 'more' },
    { key: 'cpuUs', title: 'CPU µs/order', digits: 2, better: 'less' },
    { key: 'growth', title: 'of ×1', digits: 2, better: 'less' },
  ],
  growth: { size: 'orders', cost: 'CPU time an order', unit: 'µs', columns: ['cpuUs'] },
  options: {
    orders: { type: 'string', value: 'N', help: 'at the smallest size (default: 1000); the others: 10, 100 times' },
    runs: { type: 'string', value: 'N', help: 'measured runs after two to warm up (default: 5)' },
  },
  examples: ['--orders 5000 --runs 3'],
  run: async (context) => measureWeeks(context),
});

function measureWeeks(context: Context): Measured {
  const orders = context.number('orders', context.smallest ? 50 : 1_000);
  const rows: Row[] = [];
  let first: number | null = null;
  for (const times of SIZES) {
    const label = `×${times}: ${(orders * times).toLocaleString('en-GB')}`;
    const row = measureOne(context, label, orders * times, WEEKS.ordinary, LONDON, first);
    first ??= row.cpuUs;
    rows.push(row);
  }
  const most = orders * 100;
  rows.push(
    measureOne(context, 'spring change', most, WEEKS.spring, LONDON, first),
    measureOne(context, 'autumn change', most, WEEKS.autumn, LONDON, first),
    measureOne(context, 'five zones, spring', most, WEEKS.spring, ZONES, first),
  );
  return {
    rows,
    notes: [
      '"windows": found in that week, the same in every run. "of ×1": the cost of an order as a multiple of its cost at the smallest size.',
      `The lower rows: ${most.toLocaleString('en-GB')} orders in a week of a clock change, in London and over ${ZONES.join(', ')}.`,
      'CPU time is the whole process’s: what V8 collects and compiles on other threads is in it.',
    ],
  };
}

function measureOne(
  context: Context,
  label: string,
  count: number,
  weekMs: number,
  zones: readonly string[],
  cpuUsOfFirst: number | null,
): Row & { readonly cpuUs: number } {
  const orders = Array.from({ length: count }, (_, i) =>
    makeTimedOrder(context.seed, i, weekMs, zones[i % zones.length] as string),
  );
  const runs = context.number('runs', context.smallest ? 2 : 5);
  let found = week(orders, weekMs);
  // the smallest size would else be measured while it is still being compiled
  for (let seen = 0; seen < (context.smallest ? 100 : 20_000); seen += count) found = week(orders, weekMs);
  const costs = Array.from({ length: runs }, () =>
    measured(() => {
      const again = week(orders, weekMs);
      if (again !== found) throw new Error(`two runs over the same orders differ: ${again} and ${found} windows`);
    }),
  );
  const cpuUs = spread(costs.map(({ cpuMs }) => (1_000 * cpuMs) / count));
  context.say(`windows: ${label}, ${cpuUs.median.toFixed(2)} µs of CPU an order`);
  const perSecond = spread(costs.map(({ wallMs }) => (1_000 * count) / wallMs));
  return {
    label,
    cpuUs: cpuUs.median,
    cells: { windows: found, perSecond, cpuUs, growth: cpuUs.median / (cpuUsOfFirst ?? cpuUs.median) },
  };
}

/** How many windows there are in all. */
function week(orders: readonly TimedOrder[], weekMs: number): number {
  let found = 0;
  for (const order of orders) {
    for (const timetable of order.timetables) {
      found += orderWindows(timetable, order).between(weekMs, weekMs + WEEK_MS).length;
    }
  }
  return found;
}

// A row of bench/ingest says of several runs what the middle one was, and hides nothing of any.
import t from 'tap';
import { COLUMNS, rowOf, shapeName } from '../../bench/lib/ingest-rows.js';
import type { Loaded } from '../../bench/lib/loading.js';
import { threadMsOf, threadTimes } from '../../bench/lib/measure.js';
import { sizeIn } from '../../bench/lib/plots.js';

const loaded = (change: { acked?: number; p99?: number; missed?: number; mainMs?: number }): Loaded => {
  const { acked = 1_000, p99 = 20, missed = 0, mainMs = 30 } = change;
  const percentiles = { p50: p99 / 2, p99, p999: p99 };
  return {
    clients: 2_000,
    rate: 100,
    seconds: 10,
    recordsPerUpload: 1,
    seed: 1,
    figures: {
      sent: 1_000,
      acked,
      rate_per_s: acked / 10,
      ack_ms: percentiles,
      alert_ms: percentiles,
      ack_ms_by_second: [],
      alert_ms_by_second: [],
      alerts: { expected: 4, missed, false: 0 },
      generator_cpu: 0.1,
    },
    wrong: [],
    serverCpuMs: mainMs + 12,
    serverThreads: { mainMs, otherMs: [8, 3, 1] },
    serverMiB: 300,
  };
};

t.test('several runs: median and extremes, and all that was lost or missed', async (t) => {
  const loads = [loaded({ p99: 30 }), loaded({ p99: 10, missed: 2 }), loaded({ acked: 990, mainMs: 60 })] as const;
  const { label, cells } = rowOf({ which: '70 % of the aim', loads });
  t.equal(label, '2,000 × 1, 70 % of the aim');
  t.same(cells.ackP99, { median: 20, min: 10, max: 30 });
  t.same(
    [cells.kept, cells.sent, cells.lost, cells.alerts, cells.missed, cells.false],
    ['1 of 3', 3_000, 10, 12, 2, 0],
    'one of them acknowledged everything and told every alert',
  );
  t.same(cells.mainUs, { median: 30, min: 30, max: (1_000 * 60) / 990 });
  t.same(Object.keys(cells).sort(), COLUMNS.map(({ key }) => key).sort());
});

t.test('one run: its own figures', async (t) => {
  const { cells } = rowOf({ which: 'the aim', loads: [loaded({})] });
  t.same([cells.kept, cells.ackP99, cells.cpuUs, cells.mainUs], ['yes', 20, 42, 30]);
  t.same([cells.secondUs, cells.restUs], [8, 4], 'the busiest of the other threads, and the rest of them');
  t.equal(rowOf({ which: 'the aim', loads: [loaded({ acked: 0 })] }).cells.cpuUs, null);
});

t.test('the connections are a size; of ten records at once they are none among the others', async (t) => {
  t.equal(sizeIn(`${shapeName({ clients: 2_000, recordsPerUpload: 1 })}, 70 % of the aim`), 2_000);
  t.equal(sizeIn(`${shapeName({ clients: 500, recordsPerUpload: 10 })}, 70 % of the aim`), null);
});

t.test('what each thread took between two readings', async (t) => {
  const before = new Map([
    [7, 100],
    [8, 50],
    [9, 5],
  ]);
  const after = new Map([
    [7, 130],
    [8, 51],
    [11, 4],
  ]);
  t.same(threadTimes(7, before, after), { mainMs: 30, otherMs: [4, 1] }, 'one has ended, one is new');
  const mine = threadMsOf(process.pid);
  t.ok(mine.has(process.pid) && mine.size > 1, `${mine.size} threads of this process`);
});

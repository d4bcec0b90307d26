// Load runs: the schedule is fixed and even, and its alerts fall due within the run, clear of a person's own reports.
import t from 'tap';
import { loadSchedule } from '../../src/sim/load-schedule.js';
import { loadTruth, UploadMaker } from '../../src/sim/load-uploads.js';
import { percentiles } from '../../src/sim/percentiles.js';

const START_MS = Date.parse('2026-11-22T10:00:00Z');
const shapes = [
  { clients: 1, ratePerS: 10, seconds: 5 },
  { clients: 50, ratePerS: 100, seconds: 2 },
  { clients: 50, ratePerS: 500, seconds: 3 },
  { clients: 8, ratePerS: 50, seconds: 10 },
  { clients: 50, ratePerS: 2_000, seconds: 30 },
  { clients: 500, ratePerS: 1_000, seconds: 60 },
  { clients: 2_000, ratePerS: 5_000, seconds: 30 },
].map((shape) => ({ ...shape, prefix: 'L1-x', people: shape.clients, seed: 1 }));

for (const shape of shapes) {
  const uploads = shape.ratePerS * shape.seconds;
  t.test(`${shape.clients} clients, ${shape.ratePerS} a second for ${shape.seconds} s`, async (t) => {
    const schedule = loadSchedule(shape);
    const endMs = START_MS + shape.seconds * 1_000;
    const truth = loadTruth(schedule, START_MS, START_MS - 60_000, shape.seconds);
    t.equal(schedule.timesMs.length, uploads);
    t.ok(truth.length >= uploads / 1_000, `${truth.length} alerts for ${uploads} uploads`);
    t.ok(
      truth.every((item) => item.dueMs >= START_MS && item.dueMs <= endMs && item.endMs !== null),
      'all within the run, none left running',
    );
    for (const item of truth) {
      // an absence is due five seconds after it began: until then, and for the five seconds before its window, silence
      if (item.type !== 'curfew') continue;
      for (const index of schedule.events.keys()) {
        const person = schedule.people[schedule.senders[index] as number];
        if (person?.orderId !== item.orderId) continue;
        const atMs = START_MS + (schedule.timesMs[index] as number);
        for (const due of item.codes.includes('AL08') ? [item.startMs, item.dueMs] : [item.dueMs]) {
          if (atMs >= due - 4_999 && atMs < due) {
            t.fail(`a report ${due - atMs} ms before a due time`);
          }
        }
      }
    }
  });
}

t.test('every way to raise an alert is taken when there is room for it', async (t) => {
  const schedule = loadSchedule({ clients: 100, ratePerS: 500, seconds: 40, people: 120, prefix: 'L', seed: 2 });
  const truth = loadTruth(schedule, START_MS, START_MS - 60_000, 40);
  const kinds = new Set(truth.map((item) => [item.type, ...item.codes].join(' ')));
  t.same(
    [...kinds].sort(),
    ['battery.low AL21', 'curfew AL08 AL09', 'curfew AL10', 'exclusion', 'tamper.strap', 'unit.power_off AL04'].sort(),
  );
  t.equal(schedule.people.filter(({ role }) => role === 'idle').length, 20);
});

t.test('uploads are made in order, with rising times and sequences for each device', async (t) => {
  const shape = { clients: 10, ratePerS: 200, seconds: 5, people: 10, prefix: 'L', seed: 3 };
  const schedule = loadSchedule(shape);
  const maker = new UploadMaker(schedule, START_MS, 4, 3);
  const last = new Map<number, number>();
  for (let i = 0; i < schedule.timesMs.length; i++) {
    const sender = schedule.senders[i] as number;
    const { sequence, payload } = maker.make(i);
    if (sequence !== (last.get(sender) ?? 0) + 1) t.fail(`sequence ${sequence}`);
    last.set(sender, sequence);
    if (payload.length < 40) t.fail('too short to be sealed');
  }
  t.equal(last.size, 10);
});

t.test('percentiles are by nearest rank', async (t) => {
  const values = Array.from({ length: 1_000 }, (_, i) => 1_000 - i);
  t.same(percentiles(values), { p50: 500, p99: 990, p999: 999 });
  t.same(percentiles([]), { p50: null, p99: null, p999: null });
});

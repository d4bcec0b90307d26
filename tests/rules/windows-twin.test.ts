import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Interval, Timetable } from '../../src/domain/timetable.js';
import { WEEKDAYS } from '../../src/domain/timetable.js';
import { compileWindows } from '../../src/rules/windows.js';
import { seedOfRun, times } from './seeded.js';
import { shown } from './timetables.js';

/**
 * The definition, painted: every row of every civil day on a strip of 30-second cells, with clock changes read off
 * Intl.DateTimeFormat. Shares no code with the rules, and no Temporal.
 */
const CELL_MS = 30_000;
const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

class Wall {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(timeZone: string) {
    const two = '2-digit' as const;
    this.#format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
  }

  /** Every zone of these years changes its clock on a quarter of an hour. */
  offset(ms: number): number {
    const quarter = Math.floor(ms / QUARTER_MS);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      const part: Record<string, number> = {};
      for (const { type, value } of this.#format.formatToParts(quarter * QUARTER_MS)) part[type] = Number(value);
      const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
      offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter * QUARTER_MS;
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  /** The first instant whose wall clock shows `civilMs`; where none does, as if the clock had not been changed yet. */
  instant(civilMs: number): number {
    let before = 0;
    for (let ms = civilMs - 64 * QUARTER_MS; ms <= civilMs + 64 * QUARTER_MS; ms += QUARTER_MS) {
      const shows = ms + this.offset(ms);
      if (shows === civilMs) return ms;
      if (shows < civilMs) before = this.offset(ms);
      else break;
    }
    return civilMs - before;
  }
}

const walls = new Map<string, Wall>();
const wall = (timeZone: string): Wall => {
  const known = walls.get(timeZone) ?? new Wall(timeZone);
  walls.set(timeZone, known);
  return known;
};

/** Windows by the definition; addresses are `a` and `b`. */
function painted(table: Timetable, timeZone: string, order: Interval) {
  const firstMs = order.startMs - 4 * DAY_MS;
  const cells = new Uint8Array((order.endMs - order.startMs + 8 * DAY_MS) / CELL_MS);
  const paint = (day: number, row: { startS: number; endS: number; addresses: readonly string[] }): void => {
    const nextDay = row.endS <= row.startS ? 1 : 0;
    const startMs = wall(timeZone).instant(day * DAY_MS + row.startS * 1000);
    const endMs = wall(timeZone).instant((day + nextDay) * DAY_MS + row.endS * 1000);
    const mask = 4 | (row.addresses.includes('a') ? 1 : 0) | (row.addresses.includes('b') ? 2 : 0);
    const end = Math.min((endMs - firstMs) / CELL_MS, cells.length);
    for (let i = Math.max(0, (startMs - firstMs) / CELL_MS); i < end; i++) cells[i] = cells[i]! | mask;
  };
  for (let day = Math.floor(firstMs / DAY_MS) - 2; day * DAY_MS < order.endMs + 6 * DAY_MS; day++) {
    const name = WEEKDAYS[(new Date(day * DAY_MS).getUTCDay() + 6) % 7]!;
    for (const row of table.weekly ?? []) if (row.days.includes(name)) paint(day, row);
    for (const row of table.dated) if (row.date === new Date(day * DAY_MS).toISOString().slice(0, 10)) paint(day, row);
  }
  if (table.weekly === null && table.dated.length === 0) cells.fill(4);

  const runs: { from: number; to: number; mask: number }[] = [];
  for (const [i, mask] of cells.entries()) {
    if (mask === 0) continue;
    const last = runs.at(-1);
    if (last !== undefined && last.mask === mask && i - last.to <= 60_000 / CELL_MS) last.to = i + 1;
    else runs.push({ from: i, to: i + 1, mask });
  }
  const windows = [];
  for (const run of runs) {
    let fromMs: number | null = null;
    for (let i = run.from; i <= run.to; i++) {
      const ms = firstMs + i * CELL_MS;
      const free = table.absences.some((a) => ms >= a.startMs && ms < a.endMs);
      const on = i < run.to && ms >= order.startMs && ms < order.endMs && !free;
      if (on && fromMs === null) fromMs = ms;
      if (!on && fromMs !== null) {
        const addresses = [...(run.mask & 1 ? ['a'] : []), ...(run.mask & 2 ? ['b'] : [])];
        windows.push({ startMs: fromMs, endMs: ms, addresses });
        fromMs = null;
      }
    }
  }
  return windows;
}

/** Days on which clocks change, and two on which none does. */
const nights: readonly (readonly [string, string])[] = [
  ['Europe/London', '2026-03-29'],
  ['Europe/London', '2026-10-25'],
  ['Europe/London', '2061-03-27'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['America/Havana', '2026-03-08'],
  ['America/Havana', '2026-11-01'],
  ['America/Nuuk', '2026-03-28'],
  ['Pacific/Chatham', '2026-09-27'],
  ['Africa/Casablanca', '2026-02-15'],
  ['Africa/Casablanca', '2026-03-22'],
  ['Asia/Kathmandu', '2028-02-29'],
  ['UTC', '2026-12-31'],
];

const second = fc.oneof(
  fc
    .constantFrom(
      ...['00:00', '00:30', '01:00', '01:30', '02:00', '02:15', '02:30', '03:00', '07:00', '19:00', '22:30'],
    )
    .map((hm) => Number(hm.slice(0, 2)) * 3600 + Number(hm.slice(3)) * 60),
  fc.constantFrom(-90, -60, -30, 30, 60, 90).map((s) => (86_400 + s) % 86_400),
  fc.nat(2879).map((n) => n * 30),
);
const addresses = fc.constantFrom<readonly string[]>(['a'], ['a'], ['b'], ['b', 'a'], []);
const row = { startS: second, endS: second, addresses };

const cases = fc
  .record({
    night: fc.constantFrom(...nights),
    before: fc.nat(3 * 2880),
    after: fc.integer({ min: 1, max: 3 * 2880 }),
    weekly: fc.option(
      fc.array(fc.record({ days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }), ...row }), {
        maxLength: 4,
      }),
      { freq: 8 },
    ),
    dated: fc.array(fc.record({ offset: fc.integer({ min: -4, max: 4 }), ...row }), { maxLength: 2 }),
    absences: fc.array(fc.record({ from: fc.integer({ min: -6000, max: 6000 }), cells: fc.nat(2000) }), {
      maxLength: 3,
    }),
  })
  .map(({ night: [timeZone, date], before, after, weekly, dated, absences }) => {
    const noonMs = Date.parse(`${date}T12:00:00Z`);
    return {
      timeZone,
      order: { startMs: noonMs - before * CELL_MS, endMs: noonMs + after * CELL_MS },
      table: {
        weekly,
        dated: dated.map(({ offset, ...rest }) => ({
          date: new Date(noonMs + offset * DAY_MS).toISOString().slice(0, 10),
          ...rest,
        })),
        absences: absences.map(({ from, cells }) => ({
          startMs: noonMs + from * CELL_MS,
          endMs: noonMs + (from + cells) * CELL_MS,
          reason: 'hospital',
        })),
      },
    };
  });

const seed = seedOfRun();

t.test(`windows are what their definition paints, cell by cell (SEED=${seed})`, (t) => {
  let found = 0;
  fc.assert(
    fc.property(cases, fc.array(fc.nat(), { maxLength: 8 }), ({ timeZone, order, table }, picks) => {
      const expected = painted(table, timeZone, order);
      found += expected.length;
      const windows = compileWindows(table, { timeZone, ...order, joinGapMs: 60_000 });
      const stepped = [];
      for (let w = windows.firstEndingAfter(0); w !== null; w = windows.firstEndingAfter(w.endMs)) stepped.push(w);
      assert.deepEqual(shown(stepped), shown(expected));
      assert.deepEqual(shown(windows.between(order.startMs, order.endMs)), shown(expected));
      for (const pick of picks) {
        // in any order, so that what was asked before must not matter
        const ms = order.startMs - DAY_MS + (pick % (order.endMs - order.startMs + 2 * DAY_MS));
        const here = expected.find((w) => ms >= w.startMs && ms < w.endMs) ?? null;
        assert.deepEqual(windows.windowAt(ms), here);
        assert.deepEqual(windows.firstEndingAfter(ms), expected.find((w) => w.endMs > ms) ?? null);
      }
    }),
    { seed, numRuns: times(1_500) },
  );
  t.ok(found > 3_000, `${found} windows were compared`);
  t.end();
});

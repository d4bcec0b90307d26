/** Rows of different addresses that overlap, against a calendar of hours; and what is not refused. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import type { ConditionId, DeviceId, OrderId } from '../../src/domain/ids.js';
import type { Assignment, Order } from '../../src/domain/order.js';
import { type DatedRow, WEEKDAYS, type WeeklyRow } from '../../src/domain/timetable.js';
import { checkOrder } from '../../src/rules/order-checks.js';
import { rowOverlaps } from '../../src/rules/order-rows.js';
import { others, validOrder } from '../support/order-fixtures.js';
import { seedOfRun } from './seeded.js';

const seed = seedOfRun();
t.comment(`seed ${seed}`);

const parsed = parseOrder(validOrder('community.json'));
if (!parsed.ok) throw new Error('the example of the contract must be read');
const example: Order = parsed.value;

const curfew = (id: string, weekly: readonly WeeklyRow[], dated: readonly DatedRow[] = []) => ({
  conditionId: id as ConditionId,
  kind: 'curfew' as const,
  toleranceS: null,
  timetable: { weekly, dated, absences: [] },
});
const overlapsOf = (weekly: readonly WeeklyRow[], dated: readonly DatedRow[] = []): string[] =>
  rowOverlaps({ ...example, conditions: [curfew('C', weekly, dated)] }).map(({ path }) => path);

const hours = (from: number, to: number, ...addresses: string[]) => ({
  startS: from * 3600,
  endS: to * 3600,
  addresses,
});

t.test('rows of different addresses may touch, by day and over the week end', async (t) => {
  const night: WeeklyRow = { days: ['SUNDAY'], ...hours(19, 7, 'a') };
  t.same(overlapsOf([night, { days: ['MONDAY'], ...hours(7, 12, 'b') }]), []);
  t.same(overlapsOf([night, { days: ['MONDAY'], ...hours(6, 12, 'b') }]), ['conditions[0].timetable[1]']);
});

t.test('rows of the same addresses may overlap, whatever order they are named in', async (t) => {
  const day: WeeklyRow = { days: ['MONDAY'], ...hours(9, 12, 'a', 'b') };
  t.same(overlapsOf([day, { days: ['MONDAY'], ...hours(11, 14, 'b', 'a') }]), []);
});

t.test('a row that ends when it starts lasts a whole day', async (t) => {
  const whole: WeeklyRow = { days: ['MONDAY'], ...hours(12, 12, 'a') };
  t.same(overlapsOf([whole, { days: ['TUESDAY'], ...hours(12, 13, 'b') }]), []);
  t.same(overlapsOf([whole, { days: ['TUESDAY'], ...hours(11, 13, 'b') }]), ['conditions[0].timetable[1]']);
});

t.test('two curfews of one order are held against each other', async (t) => {
  const conditions = [
    curfew('C1', [{ days: ['MONDAY'], ...hours(9, 12, 'a') }]),
    curfew('C2', [{ days: ['MONDAY'], ...hours(11, 13, 'b') }]),
  ];
  t.match(rowOverlaps({ ...example, conditions }), [
    { path: 'conditions[1].timetable[0]', got: 'an overlap with conditions[0].timetable[0]' },
  ]);
});

/** Three weeks of hours from Monday 2 March 2026; what lies on each hour, by the rows as they are read aloud. */
function clashesOnCalendar(weekly: readonly WeeklyRow[], dated: readonly DatedRow[]): boolean {
  const monday = Date.UTC(2026, 2, 2);
  const calendar = new Map<number, Set<string>>();
  const lay = (day: number, { startS, endS, addresses }: WeeklyRow | DatedRow): void => {
    const from = startS / 3600;
    const to = endS > startS ? endS / 3600 : endS / 3600 + 24;
    for (let hour = day * 24 + from; hour < day * 24 + to; hour++) {
      calendar.set(hour, (calendar.get(hour) ?? new Set()).add([...addresses].sort().join()));
    }
  };
  for (let day = 0; day < 21; day++) {
    const date = new Date(monday + day * 86_400_000).toISOString().slice(0, 10);
    for (const row of weekly) if (row.days.includes(WEEKDAYS[day % 7] ?? 'MONDAY')) lay(day, row);
    for (const row of dated) if (row.date === date) lay(day, row);
  }
  return [...calendar.values()].some((sets) => sets.size > 1);
}

t.test('overlaps are found exactly where a calendar of three weeks shows them', async (t) => {
  const hour = fc.integer({ min: 0, max: 23 }).map((h) => h * 3600);
  const span = { startS: hour, endS: hour, addresses: fc.subarray(['a', 'b'], { minLength: 1 }) };
  const weekly = fc.array(fc.record({ days: fc.subarray([...WEEKDAYS], { minLength: 1, maxLength: 2 }), ...span }), {
    maxLength: 3,
  });
  // the second week: the nights before and after it are on the calendar too
  const date = fc.integer({ min: 9, max: 15 }).map((day) => `2026-03-${String(day).padStart(2, '0')}`);
  const dated = fc.array(fc.record({ date, ...span }), { maxLength: 2 });
  let clashes = 0;
  fc.assert(
    fc.property(weekly, dated, (w, d) => {
      const clash = clashesOnCalendar(w, d);
      assert.equal(overlapsOf(w, d).length > 0, clash);
      clashes += Number(clash);
    }),
    { seed, numRuns: 1_000 },
  );
  t.ok(clashes > 100 && clashes < 900, `both kinds were tried: ${clashes} of 1000 clash`);
});

t.test('more rows than a person can mean are one problem', async (t) => {
  const dated = Array.from({ length: 2_001 }, () => ({ date: '2026-03-01', ...hours(1, 2, 'a') }));
  t.same(overlapsOf([], dated), ['conditions']);
});

t.test('a date that does not exist is refused even where no parser saw it', async (t) => {
  const conditions = [curfew('C', [], [{ date: '2026-02-30', ...hours(1, 2, 'primary') }])];
  t.match(checkOrder({ ...example, conditions }, others), [
    { path: 'conditions[0].dated[0].date', expected: 'a date that exists', got: '"2026-02-30"' },
  ]);
});

t.test('an assignment that takes over where another ends is no overlap, nor is another device', async (t) => {
  const asked: [OrderId, DeviceId][] = [];
  const store = {
    zoneExists: () => true,
    overlapping: (orderId: OrderId, { deviceId }: Assignment) => {
      asked.push([orderId, deviceId]);
      return null;
    },
  };
  const twice = example.devices.map((device) => ({
    ...device,
    deviceId: 'D' as DeviceId,
    kind: 'tag' as const,
    address: null,
  }));
  const [, before, after] = twice;
  const conditions = example.conditions.filter(({ kind }) => kind === 'trail');
  t.same(checkOrder({ ...example, devices: [before, after] as Assignment[], conditions }, store), []);
  t.same(asked, [
    ['ORD-1', 'D'],
    ['ORD-1', 'D'],
  ]);
});

t.test('time zones are known by name, links and capitals as the platform has them', async (t) => {
  const problems = (timeZone: string) => checkOrder({ ...example, timeZone }, others).map(({ path }) => path);
  for (const name of [
    'Europe/London',
    'Europe/Belfast',
    'Asia/Kolkata',
    'America/Argentina/Ushuaia',
    'UTC',
    'Etc/GMT+5',
  ]) {
    t.same(problems(name), [], name);
  }
  for (const name of ['', 'London', '+00:00', '-05', 'Europe/London ', 'Mars/Base']) {
    t.same(problems(name), ['time_zone'], name);
  }
});

t.test('positions abroad, and of a country nobody listed, are not guessed at', async (t) => {
  const at = (timeZone: string, lon: number, lat: number) =>
    checkOrder({ ...example, timeZone, addresses: { primary: [lon, lat] } }, others).map(({ path }) => path);
  t.same(at('Europe/London', 2.35, 48.86), [], 'Paris in a London order');
  t.same(at('Asia/Tokyo', 35.7, 139.7), [], 'not in the table');
  t.same(at('Europe/Berlin', 52.5, 13.4), ['addresses.primary.position']);
});

t.test('at most a hundred problems are told', async (t) => {
  const devices = Array.from({ length: 200 }, () => ({ ...(example.devices[1] as Assignment), address: 'x' }));
  t.equal(checkOrder({ ...example, devices }, others).length, 100);
});

t.test('an absence that takes away what a dated row shares with another leaves no overlap', async (t) => {
  const night: WeeklyRow = { days: ['MONDAY'], ...hours(19, 7, 'a') };
  const release: DatedRow = { date: '2026-03-30', ...hours(15, 23, 'b') };
  const refused = (startMs: number, endMs: number, where: 'weekly' | 'dated') => {
    const absences = [{ startMs, endMs, reason: 'not yet' }];
    const [one, other] = [curfew('C1', [night]), curfew('C2', [], [release])].map((condition, i) => ({
      ...condition,
      timetable: { ...condition.timetable, absences: (where === 'weekly') === (i === 0) ? absences : [] },
    }));
    return rowOverlaps({ ...example, conditions: [one, other] as Order['conditions'] }).map(({ path }) => path);
  };
  const [from, to] = [Date.parse('2026-03-30T18:00:00Z'), Date.parse('2026-03-30T22:00:00Z')]; // 19:00 to 23:00 summer time
  for (const where of ['weekly', 'dated'] as const) {
    t.same(refused(from, to, where), []);
    t.same(refused(from + 1, to, where), ['conditions[1].dated[0]'], 'a millisecond is shared');
    t.same(refused(from, to - 1, where), ['conditions[1].dated[0]']);
  }
});

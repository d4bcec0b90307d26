// `fairwatch windows` as an operator uses it, against the definition of windows on the nights that clocks are changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { orderJson } from '../api/harness.js';
import { type DefinedCondition, definedWindows, WallClock } from '../support/window-definition.js';
import { room } from './executable.js';

interface Line {
  readonly condition_id: string;
  readonly start: string;
  readonly end: string;
  readonly start_local: string;
  readonly end_local: string;
  readonly minutes: number;
  readonly addresses: readonly string[];
  readonly clock_change_min: number;
}
const linesOf = (out: string): Line[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

const DAILY = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const DEVICES = ['primary', 'secondary'].map((address) => ({
  device_id: `HU-${address}`,
  kind: 'home_unit',
  address,
  from: '2011-01-01T00:00:00Z',
}));
const CONDITIONS: DefinedCondition[] = [
  {
    condition_id: 'split-night',
    kind: 'curfew',
    timetable: [
      { days: DAILY, start: '19:00', end: '23:59', addresses: ['primary'] },
      { days: DAILY, start: '00:00', end: '01:45', addresses: ['primary'] },
      { days: DAILY, start: '02:15', end: '07:00', addresses: ['primary', 'secondary'] },
    ],
    dated: [{ date: '2028-02-29', start: '12:00', end: '13:00', addresses: ['secondary'] }],
  },
  {
    condition_id: 'whole-sunday',
    kind: 'exclusion_zone',
    timetable: [{ days: ['SUNDAY'], start: '00:00', end: '00:00' }],
    dated: [{ date: '2011-12-30', start: '10:00', end: '11:00' }],
  },
];

/** The day of the change, and how many minutes its whole civil day lasts; null: it is told of another day. */
const NIGHTS: readonly (readonly [zone: string, day: string, sundayMin: number | null])[] = [
  ['Europe/London', '2026-03-29', 23 * 60],
  ['Europe/London', '2026-10-25', 25 * 60],
  ['America/New_York', '2026-03-08', 23 * 60],
  ['America/New_York', '2026-11-01', 25 * 60],
  ['Australia/Lord_Howe', '2026-04-05', 24 * 60 + 30],
  ['Australia/Lord_Howe', '2026-10-04', 23 * 60 + 30],
  ['Pacific/Auckland', '2026-04-05', 25 * 60],
  ['Pacific/Auckland', '2026-09-27', 23 * 60],
  ['Pacific/Apia', '2011-12-30', null], // a day that never was
  ['Europe/London', '2028-02-29', null],
];

t.test('on the nights that clocks are changed, windows are as they are defined', async (t) => {
  const { run, folder } = room(t);
  const day = 86_400_000;
  await Promise.all(
    NIGHTS.map(async ([time_zone, date, sundayMin], i) => {
      const start = new Date(Date.parse(date) - 3 * day).toISOString();
      const end = new Date(Date.parse(date) + 4 * day).toISOString();
      const zone = { zone: { type: 'Circle', center: [0, 0], radius_m: 100 } };
      const conditions = CONDITIONS.map((one) => ({ ...one, ...(one.kind === 'curfew' ? {} : zone) }));
      const file = join(folder, `order-${i}.json`);
      writeFileSync(
        file,
        JSON.stringify(orderJson({ time_zone, start, end, conditions, devices: DEVICES, addresses: {} })),
      );
      const { code, out, err } = await run('windows', '--order', file, '--json');
      t.equal(code, 0, err);
      const lines = linesOf(out);

      const clock = WallClock.in(time_zone);
      const local = (ms: number): string => {
        const min = clock.offset(ms) / 60_000;
        const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
        const offset = `${min < 0 ? '-' : '+'}${two(Math.abs(min) / 60)}:${two(Math.abs(min) % 60)}`;
        return new Date(clock.shows(ms)).toISOString().replace('Z', offset);
      };
      const bounds = { startMs: Date.parse(start), endMs: Date.parse(end) };
      for (const condition of CONDITIONS) {
        t.strictSame(
          lines
            .filter(({ condition_id }) => condition_id === condition.condition_id)
            .map(({ start, end, start_local, end_local, minutes, addresses }) => ({
              ...{ start, end, start_local, end_local, minutes, addresses },
            })),
          definedWindows(condition, time_zone, bounds).map(({ startMs, endMs, addresses }) => ({
            start: new Date(startMs).toISOString(),
            end: new Date(endMs).toISOString(),
            start_local: local(startMs),
            end_local: local(endMs),
            minutes: (endMs - startMs) / 60_000,
            addresses,
          })),
          `${time_zone} around ${date}: ${condition.condition_id}`,
        );
      }
      if (sundayMin === null) return;
      const sunday = lines.find(({ condition_id }) => condition_id === 'whole-sunday');
      t.equal(sunday?.minutes, sundayMin, `${time_zone}: the Sunday of the change`);
      t.equal(sunday?.clock_change_min, 24 * 60 - sundayMin);
    }),
  );
});

t.test('a repeated hour is told apart by its offset', async (t) => {
  const { run, folder } = room(t);
  const file = join(folder, 'order.json');
  const timetable = [{ days: ['SUNDAY'], start: '01:30', end: '02:30', addresses: ['primary'] }];
  const absence = { from: '2026-10-25T00:45:00Z', to: '2026-10-25T01:30:00Z' };
  const conditions = [{ condition_id: 'C1', kind: 'curfew', timetable, authorised_absences: [absence] }];
  writeFileSync(file, JSON.stringify(orderJson({ conditions, end: '2026-12-01T00:00:00Z' })));
  const json = await run('windows', '--order', file, '--json', '--from', '2026-10-25', '--to', '2026-10-26');
  t.match(linesOf(json.out), [
    { start_local: '2026-10-25T01:30:00.000+01:00', end_local: '2026-10-25T01:45:00.000+01:00', minutes: 15 },
    { start_local: '2026-10-25T01:30:00.000+00:00', end_local: '2026-10-25T02:30:00.000+00:00', minutes: 60 },
  ]);
  t.match(linesOf(json.out), [
    { start_by: 'timetable', end_by: 'absence', order_id: 'ORD-1', revision: 1, kind: 'curfew' },
    { start_by: 'absence', end_by: 'timetable', rows: ['timetable[0]'] },
  ]);
});

t.test('people are told of what was joined, cut and clipped, and of changed clocks', async (t) => {
  const { run, folder } = room(t);
  const file = join(folder, 'order.json');
  const weekly = [
    { days: DAILY, start: '19:00', end: '23:59', addresses: ['primary'] },
    { days: DAILY, start: '00:00', end: '07:00', addresses: ['primary'] },
  ];
  const absence = { from: '2026-03-28T20:00:00Z', to: '2026-03-28T21:00:00Z' };
  const appointments = [{ from: '2026-03-30T10:00:00Z', to: '2026-03-30T11:00:00Z', attend_min: 30 }];
  const conditions = [
    { condition_id: 'C1', kind: 'curfew', timetable: weekly, authorised_absences: [absence] },
    { condition_id: 'A1', kind: 'attendance', address: 'primary', appointments },
    { condition_id: 'T1', kind: 'trail' },
  ];
  writeFileSync(
    file,
    JSON.stringify(orderJson({ conditions, start: '2026-03-28T12:00:00Z', end: '2026-03-30T23:00:00Z' })),
  );
  const { code, out } = await run('windows', '--order', file);
  t.equal(code, 0);
  const lines = out.split('\n');
  t.match(lines[0], 'ORD-1 revision 1, Europe/London: 5 windows');
  t.match(lines[2], /C1\tcurfew\t2026-03-28T19:00:00\+00:00\t.*ends with the start of an authorised absence$/);
  t.match(lines[3], /joined of timetable\[0], timetable\[1]; clocks go forward 60 min$/);
  t.match(lines[3], /starts with the end of an authorised absence/);
  t.match(lines[5], /A1\tattendance\t2026-03-30T11:00:00\+01:00/);
  t.match(lines[6], /ends with the order/);
});

t.test('a long order shows its first four weeks unless it is asked otherwise', async (t) => {
  const { run, folder } = room(t);
  const file = join(folder, 'order.json');
  writeFileSync(file, JSON.stringify(orderJson()));
  const asked = [
    [],
    ['--from', '2026-08-01'],
    ['--to', '2026-03-17'],
    ['--from', '2026-03-09T19:00:00Z', '--to', '2026-03-10'],
  ];
  const [first, from, to, both] = await Promise.all(
    asked.map(async (flags) => linesOf((await run('windows', '--order', file, '--json', ...flags)).out)),
  );
  const mondays = (lines: readonly Line[] | undefined) => lines?.map(({ start }) => start.slice(5, 10));
  t.strictSame(mondays(first), ['03-02', '03-09', '03-16', '03-23']);
  t.strictSame(mondays(from), ['08-03', '08-10', '08-17', '08-24']);
  t.strictSame(mondays(to), ['03-02', '03-09', '03-16']);
  t.strictSame(mondays(both), ['03-09'], 'a window that shares a moment with the span is shown whole');
});

t.test('what cannot be shown is refused with what to do', async (t) => {
  const { run, folder } = room(t);
  const file = join(folder, 'order.json');
  writeFileSync(file, JSON.stringify(orderJson()));
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, JSON.stringify(orderJson({ time_zone: 'Mars/Base' })));
  const [help, zone, date, span, nothing] = await Promise.all([
    run('windows', '--help'),
    run('windows', '--order', broken),
    run('windows', '--order', file, '--from', '2026-02-30'),
    run('windows', '--order', file, '--from', '2026-04-01', '--to', '2026-03-01'),
    run('windows'),
  ]);
  t.match(help, { code: 0, out: /Examples:/ });
  t.match(zone, { code: 1, err: /time_zone: expected an IANA time zone/ });
  t.match(date, { code: 2, err: /--from: expected a date like 2026-03-29/ });
  t.match(span, { code: 2, err: /--to .* must be after --from/ });
  t.match(nothing, { code: 2, err: /--order/ });
});

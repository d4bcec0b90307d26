/** Rows of different addresses at their edges: which touch, which reach into another day, which an absence takes away. */
import t from 'tap';
import { parseOrder } from '../../src/codec/order-json.js';
import type { ConditionId } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import type { Timetable } from '../../src/domain/timetable.js';
import { rowOverlaps } from '../../src/rules/order-rows.js';
import { validOrder } from '../support/order-fixtures.js';
import { absence, DAILY, dated, timetable, weekly } from './timetables.js';

const parsed = parseOrder(validOrder('community.json'));
if (!parsed.ok) throw new Error('the example of the contract must be read');
const example: Order = { ...parsed.value, timeZone: 'Europe/London' };

/** `1.timetable[0] over 0.dated[0]`: which rows of which curfews overlap which. */
function overlaps(tables: readonly Timetable[], timeZone = 'Europe/London'): string[] {
  const conditions = tables.map((table, c) => ({
    conditionId: `C${c}` as ConditionId,
    kind: 'curfew' as const,
    toleranceS: null,
    timetable: table,
  }));
  const short = (text: string) => text.replace('an overlap with ', '').replace(/conditions\[(\d+)\]/, '$1');
  return rowOverlaps({ ...example, timeZone, conditions }).map(({ path, got }) => `${short(path)} over ${short(got)}`);
}
const [A, B] = [['a'], ['b']];

t.test('rows that touch do not overlap, whichever is written first; a second more and they do', (t) => {
  const [early, late] = [weekly(DAILY, '19:00-23:00', A), weekly(DAILY, '23:00-02:00', B)];
  t.strictSame(overlaps([timetable([early, late])]), []);
  t.strictSame(overlaps([timetable([late, early])]), []);
  const later = weekly(DAILY, '19:00-23:00:01', A);
  t.strictSame(overlaps([timetable([later, late])]), ['0.timetable[1] over 0.timetable[0]']);
  t.strictSame(overlaps([timetable([late, later])]), ['0.timetable[1] over 0.timetable[0]']);
  t.end();
});

t.test('a dated row is held against the weekly rows of its day, of the night before and of the morning after', (t) => {
  // 10 January 2026 is a Saturday
  const row = dated('2026-01-10', '05:00-05:00', A);
  const clash = ['0.dated[0] over 0.timetable[0]'];
  const with_ = (table: ReturnType<typeof weekly>) => overlaps([timetable([table], [row])]);
  t.strictSame(with_(weekly(['SATURDAY'], '12:00-13:00', B)), clash);
  t.strictSame(with_(weekly(['FRIDAY'], '22:00-06:00', B)), clash);
  t.strictSame(with_(weekly(['FRIDAY'], '22:00-05:00', B)), []);
  t.strictSame(with_(weekly(['SUNDAY'], '04:00-06:00', B)), clash);
  t.strictSame(with_(weekly(['SUNDAY'], '05:00-06:00', B)), []);
  t.strictSame(with_(weekly(['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY'], '00:00-00:00', B)), []);
  t.end();
});

t.test('a weekly row of a later curfew is held against the dated rows of an earlier one', (t) => {
  const first = timetable([], [dated('2026-01-10', '12:00-14:00', A)]);
  t.strictSame(overlaps([first, timetable([weekly(['SATURDAY'], '13:00-15:00', B)])]), [
    '1.timetable[0] over 0.dated[0]',
  ]);
  t.strictSame(overlaps([first, timetable([weekly(['SUNDAY'], '13:00-15:00', B)])]), []);
  t.strictSame(overlaps([first, timetable([weekly(['TUESDAY'], '13:00-15:00', B)])]), []);
  t.strictSame(
    overlaps([first, timetable([weekly(['SATURDAY', 'SUNDAY'], '13:00-15:00', B)])]),
    ['1.timetable[0] over 0.dated[0]'],
    'one of its days is enough',
  );
  t.end();
});

t.test('absences that together take away what two rows share leave no overlap, in whatever order', (t) => {
  const rows = [dated('2026-01-10', '12:00-16:00', A), dated('2026-01-10', '14:00-18:00', B)];
  const away = (...absences: ReturnType<typeof absence>[]) => overlaps([timetable([], rows, absences)]);
  const [early, late] = [
    absence('2026-01-10T13:30Z', '2026-01-10T15:00Z'),
    absence('2026-01-10T15:00Z', '2026-01-10T16:00Z'),
  ];
  t.strictSame(away(early, late), []);
  t.strictSame(away(late, early), []);
  const quarters = [14, 15].flatMap((h) => [
    absence(`2026-01-10T${h}:00Z`, `2026-01-10T${h}:30Z`),
    absence(`2026-01-10T${h}:30Z`, `2026-01-10T${h + 1}:00Z`),
  ]);
  t.strictSame(away(...quarters.reverse()), [], 'the last first');
  t.strictSame(away(early), ['0.dated[1] over 0.dated[0]']);
  t.strictSame(away(late), ['0.dated[1] over 0.dated[0]']);
  t.end();
});

t.test('in a time zone that nobody knows rows overlap as they are written', (t) => {
  const rows = [dated('2026-01-10', '12:00-16:00', A), dated('2026-01-10', '14:00-18:00', B)];
  t.strictSame(overlaps([timetable([], rows)], 'Mars/Base'), ['0.dated[1] over 0.dated[0]']);
  t.end();
});

t.test('two thousand rows are judged, one more is too many', (t) => {
  const rows = (n: number) => Array.from({ length: n }, () => dated('2026-01-10', '12:00-16:00', A));
  t.strictSame(overlaps([timetable([], rows(2_000))]), []);
  t.strictSame(overlaps([timetable([], rows(2_001))]), ['conditions over 2001']);
  t.end();
});

import t from 'tap';
import { absence, compiled, DAILY, shown, timetable, utc, weekly } from './timetables.js';

const night = weekly(DAILY, '19:00-07:00');

t.test('a moment in the middle of an order of forty years is answered without walking there', (t) => {
  const windows = compiled(timetable([night]), '2026-01-01T00:00Z', '2066-01-01T00:00Z');
  t.same(windows.windowAt(utc('2046-01-05T12:00Z')), null);
  t.same(shown([windows.firstEndingAfter(utc('2046-01-05T12:00Z'))!]), ['2046-01-05T19:00Z/2046-01-06T07:00Z home']);
  t.same(shown([windows.firstEndingAfter(0)!]), ['2026-01-01T00:00Z/2026-01-01T07:00Z home'], 'and back again');
  t.end();
});

t.test('an absence of thirty years in nightly curfews is passed over', (t) => {
  const table = timetable([night], [], [absence('2027-01-01T00:00Z', '2057-01-01T03:00Z')]);
  const windows = compiled(table, '2026-01-01T00:00Z', '2066-01-01T00:00Z');
  t.same(shown([windows.firstEndingAfter(utc('2027-01-01T00:00Z'))!]), ['2057-01-01T03:00Z/2057-01-01T07:00Z home']);
  t.end();
});

t.test('what is asked for overlaps the span asked for, and is whole', (t) => {
  const windows = compiled(timetable([night]), '2026-01-01T12:00Z', '2026-02-01T00:00Z');
  t.same(shown(windows.between(utc('2026-01-06T06:59Z'), utc('2026-01-06T19:00Z'))), [
    '2026-01-05T19:00Z/2026-01-06T07:00Z home',
  ]);
  t.same(windows.between(utc('2026-01-06T07:00Z'), utc('2026-01-06T19:00Z')), []);
  t.same(windows.between(5, 5), []);
  t.end();
});

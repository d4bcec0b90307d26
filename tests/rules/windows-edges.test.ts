/** Windows at their edges: rows that touch, hide or last for ever, absences that leave nothing or everything, and what is asked outside. */
import t from 'tap';
import { absence, compiled, DAILY, dated, shown, timetable, utc, weekly } from './timetables.js';

const DAY_MS = 86_400_000;
const NIGHTS = timetable([weekly(DAILY, '19:00-07:00')]);
const [FROM, TO] = ['2026-01-05T12:00Z', '2026-01-08T12:00Z'];

t.test('what is asked for is half-open, and of windows whose rest lies elsewhere nothing is given', (t) => {
  const windows = compiled({ ...NIGHTS, absences: [absence('2026-01-05T20:00Z', '2026-01-05T22:00Z')] }, FROM, TO);
  const between = (from: string, to: string) => shown(windows.between(utc(from), utc(to)));
  const [before, after] = ['2026-01-05T19:00Z/2026-01-05T20:00Z home', '2026-01-05T22:00Z/2026-01-06T07:00Z home'];
  t.strictSame(between('2026-01-05T20:00Z', '2026-01-05T22:00Z'), [], 'the absence itself');
  t.strictSame(between('2026-01-05T19:59:59Z', '2026-01-05T22:00Z'), [before]);
  t.strictSame(between('2026-01-05T20:00Z', '2026-01-05T22:00:01Z'), [after]);
  t.strictSame(between('2026-01-05T19:30Z', '2026-01-05T23:00Z'), [before, after]);
  t.strictSame(between('2026-01-06T07:00Z', '2026-01-06T19:00Z'), [], 'the day between two nights');
  t.strictSame(between('2026-01-05T23:00Z', '2026-01-05T23:00Z'), [], 'no time at all');
  t.strictSame(between('2026-01-05T23:30Z', '2026-01-05T23:00Z'), [], 'less than none');
  t.end();
});

t.test('outside its order a condition that is always active is not', (t) => {
  const windows = compiled(timetable(null), FROM, TO);
  t.strictSame(shown(windows.between(utc('2026-01-01T00:00Z'), utc(FROM))), []);
  t.strictSame(shown(windows.between(utc(TO), utc('2026-02-01T00:00Z'))), []);
  t.strictSame(shown(windows.between(utc(TO) - 1, utc(TO))), [`${FROM}/${TO}`]);
  t.equal(windows.firstEndingAfter(utc(TO)), null);
  t.equal(windows.windowAt(utc(FROM) - 1), null);
  t.end();
});

t.test('an absence from the start of a window, or to its end, leaves the rest and no empty window', (t) => {
  const left = (from: string, to: string) =>
    shown(
      compiled({ ...NIGHTS, absences: [absence(from, to)] }, FROM, TO).between(utc(FROM), utc('2026-01-06T12:00Z')),
    );
  t.strictSame(left('2026-01-05T19:00Z', '2026-01-05T21:00Z'), ['2026-01-05T21:00Z/2026-01-06T07:00Z home']);
  t.strictSame(left('2026-01-06T05:00Z', '2026-01-06T07:00Z'), ['2026-01-05T19:00Z/2026-01-06T05:00Z home']);
  t.strictSame(left('2026-01-05T19:00Z', '2026-01-06T07:00Z'), []);
  t.strictSame(left('2026-01-05T17:00Z', '2026-01-05T19:00Z'), ['2026-01-05T19:00Z/2026-01-06T07:00Z home']);
  t.strictSame(left('2026-01-06T07:00Z', '2026-01-06T09:00Z'), ['2026-01-05T19:00Z/2026-01-06T07:00Z home']);
  t.strictSame(left('2026-01-05T20:00Z', '2026-01-05T20:00Z'), ['2026-01-05T19:00Z/2026-01-06T07:00Z home'], 'empty');
  t.strictSame(left('2026-01-05T21:00Z', '2026-01-05T20:00Z'), ['2026-01-05T19:00Z/2026-01-06T07:00Z home'], 'turned');
  t.end();
});

t.test('a night away in full does not hide the next one, whatever absence comes later', (t) => {
  const absences = [
    absence('2026-01-07T20:00Z', '2026-01-07T21:00Z'),
    absence('2026-01-05T19:00Z', '2026-01-06T07:00Z'),
  ];
  const windows = compiled({ ...NIGHTS, absences }, FROM, TO);
  const first = windows.firstEndingAfter(utc(FROM));
  t.strictSame(first && shown([first]), ['2026-01-06T19:00Z/2026-01-07T07:00Z home']);
  t.end();
});

t.test('absences that overlap, or lie one in the other, are taken out as one', (t) => {
  const absences = [
    absence('2026-01-05T22:00Z', '2026-01-06T01:00Z'),
    absence('2026-01-05T20:00Z', '2026-01-05T23:00Z'),
    absence('2026-01-05T20:30Z', '2026-01-05T21:00Z'),
  ];
  const windows = compiled({ ...NIGHTS, absences }, FROM, '2026-01-06T12:00Z');
  t.strictSame(shown(windows.between(utc(FROM), utc(TO))), [
    '2026-01-05T19:00Z/2026-01-05T20:00Z home',
    '2026-01-06T01:00Z/2026-01-06T07:00Z home',
  ]);
  t.end();
});

t.test('a row that lies within another of its addresses changes nothing', (t) => {
  for (const rows of [
    [weekly(DAILY, '19:00-07:00'), weekly(DAILY, '20:00-21:00')],
    [weekly(DAILY, '19:00-20:00'), weekly(DAILY, '19:00-07:00')],
    [weekly(DAILY, '19:00-07:00'), weekly(DAILY, '02:00-07:00')],
  ]) {
    const windows = compiled(timetable(rows), FROM, TO);
    t.strictSame(
      shown(windows.between(utc(FROM), utc(TO))),
      shown(compiled(NIGHTS, FROM, TO).between(utc(FROM), utc(TO))),
    );
  }
  t.end();
});

t.test('the hour that the spring night skips is no window, and not an empty one either', (t) => {
  const hour = timetable([weekly(['SUNDAY'], '01:00-02:00')]);
  const windows = compiled(hour, '2026-03-28T00:00Z', '2026-04-06T00:00Z');
  t.strictSame(shown(windows.between(utc('2026-03-28T00:00Z'), utc('2026-04-06T00:00Z'))), [
    '2026-04-05T00:00Z/2026-04-05T01:00Z home',
  ]);
  t.end();
});

/** A row a day that ends as the next begins, in zones far east and far west of Greenwich. */
for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/London']) {
  for (const time of ['00:00', '12:00', '23:59']) {
    t.test(`days without end are one window in ${zone}, from wherever one looks, from ${time} on`, (t) => {
      const [from, to] = ['2026-05-01T00:00Z', '2026-07-01T00:00Z'];
      const row = timetable([weekly(DAILY, `${time}-${time}`)]);
      const whole = [`${from}/${to} home`];
      for (let day = 0; day < 61; day += 5) {
        const ms = utc(from) + day * DAY_MS + 3_600_000;
        const windows = compiled(row, from, to, zone);
        t.strictSame(shown(windows.between(ms, ms + 1)), whole, `${day} days on`);
        const here = compiled(row, from, to, zone).windowAt(ms);
        t.strictSame(here && shown([here]), whole, `${day} days on, by itself`);
      }
      t.end();
    });
  }
}

t.test('dated rows are found in whatever order they were written, also weeks apart', (t) => {
  const rows = ['2026-03-20', '2026-01-02', '2026-02-10'].map((date) => dated(date, '23:00-01:00'));
  const windows = compiled(timetable([], rows), '2026-01-01T00:00Z', '2026-04-01T00:00Z');
  const found = [];
  for (let w = windows.firstEndingAfter(0); w !== null; w = windows.firstEndingAfter(w.endMs)) found.push(w);
  t.strictSame(shown(found), [
    '2026-01-02T23:00Z/2026-01-03T01:00Z home',
    '2026-02-10T23:00Z/2026-02-11T01:00Z home',
    '2026-03-20T23:00Z/2026-03-21T01:00Z home',
  ]);
  t.strictSame(shown(windows.between(utc('2026-01-03T01:00Z'), utc('2026-02-10T23:00Z'))), []);
  t.end();
});

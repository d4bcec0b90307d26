import t from 'tap';
import type { Timetable } from '../../src/domain/timetable.js';
import { absence, compiled, DAILY, dated, shown, timetable, utc, weekly } from './timetables.js';

interface Line {
  readonly says: string;
  readonly table: Timetable;
  readonly from: string;
  readonly to: string;
  readonly zone?: string;
  readonly windows: readonly string[];
}

const night = weekly(DAILY, '19:00-07:00');

const specification: readonly Line[] = [
  {
    says: 'a curfew that spans the spring clock change ends at the local hour',
    table: timetable([weekly(['SATURDAY'], '19:00-07:00')]),
    from: '2026-03-25T00:00Z',
    to: '2026-04-01T00:00Z',
    windows: ['2026-03-28T19:00Z/2026-03-29T06:00Z home'],
  },
  {
    says: 'a curfew that spans the autumn clock change lasts an hour longer',
    table: timetable([weekly(['SATURDAY'], '19:00-07:00')]),
    from: '2026-10-21T00:00Z',
    to: '2026-10-28T00:00Z',
    windows: ['2026-10-24T18:00Z/2026-10-25T07:00Z home'],
  },
  {
    says: 'a start of 01:30 that the spring night skips is 02:30 summer time',
    table: timetable([weekly(['SUNDAY'], '01:30-05:00')]),
    from: '2026-03-28T00:00Z',
    to: '2026-03-30T00:00Z',
    windows: ['2026-03-29T01:30Z/2026-03-29T04:00Z home'],
  },
  {
    says: 'an end of 01:30 that the spring night skips is 02:30 summer time',
    table: timetable([weekly(['SATURDAY'], '23:00-01:30')]),
    from: '2026-03-28T00:00Z',
    to: '2026-03-30T00:00Z',
    windows: ['2026-03-28T23:00Z/2026-03-29T01:30Z home'],
  },
  {
    says: 'a row from the skipped hour to before where it lands is empty that night',
    table: timetable([weekly(['SUNDAY'], '01:30-02:15')]),
    from: '2026-03-28T00:00Z',
    to: '2026-04-06T00:00Z',
    windows: ['2026-04-05T00:30Z/2026-04-05T01:15Z home'],
  },
  {
    says: 'a start in the repeated hour is its first occurrence',
    table: timetable([weekly(['SUNDAY'], '01:30-05:00')]),
    from: '2026-10-24T00:00Z',
    to: '2026-10-26T00:00Z',
    windows: ['2026-10-25T00:30Z/2026-10-25T05:00Z home'],
  },
  {
    says: 'an end in the repeated hour is its first occurrence',
    table: timetable([weekly(['SATURDAY'], '23:00-01:30')]),
    from: '2026-10-24T00:00Z',
    to: '2026-10-26T00:00Z',
    windows: ['2026-10-24T22:00Z/2026-10-25T00:30Z home'],
  },
  {
    says: 'a row that ends a second before the repeated hour does not join one that begins after it',
    table: timetable([weekly(['SUNDAY'], '00:00-01:59:59'), weekly(['SUNDAY'], '02:00-04:00')]),
    from: '2026-10-24T00:00Z',
    to: '2026-10-26T00:00Z',
    windows: ['2026-10-24T23:00Z/2026-10-25T00:59:59Z home', '2026-10-25T02:00Z/2026-10-25T04:00Z home'],
  },
  {
    says: 'Lord Howe moves its clock by half an hour: autumn gives the night thirty minutes',
    table: timetable([weekly(['SATURDAY'], '19:00-07:00')]),
    from: '2026-04-03T00:00Z',
    to: '2026-04-06T00:00Z',
    zone: 'Australia/Lord_Howe',
    windows: ['2026-04-04T08:00Z/2026-04-04T20:30Z home'],
  },
  {
    says: 'Lord Howe moves its clock by half an hour: spring takes the night thirty minutes, and 02:15 does not exist',
    table: timetable([weekly(['SATURDAY'], '19:00-02:15')]),
    from: '2026-10-02T00:00Z',
    to: '2026-10-05T00:00Z',
    zone: 'Australia/Lord_Howe',
    windows: ['2026-10-03T08:30Z/2026-10-03T15:45Z home'],
  },
  {
    says: 'the night of 28 February of a leap year ends on the 29th',
    table: timetable([weekly(['MONDAY', 'TUESDAY'], '19:00-07:00')]),
    from: '2028-02-28T00:00Z',
    to: '2028-03-02T00:00Z',
    windows: ['2028-02-28T19:00Z/2028-02-29T07:00Z home', '2028-02-29T19:00Z/2028-03-01T07:00Z home'],
  },
  {
    says: 'a dated row may name 29 February',
    table: timetable(null, [dated('2028-02-29', '12:00-13:00')]),
    from: '2028-01-01T00:00Z',
    to: '2029-01-01T00:00Z',
    windows: ['2028-02-29T12:00Z/2028-02-29T13:00Z home'],
  },
  {
    says: 'Sunday night runs into Monday',
    table: timetable([weekly(['SUNDAY'], '22:00-06:00')]),
    from: '2026-01-01T00:00Z',
    to: '2026-01-10T00:00Z',
    windows: ['2026-01-04T22:00Z/2026-01-05T06:00Z home'],
  },
  {
    says: 'an end equal to the start is a whole day',
    table: timetable([weekly(['WEDNESDAY'], '09:00-09:00')]),
    from: '2026-01-02T00:00Z',
    to: '2026-01-12T00:00Z',
    windows: ['2026-01-07T09:00Z/2026-01-08T09:00Z home'],
  },
  {
    says: 'a whole civil day is 23 hours in spring',
    table: timetable([weekly(['SUNDAY'], '00:00-00:00')]),
    from: '2026-03-24T00:00Z',
    to: '2026-03-31T00:00Z',
    windows: ['2026-03-29T00:00Z/2026-03-29T23:00Z home'],
  },
  {
    says: 'a window is clipped to the order at both of its bounds',
    table: timetable([night]),
    from: '2026-01-05T21:00Z',
    to: '2026-01-07T02:00Z',
    windows: ['2026-01-05T21:00Z/2026-01-06T07:00Z home', '2026-01-06T19:00Z/2026-01-07T02:00Z home'],
  },
  {
    says: 'an order that begins as a window ends has none of it',
    table: timetable([night]),
    from: '2026-01-06T07:00Z',
    to: '2026-01-06T19:00Z',
    windows: [],
  },
  {
    says: 'a split night, 19:00 to 23:59 and 00:00 to 07:00, is one window',
    table: timetable([weekly(DAILY, '19:00-23:59'), weekly(DAILY, '00:00-07:00')]),
    from: '2026-01-05T12:00Z',
    to: '2026-01-06T12:00Z',
    windows: ['2026-01-05T19:00Z/2026-01-06T07:00Z home'],
  },
  {
    says: 'rows 60 s apart are one window',
    table: timetable([weekly(['MONDAY'], '10:00-11:00'), weekly(['MONDAY'], '11:01-12:00')]),
    from: '2026-01-05T00:00Z',
    to: '2026-01-06T00:00Z',
    windows: ['2026-01-05T10:00Z/2026-01-05T12:00Z home'],
  },
  {
    says: 'rows 61 s apart are two windows',
    table: timetable([weekly(['MONDAY'], '10:00-11:00'), weekly(['MONDAY'], '11:01:01-12:00')]),
    from: '2026-01-05T00:00Z',
    to: '2026-01-06T00:00Z',
    windows: ['2026-01-05T10:00Z/2026-01-05T11:00Z home', '2026-01-05T11:01:01Z/2026-01-05T12:00Z home'],
  },
  {
    says: 'rows of different addresses that touch are two windows',
    table: timetable([weekly(['MONDAY'], '10:00-11:00', ['home']), weekly(['MONDAY'], '11:00-12:00', ['mother'])]),
    from: '2026-01-05T00:00Z',
    to: '2026-01-06T00:00Z',
    windows: ['2026-01-05T10:00Z/2026-01-05T11:00Z home', '2026-01-05T11:00Z/2026-01-05T12:00Z mother'],
  },
  {
    says: 'the order in which a row lists its addresses does not matter',
    table: timetable([
      weekly(['MONDAY'], '10:00-11:00', ['b', 'a']),
      weekly(['MONDAY'], '11:00-12:00', ['a', 'b', 'a']),
    ]),
    from: '2026-01-05T00:00Z',
    to: '2026-01-06T00:00Z',
    windows: ['2026-01-05T10:00Z/2026-01-05T12:00Z a+b'],
  },
  {
    says: 'a minute at another address between two rows keeps them apart',
    table: timetable([
      weekly(['MONDAY'], '10:00-11:00', ['home']),
      weekly(['MONDAY'], '11:00-11:01', ['mother']),
      weekly(['MONDAY'], '11:01-12:00', ['home']),
    ]),
    from: '2026-01-05T00:00Z',
    to: '2026-01-06T00:00Z',
    windows: [
      '2026-01-05T10:00Z/2026-01-05T11:00Z home',
      '2026-01-05T11:00Z/2026-01-05T11:01Z mother',
      '2026-01-05T11:01Z/2026-01-05T12:00Z home',
    ],
  },
  {
    says: 'where the spring gap shifts one address over another, either will do',
    table: timetable([weekly(['SUNDAY'], '01:00-01:30', ['home']), weekly(['SUNDAY'], '02:00-03:00', ['mother'])]),
    from: '2026-03-28T00:00Z',
    to: '2026-03-30T00:00Z',
    windows: ['2026-03-29T01:00Z/2026-03-29T01:30Z home+mother', '2026-03-29T01:30Z/2026-03-29T02:00Z mother'],
  },
  {
    says: 'an authorised absence cuts a window in two',
    table: timetable([night], [], [absence('2026-01-05T22:00Z', '2026-01-05T23:30Z')]),
    from: '2026-01-05T12:00Z',
    to: '2026-01-06T12:00Z',
    windows: ['2026-01-05T19:00Z/2026-01-05T22:00Z home', '2026-01-05T23:30Z/2026-01-06T07:00Z home'],
  },
  {
    says: 'what an absence of a minute leaves is not joined again',
    table: timetable([night], [], [absence('2026-01-05T22:00Z', '2026-01-05T22:01Z')]),
    from: '2026-01-05T12:00Z',
    to: '2026-01-06T12:00Z',
    windows: ['2026-01-05T19:00Z/2026-01-05T22:00Z home', '2026-01-05T22:01Z/2026-01-06T07:00Z home'],
  },
  {
    says: 'absences that overlap, and one that covers a whole night, leave what is left',
    table: timetable(
      [night],
      [],
      [
        absence('2026-01-06T01:00Z', '2026-01-06T03:00Z'),
        absence('2026-01-05T18:00Z', '2026-01-06T02:00Z'),
        absence('2026-01-06T12:00Z', '2026-01-07T07:00Z'),
      ],
    ),
    from: '2026-01-05T12:00Z',
    to: '2026-01-08T12:00Z',
    windows: ['2026-01-06T03:00Z/2026-01-06T07:00Z home', '2026-01-07T19:00Z/2026-01-08T07:00Z home'],
  },
  {
    says: 'a dated row stands beside the weekly ones and joins what it touches',
    table: timetable([night], [dated('2026-01-05', '15:00-19:00'), dated('2026-01-06', '12:00-13:00')]),
    from: '2026-01-05T12:00Z',
    to: '2026-01-07T00:00Z',
    windows: [
      '2026-01-05T15:00Z/2026-01-06T07:00Z home',
      '2026-01-06T12:00Z/2026-01-06T13:00Z home',
      '2026-01-06T19:00Z/2026-01-07T00:00Z home',
    ],
  },
  {
    says: 'a timetable of dated rows alone has only those',
    table: timetable(null, [dated('2026-01-09', '10:00-11:00'), dated('2026-01-05', '23:00-01:00')]),
    from: '2026-01-01T00:00Z',
    to: '2026-02-01T00:00Z',
    windows: ['2026-01-05T23:00Z/2026-01-06T01:00Z home', '2026-01-09T10:00Z/2026-01-09T11:00Z home'],
  },
  {
    says: 'no rows at all is the whole order, less the absences',
    table: timetable(null, [], [absence('2026-01-05T22:00Z', '2026-01-06T22:00Z')]),
    from: '2026-01-01T00:00Z',
    to: '2026-02-01T00:00Z',
    windows: ['2026-01-01T00:00Z/2026-01-05T22:00Z', '2026-01-06T22:00Z/2026-02-01T00:00Z'],
  },
  {
    says: 'a dated row that ends at 23:59 is one window with the weekly row after midnight',
    table: timetable([weekly(['TUESDAY'], '00:00-07:00')], [dated('2026-01-05', '15:00-23:59')]),
    from: '2026-01-05T00:00Z',
    to: '2026-01-07T00:00Z',
    windows: ['2026-01-05T15:00Z/2026-01-06T07:00Z home'],
  },
  {
    says: 'an order that begins in the minute between two joined rows begins in their window',
    table: timetable([weekly(DAILY, '19:00-23:59'), weekly(DAILY, '00:00-07:00')]),
    from: '2026-01-05T23:59:30Z',
    to: '2026-01-06T12:00Z',
    windows: ['2026-01-05T23:59:30Z/2026-01-06T07:00Z home'],
  },
  {
    says: 'a row of a second is a window of a second, and three a minute apart are one',
    table: timetable([
      weekly(['MONDAY'], '10:00:00-10:00:01'),
      weekly(['MONDAY'], '10:01:01-10:01:02'),
      weekly(['MONDAY'], '10:02:02-10:02:03'),
      weekly(['MONDAY'], '11:00:00-11:00:01'),
    ]),
    from: '2026-01-05T00:00Z',
    to: '2026-01-06T00:00Z',
    windows: ['2026-01-05T10:00Z/2026-01-05T10:02:03Z home', '2026-01-05T11:00Z/2026-01-05T11:00:01Z home'],
  },
  {
    says: 'absences to the millisecond cut to the millisecond',
    table: timetable(
      [weekly(['MONDAY'], '10:00-11:00')],
      [],
      [absence('2026-01-05T10:30:00.001Z', '2026-01-05T10:30:00.002Z')],
    ),
    from: '2026-01-05T00:00Z',
    to: '2026-01-06T00:00Z',
    windows: ['2026-01-05T10:00Z/2026-01-05T10:30:00.001Z home', '2026-01-05T10:30:00.002Z/2026-01-05T11:00Z home'],
  },
  {
    says: 'New York: a start at 02:30 that the spring night skips is 03:30',
    table: timetable([weekly(['SUNDAY'], '02:30-05:00')]),
    from: '2026-03-07T00:00Z',
    to: '2026-03-10T00:00Z',
    zone: 'America/New_York',
    windows: ['2026-03-08T07:30Z/2026-03-08T09:00Z home'],
  },
  {
    says: 'Apia skipped 30 December 2011: its rows fall on the 31st, as Temporal has it',
    table: timetable([weekly(['FRIDAY'], '10:00-11:00')], [dated('2011-12-30', '12:00-13:00')]),
    from: '2011-12-29T00:00Z',
    to: '2012-01-02T00:00Z',
    zone: 'Pacific/Apia',
    windows: ['2011-12-30T20:00Z/2011-12-30T21:00Z home', '2011-12-30T22:00Z/2011-12-30T23:00Z home'],
  },
  {
    says: 'an empty list of rows is never',
    table: timetable([]),
    from: '2026-01-01T00:00Z',
    to: '2090-01-01T00:00Z',
    windows: [],
  },
  {
    says: 'whole days without end are one window, as long as the order',
    table: timetable([weekly(DAILY, '00:00-00:00')]),
    from: '2026-01-01T00:00Z',
    to: '2066-01-01T00:00Z',
    windows: ['2026-01-01T00:00Z/2066-01-01T00:00Z home'],
  },
];

for (const line of specification) {
  t.test(line.says, (t) => {
    const windows = compiled(line.table, line.from, line.to, line.zone);
    t.same(shown(windows.between(utc(line.from), utc(line.to))), line.windows, 'asked for all at once');

    const stepped = [];
    for (let w = windows.firstEndingAfter(0); w !== null; w = windows.firstEndingAfter(w.endMs)) stepped.push(w);
    t.same(shown(stepped), line.windows, 'asked for one after another');

    for (const w of stepped.slice(0, 5)) {
      const fresh = compiled(line.table, line.from, line.to, line.zone);
      t.same(fresh.windowAt(w.startMs), w, 'its first moment is in it');
      t.same(fresh.windowAt(w.endMs - 1), w, 'its last millisecond is in it');
      t.not(windows.windowAt(w.endMs)?.startMs, w.startMs, 'its end is not');
    }
    t.end();
  });
}

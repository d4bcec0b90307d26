/** Clocks at their edges: to the millisecond around a change, far from one, and names that no clock has. */
import t from 'tap';
import { CivilZone, civilDay, isTimeZone } from '../../src/rules/civil-time.js';
import { utc } from './timetables.js';

const HOUR_MS = 3_600_000;

t.test('a zone is known by its name, and one that nobody knows is refused', (t) => {
  for (const name of ['Europe/London', 'Asia/Kathmandu', 'UTC']) {
    t.equal(isTimeZone(name), true, name);
    t.equal(CivilZone.named(name), CivilZone.named(name), 'one of each');
  }
  for (const name of ['Europe/Londres', 'Mars/Base', '']) {
    t.equal(isTimeZone(name), false, name);
    t.equal(isTimeZone(name), false, `${name}, asked again`);
    t.throws(() => CivilZone.named(name), RangeError);
  }
  t.end();
});

/** Night by night: what the clock shows, and the instant at which it does. */
const clocks: readonly (readonly [zone: string, date: string, time: string, instant: string])[] = [
  ['Europe/London', '2026-03-29', '00:59:59', '2026-03-29T00:59:59Z'],
  ['Europe/London', '2026-03-29', '01:00:00', '2026-03-29T01:00:00Z'],
  ['Europe/London', '2026-03-29', '01:59:59', '2026-03-29T01:59:59Z'],
  ['Europe/London', '2026-03-29', '02:00:00', '2026-03-29T01:00:00Z'],
  ['Europe/London', '2026-10-25', '00:59:59', '2026-10-24T23:59:59Z'],
  ['Europe/London', '2026-10-25', '01:00:00', '2026-10-25T00:00:00Z'],
  ['Europe/London', '2026-10-25', '01:59:59', '2026-10-25T00:59:59Z'],
  ['Europe/London', '2026-10-25', '02:00:00', '2026-10-25T02:00:00Z'],
  ['UTC', '2026-07-01', '12:00:00', '2026-07-01T12:00:00Z'],
  ['Asia/Kathmandu', '2026-07-01', '05:45:00', '2026-07-01T00:00:00Z'],
  ['Pacific/Apia', '2011-12-29', '23:59:59', '2011-12-30T09:59:59Z'],
  ['Pacific/Apia', '2011-12-31', '00:00:00', '2011-12-30T10:00:00Z'],
];
const secondOf = (time: string): number => {
  const [h = 0, m = 0, s = 0] = time.split(':').map(Number);
  return h * 3600 + m * 60 + s;
};

t.test('the second before and the second of a clock change are told apart, in any order of asking', (t) => {
  for (const rows of [clocks, [...clocks].reverse()]) {
    for (const [zone, date, time, instant] of rows) {
      t.equal(CivilZone.named(zone).utcMs(civilDay(date), secondOf(time)), utc(instant), `${zone} ${date} ${time}`);
    }
  }
  t.end();
});

t.test('whatever the hour in ten years, it is where the clock shows it, around the changes and far from them', (t) => {
  const zone = CivilZone.named('Europe/London');
  let wrong = 0;
  for (let ms = utc('2026-01-01T00:00Z'); ms < utc('2036-01-01T00:00Z'); ms += 31 * HOUR_MS) {
    const civilMs = ms + zone.offsetMsAt(ms);
    const day = Math.floor(civilMs / 86_400_000);
    const found = zone.utcMs(day, (civilMs - day * 86_400_000) / 1000);
    // a repeated hour is its first occurrence
    if (found !== ms && found !== ms - HOUR_MS) wrong++;
    if (zone.dayAt(ms) !== day) wrong++;
  }
  t.equal(wrong, 0);
  t.end();
});

t.test('a second of the next day is counted on from this one', (t) => {
  const zone = CivilZone.named('Europe/London');
  t.equal(zone.utcMs(civilDay('2026-03-28'), 86_400 + 7 * 3600), utc('2026-03-29T06:00Z'), 'over the spring night');
  t.equal(zone.utcMs(civilDay('2026-06-01'), 86_400), zone.utcMs(civilDay('2026-06-02'), 0));
  t.end();
});

t.test('an instant is shown by the clock of its place, its date by the day there', (t) => {
  const london = CivilZone.named('Europe/London');
  t.equal(london.localText(utc('2026-10-25T00:30:00.007Z')), '2026-10-25T01:30:00.007+01:00');
  t.equal(london.localText(utc('2026-10-25T01:30:00Z')), '2026-10-25T01:30:00.000+00:00', 'the hour again');
  t.equal(london.offsetMsAt(utc('2026-07-01T00:00Z')), HOUR_MS);
  t.equal(london.offsetMsAt(utc('2026-01-01T00:00Z')), 0);
  t.equal(london.dayAt(utc('2026-06-30T22:59:59.999Z')), civilDay('2026-06-30'));
  t.equal(london.dayAt(utc('2026-06-30T23:00Z')), civilDay('2026-07-01'));
  t.equal(CivilZone.named('America/New_York').dayAt(utc('2026-07-01T03:59:59Z')), civilDay('2026-06-30'));
  t.end();
});

/** Timetables as courts write them, and as nobody should: split nights, rows over the change of the clocks, dated rows. */
import { wallAt } from '../civil.js';
import { DAYS, type DatedRowJson, type Day, type RowJson, type SpanJson, type TimetableJson } from '../contract.js';
import type { Window } from '../windows.js';
import type { Chance } from './chance.js';
import { DAY, HOUR, type Season } from './seasons.js';

/** `addresses`: null for a zone's timetable. */
export function someTimetable(chance: Chance, season: Season, addresses: readonly string[] | null): TimetableJson {
  const sets = addresses === null ? [undefined] : addressSets(chance, addresses);
  const timetable = chance.is(0.9) ? sets.flatMap((set, i) => someRows(chance, set, i, sets.length)) : [];
  const dated = timetable.length === 0 || chance.is(0.4) ? someDated(chance, season, sets) : [];
  return { timetable, ...(dated.length > 0 && { dated }) };
}

/** Absences that begin, end or lie anywhere about the windows. */
export function someAbsences(chance: Chance, windows: readonly Window[]): SpanJson[] {
  if (windows.length === 0 || chance.is(0.55)) return [];
  return Array.from({ length: chance.int(1, 3) }, () => {
    const w = chance.pick(windows);
    const from = chance.pick([w.fromMs, w.fromMs - HOUR, chance.int(w.fromMs, w.toMs), w.toMs - HOUR]);
    const to = chance.pick([w.toMs, from + chance.int(1, 8) * HOUR, from + chance.int(1_000, 40 * 60_000)]);
    return { from: iso(from), to: iso(Math.max(to, from + 1_000)) };
  });
}

export const iso = (ms: number): string => new Date(ms).toISOString();

function addressSets(chance: Chance, addresses: readonly string[]): (readonly string[])[] {
  if (addresses.length === 1 || chance.is(0.3)) return [chance.is(0.7) ? addresses : addresses.slice(0, 1)];
  // the day is shared out between the sets
  return chance.is(0.5) ? addresses.map((a) => [a]) : [addresses.slice(0, 1), addresses];
}

/** Rows of one set; where there are several sets, each has its own part of the day. */
function someRows(chance: Chance, set: readonly string[] | undefined, i: number, sets: number): RowJson[] {
  const days: readonly Day[] = chance.is(0.75) ? DAYS : nonEmpty(chance.some(DAYS, 0.6));
  const row = (start: string, end: string, on = days): RowJson => ({
    days: on,
    start,
    end,
    ...(set !== undefined && { addresses: set }),
  });
  if (sets > 1) {
    const patterns = [
      ['19:00', '23:00'],
      ['23:00', '07:00'],
      ['07:00', '12:30'],
    ] as const;
    const [start, end] = patterns[i % patterns.length] as readonly [string, string];
    // days that differ would leave holes, which is well; ends that touch make two windows
    return [row(start, end)];
  }
  const minute = () => String(chance.int(0, 59)).padStart(2, '0');
  switch (chance.int(0, 9)) {
    case 0:
      return [row('19:00', '07:00')];
    case 1:
      return [row('19:00', '23:59'), row('00:00', '07:00')];
    case 2:
      // 60 s apart are one window, 61 s are two
      return [row('20:00', '23:59:00'), row('00:00', chance.pick(['00:30', '06:15'])), row('06:16', '08:00')];
    case 3:
      return [row('18:00', '21:59'), row('22:00:01', '23:30')];
    case 4:
      return [row('00:30', '01:30'), row('01:30', '02:30')];
    case 5:
      return [
        row(chance.pick(['01:00', '01:30', '02:00', '02:15']), chance.pick(['02:00', '02:30', '03:00', '03:30'])),
      ];
    case 6:
      return [row('02:30', '03:15'), row('23:45', '02:10')];
    case 7:
      return [row('12:00', '12:00')];
    case 8:
      return [row('21:00', '03:00'), row('01:00', '06:00'), row(`0${chance.int(7, 9)}:${minute()}`, '10:10')];
    default:
      return [row(`${chance.int(10, 23)}:${minute()}`, `0${chance.int(0, 9)}:${minute()}`)];
  }
}

function someDated(chance: Chance, season: Season, sets: readonly (readonly string[] | undefined)[]): DatedRowJson[] {
  const set = chance.pick(sets);
  return Array.from({ length: chance.int(1, 3) }, () => {
    const wall = wallAt(season.timeZone, season.anchorMs + chance.int(-2, 2) * DAY);
    const [start, end] = chance.pick([
      ['15:00', '23:59'],
      ['00:00', '03:00'],
      ['07:00', '07:45'],
      ['02:30', '02:45'],
      ['08:00', '08:00'],
      ['01:30', '02:30'],
    ] as const);
    return { date: iso(wall).slice(0, 10), start, end, ...(set !== undefined && { addresses: set }) };
  });
}

const nonEmpty = (days: readonly Day[]): readonly Day[] => (days.length > 0 ? days : ['SATURDAY', 'SUNDAY']);

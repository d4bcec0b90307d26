/** Timetables as orders have them: curfews of one row and of several, nights cut at midnight, absences, dated rows. */
import type { AuthorisedAbsence, DatedRow, Timetable, Weekday, WeeklyRow } from '../../src/domain/timetable.js';
import { WEEKDAYS } from '../../src/domain/timetable.js';
import type { WindowOptions } from '../../src/rules/windows.js';
import { Random } from '../../src/sim/random.js';

const DAY_MS = 86_400_000;
const HALF_HOUR_S = 1_800;
const [WORKING, WEEKEND] = [WEEKDAYS.slice(0, 5), WEEKDAYS.slice(5)] as const;
const ZONE_EVENINGS: readonly Weekday[] = ['FRIDAY', 'SATURDAY'];

export interface TimedOrder extends Omit<WindowOptions, 'joinGapMs'> {
  /** The curfew's, then those of zones. */
  readonly timetables: readonly Timetable[];
}

/**
 * Half of the people have one row for every night, a quarter others at weekends, a quarter nights that are cut at 23:59 (as
 * orders are often typed in); one in ten is away for two days of the week, one in ten has a dated night. Of three people one
 * has a zone for certain evenings, one a zone for always, one none. `weekMs`: a UTC midnight in the middle of their orders.
 */
export function makeTimedOrder(seed: string, index: number, weekMs: number, timeZone: string): TimedOrder {
  const random = Random.of(seed, 'timetable', index);
  const [startS, endS] = [random.whole(37, 41) * HALF_HOUR_S, random.whole(12, 15) * HALF_HOUR_S];
  const curfew: Timetable = {
    weekly: nights(index, startS, endS),
    dated: index % 10 === 3 ? [datedNight(weekMs, endS)] : [],
    absences: index % 10 === 7 ? [away(weekMs)] : [],
  };
  const zones: readonly Timetable[] =
    index % 3 === 0
      ? [{ weekly: [{ days: ZONE_EVENINGS, startS, endS: 4 * 3_600, addresses: [] }], dated: [], absences: [] }]
      : index % 3 === 1
        ? [{ weekly: null, dated: [], absences: [] }]
        : [];
  const startMs = weekMs - random.whole(7, 60) * DAY_MS;
  return { timeZone, startMs, endMs: startMs + 90 * DAY_MS, timetables: [curfew, ...zones] };
}

function nights(index: number, startS: number, endS: number): readonly WeeklyRow[] {
  const home = ['home'];
  if (index % 4 < 2) return [{ days: WEEKDAYS, startS, endS, addresses: home }];
  if (index % 4 === 2) {
    return [
      { days: WORKING, startS, endS, addresses: home },
      { days: WEEKEND, startS: startS + 3_600, endS: endS + 3_600, addresses: ['home', 'family'] },
    ];
  }
  return [
    { days: WEEKDAYS, startS, endS: 86_400 - 60, addresses: home },
    { days: WEEKDAYS, startS: 0, endS, addresses: home },
  ];
}

function datedNight(weekMs: number, endS: number): DatedRow {
  const date = new Date(weekMs + 2 * DAY_MS).toISOString().slice(0, 10);
  return { date, startS: endS + 3_600, endS: endS + 2 * 3_600, addresses: ['home'] };
}

const away = (weekMs: number): AuthorisedAbsence => ({
  startMs: weekMs + 3 * DAY_MS,
  endMs: weekMs + 5 * DAY_MS,
  reason: 'hospital',
});

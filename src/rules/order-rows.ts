/** Rows of different addresses that overlap: a person cannot be at home twice, so such an order would always accuse. */
import type { Order } from '../domain/order.js';
import type { Problem } from '../domain/problem.js';
import { type AuthorisedAbsence, WEEKDAYS, type Weekday } from '../domain/timetable.js';
import { CivilZone, isTimeZone } from './civil-time.js';

const DAY_S = 86_400;
const WEEK_S = 7 * DAY_S;
/** Five years of dated rows; every pair is looked at. */
const ROWS_MAX = 2_000;

/** Half-open, seconds of civil time; of the week from Monday 00:00, or since 1970 for a dated row. */
interface Span {
  readonly startS: number;
  readonly endS: number;
}

interface PlacedRow {
  readonly path: string;
  /** The same text for the same set of addresses. */
  readonly addresses: string;
  readonly startS: number;
  readonly lengthS: number;
  /** Days after Monday on which it begins; empty for a dated row. */
  readonly weekdays: readonly number[];
  /** Days since 1970-01-01; null for a weekly row. */
  readonly day: number | null;
  /** Of its condition: the row does not hold in them. */
  readonly absences: readonly AuthorisedAbsence[];
}

/**
 * One problem for each pair, named at the later row. Civil arithmetic: clock changes do not matter here. Rows of all
 * curfews of the order are held against each other; those of the same addresses may overlap, and any may touch. What a
 * dated row shares with another is no overlap where an authorised absence takes one of them away.
 */
export function rowOverlaps(order: Order): Problem[] {
  const rows = curfewRows(order);
  const zone = isTimeZone(order.timeZone) ? CivilZone.named(order.timeZone) : null;
  if (rows.length > ROWS_MAX) {
    return [{ path: 'conditions', expected: `at most ${ROWS_MAX} rows in all curfews`, got: String(rows.length) }];
  }
  const problems: Problem[] = [];
  rows.forEach((row, i) => {
    for (let j = 0; j < i; j++) {
      const earlier = rows[j] as PlacedRow;
      if (row.addresses === earlier.addresses || !meet(row, earlier, zone)) continue;
      problems.push({
        path: row.path,
        expected: 'rows of different addresses that do not overlap',
        got: `an overlap with ${earlier.path}`,
      });
    }
  });
  return problems;
}

/** Days since 1970-01-01 of a date `YYYY-MM-DD`; null when there is no such date. */
export function dayNumber(date: string): number | null {
  const ms = Date.parse(`${date}T00:00:00Z`);
  // 30 February would come back as 2 March
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(date) ? null : ms / (DAY_S * 1_000);
}

function curfewRows(order: Order): PlacedRow[] {
  return order.conditions.flatMap((condition, c) => {
    if (condition.kind !== 'curfew') return [];
    const { weekly, dated, absences } = condition.timetable;
    const weeklyRows = (weekly ?? []).map((row, r) => ({
      ...common(row, `conditions[${c}].timetable[${r}]`, absences),
      weekdays: row.days.map((day: Weekday) => WEEKDAYS.indexOf(day)),
      day: null,
    }));
    const datedRows = dated.flatMap((row, r) => {
      const day = dayNumber(row.date);
      return day === null ? [] : [{ ...common(row, `conditions[${c}].dated[${r}]`, absences), weekdays: [], day }];
    });
    return [...weeklyRows, ...datedRows];
  });
}

function common(
  row: { startS: number; endS: number; addresses: readonly string[] },
  path: string,
  absences: readonly AuthorisedAbsence[],
) {
  // an end at or before the start is on the next day; equal: a whole day
  const lengthS = row.endS > row.startS ? row.endS - row.startS : row.endS + DAY_S - row.startS;
  return { path, absences, startS: row.startS, lengthS, addresses: [...new Set(row.addresses)].sort().join(' ') };
}

function meet(a: PlacedRow, b: PlacedRow, zone: CivilZone | null): boolean {
  if (a.day === null && b.day === null) return weeklyMeet(a, b);
  const absences = [...a.absences, ...b.absences];
  return placesOf(a, b).some((one) =>
    placesOf(b, a).some((other) => overlap(one, other) && (zone === null || !isAway(one, other, zone, absences))),
  );
}

/** A dated row where it is; a weekly one on the dated other's day, the day before (a night) and the day after (its night). */
function placesOf(row: PlacedRow, beside: PlacedRow): Span[] {
  if (row.day !== null) return [on(row, row.day)];
  const day = beside.day ?? 0;
  return [day - 1, day, day + 1].filter((at) => row.weekdays.includes(weekdayOf(at))).map((at) => on(row, at));
}

/** Do absences cover all that two rows share? */
function isAway(a: Span, b: Span, zone: CivilZone, absences: readonly AuthorisedAbsence[]): boolean {
  let fromMs = zone.utcMs(0, Math.max(a.startS, b.startS));
  const toMs = zone.utcMs(0, Math.min(a.endS, b.endS));
  for (const { startMs, endMs } of [...absences].sort((x, y) => x.startMs - y.startMs)) {
    if (startMs <= fromMs) fromMs = Math.max(fromMs, endMs);
  }
  return fromMs >= toMs;
}

function weeklyMeet(a: PlacedRow, b: PlacedRow): boolean {
  return a.weekdays.some((dayA) =>
    b.weekdays.some((dayB) => {
      const [one, other] = [on(a, dayA), on(b, dayB)];
      // Sunday's night reaches into Monday
      return [-WEEK_S, 0, WEEK_S].some((shift) => overlap(one, shifted(other, shift)));
    }),
  );
}

/** 1970-01-01 was a Thursday, three days after Monday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
const on = (row: PlacedRow, day: number): Span => ({
  startS: day * DAY_S + row.startS,
  endS: day * DAY_S + row.startS + row.lengthS,
});
const shifted = ({ startS, endS }: Span, byS: number): Span => ({ startS: startS + byS, endS: endS + byS });
const overlap = (a: Span, b: Span): boolean => a.startS < b.endS && b.startS < a.endS;

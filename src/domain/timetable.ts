/** Civil-time rows as an order states them; `rules/` turns them into windows in UTC. */

export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Half-open `[startMs, endMs)`, UTC milliseconds. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Seconds of the civil day. An end at or before the start is on the next day (equal: a whole day). */
interface CivilSpan {
  readonly startS: number;
  readonly endS: number;
  /** The addresses at which the person may be (curfews); empty for a zone's timetable. */
  readonly addresses: readonly string[];
}

export interface WeeklyRow extends CivilSpan {
  readonly days: readonly Weekday[];
}

export interface DatedRow extends CivilSpan {
  /** Civil date, `YYYY-MM-DD`. */
  readonly date: string;
}

export interface AuthorisedAbsence extends Interval {
  readonly reason: string;
}

export interface Timetable {
  /** Null: no rows are given at all, so the condition is always active within its order (zones only). */
  readonly weekly: readonly WeeklyRow[] | null;
  /** Stand beside the weekly rows. */
  readonly dated: readonly DatedRow[];
  readonly absences: readonly AuthorisedAbsence[];
}

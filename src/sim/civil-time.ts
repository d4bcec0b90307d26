/** Civil days and times of a zone, for the simulation's own reading of timetables. */
import { Temporal } from 'temporal-polyfill';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Everything the fleet reports lies on this grid. */
export const GRID_MS = 30_000;

export const WEEKDAY_NAMES = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;

/** UTC milliseconds of a civil time; one that does not exist or occurs twice resolves as `compatible`. */
export function atLocal(zone: string, date: string, seconds: number): number {
  const midnight = Temporal.PlainDate.from(date).toPlainDateTime();
  return midnight.add({ seconds }).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** Seconds of the day of `HH:mm` or `HH:mm:ss`. */
export function secondsOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return hours * 3_600 + minutes * 60 + seconds;
}

/** `HH:mm`, or `HH:mm:ss` where seconds matter. */
export function timeText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 3_600) % 24)}:${two(Math.floor(seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? clock : `${clock}:${two(seconds % 60)}`;
}

/** Civil date and seconds of the day at a moment. */
export function localOf(zone: string, atMs: number): { date: string; seconds: number; weekday: number } {
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
  return {
    date: local.toPlainDate().toString(),
    seconds: local.hour * 3_600 + local.minute * 60 + local.second,
    weekday: local.dayOfWeek,
  };
}

/** Civil dates from the day before `fromMs` to the day after `toMs`: every window that can touch the span starts on one. */
export function datesTouching(zone: string, fromMs: number, toMs: number): { date: string; weekday: number }[] {
  const last = Temporal.PlainDate.from(localOf(zone, toMs).date).add({ days: 1 });
  const dates = [];
  for (
    let day = Temporal.PlainDate.from(localOf(zone, fromMs).date).subtract({ days: 1 });
    Temporal.PlainDate.compare(day, last) <= 0;
    day = day.add({ days: 1 })
  ) {
    dates.push({ date: day.toString(), weekday: day.dayOfWeek });
  }
  return dates;
}

export const rfc3339 = (ms: number): string => new Date(ms).toISOString();

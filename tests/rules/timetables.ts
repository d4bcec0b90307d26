/** Timetables and instants as tests write them. */
import type { AuthorisedAbsence, DatedRow, Timetable, Weekday, WeeklyRow } from '../../src/domain/timetable.js';
import { WEEKDAYS } from '../../src/domain/timetable.js';
import type { Window, WindowOptions, Windows } from '../../src/rules/windows.js';
import { compileWindows } from '../../src/rules/windows.js';

/** `2026-03-28T19:00Z` → UTC milliseconds. */
export const utc = (text: string): number => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`no instant: ${text}`);
  return ms;
};

export const instant = (ms: number): string =>
  new Date(ms).toISOString().replace(':00.000Z', 'Z').replace('.000Z', 'Z');

const seconds = (text: string): number => {
  const [h = 0, m = 0, s = 0] = text.split(':').map(Number);
  return h * 3600 + m * 60 + s;
};

/** `19:00-07:00`, at the addresses given. */
const span = (times: string, addresses: readonly string[]) => {
  const [start = '', end = ''] = times.split('-');
  return { startS: seconds(start), endS: seconds(end), addresses };
};

export const DAILY: readonly Weekday[] = WEEKDAYS;
export const weekly = (
  days: readonly Weekday[],
  times: string,
  addresses: readonly string[] = ['home'],
): WeeklyRow => ({
  days,
  ...span(times, addresses),
});
export const dated = (date: string, times: string, addresses: readonly string[] = ['home']): DatedRow => ({
  date,
  ...span(times, addresses),
});
export const absence = (from: string, to: string): AuthorisedAbsence => ({
  startMs: utc(from),
  endMs: utc(to),
  reason: 'hospital',
});

export const timetable = (
  rows: readonly WeeklyRow[] | null,
  datedRows: readonly DatedRow[] = [],
  absences: readonly AuthorisedAbsence[] = [],
): Timetable => ({ weekly: rows, dated: datedRows, absences });

export const compiled = (
  table: Timetable,
  from: string,
  to: string,
  timeZone = 'Europe/London',
  more: Partial<WindowOptions> = {},
): Windows => compileWindows(table, { timeZone, startMs: utc(from), endMs: utc(to), joinGapMs: 60_000, ...more });

/** Every window of a span, as text: `2026-03-28T19:00Z/2026-03-29T06:00Z home`. */
export const shown = (windows: readonly Window[]): string[] =>
  windows.map((w) => `${instant(w.startMs)}/${instant(w.endMs)} ${w.addresses.join('+')}`.trim());

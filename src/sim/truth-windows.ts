/** The truth's own reading of timetables: windows in UTC, merged, clipped to the order, absences cut out. */
import type { Interval } from '../domain/timetable.js';
import { atLocal, datesTouching, secondsOf, WEEKDAY_NAMES } from './civil-time.js';
import type { AbsenceJson, DatedJson, RowJson } from './order-plan.js';

/** Rows of a split night lie up to this far apart (19:00–23:59 and 00:00–07:00). */
const SPLIT_MAX_MS = 60_000;

export interface TimetableJson {
  readonly timetable?: readonly RowJson[];
  readonly dated?: readonly DatedJson[];
  readonly authorised_absences?: readonly AbsenceJson[];
}

/** The effective windows that touch `span`, oldest first. No rows at all: the whole span of the order. */
export function effectiveWindows(table: TimetableJson, zone: string, order: Interval, span: Interval): Interval[] {
  if (table.timetable === undefined && table.dated === undefined) return [order];
  const rows: Interval[] = [];
  for (const { date, weekday } of datesTouching(zone, span.startMs, span.endMs)) {
    const name = WEEKDAY_NAMES[weekday - 1] ?? 'MONDAY';
    for (const row of table.timetable ?? []) if (row.days.includes(name)) rows.push(windowOn(zone, date, row));
    for (const row of table.dated ?? []) if (row.date === date) rows.push(windowOn(zone, date, row));
  }
  const absences = (table.authorised_absences ?? []).map((absence) => ({
    startMs: Date.parse(absence.from),
    endMs: Date.parse(absence.to),
  }));
  return without(merged(rows, SPLIT_MAX_MS), absences)
    .map((window) => clip(window, order))
    .filter((window) => window.startMs < window.endMs && window.endMs > span.startMs && window.startMs < span.endMs);
}

function windowOn(zone: string, date: string, row: { start: string; end: string }): Interval {
  const start = secondsOf(row.start);
  const end = secondsOf(row.end);
  return {
    startMs: atLocal(zone, date, start),
    endMs: atLocal(zone, date, end <= start ? end + 86_400 : end),
  };
}

/** Union of intervals; those at most `withinMs` apart become one. */
export function merged(intervals: readonly Interval[], withinMs: number): Interval[] {
  const out: Interval[] = [];
  for (const next of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    const last = out.at(-1);
    if (last === undefined || next.startMs > last.endMs + withinMs) out.push(next);
    else out[out.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, next.endMs) };
  }
  return out;
}

/** What is left of `from` when `cuts` are taken out. */
export function without(from: readonly Interval[], cuts: readonly Interval[]): Interval[] {
  let left = [...from];
  for (const cut of cuts) {
    left = left.flatMap((one) => [
      ...(one.startMs < Math.min(one.endMs, cut.startMs)
        ? [{ startMs: one.startMs, endMs: Math.min(one.endMs, cut.startMs) }]
        : []),
      ...(Math.max(one.startMs, cut.endMs) < one.endMs
        ? [{ startMs: Math.max(one.startMs, cut.endMs), endMs: one.endMs }]
        : []),
    ]);
  }
  return left.sort((a, b) => a.startMs - b.startMs);
}

export function clip(one: Interval, to: Interval): Interval {
  return { startMs: Math.max(one.startMs, to.startMs), endMs: Math.min(one.endMs, to.endMs) };
}

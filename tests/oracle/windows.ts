/** The effective windows of a timetable within its order, read off rules.md §3 "Windows". */
import { utcOf, wallAt, wallOfDate } from './civil.js';
import { DAYS, type OrderJson, type TimetableJson } from './contract.js';

const DAY = 86_400_000;
/** Rows of one address set this far apart are still one window. */
const JOIN = 60_000;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Window extends Span {
  /** Sorted; empty for a zone's. */
  readonly addresses: readonly string[];
}

/** The windows of each row by itself, joined where they are one, within the order; absences are not cut out yet. */
export function windowsOf(order: OrderJson, condition: TimetableJson): Window[] {
  const order0 = Date.parse(order.start);
  const order1 = Date.parse(order.end);
  if (condition.timetable === undefined && condition.dated === undefined)
    return [{ fromMs: order0, toMs: order1, addresses: [] }];
  const joined = [...bySet(rowWindows(order, condition)).values()].flatMap(join);
  return joined
    .map((w) => ({ ...w, fromMs: Math.max(w.fromMs, order0), toMs: Math.min(w.toMs, order1) }))
    .filter((w) => w.fromMs < w.toMs)
    .sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
}

/** Windows with the authorised absences cut out. */
export function effectiveWindows(order: OrderJson, condition: TimetableJson): Window[] {
  const absences = (condition.authorised_absences ?? []).map((a) => ({
    fromMs: Date.parse(a.from),
    toMs: Date.parse(a.to),
  }));
  let windows = windowsOf(order, condition);
  for (const away of absences) {
    windows = windows.flatMap((w) =>
      away.toMs <= w.fromMs || away.fromMs >= w.toMs
        ? [w]
        : [
            { ...w, toMs: away.fromMs },
            { ...w, fromMs: away.toMs },
          ].filter((rest) => rest.fromMs < rest.toMs),
    );
  }
  return windows.sort((a, b) => a.fromMs - b.fromMs);
}

function rowWindows(order: OrderJson, condition: TimetableJson): Window[] {
  const zone = order.time_zone ?? 'Europe/London';
  const windows: Window[] = [];
  const add = (date: number, row: { start: string; end: string; addresses?: readonly string[] }): void => {
    const [start, end] = [clock(row.start), clock(row.end)];
    const fromMs = utcOf(zone, date + start);
    const toMs = utcOf(zone, date + end + (end <= start ? DAY : 0));
    // the clocks may pass over the whole of a row
    if (fromMs < toMs) windows.push({ fromMs, toMs, addresses: [...new Set(row.addresses ?? [])].sort() });
  };
  const first = Math.floor(wallAt(zone, Date.parse(order.start)) / DAY) * DAY - 2 * DAY;
  const last = wallAt(zone, Date.parse(order.end)) + DAY;
  for (let date = first; date <= last; date += DAY) {
    // 1970-01-01 was a Thursday
    const day = DAYS[(date / DAY + 3) % 7];
    for (const row of condition.timetable ?? []) if (row.days.some((d) => d === day)) add(date, row);
  }
  for (const row of condition.dated ?? []) add(wallOfDate(row.date), row);
  return windows;
}

const clock = (text: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
};

function bySet(windows: readonly Window[]): Map<string, Window[]> {
  const sets = new Map<string, Window[]>();
  for (const w of windows) {
    const key = w.addresses.join(' ');
    sets.set(key, [...(sets.get(key) ?? []), w]);
  }
  return sets;
}

function join(windows: readonly Window[]): Window[] {
  const joined: Window[] = [];
  for (const w of [...windows].sort((a, b) => a.fromMs - b.fromMs)) {
    const before = joined.at(-1);
    if (before !== undefined && w.fromMs - before.toMs <= JOIN)
      joined[joined.length - 1] = { ...before, toMs: Math.max(before.toMs, w.toMs) };
    else joined.push(w);
  }
  return joined;
}

/** The effective windows of an order one by one, each with what made it and what cut it, for people who check an order. */
import type { Condition, Order } from '../domain/order.js';
import type { Interval, Timetable } from '../domain/timetable.js';
import { DAY_MS } from './civil-time.js';
import { orderWindows, type Window, type Windows } from './windows.js';

/** What an edge of a window comes from: a row or an appointment, the bounds of the order, or an authorised absence. */
export type WindowEdge = 'timetable' | 'order' | 'absence';

export interface ListedWindow extends Window {
  readonly conditionId: Condition['conditionId'];
  readonly kind: Extract<Condition['kind'], 'curfew' | 'exclusion_zone' | 'inclusion_zone' | 'attendance'>;
  /** Paths within the condition of every row that lies in it, e.g. `timetable[0]`; more than one: they were joined. */
  readonly rows: readonly string[];
  readonly startBy: WindowEdge;
  readonly endBy: WindowEdge;
}

/** Whole windows that share a moment with `[fromMs, toMs)`: by start, then as the order lists its conditions. */
export function listWindows(order: Order, { startMs: fromMs, endMs: toMs }: Interval): ListedWindow[] {
  const all = order.conditions.flatMap((condition): ListedWindow[] => {
    switch (condition.kind) {
      case 'curfew':
      case 'exclusion_zone':
      case 'inclusion_zone':
        return explained(condition, order, fromMs, toMs);
      case 'attendance':
        return condition.appointments.flatMap(({ startMs, endMs }, i) =>
          endMs > fromMs && startMs < toMs ? [appointment(condition, `appointments[${i}]`, { startMs, endMs })] : [],
        );
      default: // a trail and alcohol conditions have no windows: they hold as long as the order
        return [];
    }
  });
  return all.sort((a, b) => a.startMs - b.startMs);
}

function appointment(condition: Extract<Condition, { kind: 'attendance' }>, row: string, at: Interval): ListedWindow {
  const { conditionId, kind } = condition;
  const addresses = condition.at.kind === 'address' ? [condition.at.address] : [];
  return { conditionId, kind, ...at, addresses, rows: [row], startBy: 'timetable', endBy: 'timetable' };
}

type WithTimetable = Extract<Condition, { readonly timetable: unknown }>;

function explained({ conditionId, kind, timetable }: WithTimetable, order: Order, fromMs: number, toMs: number) {
  const { timeZone, startMs, endMs } = order;
  const windows = orderWindows(timetable, order).between(fromMs, toMs);
  // the same rows in a wider order and with no absence: where these windows begin and end otherwise, something cut them
  const room = 4 * DAY_MS;
  const uncut = orderWindows(
    { ...timetable, absences: [] },
    { timeZone, startMs: startMs - room, endMs: endMs + room },
  );
  const always = timetable.weekly === null && timetable.dated.length === 0;
  const rows = rowsOf(timetable, order, windows);
  return windows.map((window): ListedWindow => {
    const startBy = edge(window.startMs, always ? null : startOf(uncut, window.startMs), startMs);
    const endBy = edge(window.endMs, always ? null : endOf(uncut, window.endMs), endMs);
    const lying = rows.filter((row) => row.lies(window)).map(({ path }) => path);
    return { conditionId, kind, ...window, rows: lying, startBy, endBy };
  });
}

const startOf = (uncut: Windows, ms: number): number | null => uncut.windowAt(ms)?.startMs ?? null;
const endOf = (uncut: Windows, ms: number): number | null => uncut.windowAt(ms - 1)?.endMs ?? null;

function edge(ms: number, uncutMs: number | null, orderMs: number): WindowEdge {
  if (ms === uncutMs) return 'timetable';
  return ms === orderMs ? 'order' : 'absence';
}

interface ListedRow {
  readonly path: string;
  lies(window: Interval): boolean;
}

/** Each row by itself, as the same code sees it. */
function rowsOf({ weekly, dated }: Timetable, order: Order, windows: readonly Window[]): ListedRow[] {
  const fromMs = windows[0]?.startMs ?? 0;
  const toMs = windows.at(-1)?.endMs ?? 0;
  const row = (path: string, alone: Pick<Timetable, 'weekly' | 'dated'>): ListedRow => {
    const spans = orderWindows({ ...alone, absences: [] }, order).between(fromMs, toMs);
    return { path, lies: (window) => firstEndingAfter(spans, window.startMs) < window.endMs };
  };
  return [
    ...(weekly ?? []).map((one, i) => row(`timetable[${i}]`, { weekly: [one], dated: [] })),
    ...dated.map((one, i) => row(`dated[${i}]`, { weekly: [], dated: [one] })),
  ];
}

/** When the first span that ends after `ms` starts; Infinity: there is none. Spans are in order, so it is searched by halves. */
function firstEndingAfter(spans: readonly Window[], ms: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle] as Window).endMs > ms) high = middle;
    else low = middle + 1;
  }
  return spans[low]?.startMs ?? Infinity;
}

/** When a condition is in force: its timetable as windows in UTC, worked out where they are asked for and not before. */
import type { Interval, Timetable } from '../domain/timetable.js';
import { WEEKDAYS } from '../domain/timetable.js';
import { CivilZone, civilDay, DAY_MS, weekdayOf } from './civil-time.js';

/** Half-open `[startMs, endMs)`, UTC. `addresses`: where the person may be, sorted; empty for a zone's timetable. */
export interface Window extends Interval {
  readonly addresses: readonly string[];
}

/** Effective windows: rows joined, clipped to the order, authorised absences cut out. In time order, never overlapping. */
export interface Windows {
  /** The window that contains `ms`. */
  windowAt(ms: number): Window | null;
  /** The window that contains `ms`, or else the next one to come. */
  firstEndingAfter(ms: number): Window | null;
  /** Whole windows that share a moment with `[fromMs, toMs)`, oldest first. */
  between(fromMs: number, toMs: number): Window[];
}

export interface WindowOptions {
  /** IANA name; throws RangeError when unknown. */
  readonly timeZone: string;
  /** The order's interval; windows are clipped to it. */
  readonly startMs: number;
  readonly endMs: number;
  /** Rows of one address set at most this far apart are one window: real orders split a night at 23:59. */
  readonly joinGapMs: number;
}

/** Seconds of the civil day; `endS` is after `startS`, beyond 86,400 on the next day. */
interface Row {
  readonly startS: number;
  readonly endS: number;
  readonly addresses: readonly string[];
}

export function compileWindows(timetable: Timetable, o: WindowOptions): Windows {
  return new LazyWindows(timetable, o);
}

/** Real orders split a night at 23:59 and 00:00. */
const JOIN_GAP_MS = 60_000;

/** The effective windows of a condition of this order, of whatever kind. Throws RangeError for an unknown time zone. */
export function orderWindows(timetable: Timetable, order: Omit<WindowOptions, 'joinGapMs'>): Windows {
  const { timeZone, startMs, endMs } = order;
  return compileWindows(timetable, { timeZone, startMs, endMs, joinGapMs: JOIN_GAP_MS });
}

class LazyWindows implements Windows {
  readonly #o: WindowOptions;
  readonly #rows: RowExpander | null;
  readonly #absences: readonly Interval[];
  /** The last answer, and the earliest moment for which it was given: it holds from there to the window's end. */
  #raw: Answer = NOT_ASKED;
  #effective: Answer = NOT_ASKED;

  constructor(timetable: Timetable, o: WindowOptions) {
    this.#o = o;
    const alwaysActive = timetable.weekly === null && timetable.dated.length === 0;
    this.#rows = alwaysActive ? null : new RowExpander(timetable, o);
    this.#absences = joined(timetable.absences);
  }

  windowAt(ms: number): Window | null {
    const window = this.firstEndingAfter(ms);
    return window !== null && window.startMs <= ms ? window : null;
  }

  firstEndingAfter(ms: number): Window | null {
    if (!answers(this.#effective, ms)) this.#effective = answer(ms, this.#findEffective(ms));
    return this.#effective.window;
  }

  between(fromMs: number, toMs: number): Window[] {
    return this.#rawBetween(fromMs, toMs)
      .flatMap((window) => this.#pieces(window))
      .filter((piece) => piece.endMs > fromMs && piece.startMs < toMs);
  }

  #findEffective(ms: number): Window | null {
    let fromMs = ms;
    for (;;) {
      const raw = this.#rawEndingAfter(fromMs);
      if (raw === null) return null;
      for (const piece of this.#pieces(raw)) if (piece.endMs > ms) return piece;
      // a long absence (prison, a move abroad) is passed in one step, not night by night
      fromMs = this.#absences.find((a) => a.startMs < raw.endMs && a.endMs > raw.endMs)?.endMs ?? raw.endMs;
    }
  }

  /** What the authorised absences leave of a window. */
  #pieces(window: Window): Window[] {
    const pieces: Window[] = [];
    let startMs = window.startMs;
    for (const absence of this.#absences) {
      if (absence.endMs <= startMs) continue;
      if (absence.startMs >= window.endMs) break;
      if (absence.startMs > startMs) pieces.push({ ...window, startMs, endMs: absence.startMs });
      startMs = absence.endMs;
    }
    if (startMs === window.startMs) return [window];
    if (startMs < window.endMs) pieces.push({ ...window, startMs });
    return pieces;
  }

  #rawEndingAfter(ms: number): Window | null {
    if (!answers(this.#raw, ms)) this.#raw = answer(ms, this.#findRaw(ms));
    return this.#raw.window;
  }

  #findRaw(ms: number): Window | null {
    const fromMs = Math.max(ms, this.#o.startMs);
    for (let spanMs = DAY_MS; fromMs < this.#o.endMs; spanMs *= 2) {
      const first = this.#rawBetween(fromMs, fromMs + spanMs)[0];
      if (first !== undefined) return first;
      if (fromMs + spanMs >= this.#o.endMs) break;
    }
    return null;
  }

  #rawBetween(fromMs: number, toMs: number): Window[] {
    const { startMs, endMs } = this.#o;
    const [askedFromMs, askedToMs] = [Math.max(fromMs, startMs), Math.min(toMs, endMs)];
    if (askedFromMs >= askedToMs) return [];
    return this.#rows === null ? [{ startMs, endMs, addresses: [] }] : this.#rows.between(askedFromMs, askedToMs);
  }
}

interface Answer {
  readonly fromMs: number;
  readonly window: Window | null;
}
const NOT_ASKED: Answer = { fromMs: Infinity, window: null };

function answer(askedMs: number, window: Window | null): Answer {
  return { fromMs: window === null ? askedMs : Math.min(askedMs, window.startMs), window };
}

function answers(known: Answer, ms: number): boolean {
  return ms >= known.fromMs && (known.window === null || ms < known.window.endMs);
}

/** Turns rows into joined windows, day by civil day. */
class RowExpander {
  readonly #o: WindowOptions;
  readonly #zone: CivilZone;
  readonly #byWeekday: readonly (readonly Row[])[];
  readonly #weekly: boolean;
  /** In date order. */
  readonly #dated: readonly { readonly day: number; readonly row: Row }[];
  /** One array an address set, so that sets compare by identity. */
  readonly #sets = new Map<string, readonly string[]>();
  /** Rows of earlier and later days cannot reach the order. */
  readonly #firstDay: number;
  readonly #lastDay: number;

  constructor(timetable: Timetable, o: WindowOptions) {
    this.#o = o;
    this.#zone = CivilZone.named(o.timeZone);
    const weekly = (timetable.weekly ?? []).map((row) => ({ days: row.days, row: this.#compile(row) }));
    this.#byWeekday = WEEKDAYS.map((name) => weekly.filter((w) => w.days.includes(name)).map((w) => w.row));
    this.#weekly = weekly.length > 0;
    this.#dated = timetable.dated
      .map((row) => ({ day: civilDay(row.date), row: this.#compile(row) }))
      .sort((a, b) => a.day - b.day);
    this.#firstDay = Math.floor(o.startMs / DAY_MS) - 3;
    this.#lastDay = Math.floor(o.endMs / DAY_MS) + 3;
  }

  /**
   * Joined windows, clipped to the order, that share a moment with `[fromMs, toMs)`. Days are taken in on both sides
   * until no row that was left out could touch one of them; each time twice as many, so the cost grows with the answer.
   */
  between(fromMs: number, toMs: number): Window[] {
    for (let back = 3, ahead = 3; ; ) {
      const first = Math.max(Math.floor(fromMs / DAY_MS) - back, this.#firstDay);
      const end = Math.min(Math.floor(toMs / DAY_MS) + ahead, this.#lastDay);
      const windows = this.#joinedOf(first, end).filter((w) => w.endMs > fromMs && w.startMs < toMs);
      // a row of day d lies in (d − 1, d + 3) UTC days, whatever the zone and its clock changes
      const sureFromMs = first === this.#firstDay ? -Infinity : (first + 2) * DAY_MS + this.#o.joinGapMs;
      const sureToMs = end === this.#lastDay ? Infinity : (end - 1) * DAY_MS - this.#o.joinGapMs;
      const startIsSure = (windows[0]?.startMs ?? Infinity) > sureFromMs;
      const endIsSure = (windows.at(-1)?.endMs ?? -Infinity) < sureToMs;
      if (startIsSure && endIsSure) return windows;
      if (!startIsSure) back *= 2;
      if (!endIsSure) ahead *= 2;
    }
  }

  #compile(row: { startS: number; endS: number; addresses: readonly string[] }): Row {
    const endS = row.endS <= row.startS ? row.endS + 86_400 : row.endS;
    return { startS: row.startS, endS, addresses: this.#set(row.addresses) };
  }

  #set(addresses: readonly string[]): readonly string[] {
    const sorted = [...new Set(addresses)].sort();
    const key = JSON.stringify(sorted);
    const known = this.#sets.get(key);
    if (known === undefined) this.#sets.set(key, sorted);
    return known ?? sorted;
  }

  #joinedOf(firstDay: number, endDay: number): Window[] {
    const spans = this.#spansOf(firstDay, endDay).sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
    const apart = this.#join(spans) ?? this.#join(this.#splitOverlaps(spans)) ?? [];
    const { startMs, endMs } = this.#o;
    return apart
      .filter((w) => w.endMs > startMs && w.startMs < endMs)
      .map((w) => ({ ...w, startMs: Math.max(w.startMs, startMs), endMs: Math.min(w.endMs, endMs) }));
  }

  #spansOf(firstDay: number, endDay: number): Window[] {
    const spans: Window[] = [];
    const add = (day: number, row: Row): void => {
      const startMs = this.#zone.utcMs(day, row.startS);
      const endMs = this.#zone.utcMs(day, row.endS);
      // a row that begins inside a spring gap can resolve to end before it begins: nothing is left of it
      if (endMs > startMs) spans.push({ startMs, endMs, addresses: row.addresses });
    };
    if (this.#weekly) {
      for (let day = firstDay; day < endDay; day++)
        for (const row of this.#byWeekday[weekdayOf(day)] ?? []) add(day, row);
    }
    for (const { day, row } of this.#dated) if (day >= firstDay && day < endDay) add(day, row);
    return spans;
  }

  /** Joins neighbours of one set; null when spans of different sets overlap. */
  #join(spans: readonly Window[]): Window[] | null {
    const out: Window[] = [];
    for (const span of spans) {
      const last = out.at(-1);
      if (last !== undefined && last.addresses === span.addresses && span.startMs <= last.endMs + this.#o.joinGapMs) {
        if (span.endMs > last.endMs) out[out.length - 1] = { ...last, endMs: span.endMs };
      } else if (last !== undefined && span.startMs < last.endMs) {
        return null;
      } else {
        out.push(span);
      }
    }
    return out;
  }

  /**
   * Import refuses rows of different sets that overlap, but a spring gap can still shift one over another (01:00–01:30
   * and 02:00–02:30 are then the same half hour). While they overlap the person may be where any of them allows.
   */
  #splitOverlaps(spans: readonly Window[]): Window[] {
    const cuts = [...new Set(spans.flatMap((s) => [s.startMs, s.endMs]))].sort((a, b) => a - b);
    const out: Window[] = [];
    let active: Window[] = [];
    let next = 0;
    for (const [i, startMs] of cuts.entries()) {
      for (let span = spans[next]; span !== undefined && span.startMs <= startMs; span = spans[++next])
        active.push(span);
      active = active.filter((span) => span.endMs > startMs);
      const endMs = cuts[i + 1];
      if (active.length === 0 || endMs === undefined) continue;
      out.push({ startMs, endMs, addresses: this.#set(active.flatMap((span) => span.addresses)) });
    }
    return out;
  }
}

/** Sorted, overlaps and touching ones joined, empty ones left out. */
function joined(intervals: readonly Interval[]): Interval[] {
  const out: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of [...intervals].sort((a, b) => a.startMs - b.startMs)) {
    if (endMs <= startMs) continue;
    const last = out.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else out.push({ startMs, endMs });
  }
  return out;
}

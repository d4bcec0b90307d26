/** An order of this gateway in the making: what was mapped from a source, and what a person must still say. */
import type { Interval } from '../domain/timetable.js';
import type { CivilZone } from '../rules/civil-time.js';
import { type Source, timeOf } from './hmpps-source.js';
import { timeJson } from './order-timetable.js';

/** Something that the source cannot say. */
export interface Needed {
  /** Where it goes in the file of supplies, conditions by their id: `conditions.zone-1.zone`. */
  readonly path: string;
  readonly what: string;
  readonly why: string;
  /** Paths of what may be given in its place. */
  readonly or: readonly string[];
  /** A value of the right form. */
  readonly example: unknown;
  /** False: the order can be imported without it. */
  readonly required: boolean;
}

/** How something in the source was understood. `path` is the source's. */
export interface Note {
  readonly path: string;
  readonly note: string;
}

export type Json = Record<string, unknown>;

/** Where times that the source leaves open end in a draft: the last moment that an order may name. */
const FOREVER_MS = Date.UTC(2100, 0, 1);

export class Draft {
  /** Fields of the order but for its conditions. */
  readonly order: Json = {};
  /** By id, in order. */
  readonly conditions: Record<string, Json> = {};
  readonly needed: Needed[] = [];
  readonly notes: Note[] = [];
  /** Of the order, as far as the source says. */
  startMs: number | null = null;
  endMs: number | null = null;

  constructor(readonly zone: CivilZone) {}

  need(path: string, what: string, why: string, example: unknown, or: readonly string[] = []): void {
    this.needed.push({ path, or, what, why, example, required: true });
  }

  /** What may be supplied, and has a default. */
  offer(path: string, what: string, why: string, example: unknown): void {
    this.needed.push({ path, or: [], what, why, example, required: false });
  }

  note({ path }: Source, note: string): void {
    // dates are looked at for the order and for their condition
    if (!this.notes.some((one) => one.path === path && one.note === note)) this.notes.push({ path, note });
  }

  /** UTC ms of a time of the source: a civil date begins at midnight, `lasts` to the next. Null: not given, or noted as unreadable. */
  instant(source: Source, lasts = false): number | null {
    const time = timeOf(source);
    if (time === 'unreadable') this.note(source, 'is no date or time that can be read, and is passed over');
    if (time === null || time === 'unreadable') return null;
    return time.kind === 'instant' ? time.ms : this.zone.utcMs(time.day + (lasts ? 1 : 0), 0);
  }

  /** The civil day of a time of the source. */
  day(source: Source): number | null {
    const time = timeOf(source);
    if (time === 'unreadable') this.note(source, 'is no date or time that can be read, and is passed over');
    if (time === null || time === 'unreadable') return null;
    return time.kind === 'date' ? time.day : this.zone.dayAt(time.ms);
  }

  /** `startDate` and `endDate` of a condition; where it gives none, the order's. */
  period(condition: Source): Interval {
    const given = { from: condition.get('startDate'), to: condition.get('endDate') };
    const startMs = this.instant(given.from) ?? this.startMs ?? 0;
    const endMs = this.instant(given.to, true) ?? this.endMs ?? FOREVER_MS;
    if (this.startMs !== null && startMs < this.startMs) {
      this.note(given.from, 'is before the order starts: the condition starts with the order');
    }
    if (this.endMs !== null && endMs > this.endMs) {
      this.note(given.to, 'is after the order ends: the condition ends with the order');
    }
    return { startMs, endMs };
  }

  /** Does a condition hold as long as the order does, or longer? */
  isWhole({ startMs, endMs }: Interval): boolean {
    return startMs <= (this.startMs ?? 0) && endMs >= (this.endMs ?? FOREVER_MS);
  }

  /**
   * The times of the order outside these, as `authorised_absences`: an order of ours has no dates for one condition, and an
   * absence is exactly a time in which it does not hold.
   */
  absencesOutside(held: readonly Interval[], reason: string): Json[] {
    const absences: Json[] = [];
    let fromMs = this.startMs ?? 0;
    const put = (toMs: number): void => {
      if (toMs > fromMs)
        absences.push({ from: timeJson(Math.max(fromMs, Date.UTC(2000, 0, 1))), to: timeJson(toMs), reason });
    };
    for (const { startMs, endMs } of [...held].sort((a, b) => a.startMs - b.startMs)) {
      put(Math.min(startMs, this.endMs ?? FOREVER_MS));
      fromMs = Math.max(fromMs, endMs);
    }
    put(this.endMs ?? FOREVER_MS);
    return absences;
  }
}

/** Civil time in an IANA zone, turned into UTC milliseconds as Temporal's `compatible` does. */
import { Temporal } from 'temporal-polyfill';

export const DAY_MS = 86_400_000;

/** A stretch between two clock changes of a zone: `[fromMs, toMs)`, UTC. */
interface SteadySpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
}

/** A change moves the clock by a day at most (a crossing of the date line): further from it a civil time is one instant. */
const CLEAR_OF_CHANGE_MS = DAY_MS + 7_200_000;

/**
 * One time zone. Temporal says when its clock changes and by how much; from there on an answer is a subtraction, next to
 * a change as well (a Temporal conversion costs some ten microseconds, and 100,000 orders have a 19:00; bench/windows).
 * Only where two changes lie within some days of each other Temporal answers itself.
 */
export class CivilZone {
  static readonly #zones = new Map<string, CivilZone>();
  readonly #name: string;
  readonly #spans: SteadySpan[] = [];
  #last: SteadySpan | null = null;

  /** The zone of an IANA name. Throws RangeError for a name that is not known (`isTimeZone` asks first). */
  static named(name: string): CivilZone {
    let zone = CivilZone.#zones.get(name);
    if (zone === undefined) {
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
      zone = new CivilZone(name);
      CivilZone.#zones.set(name, zone);
    }
    return zone;
  }

  private constructor(name: string) {
    this.#name = name;
  }

  /**
   * UTC milliseconds of a civil day (days since 1970-01-01) and a second of it (86,400 and more: on the next day).
   * A civil time that does not exist is taken with the offset before the gap; one that occurs twice is the first.
   */
  utcMs(day: number, secondOfDay: number): number {
    const civilMs = day * DAY_MS + secondOfDay * 1000;
    const span = this.#spanAt(civilMs);
    const ms = civilMs - span.offsetMs;
    if (ms >= span.fromMs + CLEAR_OF_CHANGE_MS && ms < span.toMs - CLEAR_OF_CHANGE_MS) return ms;
    return this.#nearChange(civilMs);
  }

  /** Milliseconds that the zone's clock is ahead of UTC at an instant. */
  offsetMsAt(ms: number): number {
    return this.#spanAt(ms).offsetMs;
  }

  /** The zone's clock at an instant, RFC 3339 with milliseconds and offset: a repeated hour is told apart by the offset. */
  localText(ms: number): string {
    return this.#at(ms).toString({ fractionalSecondDigits: 3, timeZoneName: 'never' });
  }

  /** The civil day (days since 1970-01-01) that an instant lies on. */
  dayAt(ms: number): number {
    return Math.floor((ms + this.offsetMsAt(ms)) / DAY_MS);
  }

  #at(ms: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(this.#name);
  }

  /** RFC 5545 and Temporal call it `compatible`: the first of two instants, and in a gap as if the clock still ran on. */
  #nearChange(civilMs: number): number {
    const before = this.#spanAt(civilMs - CLEAR_OF_CHANGE_MS);
    const after = this.#spanAt(civilMs + CLEAR_OF_CHANGE_MS);
    const early = civilMs - before.offsetMs;
    if (before.fromMs === after.fromMs) return early;
    if (before.toMs !== after.fromMs) return this.#byTemporal(civilMs);
    const late = civilMs - after.offsetMs;
    const isAfterChange = early >= before.toMs && late >= after.fromMs;
    return isAfterChange ? late : early;
  }

  #byTemporal(civilMs: number): number {
    return Temporal.Instant.fromEpochMilliseconds(civilMs)
      .toZonedDateTimeISO('UTC')
      .toPlainDateTime()
      .toZonedDateTime(this.#name, { disambiguation: 'compatible' }).epochMilliseconds;
  }

  #spanAt(ms: number): SteadySpan {
    if (this.#last !== null && holds(this.#last, ms)) return this.#last;
    let span = this.#spans.find((known) => holds(known, ms));
    if (span === undefined) {
      span = this.#findSpan(ms);
      this.#spans.push(span);
    }
    this.#last = span;
    return span;
  }

  #findSpan(ms: number): SteadySpan {
    const here = this.#at(ms);
    // `previous` is strictly before, and a change at this very instant begins our span
    const previous = here.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
    const next = here.getTimeZoneTransition('next');
    return {
      fromMs: previous === null ? -Infinity : previous.epochMilliseconds,
      toMs: next === null ? ms + SEARCHED_MS : next.epochMilliseconds,
      offsetMs: here.offsetNanoseconds / 1_000_000,
    };
  }
}

/**
 * How far ahead the absence of a change is known. temporal-polyfill looks no further than three years beyond the instant
 * or the machine's own date, whichever is later: "never again" would make an answer depend on the day it is asked.
 */
const SEARCHED_MS = 2 * 365 * DAY_MS;

function holds(span: SteadySpan, ms: number): boolean {
  return ms >= span.fromMs && ms < span.toMs;
}

/** Is this a time zone that Temporal knows (an IANA name, or a fixed offset such as `+01:00`)? */
export function isTimeZone(name: string): boolean {
  try {
    CivilZone.named(name);
    return true;
  } catch {
    return false;
  }
}

/** Days since 1970-01-01 of a civil date `YYYY-MM-DD` that was checked before. */
export function civilDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** 0 = Monday … 6 = Sunday, as `WEEKDAYS` counts. */
export function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7; // 1970-01-01 was a Thursday
}

/** Strict reading of JSON that people write: every problem is told at once, each with its path. */
import { ID_EXPECTED } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { Problem } from '../domain/problem.js';
import type { Result } from '../domain/result.js';

/** Enough for a person to mend; a ring of 100,000 wrong positions must not answer with 100,000 lines. */
const PROBLEMS_MAX = 100;
const GOT_MAX = 80;

/** A place in the document, and where its problems go. Keys that are not plain names are written `["like this"]`. */
export class Place {
  private constructor(
    readonly path: string,
    readonly problems: Problem[],
  ) {}

  static root(): Place {
    return new Place('', []);
  }
  /** A place whose problems are its own, not the whole document's. */
  static at(path: string): Place {
    return new Place(path, []);
  }
  key(name: string): Place {
    if (!/^[A-Za-z_$][\w$-]*$/.test(name))
      return new Place(`${this.path}[${shorten(JSON.stringify(name))}]`, this.problems);
    return new Place(this.path === '' ? shorten(name) : `${this.path}.${shorten(name)}`, this.problems);
  }
  index(i: number): Place {
    return new Place(`${this.path}[${i}]`, this.problems);
  }
  expected(expected: string, got: string): void {
    this.add({ path: this.path, expected, got });
  }
  add(problem: Problem): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ ...problem, got: shorten(problem.got) });
  }
}

/**
 * Turns one JSON value into a noun. What does not fit is told to the place, and a harmless stand-in is returned, so that
 * reading goes on to the next problem; a document with problems is never used.
 */
export type Read<T> = (value: unknown, at: Place) => T;

/** What came, in a few words: a scalar as JSON, a structure only by its kind. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return shorten(typeof value === 'string' ? JSON.stringify(value) : String(value));
}

function shorten(text: string): string {
  return text.length <= GOT_MAX ? text : `${text.slice(0, GOT_MAX - 1)}…`;
}

/** The fields of one object. `done` refuses those that nobody asked for. A field that is null is as one left out. */
export class Fields {
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();
  readonly isObject: boolean;

  constructor(
    value: unknown,
    readonly at: Place,
  ) {
    this.isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#given = this.isObject ? (value as Record<string, unknown>) : {};
    if (!this.isObject) at.expected('an object', describe(value));
  }
  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }
  required<T>(name: string, read: Read<T>): T {
    const value = this.#value(name);
    // one that is no object has been told so already
    return read(value, this.isObject ? this.at.key(name) : Place.root());
  }
  optional<T, D>(name: string, read: Read<T>, otherwise: D): T | D {
    const value = this.#value(name);
    return value === undefined ? otherwise : read(value, this.at.key(name));
  }
  /** Fields that are allowed here and say nothing to us. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#known.add(name);
  }
  done(): void {
    for (const name of Object.keys(this.#given)) {
      if (!this.#known.has(name))
        this.at.key(name).expected(`a known field (${[...this.#known].join(', ')})`, 'one that is not known');
    }
  }
  #value(name: string): unknown {
    this.#known.add(name);
    return Object.hasOwn(this.#given, name) ? (this.#given[name] ?? undefined) : undefined;
  }
}

export function list<T>(read: Read<T>, bounds: { min: number; max: number; of: string }): Read<readonly T[]> {
  const expected = `a list of ${bounds.min} to ${bounds.max} ${bounds.of}`;
  return (value, at) => {
    if (!Array.isArray(value) || value.length < bounds.min || value.length > bounds.max) {
      at.expected(expected, describe(value));
      return [];
    }
    return value.map((item, i) => read(item, at.index(i)));
  };
}

/** Identifiers, by the parser of their kind. */
export function id<T extends string>(parse: (raw: unknown) => Result<T, string>): Read<T> {
  return (value, at) => {
    const parsed = parse(value);
    if (parsed.ok) return parsed.value;
    at.expected(ID_EXPECTED, describe(value));
    return '' as T;
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Read<T> {
  return (value, at) => {
    const found = values.find((one) => one === value);
    if (found === undefined) at.expected(`one of ${values.join(' ')}`, describe(value));
    return found ?? (values[0] as T);
  };
}

/** Finite, within bounds that count as good; `unit` is said to the reader. */
export function number(bounds: { min: number; max: number; whole: boolean; unit?: string }): Read<number> {
  const { min, max, whole, unit } = bounds;
  const expected = `a ${whole ? 'whole number' : 'number'}${unit === undefined ? '' : ` of ${unit}`} from ${min} to ${max}`;
  return (value, at) => {
    if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) {
      return value + 0; // −0 becomes 0
    }
    at.expected(expected, describe(value));
    return min;
  };
}

export const bool: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') at.expected('true or false', describe(value));
  return value === true;
};

export function text(charsMax: number): Read<string> {
  return (value, at) => {
    if (typeof value === 'string' && value.length <= charsMax && !/\p{Surrogate}/u.test(value)) return value;
    at.expected(`text of at most ${charsMax} characters`, describe(value));
    return '';
  };
}

const rfc3339 =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const TIME_MIN = Date.UTC(2000, 0, 1);

/** RFC 3339 with an offset or `Z`, 2000 to 2100 → UTC ms (finer digits are cut off). Leap seconds are refused. */
export const time: Read<number> = (value, at) => {
  const date = typeof value === 'string' ? rfc3339.exec(value.toUpperCase())?.[1] : undefined;
  const ms = date !== undefined && dateExists(date) ? Date.parse(String(value).toUpperCase()) : Number.NaN;
  if (ms >= TIME_MIN && ms <= LIMITS.timeMsMax) return ms;
  at.expected(
    'a time between 2000 and 2100 with its offset, like 2026-03-01T09:00:00Z or 2026-03-01T09:00:00+01:00',
    describe(value),
  );
  return 0;
};

/** `YYYY-MM-DD`, a date that exists, 2000 to 2100. */
export const date: Read<string> = (value, at) => {
  if (typeof value === 'string' && /^(?:20\d\d|2100)-\d{2}-\d{2}$/.test(value) && dateExists(value)) return value;
  at.expected('a date that exists, like 2026-03-01', describe(value));
  return '2000-01-01';
};

/** `HH:mm` or `HH:mm:ss` → seconds of the civil day. */
export const timeOfDay: Read<number> = (value, at) => {
  const found = typeof value === 'string' ? /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(value) : null;
  if (found !== null) return Number(found[1]) * 3_600 + Number(found[2]) * 60 + Number(found[3] ?? 0);
  at.expected('a time of day from 00:00 to 23:59:59, HH:mm or HH:mm:ss', describe(value));
  return 0;
};

function dateExists(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  // V8 rolls 30 February over to March
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

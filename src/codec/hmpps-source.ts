/** Reads the JSON of the HMPPS "create an electronic monitoring order" API: tolerant of what is new, and aware of what it read. */
import { dayNumber } from '../rules/order-rows.js';

/** A value of the source and where it stands, e.g. `curfewTimeTable[2].startTime`. */
export class Source {
  readonly #read: Set<string>;

  constructor(
    readonly value: unknown,
    readonly path = '',
    read: Set<string> = new Set(),
  ) {
    this.#read = read;
  }

  get(name: string): Source {
    const { value, path } = this;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const found = isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : null;
    return new Source(found ?? null, path === '' ? name : `${path}.${name}`, this.#read);
  }

  get isObject(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  /** Items of a list; none for anything else. */
  items(): Source[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((item, i) => new Source(item ?? null, `${this.path}[${i}]`, this.#read));
  }

  /** Trimmed; null: not given, or no text. */
  text(): string | null {
    this.#read.add(this.path);
    return typeof this.value === 'string' && this.value.trim() !== '' ? this.value.trim() : null;
  }

  flag(): boolean | null {
    this.#read.add(this.path);
    return typeof this.value === 'boolean' ? this.value : null;
  }

  number(): number | null {
    this.#read.add(this.path);
    return typeof this.value === 'number' && Number.isFinite(this.value) ? this.value : null;
  }

  /** Paths of everything given in here that nobody read, lists without their indices, each once. */
  unread(): string[] {
    const paths = new Set<string>();
    const walk = (value: unknown, path: string): void => {
      if (value === null || value === '' || this.#read.has(path)) return;
      if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(item, `${path}[${i}]`);
      else if (typeof value !== 'object') paths.add(path.replace(/\[\d+\]/g, '[]'));
      else for (const [name, item] of Object.entries(value)) walk(item, path === '' ? name : `${path}.${name}`);
    };
    walk(this.value, this.path);
    return [...paths];
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A time as the API writes it: an instant (`ZonedDateTime`), or a civil date alone (`LocalDate`). */
export type SourceTime =
  | { readonly kind: 'instant'; readonly ms: number }
  | { readonly kind: 'date'; readonly day: number };

/** Null: not given. `unreadable`: something else. Java may write `2026-03-29T02:00:00+01:00[Europe/London]`, too. */
export function timeOf(source: Source): SourceTime | 'unreadable' | null {
  const text = source.text()?.replace(/\[[\w/+-]+\]$/, '') ?? null;
  if (text === null) return source.value === null || source.value === '' ? null : 'unreadable';
  const day = dayNumber(text.slice(0, 10));
  if (day === null) return 'unreadable';
  if (DATE.test(text)) return { kind: 'date', day };
  const ms = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? 'unreadable' : { kind: 'instant', ms };
}

/** `19:00:00` or `19:00` → `19:00`; `24:00` is the midnight that ends the day. Null: none of them. */
export function clockOf(source: Source): string | null {
  const text = source.text() ?? '';
  if (/^24:00(?::00)?$/.test(text)) return '00:00';
  const found = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.0+)?)?$/.exec(text);
  if (found === null) return null;
  const [, hours = '', minutes = '', seconds = '00'] = found;
  return `${hours.padStart(2, '0')}:${minutes}${seconds === '00' ? '' : `:${seconds}`}`;
}

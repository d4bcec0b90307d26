/** Reads the members of a JSON object one by one, and says in words where it is not what was expected. */

/** What is wrong with a JSON value: `records[3].fix.lat_e7: expected …, got …`. */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

const decimal = /^(0|[1-9]\d{0,19})$/;
const uint64Max = (1n << 64n) - 1n;
const shownMax = 80;

export class JsonFields {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #read = new Set<string>();

  /** Throws `JsonFault` unless `value` is an object. `path` names it in faults; empty: the whole. */
  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new JsonFault(faultText(path, 'an object', value));
    this.#members = value as Record<string, unknown>;
    this.#path = path;
  }

  /** Null and absent are the same, as in protobuf's JSON. */
  has(name: string): boolean {
    this.#read.add(name);
    return Object.hasOwn(this.#members, name) && this.#members[name] !== null;
  }

  /** The value as it stands, null when absent. */
  value(name: string): unknown {
    return this.has(name) ? this.#members[name] : null;
  }

  /** Where a member stands, for faults about what is inside it. */
  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  fault(name: string, expected: string): JsonFault {
    return new JsonFault(faultText(this.pathOf(name), expected, this.#members[name]));
  }

  integer(name: string, min: number, max: number): number {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
      return value + 0; // −0 becomes 0, as on the wire
    }
    throw this.fault(name, `a whole number within ${min} to ${max}`);
  }

  /** An absent one is `otherwise`. */
  integerOr<T>(name: string, min: number, max: number, otherwise: T): number | T {
    return this.has(name) ? this.integer(name, min, max) : otherwise;
  }

  /** A number that a double holds exactly, or decimal text, for all 64 bits. */
  uint64(name: string): bigint {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
    if (typeof value === 'string' && decimal.test(value) && BigInt(value) <= uint64Max) return BigInt(value);
    throw this.fault(name, 'a whole number from 0 (as decimal text above 2^53)');
  }

  /** Times are 64-bit on the wire, so text is taken too. */
  timeMs(name: string, min: number, max: number): number {
    const value = this.uint64(name);
    if (value >= BigInt(min) && value <= BigInt(max)) return Number(value);
    throw this.fault(name, `UTC milliseconds within ${min} to ${max}`);
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value === 'string') return value;
    throw this.fault(name, 'text');
  }

  list(name: string): readonly unknown[] {
    const value = this.value(name);
    if (Array.isArray(value)) return value;
    throw this.fault(name, 'a list');
  }

  /** Members that nobody asked for, as paths. */
  unread(): string[] {
    return Object.keys(this.#members)
      .filter((name) => !this.#read.has(name))
      .map((name) => this.pathOf(name));
  }
}

function faultText(path: string, expected: string, got: unknown): string {
  const shown = got === undefined ? 'nothing' : (JSON.stringify(got) ?? typeof got);
  const short = shown.length > shownMax ? `${shown.slice(0, shownMax - 1)}…` : shown;
  return `${path === '' ? '' : `${path}: `}expected ${expected}, got ${short}`;
}

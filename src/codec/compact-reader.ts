/** Reads what `compact-writer` wrote. Throws `RangeError` for bytes that it cannot have written. */
import { FIRST_OWN, TEXTS_OWN, wordOf } from './compact-words.js';

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
/** A varint has at most eight bytes: 2^53 at the most, and no more factors than that. */
const FACTOR_MAX = 2 ** 49;

export class CompactReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #own: string[] = [];

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = from;
  }

  /** Throws unless everything was read, and nothing beyond it. */
  finish(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError(`${this.#bytes.length} bytes, ${this.#at} of them read`);
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new RangeError('it is cut short');
    return value;
  }

  double(): number {
    const value = doubleAt(this.#bytes, this.#at);
    this.#at += 8;
    return value;
  }

  whole(): number {
    let value = this.byte();
    if (value < 128) return value;
    value &= 127;
    for (let factor = 128; factor <= FACTOR_MAX; factor *= 128) {
      const next = this.byte();
      value += (next & 127) * factor;
      if (next < 128) return value;
    }
    throw new RangeError('a number does not end');
  }

  number(base = 0): number | null {
    const code = this.whole();
    switch (code) {
      case 0:
        return null;
      case 1:
        return this.double();
      case 2:
        return unzigzag(this.whole()) / 10;
      default:
        return base + unzigzag(code - 3);
    }
  }

  /** A number that is never null. */
  figure(base = 0): number {
    const value = this.number(base);
    if (value === null) throw new RangeError('a number is missing');
    return value;
  }

  text(): string | null {
    const code = this.whole();
    switch (code) {
      case 0:
        return null;
      case 1:
        return this.#kept(this.name());
      case 2:
        return this.#kept(`A-${this.#cut(16, 'hex')}`);
      case 3:
        return this.#kept(this.#cut(16, 'base64url'));
      default: {
        const known = code < FIRST_OWN ? wordOf(code) : this.#own[code - FIRST_OWN];
        if (known === undefined) throw new RangeError(`there is no text ${code}`);
        return known;
      }
    }
  }

  /** A text that is never null; of whatever brand it had when it was written. */
  word<T extends string>(): T {
    const value = this.text();
    if (value === null) throw new RangeError('a text is missing');
    return value as T;
  }

  /** What `CompactWriter.name` wrote. */
  name(): string {
    return this.#cut(this.whole(), 'utf8');
  }

  /** How many follow, each of a byte at least. */
  count(): number {
    const count = this.whole();
    if (count > this.#bytes.length - this.#at) throw new RangeError(`${count} are more than there are bytes for`);
    return count;
  }

  bytes(): Buffer {
    const length = this.count();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #cut(length: number, encoding: 'utf8' | 'hex' | 'base64url'): string {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('it is cut short');
    return this.#bytes.toString(encoding, from, this.#at);
  }

  #kept(text: string): string {
    if (this.#own.length < TEXTS_OWN) this.#own.push(text);
    return text;
  }
}

/** Eight bytes, little-endian. Throws `RangeError` where they are not there. */
export function doubleAt(bytes: Uint8Array, at: number): number {
  if (at + 8 > bytes.length) throw new RangeError('it is cut short');
  for (let i = 0; i < 8; i++) doubleBytes[i] = bytes[at + i] as number;
  return double[0] as number;
}

const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

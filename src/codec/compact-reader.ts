/** Reads what `compact-writer` wrote. Throws `RangeError` for bytes that it cannot have written. */
import { ByteReader } from './byte-reader.js';
import { FIRST_OWN, TEXTS_OWN, wordOf } from './compact-words.js';

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export class CompactReader extends ByteReader {
  readonly #own: string[] = [];

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
        return this.#kept(`A-${this.spelled(16, 'hex')}`);
      case 3:
        return this.#kept(this.spelled(16, 'base64url'));
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

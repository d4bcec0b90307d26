/** Reads back what `byte-writer` put down, in the same order. Throws `RangeError` where the bytes end too early. */

import { BINARY, TEXT } from './byte-writer.js';

/** A whole number has at most eight bytes: 2^53 at the most, and no more factors than that. */
const FACTOR_MAX = 2 ** 49;

export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new RangeError('the bytes end too early');
    this.#at += 1;
    return value;
  }

  double(): number {
    const value = this.#bytes.readDoubleLE(this.#at);
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
    throw new RangeError('a number is too long');
  }

  int(): number {
    const value = this.whole();
    return (value >>> 1) ^ -(value & 1);
  }

  long(): bigint {
    const value = this.#bytes.readBigUInt64LE(this.#at);
    this.#at += 8;
    return value;
  }

  name(): string {
    return this.spelled(this.whole(), 'utf8');
  }

  hash(): string {
    const form = this.byte();
    if (form === TEXT) return this.name();
    if (form !== BINARY) throw new RangeError(`no hash begins with ${form}`);
    return this.spelled(16, 'base64url');
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const { at, end } = this.#next(this.whole());
    return this.#bytes.subarray(at, end);
  }

  /** How many follow, each of a byte at least. */
  count(): number {
    const count = this.whole();
    if (count > this.left) throw new RangeError(`${count} are more than there are bytes for`);
    return count;
  }

  /** Throws unless everything was read, and nothing beyond it. */
  finish(): void {
    if (this.left !== 0) throw new RangeError(`${this.left} bytes too many`);
  }

  /** So many bytes, as text. */
  protected spelled(length: number, encoding: 'utf8' | 'hex' | 'base64url'): string {
    const { at, end } = this.#next(length);
    return this.#bytes.toString(encoding, at, end);
  }

  #next(length: number): { readonly at: number; readonly end: number } {
    const at = this.#at;
    if (length > this.left) throw new RangeError('the bytes end too early');
    this.#at += length;
    return { at, end: this.#at };
  }
}

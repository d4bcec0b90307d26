/** Reads back what `byte-writer` put down, in the same order. Throws `RangeError` where the bytes end too early. */

import { BINARY, TEXT } from './byte-writer.js';

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

  uint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
    throw new RangeError('a number is too long');
  }

  int(): number {
    const value = this.uint();
    return (value >>> 1) ^ -(value & 1);
  }

  long(): bigint {
    const value = this.#bytes.readBigUInt64LE(this.#at);
    this.#at += 8;
    return value;
  }

  text(): string {
    const { at, end } = this.#next(this.uint());
    return this.#bytes.toString('utf8', at, end);
  }

  hash(): string {
    const form = this.byte();
    if (form === TEXT) return this.text();
    if (form !== BINARY) throw new RangeError(`no hash begins with ${form}`);
    const { at, end } = this.#next(16);
    return this.#bytes.toString('base64url', at, end);
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const { at, end } = this.#next(this.uint());
    return this.#bytes.subarray(at, end);
  }

  #next(length: number): { readonly at: number; readonly end: number } {
    const at = this.#at;
    if (length > this.left) throw new RangeError('the bytes end too early');
    this.#at += length;
    return { at, end: this.#at };
  }
}

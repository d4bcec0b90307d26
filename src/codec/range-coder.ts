/**
 * A range coder: bits at the odds that were learned of their like, so that what is expected costs next to nothing.
 *
 * The coder is the one of LZMA (carry resolved by a cache of one byte and a count of 0xff behind it). Writer and reader
 * are two ends of one `Channel`: a format is written down once, as what passes through, and serves both directions.
 */
import { FormatRefused } from './packed.js';

/** What passes through is given by the writing end, and returned by both. */
export interface Channel {
  /** One bit, at the odds that stand at `at`; they learn from it. */
  bit(odds: Odds, at: number, bit: number): number;
  /** `count` bits (0 to 53) of a whole number that nothing is known of. */
  raw(count: number, value: number): number;
}

const probabilityBits = 15;
const one = 1 << probabilityBits;
/** No bit is ever thought impossible. */
const least = 32;
const rangeLeast = 2 ** 24;
const two32 = 2 ** 32;
const chunkBits = 8;
/** Learns fast from the first bits and slowly from the later ones: parts of a difference, by how many were seen. */
const shares = Float64Array.from({ length: 48 }, (_, seen) => 1 / (seen + 2));

/** The odds of so many bits, each for itself. */
export class Odds {
  /** How probable a 0 is, of 2^15. */
  readonly ofZero: Uint16Array;
  readonly #seen: Uint8Array;

  constructor(size: number) {
    this.ofZero = new Uint16Array(size).fill(one / 2);
    this.#seen = new Uint8Array(size);
  }

  learn(at: number, bit: number): void {
    const seen = this.#seen[at] as number;
    const now = this.ofZero[at] as number;
    const next = now + Math.trunc(((bit === 0 ? one : 0) - now) * (shares[seen] as number));
    this.ofZero[at] = Math.max(least, Math.min(next, one - least));
    if (seen < shares.length - 1) this.#seen[at] = seen + 1;
  }
}

export class RangeWriter implements Channel {
  #bytes = Buffer.allocUnsafe(4_096);
  #length = 0;
  #low = 0;
  #range = two32 - 1;
  #cache = 0;
  /** Bytes that wait for a carry: the cache and 0xff behind it. */
  #waiting = 1;

  bit(odds: Odds, at: number, bit: number): number {
    const bound = (this.#range >>> probabilityBits) * (odds.ofZero[at] as number);
    if (bit === 0) {
      this.#range = bound;
    } else {
      this.#low += bound;
      this.#range -= bound;
    }
    odds.learn(at, bit);
    while (this.#range < rangeLeast) this.#shift();
    return bit;
  }

  raw(count: number, value: number): number {
    for (let left = count; left > 0; ) {
      const bits = Math.min(left, chunkBits);
      left -= bits;
      this.#range = this.#range >>> bits;
      this.#low += this.#range * (Math.floor(value / 2 ** left) % 2 ** bits);
      while (this.#range < rangeLeast) this.#shift();
    }
    return value;
  }

  /** All that was written; nothing may be written afterwards. */
  finish(): Buffer {
    this.#range = rangeLeast;
    for (let i = 0; i < 5; i++) this.#shift();
    // the first byte is always 0: nothing ever carried out of it
    return Buffer.from(this.#bytes.subarray(1, this.#length));
  }

  #shift(): void {
    if (this.#low < 0xff00_0000 || this.#low >= two32) {
      const carry = this.#low >= two32 ? 1 : 0;
      for (let byte = this.#cache; this.#waiting > 0; this.#waiting--) {
        this.#push((byte + carry) & 0xff);
        byte = 0xff;
      }
      this.#cache = (this.#low >>> 24) & 0xff;
    }
    this.#waiting += 1;
    this.#low = (this.#low & 0x00ff_ffff) * 256;
    this.#range *= 256;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#length);
    this.#bytes[this.#length++] = byte;
  }
}

/** Throws `FormatRefused` when the bytes end too early, and at `finish` when they were not a writer's. */
export class RangeReader implements Channel {
  readonly #bytes: Uint8Array;
  #at = 0;
  #range = two32 - 1;
  #code = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#code = this.#code * 256 + this.#next();
  }

  bit(odds: Odds, at: number): number {
    const bound = (this.#range >>> probabilityBits) * (odds.ofZero[at] as number);
    const bit = this.#code < bound ? 0 : 1;
    if (bit === 0) {
      this.#range = bound;
    } else {
      this.#code -= bound;
      this.#range -= bound;
    }
    odds.learn(at, bit);
    while (this.#range < rangeLeast) this.#shift();
    return bit;
  }

  raw(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const bits = Math.min(left, chunkBits);
      left -= bits;
      this.#range = this.#range >>> bits;
      // of damaged bytes the code may lie above the range
      const part = Math.min(Math.floor(this.#code / this.#range), 2 ** bits - 1);
      this.#code -= part * this.#range;
      value = value * 2 ** bits + part;
      while (this.#range < rangeLeast) this.#shift();
    }
    return value;
  }

  /** A writer's last bytes leave nothing over: what was cut off or added shows here, and most of what was changed. */
  finish(): void {
    if (this.#code !== 0 || this.#at !== this.#bytes.length) throw new FormatRefused('a segment: damaged (its end)');
  }

  #shift(): void {
    this.#code = (this.#code * 256 + this.#next()) % two32;
    this.#range *= 256;
  }

  #next(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new FormatRefused('a segment: damaged (cut short)');
    this.#at += 1;
    return byte;
  }
}

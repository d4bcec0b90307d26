/**
 * Bytes with little in them: numbers as short as they are, and each text once.
 *
 * A number is a varint: 0 null · 1 a double (8 bytes, little-endian) follows · 2 tenths follow · from 3 on the difference
 * to a base that writer and reader agree on, zigzag. A text is a varint: 0 null · 1 length and UTF-8 follow · 2 `A-` and
 * 32 hex digits, as 16 bytes · 3 base64url of 16 bytes, as those · from 4 on a word that both know, or one of the first
 * texts of this record. Whoever reads must read the same in the same order.
 */
import { hexDigit, isHash, isHexId, sextet } from './compact-texts.js';
import { FIRST_OWN, TEXTS_OWN, WORD_CODES } from './compact-words.js';

/** Beyond it a zigzag difference would not be exact. */
const DIFFERENCE_MAX = 2 ** 50;
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export class CompactWriter {
  #bytes = Buffer.allocUnsafe(4_096);
  #at = 0;
  readonly #own: string[] = [];

  /** Forgets what was written. */
  begin(): void {
    this.#at = 0;
    this.#own.length = 0;
  }

  /** What was written since `begin`, in bytes of their own. */
  finish(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#at);
    bytes.set(this.#bytes.subarray(0, this.#at));
    return bytes;
  }

  /** As `finish`, in memory that is nothing else's: it may be given to another thread. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#at);
    bytes.set(this.#bytes.subarray(0, this.#at));
    return bytes;
  }

  /** 0 to 255. */
  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  /** Eight bytes, little-endian. */
  double(value: number): void {
    this.#room(8);
    double[0] = value;
    for (let i = 0; i < 8; i++) this.#bytes[this.#at + i] = doubleBytes[i] as number;
    this.#at += 8;
  }

  /** A whole number from 0 to 2^53. */
  whole(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest & 127) | 128;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 128);
    }
    this.#bytes[this.#at++] = rest;
  }

  number(value: number | null, base = 0): void {
    if (value === null) {
      this.whole(0);
      return;
    }
    const difference = value - base;
    if (Number.isSafeInteger(difference) && base + difference === value && isShort(value, difference)) {
      this.whole((difference < 0 ? -2 * difference - 1 : 2 * difference) + 3);
      return;
    }
    const tenths = Math.round(value * 10);
    if (tenths / 10 === value && isShort(value, tenths)) {
      this.whole(2);
      this.whole(tenths < 0 ? -2 * tenths - 1 : 2 * tenths);
      return;
    }
    this.whole(1);
    this.double(value);
  }

  text(value: string | null): void {
    if (value === null) {
      this.whole(0);
      return;
    }
    const known = WORD_CODES.get(value) ?? this.#ownCode(value);
    if (known !== null) {
      this.whole(known);
      return;
    }
    if (this.#own.length < TEXTS_OWN) this.#own.push(value);
    if (isHash(value)) this.#hash(value);
    else if (isHexId(value)) this.#hexId(value);
    else {
      this.whole(1);
      this.name(value);
    }
  }

  /** A text that is not looked for among those that were written before: its length and UTF-8. */
  name(value: string): void {
    const length = value.length < 128 && isAscii(value) ? value.length : Buffer.byteLength(value);
    this.whole(length);
    this.#room(length);
    if (length === value.length && length < 128) {
      for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = value.charCodeAt(i);
    } else {
      this.#bytes.write(value, this.#at);
    }
    this.#at += length;
  }

  /** Bytes of another codec, with their length. */
  bytes(value: Uint8Array): void {
    this.whole(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  #ownCode(value: string): number | null {
    const at = this.#own.indexOf(value);
    return at === -1 ? null : FIRST_OWN + at;
  }

  #hash(value: string): void {
    this.#room(17);
    this.#bytes[this.#at++] = 3;
    let bits = 0;
    let held = 0;
    for (let i = 0; i < value.length; i++) {
      bits = (bits << 6) | sextet(value.charCodeAt(i));
      held += 6;
      if (held < 8) continue;
      held -= 8;
      this.#bytes[this.#at++] = (bits >>> held) & 255;
    }
  }

  #hexId(value: string): void {
    this.#room(17);
    this.#bytes[this.#at++] = 2;
    for (let i = 2; i < value.length; i += 2) {
      this.#bytes[this.#at++] = (hexDigit(value.charCodeAt(i)) << 4) | hexDigit(value.charCodeAt(i + 1));
    }
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const more = Buffer.allocUnsafe(2 * (this.#at + bytes));
    more.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = more;
  }
}

/** Zigzag keeps no minus before a zero. */
const isShort = (value: number, said: number): boolean => Math.abs(said) < DIFFERENCE_MAX && !Object.is(value, -0);

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 127) return false;
  return true;
}

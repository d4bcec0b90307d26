/**
 * Bytes with little in them: numbers as short as they are, and each text once.
 *
 * A number is a varint: 0 null · 1 a double (8 bytes, little-endian) follows · 2 tenths follow · from 3 on the difference
 * to a base that writer and reader agree on, zigzag. A text is a varint: 0 null · 1 length and UTF-8 follow · 2 `A-` and
 * 32 hex digits, as 16 bytes · 3 base64url of 16 bytes, as those · from 4 on a word that both know, or one of the first
 * texts of this record. Whoever reads must read the same in the same order.
 */
import { ByteWriter } from './byte-writer.js';
import { hexDigit, isHexId } from './compact-texts.js';
import { FIRST_OWN, TEXTS_OWN, WORD_CODES } from './compact-words.js';

/** Beyond it a zigzag difference would not be exact. */
const DIFFERENCE_MAX = 2 ** 50;

export class CompactWriter extends ByteWriter {
  readonly #own: string[] = [];

  override begin(): void {
    super.begin();
    this.#own.length = 0;
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
    if (this.hashAfter(3, value)) return;
    if (isHexId(value)) {
      this.#hexId(value);
      return;
    }
    this.whole(1);
    this.name(value);
  }

  #ownCode(value: string): number | null {
    const at = this.#own.indexOf(value);
    return at === -1 ? null : FIRST_OWN + at;
  }

  #hexId(value: string): void {
    this.byte(2);
    for (let i = 2; i < value.length; i += 2) {
      this.byte((hexDigit(value.charCodeAt(i)) << 4) | hexDigit(value.charCodeAt(i + 1)));
    }
  }
}

/** Zigzag keeps no minus before a zero. */
const isShort = (value: number, said: number): boolean => Math.abs(said) < DIFFERENCE_MAX && !Object.is(value, -0);

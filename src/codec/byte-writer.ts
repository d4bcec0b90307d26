/** Bytes put down one value after the other into memory that is used again and again; `byte-reader` reads them back. */

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
/** Longer texts are left to the platform. */
const SHORT_TEXT = 48;

export class ByteWriter {
  #bytes = Buffer.allocUnsafe(65_536);
  #at = 0;

  /** Forgets what was written. */
  begin(): void {
    this.#at = 0;
  }

  /** What was written since `begin`, in memory of its own. */
  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
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
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  /** Any number, exactly: 8 bytes, little-endian. */
  double(value: number): void {
    this.#room(8);
    double[0] = value;
    for (let i = 0; i < 8; i += 1) this.#bytes[this.#at + i] = doubleBytes[i] as number;
    this.#at += 8;
  }

  /** 0 to 2^53: seven bits a byte, the lowest first. */
  whole(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#at] = (rest & 127) | 128;
      this.#at += 1;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 128);
    }
    this.#bytes[this.#at] = rest;
    this.#at += 1;
  }

  /** −2^31 to 2^31 − 1; small ones of either sign are short. */
  int(value: number): void {
    this.whole(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** 0 to 2^64 − 1, 8 bytes. */
  long(value: bigint): void {
    this.#room(8);
    this.#at = this.#bytes.writeBigUInt64LE(value, this.#at);
  }

  /** Its length in bytes, and UTF-8. */
  name(value: string): void {
    const { length } = value;
    this.#room(5 + 3 * length);
    if (length <= SHORT_TEXT && this.#plain(value, length)) return;
    const bytes = Buffer.byteLength(value);
    this.whole(bytes);
    this.#at += this.#bytes.write(value, this.#at);
  }

  /** A text that is mostly base64url of 16 bytes (22 characters): then those; else as it is. */
  hash(value: string): void {
    if (this.hashAfter(BINARY, value)) return;
    this.byte(TEXT);
    this.name(value);
  }

  /** Their length, and they. */
  bytes(value: Uint8Array): void {
    this.#room(5 + value.length);
    this.whole(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** `mark` and 16 bytes where the text is base64url of them, exactly; else nothing, and false. */
  protected hashAfter(mark: number, value: string): boolean {
    if (value.length !== HASH_LENGTH) return false;
    this.#room(17);
    const start = this.#at;
    this.#bytes[this.#at++] = mark;
    if (this.#sextets(value)) return true;
    this.#at = start;
    return false;
  }

  #sextets(value: string): boolean {
    let bits = 0;
    let held = 0;
    for (let i = 0; i < HASH_LENGTH; i += 1) {
      const sextet = SEXTETS[value.charCodeAt(i)] ?? NONE;
      if (sextet === NONE) return false;
      bits = ((bits << 6) | sextet) & 0xffff;
      held += 6;
      if (held < 8) continue;
      held -= 8;
      this.#bytes[this.#at] = (bits >>> held) & 0xff;
      this.#at += 1;
    }
    // four bits are over, and what is given back has them 0
    return (bits & 15) === 0;
  }

  /** ASCII, put down without a call. */
  #plain(value: string, length: number): boolean {
    const start = this.#at;
    this.#bytes[start] = length;
    for (let i = 0; i < length; i += 1) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      this.#bytes[start + 1 + i] = code;
    }
    this.#at = start + 1 + length;
    return true;
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(wider, 0, 0, this.#at);
    this.#bytes = wider;
  }
}

/** What stands before a hash. */
export const BINARY = 1;
export const TEXT = 0;
const HASH_LENGTH = 22;
const NONE = 255;
const SEXTETS = new Uint8Array(128).fill(NONE);
'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('').forEach((letter, value) => {
  SEXTETS[letter.charCodeAt(0)] = value;
});

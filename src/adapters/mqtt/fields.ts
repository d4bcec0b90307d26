/** Reads the fields of one MQTT 3.1.1 packet (§1.5), strictly, and nothing beyond the packet's end. */
import { isUtf8 } from 'node:buffer';

export class FieldReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** One byte; null: the packet is too short, as in all that follow. */
  byte(): number | null {
    if (this.left < 1) return null;
    const byte = this.#bytes[this.#at] as number;
    this.#at += 1;
    return byte;
  }

  /** Two bytes, big-endian (§1.5.2). */
  word(): number | null {
    if (this.left < 2) return null;
    const word = this.#bytes.readUInt16BE(this.#at);
    this.#at += 2;
    return word;
  }

  /** A packet identifier: 0 is none ([MQTT-2.3.1-1]). */
  packetId(): number | null {
    const id = this.word();
    return id === 0 ? null : id;
  }

  /** A length of two bytes and as many bytes: a view, not a copy. */
  binary(): Buffer | null {
    const length = this.word();
    if (length === null || this.left < length) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /**
   * Text (§1.5.3). Null too where it is no UTF-8, surrogates among it ([MQTT-1.5.3-1]), or holds U+0000
   * ([MQTT-1.5.3-2]): the connection is closed for either. A byte order mark is text ([MQTT-1.5.3-3]).
   */
  text(): string | null {
    const bytes = this.binary();
    if (bytes === null || bytes.includes(0) || !isUtf8(bytes)) return null;
    return bytes.toString('utf8');
  }

  /** Everything that is left. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }
}

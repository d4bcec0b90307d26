/** Random bytes in pieces of one length, fetched many at once: a call to the system's source costs more than the bytes. */
import sodium from 'sodium-native';

const PIECES = 256;

export class NonceSource {
  readonly #length: number;
  readonly #pool: Buffer;
  #at: number;

  constructor(length: number) {
    this.#length = length;
    this.#pool = Buffer.alloc(PIECES * length);
    this.#at = this.#pool.length;
  }

  /** Puts a piece that was never given before at `at`. */
  fill(into: Uint8Array, at: number): void {
    if (this.#at === this.#pool.length) {
      sodium.randombytes_buf(this.#pool);
      this.#at = 0;
    }
    for (let i = 0; i < this.#length; i++) {
      into[at + i] = this.#pool[this.#at] as number;
      // what is given is nobody else's
      this.#pool[this.#at++] = 0;
    }
  }
}

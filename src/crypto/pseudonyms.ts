/** Names for ids that tell nothing of them, the same for ever: HMAC-SHA256 under a sub-key, first 16 bytes, hex. */
import sodium from 'sodium-native';
import { subKey } from './sub-key.js';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const NAME_BYTES = 16;
/** Of the names that were asked for last between so many and twice as many are at hand (150 bytes each). */
const KNOWN = 8_192;

export class Pseudonyms {
  /** RFC 2104: the key and the text are hashed, then the key and that hash. Behind each pad is room for what follows. */
  #inner = Buffer.alloc(BLOCK_BYTES + 256);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
  readonly #hash = Buffer.alloc(HASH_BYTES);
  #known = new Map<string, string>();
  #before = new Map<string, string>();

  /** `key`: 32 random bytes. */
  constructor(key: Buffer) {
    const names = subKey(key, 'fairwatch/v1 pseudonym');
    this.#pad(names);
    names.fill(0);
  }

  /** The same names again, of what `lend` gave. */
  static borrowed(names: Uint8Array): Pseudonyms {
    const made = new Pseudonyms(Buffer.alloc(HASH_BYTES));
    made.#pad(names);
    return made;
  }

  /** Writes 32 bytes, from which another thread makes the same names. */
  lend(to: Uint8Array): void {
    for (let i = 0; i < HASH_BYTES; i++) to[i] = (this.#inner[i] as number) ^ 0x36;
  }

  #pad(names: Uint8Array): void {
    for (let i = 0; i < BLOCK_BYTES; i++) {
      this.#inner[i] = (names[i] ?? 0) ^ 0x36;
      this.#outer[i] = (names[i] ?? 0) ^ 0x5c;
    }
  }

  of(id: string): string {
    const known = this.#known.get(id) ?? this.#before.get(id);
    if (known !== undefined) return known;
    const name = this.#make(id);
    if (this.#known.size >= KNOWN) {
      this.#before = this.#known;
      this.#known = new Map();
    }
    this.#known.set(id, name);
    return name;
  }

  /** sodium's hash twice: a fifth of what an HMAC of node:crypto takes. */
  #make(id: string): string {
    const bytesMax = BLOCK_BYTES + 3 * id.length;
    if (bytesMax > this.#inner.length) this.#inner = Buffer.concat([this.#inner], bytesMax);
    const end = BLOCK_BYTES + this.#inner.write(id, BLOCK_BYTES);
    sodium.crypto_hash_sha256(this.#hash, this.#inner.subarray(0, end));
    this.#outer.set(this.#hash, BLOCK_BYTES);
    sodium.crypto_hash_sha256(this.#hash, this.#outer);
    return this.#hash.toString('hex', 0, NAME_BYTES);
  }
}

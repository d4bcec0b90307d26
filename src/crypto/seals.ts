/**
 * Seals of one tier: what lies in its stores cannot be read, changed, moved or renamed unseen.
 *
 * Key: a sub-key of the tier's key (HKDF-SHA256, no salt, info `fairwatch/v1 seal`). Nonce: 24 random bytes, so many
 * processes may share a key without counting. Additional data: header ‖ length of the store's name (4 bytes,
 * big-endian) ‖ store ‖ record name, UTF-8. Cipher: XChaCha20-Poly1305, 2 µs a call here against 8 for GCM in Node.
 *
 * Sealed: version (1 byte) ‖ key epoch (4, big-endian) ‖ nonce (24) ‖ ciphertext ‖ tag (16): 45 bytes more than the plain.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import sodium from 'sodium-native';

/** What was to be opened is not what was sealed for this place under this key. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

const VERSION = 1;
const keyBytes = 32;
const nonceAt = 5;
const headerBytes = 29;
const tagBytes = 16;
const epochMax = 0xffff_ffff;

export class TierSeals {
  readonly #sealKey: Buffer;
  readonly #nameKey: Buffer;
  readonly #epoch: number;

  private constructor(key: Buffer, epoch: number) {
    const derive = (info: string) => Buffer.from(hkdfSync('sha256', key, '', info, keyBytes));
    this.#sealKey = derive('fairwatch/v1 seal');
    this.#nameKey = derive('fairwatch/v1 pseudonym');
    this.#epoch = epoch;
  }

  /** `key`: 32 random bytes; `epoch`: its number, 0 to 2^32 − 1, bound into everything sealed. Throws `RangeError`. */
  static fromKey(key: Buffer, epoch: number): TierSeals {
    if (key.length !== keyBytes) throw new RangeError(`a tier key has 32 bytes, not ${key.length}`);
    if (!Number.isInteger(epoch) || epoch < 0 || epoch > epochMax) throw new RangeError(`key epoch ${epoch}`);
    return new TierSeals(key, epoch);
  }

  /** Seals `plain` for the record `name` of `store`. */
  seal(store: string, name: string, plain: Uint8Array): Buffer {
    const sealed = Buffer.allocUnsafe(headerBytes + plain.length + tagBytes);
    sealed[0] = VERSION;
    sealed.writeUInt32BE(this.#epoch, 1);
    const nonce = sealed.subarray(nonceAt, headerBytes);
    sodium.randombytes_buf(nonce);
    sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.subarray(headerBytes),
      asBuffer(plain),
      additionalData(sealed, store, name),
      null,
      nonce,
      this.#sealKey,
    );
    return sealed;
  }

  /** Opens what `seal` made for the same place; throws `SealBroken` for anything else. */
  open(store: string, name: string, sealed: Uint8Array): Buffer {
    const bytes = asBuffer(sealed);
    if (bytes.length < headerBytes + tagBytes) throw new SealBroken(`${bytes.length} bytes are too few for a seal`);
    if (bytes[0] !== VERSION) throw new SealBroken(`seal version ${bytes[0]} is not known here`);
    const epoch = bytes.readUInt32BE(1);
    if (epoch !== this.#epoch) throw new SealBroken(`sealed under key epoch ${epoch}, not ${this.#epoch}`);
    const plain = Buffer.allocUnsafe(bytes.length - headerBytes - tagBytes);
    try {
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        plain,
        null,
        bytes.subarray(headerBytes),
        additionalData(bytes, store, name),
        bytes.subarray(nonceAt, headerBytes),
        this.#sealKey,
      );
    } catch {
      // the name stays out of the text: it may stand for a person
      throw new SealBroken(`a record of ${store} does not open`);
    }
    return plain;
  }

  /** HMAC-SHA256 of the id, first 16 bytes, hex. The same id under another tier key has another name. */
  pseudonym(id: string): string {
    return createHmac('sha256', this.#nameKey).update(id, 'utf8').digest().toString('hex', 0, 16);
  }
}

/** The store's length in front keeps ("ab", "c") and ("a", "bc") apart. */
function additionalData(sealed: Buffer, store: string, name: string): Buffer {
  const storeBytes = Buffer.byteLength(store);
  const data = Buffer.allocUnsafe(headerBytes + 4 + storeBytes + Buffer.byteLength(name));
  sealed.copy(data, 0, 0, headerBytes);
  data.writeUInt32BE(storeBytes, headerBytes);
  data.write(store, headerBytes + 4);
  data.write(name, headerBytes + 4 + storeBytes);
  return data;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

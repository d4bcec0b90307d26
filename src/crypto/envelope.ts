/** Seals and opens what goes over the wire, exactly as devices do it (proto/wire.proto, `Envelope`). */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import sodium from 'sodium-native';

declare module 'sodium-native' {
  // RFC 8439, missing from the type definitions
  export function crypto_aead_chacha20poly1305_ietf_encrypt(
    ciphertext: Buffer,
    message: Buffer,
    ad: Buffer | null,
    nsec: null,
    npub: Buffer,
    key: Buffer,
  ): number;
  export function crypto_aead_chacha20poly1305_ietf_decrypt(
    message: Buffer,
    nsec: null,
    ciphertext: Buffer,
    ad: Buffer | null,
    npub: Buffer,
    key: Buffer,
  ): number;
}

/** `A256GCM`: AES-256-GCM. `C20P`: ChaCha20-Poly1305 as RFC 8439 has it. */
export type EnvelopeCipher = 'A256GCM' | 'C20P';

/** The three 32-byte keys that a session key stands for: one a direction, one for the JWE form. */
export interface SessionKeys {
  readonly up: Buffer;
  readonly down: Buffer;
  readonly jwe: Buffer;
}

export interface Sealing {
  /** 32 bytes: `up` for what a device sends, `down` for what it gets. */
  readonly key: Buffer;
  readonly cipher: EnvelopeCipher;
  /** 1 to 2^32 − 1. */
  readonly keyId: number;
  /** 1 to 2^64 − 1; never twice under one key. */
  readonly sequence: bigint;
  /** The MQTT topic; an envelope does not open under another. */
  readonly topic: string;
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** HKDF-SHA256 without salt. Throws `RangeError` unless the session key has 32 bytes. */
export function deriveKeys(sessionKey: Uint8Array): SessionKeys {
  if (sessionKey.length !== keyBytes) throw new RangeError(`a session key has 32 bytes, not ${sessionKey.length}`);
  const derive = (info: string) => Buffer.from(hkdfSync('sha256', sessionKey, '', info, keyBytes));
  return { up: derive('em/v1 up'), down: derive('em/v1 down'), jwe: derive('em/v1 jwe') };
}

/** Key: `key`. Nonce: key id (4 bytes, big-endian), sequence (8, big-endian). AAD: the topic. Gives ciphertext and tag. */
export function sealEnvelope(sealing: Sealing & { readonly plaintext: Uint8Array }): Buffer {
  const { key, plaintext } = sealing;
  const nonce = nonceOf(sealing.keyId, sealing.sequence);
  const aad = Buffer.from(sealing.topic, 'utf8');
  if (sealing.cipher === 'C20P') {
    const sealed = Buffer.allocUnsafe(plaintext.length + tagBytes);
    sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, asBuffer(plaintext), aad, null, nonce, key);
    return sealed;
  }
  const gcm = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(aad);
  return Buffer.concat([gcm.update(plaintext), gcm.final(), gcm.getAuthTag()]);
}

/** The plaintext, or null when it does not open: another key, nonce, topic or cipher, or changed bytes. */
export function openEnvelope(sealing: Sealing & { readonly ciphertext: Uint8Array }): Buffer | null {
  const { key, ciphertext } = sealing;
  const length = ciphertext.length - tagBytes;
  if (length < 0) return null;
  const nonce = nonceOf(sealing.keyId, sealing.sequence, scratchNonce);
  const aad = topicBytes(sealing.topic);
  if (sealing.cipher === 'C20P') return openChaCha(asBuffer(ciphertext), length, aad, nonce, key);

  const gcm = createDecipheriv('aes-256-gcm', key, nonce, gcmOptions);
  gcm.setAAD(aad).setAuthTag(ciphertext.subarray(length));
  const plain = gcm.update(ciphertext.subarray(0, length));
  try {
    gcm.final();
  } catch {
    return null;
  }
  // a stream cipher: final() checks the tag and adds no bytes
  return plain;
}

function openChaCha(sealed: Buffer, length: number, aad: Buffer, nonce: Buffer, key: Buffer): Buffer | null {
  const plain = Buffer.allocUnsafe(length);
  try {
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plain, null, sealed, aad, nonce, key);
  } catch (error) {
    if (key.length !== keyBytes) throw error;
    return null;
  }
  return plain;
}

/** Used for one message, and by the next one: OpenSSL and libsodium keep nothing of it. */
const scratchNonce = Buffer.alloc(nonceBytes);
const gcmOptions = Object.freeze({ authTagLength: tagBytes });
const topicMax = 256;
const scratchTopic = Buffer.alloc(topicMax);
/** The beginning of it, by length. */
const topics: (Buffer | undefined)[] = Array.from({ length: topicMax + 1 }, () => undefined);

function topicBytes(topic: string): Buffer {
  if (3 * topic.length > topicMax) return Buffer.from(topic, 'utf8');
  const length = scratchTopic.write(topic);
  const known = topics[length];
  if (known !== undefined) return known;
  const bytes = scratchTopic.subarray(0, length);
  topics[length] = bytes;
  return bytes;
}

function nonceOf(keyId: number, sequence: bigint, nonce: Buffer = Buffer.allocUnsafe(nonceBytes)): Buffer {
  nonce.writeUInt32BE(keyId, 0);
  nonce.writeBigUInt64BE(sequence, 4);
  return nonce;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

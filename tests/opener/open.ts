/**
 * Tries keys on a ciphertext by brute force. An AEAD's key stream does not depend on its additional data, so everything is
 * deciphered without asking the tag; whether it was the right key shows in what comes out.
 */
import { hkdfSync } from 'node:crypto';
import { compactDecrypt } from 'jose';
import sodium from 'sodium-native';
import type { KnownKeys } from './keys.js';

declare module 'sodium-native' {
  // missing from the type definitions
  export function crypto_stream_xchacha20_xor_ic(c: Buffer, m: Buffer, n: Buffer, ic: number, k: Buffer): void;
}

/** Version (1), key epoch (4), nonce (24), then what is sealed, and 16 bytes of tag. */
const NONCE_AT = 5;
const HEADER_BYTES = 29;
const TAG_BYTES = 16;
/** What may stand in clear before a seal: a position, a pseudonym. */
const BEFORE_MAX = 64;

/** The keys that seals are made with, of the keys that are known: each by itself, and derived as seals derive theirs. */
export function sealKeysOf({ symmetric }: KnownKeys): Buffer[] {
  const derived = symmetric.map((key) => Buffer.from(hkdfSync('sha256', key, '', 'fairwatch/v1 seal', 32)));
  return [...symmetric, ...derived];
}

/** Everything that comes out of `bytes` under any of the keys, readable or not: the caller looks for what it knows. */
export function* deciphered(bytes: Buffer, sealKeys: readonly Buffer[]): Generator<Buffer> {
  for (let at = 0; at <= BEFORE_MAX && at + HEADER_BYTES + TAG_BYTES <= bytes.length; at++) {
    if (bytes[at] !== 1) continue;
    const nonce = bytes.subarray(at + NONCE_AT, at + HEADER_BYTES);
    const sealed = bytes.subarray(at + HEADER_BYTES, bytes.length - TAG_BYTES);
    for (const key of sealKeys) {
      const plain = Buffer.alloc(sealed.length);
      // the first block of the stream keys the tag: RFC 8439 §2.6; the text begins with the second
      sodium.crypto_stream_xchacha20_xor_ic(plain, sealed, nonce, 1, key);
      yield plain;
    }
  }
}

/** JWEs in compact form, by every key. An opened one is its plaintext. */
export async function openedJwes(bytes: Buffer, { symmetric, privateKeys }: KnownKeys): Promise<Buffer[]> {
  const opened: Buffer[] = [];
  const text = bytes.toString('latin1');
  for (const [jwe] of text.matchAll(
    /eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}/g,
  )) {
    for (const key of [...symmetric, ...privateKeys]) {
      try {
        opened.push(Buffer.from((await compactDecrypt(jwe, key)).plaintext));
        break;
      } catch {
        // not this one
      }
    }
  }
  return opened;
}

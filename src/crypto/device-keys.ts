/**
 * Device keys at rest: a symmetric JWK inside a JWE, under the key-encryption key (A256KW) or for the tier that opens
 * what devices send (ECDH-ES+A256KW): who enrols a device need not be able to read what it says.
 */
import type { KeyObject } from 'node:crypto';
import { type KeyOpener, KeyUnwrapFailed, octJwk, octKey, unwrapJsonNow, wrapJson } from './key-jwe.js';

const keyBytes = 32;

/**
 * Wraps `key` (32 bytes) under a key-encryption key (32 bytes) or for a P-256 public key; `kid` names it
 * (`{device_id}:{key_id}`) and is readable by anyone. Throws `RangeError` for another length.
 */
export async function wrapKey(to: Buffer | KeyObject, key: Uint8Array, kid: string): Promise<string> {
  if (key.length !== keyBytes) throw new RangeError(`a key has 32 bytes, not ${key.length}`);
  return wrapJson(to, kid, octJwk(kid, key));
}

/** The 32-byte key. Throws `KeyUnwrapFailed` for whatever `wrapKey` for this opener did not make. */
export async function unwrapKey(opener: Buffer | KeyOpener, jwe: string): Promise<Buffer> {
  return (await unwrapNamedKey(opener, jwe)).key;
}

/** The same, with the name under which it was wrapped. */
export async function unwrapNamedKey(
  opener: Buffer | KeyOpener,
  jwe: string,
): Promise<{ readonly kid: string; readonly key: Buffer }> {
  // after a start every device that speaks has its key opened, and a storm of them is to hold nobody's alert up
  const { kid, content } = unwrapJsonNow(Buffer.isBuffer(opener) ? { kek: opener, identity: null } : opener, jwe);
  const key = octKey(content, kid);
  if (key === null) throw new KeyUnwrapFailed('holds no 256-bit symmetric JWK of that name');
  return { kid, key };
}

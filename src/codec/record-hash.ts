/** The identity of a record's body: the first 16 bytes of SHA-256, base64url. */
import sodium from 'sodium-native';
import { LIMITS } from '../domain/limits.js';

const digest = Buffer.alloc(32);
const scratch = Buffer.alloc(LIMITS.uploadBytesMax + 1);

/**
 * Hash over the body's field number (one byte, so that two different empty bodies differ) and the body's bytes as they
 * came. `field` 0: the body of a newer device; `body` is then all of the record's fields but its time.
 * sodium 0.4 µs against 0.7 to 1.0 for node:crypto.
 */
export function hashBody(field: number, body: Uint8Array): string {
  const input = body.length < scratch.length ? scratch.subarray(0, body.length + 1) : Buffer.alloc(body.length + 1);
  input[0] = field;
  input.set(body, 1);
  sodium.crypto_hash_sha256(digest, input);
  return digest.toString('base64url', 0, 16);
}

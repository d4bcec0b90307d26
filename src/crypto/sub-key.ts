/** Keys that are made of a key: each use has its own. */
import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;

/** HKDF-SHA256 without salt, 32 bytes. Throws `RangeError` for a key of another length. */
export const subKey = (key: Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', mustBeKey(key), '', info, KEY_BYTES));

export function mustBeKey(key: Buffer): Buffer {
  if (key.length !== KEY_BYTES) throw new RangeError(`a tier key has 32 bytes, not ${key.length}`);
  return key;
}

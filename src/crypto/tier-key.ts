/** The key of a tier's seals, and how a vault keeps it: a JWE under the key-encryption key, like a device's key. */
import { randomBytes } from 'node:crypto';
import { unwrapNamedKey, wrapKey } from './device-keys.js';
import { KeyUnwrapFailed } from './key-jwe.js';

const kidPattern = /^tier:(0|[1-9]\d{0,9})$/;

/** 32 random bytes. */
export function createTierKey(): Buffer {
  return randomBytes(32);
}

/** `epoch` (0 to 2^32 − 1) is bound to the key and readable by anyone. */
export function wrapTierKey(kek: Buffer, key: Buffer, epoch: number): Promise<string> {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > 0xffff_ffff) throw new RangeError(`key epoch ${epoch}`);
  return wrapKey(kek, key, `tier:${epoch}`);
}

/** Throws `KeyUnwrapFailed` for another key-encryption key, and for a device's key. */
export async function unwrapTierKey(
  kek: Buffer,
  text: string,
): Promise<{ readonly key: Buffer; readonly epoch: number }> {
  const { key, kid } = await unwrapNamedKey(kek, text);
  const epoch = kidPattern.exec(kid)?.[1];
  if (epoch === undefined) throw new KeyUnwrapFailed('is not a tier key');
  return { key, epoch: Number(epoch) };
}

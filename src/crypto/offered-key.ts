/**
 * A new session key on its way to a device (`Downlink.key`): a JWE that only the device opens, the gateway neither.
 *
 * Key: to an identity key ECDH-ES+A256KW (a fresh ephemeral P-256 key each time), to a key-wrapping key A256KW; both wrap
 * a fresh content key for A256GCM. Nonce: 12 random bytes, used once since each content key is. Additional data: the
 * protected header, whose `kid` is the new key's name, `{device_id}:{key_id}`.
 * Content: a JWK, `{"kty":"oct","kid":…,"alg":"A256GCM"|"C20P","k":…}`; `alg` is the cipher of envelopes under it.
 */
import { CompactEncrypt, importJWK, type JWK } from 'jose';
import type { EnvelopeCipher } from './envelope.js';

/** Whom it is for: the public identity key (EC P-256), or the 32 bytes of a key-wrapping key. */
export type Recipient =
  | { readonly identityJwk: Readonly<Record<string, unknown>> }
  | { readonly wrappingKey: Uint8Array };

export interface OfferedSessionKey {
  readonly kid: string;
  readonly cipher: EnvelopeCipher;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Rejects where the recipient's key is none. */
export async function offerKey(recipient: Recipient, { kid, cipher, key }: OfferedSessionKey): Promise<string> {
  const jwk = { kty: 'oct', kid, alg: cipher, k: Buffer.from(key).toString('base64url') };
  const content = new CompactEncrypt(Buffer.from(JSON.stringify(jwk)));
  if ('wrappingKey' in recipient) {
    return content.setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', kid }).encrypt(recipient.wrappingKey);
  }
  const { kty, crv, x, y } = recipient.identityJwk;
  const identity = await importJWK({ kty, crv, x, y } as JWK, 'ECDH-ES+A256KW');
  return content.setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid }).encrypt(identity);
}

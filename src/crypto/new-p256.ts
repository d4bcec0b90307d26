/**
 * New P-256 keys. Not by `generateKeyPair`: its job and the key share a lock, `KeyObject.export` holds that lock while it
 * makes JavaScript's objects, and a collection in that very moment that finds the job waits for it on the same thread, for
 * ever (Node 20.20.2: after some thousand keys; the whole process stood still).
 */
import { createECDH, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

const COORDINATE_BYTES = 32;

export interface P256Jwk extends JsonWebKey {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

/** The members of a new private key. */
export function newP256Jwk(): P256Jwk {
  const ecdh = createECDH('prime256v1');
  // uncompressed: 4, x, y
  const point = ecdh.generateKeys();
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const x = point.subarray(1, 1 + COORDINATE_BYTES);
  const secret = ecdh.getPrivateKey();
  // without its leading zeros, which a JWK has (RFC 7518, §6.2.2.1)
  const d = Buffer.concat([Buffer.alloc(COORDINATE_BYTES - secret.length), secret]);
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: text(x),
    y: text(point.subarray(1 + COORDINATE_BYTES)),
    d: text(d),
  } as const;
  secret.fill(0);
  d.fill(0);
  return jwk;
}

export function newP256(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const { d, ...open } = newP256Jwk();
  return {
    publicKey: createPublicKey({ key: open, format: 'jwk' }),
    privateKey: createPrivateKey({ key: { ...open, d }, format: 'jwk' }),
  };
}

/**
 * What only an agency is to read, sealed to its registered key: a JWE (compact), ECDH-ES+A256KW on P-256 with a fresh
 * ephemeral key each time, over a fresh content key for A256GCM.
 *
 * Nonce: 12 random bytes, used once since each content key is. Additional data: the protected header, `alg`, `enc`, `kid`
 * and `epk`. `kid` is the key's own name, or the thumbprint of RFC 7638: it tells an agency which of its keys opens it.
 */
import { createPublicKey } from 'node:crypto';
import { CompactEncrypt, type CryptoKey, calculateJwkThumbprint, importJWK } from 'jose';
import { bad, ok, type Result } from '../domain/result.js';

const ALG = 'ECDH-ES+A256KW';
const MEMBERS = new Set(['kty', 'crv', 'x', 'y', 'kid', 'alg', 'use']);
/** Of P-256, in base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{43}$/;
const KID = /^[A-Za-z0-9._~-]{1,128}$/;

export class AgencyKey {
  readonly kid: string;
  readonly #key: CryptoKey | Uint8Array;

  private constructor(kid: string, key: CryptoKey | Uint8Array) {
    this.kid = kid;
    this.#key = key;
  }

  /** A public P-256 key as a JWK; anything else in it is refused, a private part above all. */
  static async read(jwk: unknown): Promise<Result<AgencyKey, string>> {
    if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return bad('is no JWK object');
    const { kty, crv, x, y, kid, alg, use } = jwk as Record<string, unknown>;
    if ('d' in jwk) return bad('holds a private key (member d): register the public one, and replace this pair');
    const unknown = Object.keys(jwk).find((member) => !MEMBERS.has(member));
    if (unknown !== undefined) return bad('has members beside kty, crv, x, y, kid, alg, use');
    if (kty !== 'EC' || crv !== 'P-256') return bad('is not of kty EC and crv P-256');
    if (alg !== undefined && alg !== ALG) return bad(`is for another alg than ${ALG}`);
    if (use !== undefined && use !== 'enc') return bad('is for another use than enc');
    if (kid !== undefined && !(typeof kid === 'string' && KID.test(kid))) return bad('has a kid that is no plain text');
    if (!isCoordinate(x) || !isCoordinate(y)) return bad('has no x and y of 32 bytes in canonical base64url');
    const point = { kty, crv, x, y };
    try {
      createPublicKey({ key: point, format: 'jwk' });
    } catch {
      return bad('is no point on P-256');
    }
    return ok(new AgencyKey(kid ?? (await calculateJwkThumbprint(point)), await importJWK(point, ALG)));
  }

  /** `content` as JSON, for the holder of the private key. */
  seal(content: unknown): Promise<string> {
    const sealing = new CompactEncrypt(Buffer.from(JSON.stringify(content)));
    return sealing.setProtectedHeader({ alg: ALG, enc: 'A256GCM', kid: this.kid }).encrypt(this.#key);
  }
}

const isCoordinate = (text: unknown): text is string =>
  typeof text === 'string' && COORDINATE.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text;

/**
 * Key material at rest: JWKs inside a JWE (compact, A256GCM), wrapped under a tier's key-encryption key (A256KW) or for a
 * tier's identity key (ECDH-ES+A256KW on P-256).
 *
 * Nonce: 12 random bytes, made by node-jose, used once since each content key is. Additional data: the JWE's protected
 * header, which names what is wrapped (`kid`).
 */
import { createDecipheriv, createECDH, createHash, type ECDH, type JsonWebKey, KeyObject } from 'node:crypto';
import jose from 'node-jose';
import { newP256Jwk } from './new-p256.js';
import { checkJwe, type JweRule } from './strict-jwe.js';

/** What was to be unwrapped is no key of ours, or is under another key. Tells nothing of its content. */
export class KeyUnwrapFailed extends Error {
  override readonly name = 'KeyUnwrapFailed';
}

/** Who may open it: whoever holds this key-encryption key (32 bytes), or the private part of this P-256 key. */
export type Recipient = Buffer | KeyObject;

/** What a tier opens with: its key-encryption key, and (null: before it has one) its identity's private key. */
export interface KeyOpener {
  readonly kek: Buffer;
  readonly identity: KeyObject | null;
}

const CHARS_MAX = 4_096;
const UNDER_KEK: JweRule = { charsMax: CHARS_MAX, alg: 'A256KW', enc: 'A256GCM' };
const FOR_IDENTITY: JweRule = { charsMax: CHARS_MAX, alg: 'ECDH-ES+A256KW', enc: 'A256GCM' };
const KEY_BYTES = 32;

/** `content` as JSON inside a JWE; `kid` names what it is and is readable by anyone. */
export async function wrapJson(to: Recipient, kid: string, content: unknown): Promise<string> {
  const text = JSON.stringify(content);
  if (to instanceof KeyObject) {
    const key = await jose.JWK.asKey({ ...p256(to), kid });
    // node-jose makes an ephemeral key in 6 ms of JavaScript; OpenSSL in 30 µs
    const epk = await jose.JWK.asKey({ ...newP256Jwk(), kid });
    const recipient = { key, epk, header: {} } as unknown as jose.JWK.Key;
    return encrypt(recipient, FOR_IDENTITY, text);
  }
  return encrypt(await secretKey(to, kid), UNDER_KEK, text);
}

/** What `wrapJson` wrapped. Throws `KeyUnwrapFailed` for anything that is not meant for this opener. */
export async function unwrapJson(
  opener: KeyOpener,
  jwe: string,
): Promise<{ readonly kid: string; readonly content: unknown }> {
  const header = checkJwe(jwe, UNDER_KEK);
  if (header.ok) return decrypt(await secretKey(opener.kek, header.value.kid), UNDER_KEK, header.value.kid, jwe);
  const other = opener.identity === null ? header : checkJwe(jwe, FOR_IDENTITY);
  // of two refusals the one that speaks of its own algorithm says more
  if (!other.ok) {
    throw new KeyUnwrapFailed(`refused: ${other.fault.startsWith('alg is not') ? header.fault : other.fault}`);
  }
  const { kid } = other.value;
  return decrypt(await jose.JWK.asKey({ ...p256(opener.identity as KeyObject), kid }), FOR_IDENTITY, kid, jwe);
}

/**
 * The same, at once: a store that meets a row asks for its key in the middle of a read. OpenSSL's own primitives, behind the
 * same gate (40 µs under a key-encryption key and 120 for an identity; through node-jose 150 and 450, and a promise).
 */
export function unwrapJsonNow(opener: KeyOpener, jwe: string): { readonly kid: string; readonly content: unknown } {
  const parts = jwe.split('.');
  checkLength(opener.kek);
  const under = checkJwe(jwe, UNDER_KEK);
  const header = under.ok || opener.identity === null ? under : checkJwe(jwe, FOR_IDENTITY);
  if (!header.ok) throw new KeyUnwrapFailed(`refused: ${header.fault}`);
  const [head, wrapped, nonce, sealed, tag] = parts.map((part) => Buffer.from(part, 'base64url')) as Five;
  try {
    const kek = under.ok ? opener.kek : agreedKey(opener.identity as KeyObject, head);
    const unwrap = createDecipheriv('id-aes256-wrap', kek, RFC3394_IV);
    const contentKey = Buffer.concat([unwrap.update(wrapped), unwrap.final()]);
    const gcm = createDecipheriv('aes-256-gcm', contentKey, nonce, { authTagLength: 16 });
    gcm.setAAD(Buffer.from(parts[0] as string, 'ascii')).setAuthTag(tag);
    const plain = Buffer.concat([gcm.update(sealed), gcm.final()]);
    const content: unknown = JSON.parse(plain.toString('utf8'));
    plain.fill(0);
    contentKey.fill(0);
    return { kid: header.value.kid, content };
  } catch {
    throw new KeyUnwrapFailed('does not open under this key-encryption key');
  }
}

type Five = [Buffer, Buffer, Buffer, Buffer, Buffer];
const RFC3394_IV = Buffer.alloc(8, 0xa6);

/** Made once: a tier has one identity, and a start opens the keys of every order with it. */
const ecdhs = new WeakMap<KeyObject, ECDH>();

function ecdhOf(privateKey: KeyObject): ECDH {
  let ecdh = ecdhs.get(privateKey);
  if (ecdh === undefined) {
    ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(p256(privateKey).d ?? '', 'base64url');
    ecdhs.set(privateKey, ecdh);
  }
  return ecdh;
}

/** RFC 7518, 4.6.2: one round of the Concat KDF over the agreed secret; no party names. */
function agreedKey(privateKey: KeyObject, header: Buffer): Buffer {
  const { epk } = JSON.parse(header.toString('utf8')) as { epk: { readonly x: string; readonly y: string } };
  const point = [Buffer.of(4), Buffer.from(epk.x, 'base64url'), Buffer.from(epk.y, 'base64url')];
  const secret = ecdhOf(privateKey).computeSecret(Buffer.concat(point));
  const alg = Buffer.from(FOR_IDENTITY.alg, 'ascii');
  const number = (value: number) => Buffer.from(Uint32Array.of(value).buffer).swap32();
  const parts = [number(1), secret, number(alg.length), alg, number(0), number(0), number(8 * KEY_BYTES)];
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function encrypt(to: jose.JWK.Key, { alg, enc }: JweRule, text: string): Promise<string> {
  const options = { format: 'compact', contentAlg: enc, fields: { alg } } as const;
  return jose.JWE.createEncrypt(options, to).update(text).final();
}

async function decrypt(key: jose.JWK.Key, { alg, enc }: JweRule, kid: string, jwe: string) {
  let plain: Buffer;
  try {
    plain = (await jose.JWE.createDecrypt(key, { algorithms: [alg, enc] }).decrypt(jwe)).plaintext;
  } catch {
    throw new KeyUnwrapFailed('does not open under this key-encryption key');
  }
  try {
    return { kid, content: JSON.parse(plain.toString('utf8')) as unknown };
  } catch {
    throw new KeyUnwrapFailed('holds no JWK');
  } finally {
    plain.fill(0);
  }
}

/** node-jose writes the name of the key it wraps with into the header: so the KEK goes by the name of what it wraps. */
async function secretKey(kek: Buffer, kid: string): Promise<jose.JWK.Key> {
  checkLength(kek);
  return jose.JWK.asKey({ kty: 'oct', kid, k: kek.toString('base64url') });
}

function checkLength(kek: Buffer): void {
  if (kek.length !== KEY_BYTES) throw new RangeError(`a key-encryption key has 32 bytes, not ${kek.length}`);
}

/** The members of a P-256 key, private or public. Throws `RangeError` for another kind of key. */
export function p256(key: KeyObject): JsonWebKey & { readonly kty: string } {
  const { kty, crv, x, y, d } = key.export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new RangeError('a P-256 key it is not');
  return { kty, crv, x, y, ...(d === undefined ? {} : { d }) };
}

/** A 256-bit secret as a JWK, and back; null when it is none, or says anything more: what for, another would have to know. */
export const octJwk = (kid: string, key: Uint8Array) => ({
  kty: 'oct',
  kid,
  k: Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('base64url'),
});

export function octKey(jwk: unknown, kid: string): Buffer | null {
  if (typeof jwk !== 'object' || jwk === null) return null;
  const members = jwk as Record<string, unknown>;
  if (members.kty !== 'oct' || members.kid !== kid || typeof members.k !== 'string') return null;
  if (Object.keys(members).length !== Object.keys(octJwk(kid, Buffer.alloc(0))).length) return null;
  const key = Buffer.from(members.k, 'base64url');
  return key.length === KEY_BYTES && key.toString('base64url') === members.k ? key : null;
}

/**
 * Device keys at rest: a symmetric JWK inside a JWE, wrapped by the key-encryption key.
 *
 * Key: the KEK (A256KW, RFC 3394) wraps a fresh content key (A256GCM). Nonce: 12 random bytes, made by node-jose, used
 * once since each content key is. Additional data: the JWE's protected header, which names the key (`kid`).
 */
import jose from 'node-jose';
import { checkJwe, type JweRule } from './strict-jwe.js';

/** What was to be unwrapped is no key of ours, or is under another key-encryption key. Tells nothing of its content. */
export class KeyUnwrapFailed extends Error {
  override readonly name = 'KeyUnwrapFailed';
}

const RULE: JweRule = { charsMax: 2_048, alg: 'A256KW', enc: 'A256GCM' };
const keyBytes = 32;

/**
 * Wraps `key` (32 bytes) under `kek` (32 bytes); `kid` names it (`{device_id}:{key_id}`) and is readable by anyone.
 * Throws `RangeError` for another length.
 */
export async function wrapKey(kek: Buffer, key: Uint8Array, kid: string): Promise<string> {
  mustBe32('key-encryption key', kek);
  mustBe32('key', key);
  const jwk = JSON.stringify({ kty: 'oct', kid, k: Buffer.from(key).toString('base64url') });
  const options = { format: 'compact', contentAlg: RULE.enc, fields: { alg: RULE.alg } } as const;
  return jose.JWE.createEncrypt(options, await kekKey(kek, kid))
    .update(jwk)
    .final();
}

/** The 32-byte key. Throws `KeyUnwrapFailed` for whatever `wrapKey` under this key-encryption key did not make. */
export async function unwrapKey(kek: Buffer, jwe: string): Promise<Buffer> {
  return (await unwrapNamedKey(kek, jwe)).key;
}

/** The same, with the name under which it was wrapped. */
export async function unwrapNamedKey(
  kek: Buffer,
  jwe: string,
): Promise<{ readonly kid: string; readonly key: Buffer }> {
  mustBe32('key-encryption key', kek);
  const header = checkJwe(jwe, RULE);
  if (!header.ok) throw new KeyUnwrapFailed(`refused: ${header.fault}`);
  const { kid } = header.value;
  let plain: Buffer;
  try {
    plain = (await jose.JWE.createDecrypt(await kekKey(kek, kid), { algorithms: [RULE.alg, RULE.enc] }).decrypt(jwe))
      .plaintext;
  } catch {
    throw new KeyUnwrapFailed('does not open under this key-encryption key');
  }
  return { kid, key: keyOf(plain, kid) };
}

function keyOf(plain: Buffer, kid: string): Buffer {
  let jwk: unknown;
  try {
    jwk = JSON.parse(plain.toString('utf8'));
  } catch {
    jwk = null;
  }
  if (typeof jwk !== 'object' || jwk === null) throw new KeyUnwrapFailed('holds no JWK');
  const members = jwk as Record<string, unknown>;
  const key = members.kty === 'oct' && typeof members.k === 'string' ? Buffer.from(members.k, 'base64url') : null;
  if (key === null || key.length !== keyBytes || key.toString('base64url') !== members.k)
    throw new KeyUnwrapFailed('holds no 256-bit symmetric JWK');
  if (members.kid !== kid) throw new KeyUnwrapFailed('the key inside has another name');
  return key;
}

/** node-jose writes the name of the key it wraps with into the header: so the KEK goes by the name of what it wraps. */
async function kekKey(kek: Buffer, kid: string): Promise<jose.JWK.Key> {
  return jose.JWK.asKey({ kty: 'oct', kid, k: kek.toString('base64url') });
}

function mustBe32(what: string, bytes: Uint8Array): void {
  if (bytes.length !== keyBytes) throw new RangeError(`a ${what} has 32 bytes, not ${bytes.length}`);
}

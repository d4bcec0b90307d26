/**
 * Whether a key opens an archive segment: its content key unwraps (RFC 3394 says by itself whether the key was right).
 * Written from the format's description: ephemeral point, wrapped key; key agreement as RFC 7518 §4.6 has it.
 */
import { createDecipheriv, createHash, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

const POINT_BYTES = 64;
const WRAPPED_BYTES = 40;
const BEFORE_MAX = 64;
const ALG = 'ECDH-ES+A256KW';

export function segmentOpens(bytes: Buffer, privateKeys: readonly KeyObject[]): boolean {
  for (let at = 0; at <= BEFORE_MAX && at + 1 + POINT_BYTES + WRAPPED_BYTES <= bytes.length; at++) {
    if (bytes[at] !== 1) continue;
    const point = bytes.subarray(at + 1, at + 1 + POINT_BYTES);
    const wrapped = bytes.subarray(at + 1 + POINT_BYTES, at + 1 + POINT_BYTES + WRAPPED_BYTES);
    const publicKey = onCurve(point);
    if (publicKey !== null && privateKeys.some((key) => unwraps(key, publicKey, wrapped))) return true;
  }
  return false;
}

function onCurve(point: Buffer): KeyObject | null {
  const [x, y] = [point.subarray(0, 32), point.subarray(32)].map((half) => half.toString('base64url'));
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y } as never, format: 'jwk' });
  } catch {
    return null;
  }
}

function unwraps(privateKey: KeyObject, publicKey: KeyObject, wrapped: Buffer): boolean {
  try {
    const shared = diffieHellman({ privateKey, publicKey });
    const unwrap = createDecipheriv('id-aes256-wrap', concatKdf(shared), Buffer.alloc(8, 0xa6));
    unwrap.update(wrapped);
    unwrap.final();
    return true;
  } catch {
    return false;
  }
}

/** One round of SHA-256 is the whole key: round, Z, algorithm, no party information, 256 bits. */
function concatKdf(shared: Buffer): Buffer {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  return createHash('sha256')
    .update(word(1))
    .update(shared)
    .update(word(ALG.length))
    .update(ALG)
    .update(word(0))
    .update(word(0))
    .update(word(256))
    .digest();
}

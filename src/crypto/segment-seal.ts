/**
 * Seals an archive segment to an order's public key: whoever writes it cannot open it, and only for its place it opens.
 *
 * A segment is a JWE (RFC 7516) under a key of its own: `enc` A256GCM, `alg` ECDH-ES+A256KW (RFC 7518 §4.6) to the order's
 * P-256 key. Its protected header, which is the additional data, names the stream (by pseudonym) and the day. Both are
 * given again to open it, so neither is kept: a segment that was moved to another order or day has another header.
 *
 * Sealed: version (1 byte) ‖ ephemeral public key, x and y (64) ‖ encrypted key (40) ‖ nonce (12) ‖ ciphertext ‖ tag (16):
 * 133 bytes more than the plain. `compactJweOf` writes it out as any JWE library reads it.
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';
import { bad, ok, type Result } from '../domain/result.js';

/** Where a segment belongs. */
export interface SegmentPlace {
  /** The stream's pseudonym. */
  readonly stream: string;
  /** UTC days since 1970. */
  readonly day: number;
}

/** Not bytes that `sealSegment` made; or made for another key or place, or changed since. */
export type SegmentFault = 'not_a_segment' | 'does_not_open';

const VERSION = 1;
const coordinateBytes = 32;
const pointAt = 1;
const wrappedAt = pointAt + 2 * coordinateBytes;
const wrappedBytes = 40;
const nonceAt = wrappedAt + wrappedBytes;
const nonceBytes = 12;
const cipherAt = nonceAt + nonceBytes;
const tagBytes = 16;
const keyBytes = 32;
const ALG = 'ECDH-ES+A256KW';
/** RFC 3394 §2.2.3.1 */
const wrapIv = Buffer.alloc(8, 0xa6);
const uncompressed = Buffer.from([4]);

/** `publicKey`: the order's, P-256. Throws `RangeError` for another kind of key. ~0.15 ms, whatever the length. */
export function sealSegment(publicKey: KeyObject, plain: Uint8Array, place: SegmentPlace): Buffer {
  const recipient = pointOf(publicKey);
  const ephemeral = createECDH('prime256v1');
  const point = ephemeral.generateKeys().subarray(1);
  const shared = ephemeral.computeSecret(recipient);
  const wrapping = wrappingKey(shared);
  const key = randomFillSync(Buffer.alloc(keyBytes));
  const sealed = Buffer.allocUnsafe(cipherAt + plain.length + tagBytes);
  sealed[0] = VERSION;
  point.copy(sealed, pointAt);
  const wrap = createCipheriv('id-aes256-wrap', wrapping, wrapIv);
  wrap.update(key).copy(sealed, wrappedAt);
  wrap.final();
  const nonce = randomFillSync(sealed.subarray(nonceAt, cipherAt));
  const gcm = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  gcm.setAAD(Buffer.from(encodedHeader(point, place), 'latin1'));
  gcm.update(plain).copy(sealed, cipherAt);
  gcm.final();
  gcm.getAuthTag().copy(sealed, cipherAt + plain.length);
  for (const secret of [key, wrapping, shared]) secret.fill(0);
  return sealed;
}

/** The plain bytes, whole or not at all. `privateKey`: the order's. */
export function openSealedSegment(
  privateKey: KeyObject,
  sealed: Uint8Array,
  place: SegmentPlace,
): Result<Buffer, SegmentFault> {
  if (sealed.length < cipherAt + tagBytes || sealed[0] !== VERSION) return bad('not_a_segment');
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  const point = bytes.subarray(pointAt, wrappedAt);
  const wrapping = agreedKey(privateKey, point);
  if (wrapping === null) return bad('does_not_open');
  try {
    const unwrap = createDecipheriv('id-aes256-wrap', wrapping, wrapIv);
    const key = unwrap.update(bytes.subarray(wrappedAt, nonceAt));
    unwrap.final();
    const cipherEnd = bytes.length - tagBytes;
    const gcm = createDecipheriv('aes-256-gcm', key, bytes.subarray(nonceAt, cipherAt), { authTagLength: tagBytes });
    gcm.setAAD(Buffer.from(encodedHeader(point, place), 'latin1')).setAuthTag(bytes.subarray(cipherEnd));
    key.fill(0);
    const plain = gcm.update(bytes.subarray(cipherAt, cipherEnd));
    // a stream cipher: final() checks the tag and adds no bytes
    gcm.final();
    return ok(plain);
  } catch {
    return bad('does_not_open');
  } finally {
    wrapping.fill(0);
  }
}

/** The same segment as a compact JWE; a party that has the order's private key opens it with any library. */
export function compactJweOf(sealed: Uint8Array, place: SegmentPlace): Result<string, 'not_a_segment'> {
  if (sealed.length < cipherAt + tagBytes || sealed[0] !== VERSION) return bad('not_a_segment');
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
  const cipherEnd = bytes.length - tagBytes;
  const parts = [
    bytes.subarray(wrappedAt, nonceAt),
    bytes.subarray(nonceAt, cipherAt),
    bytes.subarray(cipherAt, cipherEnd),
    bytes.subarray(cipherEnd),
  ];
  const header = encodedHeader(bytes.subarray(pointAt, wrappedAt), place);
  return ok([header, ...parts.map((part) => part.toString('base64url'))].join('.'));
}

/** The protected header as it is authenticated: the same members in the same order for ever, which is also jose's. */
function encodedHeader(point: Buffer, { stream, day }: SegmentPlace): string {
  const header = JSON.stringify({ alg: ALG, enc: 'A256GCM', stream, day, epk: jwkOf(point) });
  return Buffer.from(header).toString('base64url');
}

function jwkOf(point: Buffer): { x: string; crv: 'P-256'; kty: 'EC'; y: string } {
  const [x, y] = [point.subarray(0, coordinateBytes), point.subarray(coordinateBytes)];
  return { x: x.toString('base64url'), crv: 'P-256', kty: 'EC', y: y.toString('base64url') };
}

/** Null: what should be a public key is no point of the curve. */
function agreedKey(privateKey: KeyObject, point: Buffer): Buffer | null {
  checkCurve(privateKey, 'private');
  try {
    const publicKey = createPublicKey({ key: jwkOf(point), format: 'jwk' });
    const shared = diffieHellman({ privateKey, publicKey });
    const key = wrappingKey(shared);
    shared.fill(0);
    return key;
  } catch {
    return null;
  }
}

/** Concat KDF (RFC 7518 §4.6.2), one round of SHA-256: PartyUInfo and PartyVInfo are empty. */
function wrappingKey(shared: Buffer): Buffer {
  return createHash('sha256').update(kdfRound).update(shared).update(kdfOtherInfo).digest();
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const kdfRound = uint32(1);
const kdfOtherInfo = Buffer.concat([uint32(ALG.length), Buffer.from(ALG), uint32(0), uint32(0), uint32(8 * keyBytes)]);

/** An order's key seals many segments; taking its point out of a `KeyObject` costs as much as a tenth of one. */
const points = new WeakMap<KeyObject, Buffer>();

function pointOf(publicKey: KeyObject): Buffer {
  const known = points.get(publicKey);
  if (known !== undefined) return known;
  checkCurve(publicKey, 'public');
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([
    uncompressed,
    Buffer.from(x as string, 'base64url'),
    Buffer.from(y as string, 'base64url'),
  ]);
  points.set(publicKey, point);
  return point;
}

function checkCurve(key: KeyObject, type: 'public' | 'private'): void {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.type === type && curve === 'prime256v1') return;
  throw new RangeError(
    `a ${type} P-256 key is needed, not a ${key.type} ${key.asymmetricKeyType ?? ''} ${curve ?? ''}`,
  );
}

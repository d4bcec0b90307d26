/**
 * Signed heads of the audit log: a JWS (RFC 7515, compact, ES256) over the JSON of exactly size, root and at_ms.
 *
 * There is one way to write a head, and a reader takes no other: a changed bit anywhere in the text is a refusal, also
 * where base64url or JSON would overlook it.
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject, sign, verify } from 'node:crypto';
import { bad, ok, type Result } from '../domain/result.js';

export interface TreeHead {
  /** Entries that the tree holds. */
  readonly size: number;
  /** Lower-case hex of 32 bytes. */
  readonly root: string;
  /** When it was signed, UTC milliseconds. */
  readonly atMs: number;
}

/** `unknown_key`: signed by none of the keys that are trusted; `signature`: not what that key signed. */
export type HeadFault = 'malformed' | 'unknown_key' | 'signature';

const dsaEncoding = 'ieee-p1363';
const base64urlJson = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const headerOf = (kid: string): string => base64urlJson({ alg: 'ES256', kid, typ: 'fairwatch-audit-head' });
const payloadOf = ({ size, root, atMs }: TreeHead): string => base64urlJson({ size, root, at_ms: atMs });

/** Signs heads with one P-256 private key. Throws `TypeError` for another kind of key. */
export class HeadSigner {
  readonly verificationKey: HeadKey;
  readonly #header: string;

  constructor(private readonly key: KeyObject) {
    if (key.type !== 'private') throw new TypeError('heads are signed with a private key');
    this.verificationKey = headKey(createPublicKey(key));
    this.#header = headerOf(this.verificationKey.kid);
  }

  sign(head: TreeHead): string {
    const input = `${this.#header}.${payloadOf(head)}`;
    return `${input}.${sign('sha256', Buffer.from(input), { key: this.key, dsaEncoding }).toString('base64url')}`;
  }
}

/** A public key that heads are checked with, and its name in their headers. */
export interface HeadKey {
  /** The key's thumbprint (RFC 7638, SHA-256, base64url). */
  readonly kid: string;
  readonly key: KeyObject;
  /** What to give away: kty, crv, x, y, kid, use, alg. */
  readonly jwk: JsonWebKey;
}

/** Throws `TypeError` unless it is a P-256 public key. */
export function headKey(key: KeyObject): HeadKey {
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1' || key.type !== 'public') {
    throw new TypeError('heads are checked with a P-256 public key');
  }
  const { x, y } = key.export({ format: 'jwk' });
  // RFC 7638 §3.2: exactly these members, in this order
  const kid = createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url');
  return { kid, key, jwk: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '', kid, use: 'sig', alg: 'ES256' } };
}

/** A key as `jwk` gives it (other members are passed over), or as PEM. */
export function parseHeadKey(source: JsonWebKey | string): Result<HeadKey, string> {
  try {
    return ok(
      headKey(
        typeof source === 'string'
          ? createPublicKey(source)
          : // `d` is left behind: a private key given by mistake is taken for its public half
            createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: source.x ?? '', y: source.y ?? '' }, format: 'jwk' }),
      ),
    );
  } catch {
    return bad('expected the public key of an audit log: P-256, as JWK or PEM');
  }
}

/** The head that one of `keys` signed, whole and unchanged. */
export function openHead(jws: string, keys: readonly HeadKey[]): Result<TreeHead, HeadFault> {
  const parts = jws.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    return bad('malformed');
  }
  const head = readPayload(payload);
  const bytes = Buffer.from(signature, 'base64url');
  if (head === null || bytes.length !== 64 || bytes.toString('base64url') !== signature) return bad('malformed');
  const key = keys.find(({ kid }) => headerOf(kid) === header);
  if (key === undefined) return bad('unknown_key');
  const input = Buffer.from(`${header}.${payload}`);
  return verify('sha256', input, { key: key.key, dsaEncoding }, bytes) ? ok(head) : bad('signature');
}

/** What a head says, its signature unseen: for whoever wrote it. Throws for what no signer writes. */
export function headOf(jws: string): TreeHead {
  const head = readPayload(jws.split('.')[1] ?? '');
  if (head === null) throw new Error('a signed head is damaged');
  return head;
}

/** Null unless it is, to the last character, what `sign` writes. */
function readPayload(payload: string): TreeHead | null {
  let json: { size?: unknown; root?: unknown; at_ms?: unknown };
  try {
    json = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as typeof json;
  } catch {
    return null;
  }
  const { size, root, at_ms: atMs } = json ?? {};
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
  if (typeof root !== 'string' || !/^[0-9a-f]{64}$/.test(root)) return null;
  if (typeof atMs !== 'number' || !Number.isSafeInteger(atMs)) return null;
  const head = { size, root, atMs };
  return payloadOf(head) === payload ? head : null;
}

/** The keys of one order: how they are made, and how each tier's vault keeps its part (a JWK set inside a JWE). */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import {
  type KeyOpener,
  KeyUnwrapFailed,
  octJwk,
  octKey,
  p256,
  type Recipient,
  unwrapJsonNow,
  wrapJson,
} from './key-jwe.js';
import { newP256 } from './new-p256.js';

/** The part of the tier that seals: alert versions and revisions under `data`, archive segments for the public key. */
export interface IngestOrderKeys {
  /** 32 random bytes. */
  readonly data: Buffer;
  /** P-256. */
  readonly archivePublic: KeyObject;
}

/** The part of the tier that may read. */
export interface ReviewOrderKeys extends IngestOrderKeys {
  readonly audit: Buffer;
  readonly archivePrivate: KeyObject;
}

export function createOrderKeys(): ReviewOrderKeys {
  const { publicKey, privateKey } = newP256();
  return { data: randomBytes(32), audit: randomBytes(32), archivePublic: publicKey, archivePrivate: privateKey };
}

/** `name`: the order's pseudonym. */
export function wrapReviewKeys(to: Recipient, name: string, keys: ReviewOrderKeys): Promise<string> {
  const archive = { ...p256(keys.archivePrivate), kid: 'archive' };
  return wrapJson(to, kidOf(name), { keys: [octJwk('data', keys.data), octJwk('audit', keys.audit), archive] });
}

export function wrapIngestKeys(to: Recipient, name: string, keys: IngestOrderKeys): Promise<string> {
  const archive = { ...p256(keys.archivePublic), kid: 'archive' };
  return wrapJson(to, kidOf(name), { keys: [octJwk('data', keys.data), archive] });
}

/** Throws `KeyUnwrapFailed` for another order's keys, another tier's, or what `wrapReviewKeys` did not make. */
export function unwrapReviewKeys(opener: KeyOpener, name: string, jwe: string): ReviewOrderKeys {
  const [data, audit, archive] = jwksOf(opener, name, jwe, 3);
  let archivePrivate: KeyObject | null = null;
  const privateKey = (): KeyObject => {
    archivePrivate ??= p256Key(archive, createPrivateKey);
    return archivePrivate;
  };
  return {
    data: must(octKey(data, 'data')),
    audit: must(octKey(audit, 'audit')),
    // as below: asked for only when somebody reads the archive
    get archivePrivate() {
      return privateKey();
    },
    get archivePublic() {
      return createPublicKey(privateKey());
    },
  };
}

export function unwrapIngestKeys(opener: KeyOpener, name: string, jwe: string): IngestOrderKeys {
  const [data, archive] = jwksOf(opener, name, jwe, 2);
  let archivePublic: KeyObject | null = null;
  return {
    data: must(octKey(data, 'data')),
    // half the time of all this, and asked for only when the order's records are archived
    get archivePublic() {
      archivePublic ??= p256Key(archive, createPublicKey);
      return archivePublic;
    },
  };
}

const kidOf = (name: string): string => `order:${name}`;

function jwksOf(opener: KeyOpener, name: string, jwe: string, count: number): unknown[] {
  const { kid, content } = unwrapJsonNow(opener, jwe);
  if (kid !== kidOf(name)) throw new KeyUnwrapFailed('holds the keys of another order');
  const keys = typeof content === 'object' && content !== null && 'keys' in content ? content.keys : null;
  if (!Array.isArray(keys) || keys.length !== count) throw new KeyUnwrapFailed('holds no JWK set of an order');
  return keys;
}

function p256Key(jwk: unknown, create: (input: { key: never; format: 'jwk' }) => KeyObject): KeyObject {
  try {
    const key = create({ key: jwk as never, format: 'jwk' });
    // refuses every other curve
    p256(key);
    if ((jwk as { kid?: unknown }).kid === 'archive') return key;
  } catch {
    // said below
  }
  throw new KeyUnwrapFailed('holds no P-256 archive key');
}

function must(key: Buffer | null): Buffer {
  if (key === null) throw new KeyUnwrapFailed('holds no 256-bit symmetric JWK of that name');
  return key;
}

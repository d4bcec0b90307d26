/** A proof that an entry stands in a signed tree: it can be checked with nothing but itself and the public key. */
import type { JsonWebKey } from 'node:crypto';
import { bad, ok, type Result } from '../domain/result.js';
import { HASH_BYTES, leafHash, rootByInclusion } from './merkle.js';
import { type HeadFault, type HeadKey, headOf, openHead, type TreeHead } from './signed-head.js';

/** As JSON has it: hashes in hex, leaf first; the entry in base64. */
export interface AuditProof {
  readonly index: number;
  readonly entry: string;
  readonly leaf: string;
  readonly path: readonly string[];
  readonly head: HeadJson;
  /** For convenience: who checks takes it from elsewhere, or compares its thumbprint (`kid`). */
  readonly key: Readonly<Record<string, unknown>>;
}

export interface HeadJson {
  readonly size: number;
  readonly root: string;
  readonly at_ms: number;
  readonly jws: string;
}

export function headJson(jws: string): HeadJson {
  const { size, root, atMs } = headOf(jws);
  return { size, root, at_ms: atMs, jws };
}

export function auditProof(
  index: number,
  entry: Uint8Array,
  path: readonly string[],
  jws: string,
  key: JsonWebKey | Readonly<Record<string, unknown>>,
): AuditProof {
  const leaf = leafHash(entry).toString('hex');
  return { index, entry: Buffer.from(entry).toString('base64'), leaf, path, head: headJson(jws), key: { ...key } };
}

/** What is proved: these bytes stood at that index when the head was signed. */
export interface Proved {
  readonly index: number;
  readonly entry: Buffer;
  readonly head: TreeHead;
}

/** The fault is for people: what about the proof is wrong. */
export function checkAuditProof(json: unknown, keys: readonly HeadKey[]): Result<Proved, string> {
  const { index, entry, leaf, path, head } = (
    typeof json === 'object' && json !== null ? json : {}
  ) as Partial<AuditProof>;
  if (!Number.isSafeInteger(index) || typeof entry !== 'string' || typeof leaf !== 'string' || !Array.isArray(path)) {
    return bad('it is no proof: expected index, entry, leaf, path and head');
  }
  const hashes = (path as unknown[]).map(hashOf);
  if (hashes.includes(null)) return bad('its path is not a list of SHA-256 hashes in hex');
  const bytes = Buffer.from(entry, 'base64');
  if (bytes.toString('base64') !== entry) return bad('its entry is not base64');
  if (leafHash(bytes).toString('hex') !== leaf) return bad('its leaf is not the hash of its entry');
  const opened = openHead(typeof head?.jws === 'string' ? head.jws : '', keys);
  if (!opened.ok) return bad(`its head does not stand: ${HEAD_FAULTS[opened.fault]}`);
  const { size, root, atMs } = opened.value;
  if (head?.size !== size || head.root !== root || head.at_ms !== atMs)
    return bad('its head says other than what is signed');
  const reached = rootByInclusion(Buffer.from(leaf, 'hex'), index as number, size, hashes as Buffer[]);
  if (reached === null || Buffer.from(reached).toString('hex') !== root) {
    return bad(`its path does not lead from entry ${index} to the root of ${size} entries that is signed`);
  }
  return ok({ index: index as number, entry: bytes, head: opened.value });
}

/** Why a head does not stand, for people. */
export const HEAD_FAULTS: Readonly<Record<HeadFault, string>> = {
  malformed: 'it is damaged',
  unknown_key: 'it is signed by a key that is not trusted',
  signature: 'its signature is not that of its content',
};

function hashOf(text: unknown): Buffer | null {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
    ? Buffer.from(text, 'hex').subarray(0, HASH_BYTES)
    : null;
}

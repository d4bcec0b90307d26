/**
 * The gate in front of every JWE that we open: what the library behind it would let through is refused here.
 *
 * node-jose 2.2.0 accepts a sixth part, junk among base64url and tags that are too long, and inflates `zip` without
 * bound; so a compact serialization must have exactly five canonical parts, a header of the members that are expected
 * and no other, and the lengths that its algorithms give.
 */
import { bad, ok, type Result } from '../domain/result.js';

export interface JweRule {
  /** Length of the whole text. */
  readonly charsMax: number;
  readonly alg: 'A256KW';
  readonly enc: 'A256GCM';
}

export interface JweHeader {
  readonly alg: string;
  readonly enc: string;
  readonly kid: string;
}

/** Bytes of the wrapped 256-bit content key (RFC 3394), the nonce and the tag. */
const WRAPPED_KEY_BYTES = 40;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const membersAllowed: ReadonlySet<string> = new Set(['alg', 'enc', 'kid']);

/** The header of a JWE that may be opened under `rule`, or what is wrong with it. Reads no secret. */
export function checkJwe(text: string, rule: JweRule): Result<JweHeader, string> {
  if (text.length > rule.charsMax) return bad(`longer than ${rule.charsMax} characters`);
  const parts = text.split('.');
  if (parts.length !== 5) return bad(`${parts.length} parts, not 5`);
  const bytes: Buffer[] = [];
  for (const part of parts) {
    const decoded = Buffer.from(part, 'base64url');
    // Buffer skips what is no base64url and forgives padding and spare bits; encoding again shows all of it
    if (decoded.toString('base64url') !== part) return bad('a part is not canonical base64url');
    bytes.push(decoded);
  }
  const [header, key, nonce, , tag] = bytes as [Buffer, Buffer, Buffer, Buffer, Buffer];
  if (key.length !== WRAPPED_KEY_BYTES) return bad(`encrypted key of ${key.length} bytes`);
  if (nonce.length !== NONCE_BYTES) return bad(`nonce of ${nonce.length} bytes`);
  if (tag.length !== TAG_BYTES) return bad(`tag of ${tag.length} bytes`);
  return checkHeader(header, rule);
}

function checkHeader(bytes: Buffer, rule: JweRule): Result<JweHeader, string> {
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8'));
  } catch {
    return bad('the header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return bad('the header is not an object');
  const members = header as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    if (!membersAllowed.has(name)) return bad(`header member ${JSON.stringify(name.slice(0, 20))} is not allowed`);
  }
  const { alg, enc, kid } = members;
  if (alg !== rule.alg) return bad(`alg is not ${rule.alg}`);
  if (enc !== rule.enc) return bad(`enc is not ${rule.enc}`);
  if (typeof kid !== 'string') return bad('kid is missing');
  return ok({ alg, enc, kid });
}

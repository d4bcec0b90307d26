/** What a bearer token must look like before any key is thought of: a strict JWS in compact form, and nothing clever. */
import { type JsonBounds, parseStrictJson } from '../../codec/strict-json.js';

const tokenBytesMax = 8_192;
const kidCharsMax = 128;
const HEADER: JsonBounds = { depthMax: 2, membersPerObjectMax: 16, elementsPerListMax: 16, valuesMax: 64 };
/** Providers put lists of groups there. */
const CLAIMS: JsonBounds = { depthMax: 8, membersPerObjectMax: 100, elementsPerListMax: 500, valuesMax: 2_000 };

/** A key comes from the issuer that is configured, never from the token; extensions change what a signature covers (RFC 7797). */
const REFUSED = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc'];
/** RFC 8725 §3.11: a token that was signed for something else (logout, DPoP, an event) is no access token. */
const TYPES = ['jwt', 'at+jwt', 'application/at+jwt'];

/**
 * Is it three parts of canonical base64url, with a header that names no key of its own and claims that no two readers
 * would read differently (RFC 7519 §4 leaves it to the reader which of two members of one name counts)?
 */
export function isTokenShaped(token: string): boolean {
  if (token.length > tokenBytesMax) return false;
  const parts = token.split('.');
  if (parts.length !== 3) return false;
  const [header, claims, signature] = parts.map(canonical);
  if (header == null || claims == null || signature == null) return false;
  const head = objectOf(header, HEADER);
  return head !== null && isHeader(head) && objectOf(claims, CLAIMS) !== null;
}

function isHeader(head: Readonly<Record<string, unknown>>): boolean {
  const { alg, kid, typ } = head;
  return (
    typeof alg === 'string' &&
    (kid === undefined || (typeof kid === 'string' && kid.length >= 1 && kid.length <= kidCharsMax)) &&
    (typ === undefined || (typeof typ === 'string' && TYPES.includes(typ.toLowerCase()))) &&
    !REFUSED.some((name) => Object.hasOwn(head, name))
  );
}

function canonical(part: string): Buffer | null {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : null;
}

function objectOf(bytes: Buffer, bounds: JsonBounds): Readonly<Record<string, unknown>> | null {
  const parsed = parseStrictJson(bytes, bounds);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value))
    return null;
  return parsed.value as Readonly<Record<string, unknown>>;
}

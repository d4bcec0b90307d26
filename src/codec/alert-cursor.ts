/** The opaque text by which a subscriber says how far it has read the alerts of one ledger. */
import { hash, timingSafeEqual } from 'node:crypto';

const placeBytes = 8;
const checkBytes = 8;
const grammar = /^[A-Za-z0-9_-]{22}$/;

/**
 * Cursor after `place` (0: before the first version) of the ledger of that id: base64url of the place (8 bytes,
 * big-endian) and 8 bytes of HMAC-SHA256 under the ledger's id. The check is no secret; it is there so that a cursor
 * of another ledger, or one that was cut or mistyped, is told apart from one of ours and never resumes somewhere else.
 * It names no filter: the same cursor serves every view of the same ledger.
 */
export function encodeAlertCursor(ledgerId: string, place: number): string {
  if (!Number.isSafeInteger(place) || place < 0) throw new RangeError(`no place of a ledger: ${place}`);
  const bytes = Buffer.alloc(placeBytes + checkBytes);
  bytes.writeBigUInt64BE(BigInt(place));
  bytes.write(check(ledgerId, bytes.subarray(0, placeBytes)), placeBytes, 'hex');
  return bytes.toString('base64url');
}

/** The place of a cursor of that ledger; null for any other text. Whether the ledger has got that far is the caller's question. */
export function decodeAlertCursor(ledgerId: string, cursor: string): number | null {
  if (!grammar.test(cursor)) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  // base64url has spare bits in its last character: one place has one spelling
  if (bytes.length !== placeBytes + checkBytes || bytes.toString('base64url') !== cursor) return null;
  const placed = bytes.subarray(0, placeBytes);
  if (!timingSafeEqual(bytes.subarray(placeBytes), Buffer.from(check(ledgerId, placed), 'hex'))) return null;
  const place = Number(placed.readBigUInt64BE());
  return Number.isSafeInteger(place) ? place : null;
}

const blockBytes = 64;
const hashBytes = 32;

/** The two blocks of RFC 2104 before what is hashed, of one ledger: a process reads one. */
let pads = { ledgerId: '', inner: Buffer.alloc(0), outer: Buffer.alloc(0) };

/**
 * HMAC by two hashes, as text at once: each event of a page has a cursor, and `createHmac` takes six times as long (a hash
 * into a buffer three times).
 */
function check(ledgerId: string, placed: Uint8Array): string {
  if (pads.ledgerId !== ledgerId || pads.inner.length === 0) pads = padsOf(ledgerId);
  const { inner, outer } = pads;
  inner.set(placed, blockBytes);
  outer.write(hash('sha256', inner, 'hex'), blockBytes, 'hex');
  return hash('sha256', outer, 'hex').slice(0, 2 * checkBytes);
}

function padsOf(ledgerId: string): typeof pads {
  const key = Buffer.from(ledgerId, 'utf8');
  const inner = Buffer.alloc(blockBytes + placeBytes, 0x36);
  const outer = Buffer.alloc(blockBytes + hashBytes, 0x5c);
  const short = key.length > blockBytes ? hash('sha256', key, 'buffer') : key;
  short.forEach((byte, i) => {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  });
  return { ledgerId, inner, outer };
}

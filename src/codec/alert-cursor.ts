/** The opaque text by which a subscriber says how far it has read the alerts of one ledger. */
import { createHmac, timingSafeEqual } from 'node:crypto';

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
  const bytes = Buffer.alloc(placeBytes);
  bytes.writeBigUInt64BE(BigInt(place));
  return Buffer.concat([bytes, check(ledgerId, bytes)]).toString('base64url');
}

/** The place of a cursor of that ledger; null for any other text. Whether the ledger has got that far is the caller's question. */
export function decodeAlertCursor(ledgerId: string, cursor: string): number | null {
  if (!grammar.test(cursor)) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  // base64url has spare bits in its last character: one place has one spelling
  if (bytes.length !== placeBytes + checkBytes || bytes.toString('base64url') !== cursor) return null;
  const placed = bytes.subarray(0, placeBytes);
  if (!timingSafeEqual(bytes.subarray(placeBytes), check(ledgerId, placed))) return null;
  const place = Number(placed.readBigUInt64BE());
  return Number.isSafeInteger(place) ? place : null;
}

function check(ledgerId: string, placed: Uint8Array): Buffer {
  return createHmac('sha256', ledgerId).update(placed).digest().subarray(0, checkBytes);
}

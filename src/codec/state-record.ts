/**
 * The hot state of one stream as stores keep it, before it is sealed: one byte of format, a head that is read without the
 * rest, then MessagePack.
 *
 * Head, at fixed offsets, float64 little-endian: position · due time (NaN: none) · time of the oldest position of a tag
 * that the state has (Infinity: none).
 */
import type { SubjectState } from '../domain/subject-state.js';
import { FormatRefused, pack, unpack } from './packed.js';

/** Raised whenever the meaning of a field changes; a store with another format is rebuilt from the journal. */
const FORMAT = 4;
const WHAT = 'hot state';
const POSITION_AT = 1;
const DUE_AT = 9;
const OLDEST_FIX_AT = 17;
const BODY_AT = 25;

export function encodeState(state: SubjectState): Buffer {
  const body = pack(FORMAT, state);
  const bytes = Buffer.allocUnsafe(BODY_AT + body.length - 1);
  bytes[0] = FORMAT;
  bytes.writeDoubleLE(state.position, POSITION_AT);
  bytes.writeDoubleLE(state.dueMs ?? Number.NaN, DUE_AT);
  bytes.writeDoubleLE(oldestFix(state), OLDEST_FIX_AT);
  body.copy(bytes, BODY_AT, 1);
  return bytes;
}

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeState(bytes: Uint8Array): SubjectState {
  checkHead(bytes);
  const body = Buffer.allocUnsafe(1 + bytes.length - BODY_AT);
  body[0] = FORMAT;
  body.set(bytes.subarray(BODY_AT), 1);
  const state = unpack(WHAT, FORMAT, body);
  if (typeof state !== 'object' || state === null) throw new FormatRefused(`${WHAT}: damaged (no state)`);
  return state as SubjectState;
}

/** When the stream wants to be looked at again; null: never. Throws as `decodeState` does. */
export function dueMsOf(bytes: Uint8Array): number | null {
  const dueMs = checkHead(bytes).getFloat64(DUE_AT, true);
  return Number.isNaN(dueMs) ? null : dueMs;
}

/** Event time of the oldest position of a tag that the state still has; Infinity: it has none. Throws as `decodeState` does. */
export const oldestFixMsOf = (bytes: Uint8Array): number => checkHead(bytes).getFloat64(OLDEST_FIX_AT, true);

function checkHead(bytes: Uint8Array): DataView {
  if (bytes[0] !== FORMAT) unpack(WHAT, FORMAT, bytes);
  if (bytes.length <= BODY_AT) throw new FormatRefused(`${WHAT}: damaged (${bytes.length} bytes)`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function oldestFix(state: SubjectState): number {
  let oldestMs = Infinity;
  for (const one of Object.values(state.equipment)) oldestMs = Math.min(oldestMs, one.lastFix?.timeMs ?? Infinity);
  return oldestMs;
}

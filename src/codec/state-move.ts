/** What a calm fix changes of a state, in bytes before the rest of its record: put there without reading the rest. */
import { parseDeviceId } from '../domain/ids.js';
import type { Move } from '../rules/calm.js';

const AT = { timeMs: 0, latE7: 8, lonE7: 12, radiusM: 16, isMoving: 24, hashLength: 25, hash: 26 } as const;

/**
 * float64 time · int32 latitude and longitude, 1e-7 degrees · float64 radius · byte: moving · byte: length of the hash · the
 * hash · the tag's id up to the end; little-endian. `dueMs` is not in it: it stands in the head.
 */
export function writeMove(move: Move): Buffer {
  const bytes = Buffer.allocUnsafe(AT.hash + move.hash.length + move.tagId.length);
  bytes.writeDoubleLE(move.timeMs, AT.timeMs);
  bytes.writeInt32LE(move.latE7, AT.latE7);
  bytes.writeInt32LE(move.lonE7, AT.lonE7);
  bytes.writeDoubleLE(move.radiusM, AT.radiusM);
  bytes[AT.isMoving] = move.isMoving ? 1 : 0;
  bytes[AT.hashLength] = move.hash.length;
  bytes.write(move.hash, AT.hash, 'latin1');
  bytes.write(move.tagId, AT.hash + move.hash.length, 'latin1');
  return bytes;
}

/** Throws `RangeError` for bytes that `writeMove` cannot have written. */
export function readMove(bytes: Buffer, dueMs: number | null): Move {
  const hashEnd = AT.hash + (bytes[AT.hashLength] ?? 0);
  const tagId = parseDeviceId(bytes.toString('latin1', hashEnd));
  if (hashEnd >= bytes.length || !tagId.ok || dueMs === null) throw new RangeError('a move is damaged');
  return {
    tagId: tagId.value,
    timeMs: bytes.readDoubleLE(AT.timeMs),
    hash: bytes.toString('latin1', AT.hash, hashEnd),
    latE7: bytes.readInt32LE(AT.latE7),
    lonE7: bytes.readInt32LE(AT.lonE7),
    radiusM: bytes.readDoubleLE(AT.radiusM),
    isMoving: bytes[AT.isMoving] === 1,
    dueMs,
  };
}

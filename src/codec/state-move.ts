/** What calm records change of a state, in bytes before the rest of its record: put there without reading the rest. */
import { parseDeviceId } from '../domain/ids.js';
import type { Move } from '../rules/calm-move.js';

const AT = { heardMs: 0, flags: 8, batteryPct: 9, tagLength: 10, tag: 11 } as const;
/** Behind the tag's id, where the move has a fix. */
const FIX = { timeMs: 0, latE7: 8, lonE7: 12, radiusM: 16, hash: 24 } as const;
const IS_MOVING = 1;
const HAS_FIX = 2;
const HAS_BATTERY = 4;

/**
 * float64 time of the last record · flags · byte: battery, percent · byte: length of the tag's id · the id; with a fix:
 * float64 time · int32 latitude and longitude, 1e-7 degrees · float64 radius · its hash up to the end; little-endian.
 * `dueMs` is not in it: it stands in the head.
 */
export function writeMove({ tagId, heardMs, fix, batteryPct, isMoving }: Move): Buffer {
  const fixAt = AT.tag + tagId.length;
  const bytes = Buffer.allocUnsafe(fix === null ? fixAt : fixAt + FIX.hash + fix.hash.length);
  bytes.writeDoubleLE(heardMs, AT.heardMs);
  bytes[AT.flags] = (isMoving ? IS_MOVING : 0) + (fix === null ? 0 : HAS_FIX) + (batteryPct === null ? 0 : HAS_BATTERY);
  bytes.writeUInt8(batteryPct ?? 0, AT.batteryPct);
  bytes[AT.tagLength] = tagId.length;
  bytes.write(tagId, AT.tag, 'latin1');
  if (fix === null) return bytes;
  bytes.writeDoubleLE(fix.timeMs, fixAt + FIX.timeMs);
  bytes.writeInt32LE(fix.latE7, fixAt + FIX.latE7);
  bytes.writeInt32LE(fix.lonE7, fixAt + FIX.lonE7);
  bytes.writeDoubleLE(fix.radiusM, fixAt + FIX.radiusM);
  bytes.write(fix.hash, fixAt + FIX.hash, 'latin1');
  return bytes;
}

/** Throws `RangeError` for bytes that `writeMove` cannot have written. */
export function readMove(bytes: Buffer, dueMs: number | null): Move {
  if (bytes.length < AT.tag) throw new RangeError('a move is damaged');
  const flags = bytes[AT.flags] as number;
  const fixAt = AT.tag + (bytes[AT.tagLength] as number);
  const hasFix = (flags & HAS_FIX) !== 0;
  const tagId = parseDeviceId(bytes.toString('latin1', AT.tag, fixAt));
  const ends = hasFix ? bytes.length >= fixAt + FIX.hash : bytes.length === fixAt;
  if (!ends || !tagId.ok || dueMs === null) throw new RangeError('a move is damaged');
  return {
    tagId: tagId.value,
    heardMs: bytes.readDoubleLE(AT.heardMs),
    fix: hasFix
      ? {
          timeMs: bytes.readDoubleLE(fixAt + FIX.timeMs),
          hash: bytes.toString('latin1', fixAt + FIX.hash),
          latE7: bytes.readInt32LE(fixAt + FIX.latE7),
          lonE7: bytes.readInt32LE(fixAt + FIX.lonE7),
          radiusM: bytes.readDoubleLE(fixAt + FIX.radiusM),
        }
      : null,
    batteryPct: (flags & HAS_BATTERY) === 0 ? null : (bytes[AT.batteryPct] as number),
    isMoving: (flags & IS_MOVING) !== 0,
    dueMs,
  };
}

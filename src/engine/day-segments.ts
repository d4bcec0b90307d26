/** What was said of each day, sealed for the archive: whoever seals it cannot open it. */
import { encodeSegment, SEGMENT_RECORDS_MAX } from '../codec/segment.js';
import { sealSegment } from '../crypto/segment-seal.js';
import { type DeviceId, orderOfStream, type StreamKey } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';
import type { SealedSegment } from '../ports/archive.js';
import type { OrderKeyRing } from '../ports/order-keys.js';
import type { LoggedUpload } from '../ports/recent-log.js';
import { identity, type Placed, recordsOf } from './event-order.js';

export type RecordPlace = (deviceId: DeviceId, record: DeviceRecord) => StreamKey;

export const DAY_MS = 86_400_000;
/** What comes later into the new day is of the next turn, whatever it speaks of. */
const SLOW_MS = 600_000;

/** `dayMs`: the beginning of a day. What came soon after it and speaks of none but earlier days is of those. */
export function isOfDayBefore({ entry: { receivedMs, records } }: LoggedUpload, dayMs: number): boolean {
  if (receivedMs < dayMs) return true;
  return receivedMs < dayMs + SLOW_MS && records.every(({ timeMs }) => timeMs < dayMs);
}

/**
 * Segments of an order's stream, by day; null: the order's keys are destroyed, or were never made. Of a device that nobody
 * is known to wear there are none: its records expire with the keys of their hours, for no order gives a reason to keep
 * them (¶16, ¶17). Records of no use to any rule, foreign sightings among them, are sealed like the others (¶19).
 */
export async function segmentsOf(
  stream: StreamKey,
  uploads: readonly LoggedUpload[],
  keys: OrderKeyRing,
  streamOf: RecordPlace,
): Promise<SealedSegment[] | null> {
  const orderId = orderOfStream(stream);
  if (orderId === null) return [];
  // It may have been made since.
  if (keys.archivePublicKey(orderId) === null) await keys.refresh(orderId);
  const key = keys.archivePublicKey(orderId);
  if (key === null) return null;
  const name = keys.nameOf(orderId);
  const own = uploads.flatMap(recordsOf).filter((placed) => !isOfAnother(stream, placed, streamOf));
  return [...byDay(own)].flatMap(([day, records]) =>
    inParts(records).map((part) => {
      const said = part.map(({ deviceId, receivedMs, record }) => {
        return { deviceId, receivedS: Math.floor(receivedMs / 1_000), record };
      });
      return { stream, day, sealed: sealSegment(key, encodeSegment(said), { stream: name, day }) };
    }),
  );
}

/** It was said since that somebody else wore the device: it is with them. */
function isOfAnother(stream: StreamKey, { deviceId, record }: Placed, streamOf: RecordPlace): boolean {
  const now = streamOf(deviceId, record);
  return now !== stream && orderOfStream(now) !== null;
}

/** Each record once, as it came first; in order of their time, which packs best. */
function byDay(records: readonly Placed[]): Map<number, Placed[]> {
  const once = new Map<string, Placed>();
  for (const placed of records) if (!once.has(identity(placed))) once.set(identity(placed), placed);
  const days = new Map<number, Placed[]>();
  for (const placed of [...once.values()].sort((a, b) => a.record.timeMs - b.record.timeMs)) {
    const day = Math.floor(placed.record.timeMs / DAY_MS);
    const list = days.get(day);
    if (list === undefined) days.set(day, [placed]);
    else list.push(placed);
  }
  return days;
}

function inParts<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let from = 0; from < all.length; from += SEGMENT_RECORDS_MAX) {
    parts.push(all.slice(from, from + SEGMENT_RECORDS_MAX));
  }
  return parts;
}

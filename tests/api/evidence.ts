// Records of a person as devices sent them, put where the engine puts them: some archived and sealed, some recent.
import { makeRecord } from '../../src/codec/record.js';
import { encodeSegment } from '../../src/codec/segment.js';
import { sealSegment } from '../../src/crypto/segment-seal.js';
import { parseDeviceId, parseOrderId, streamOfOrder } from '../../src/domain/ids.js';
import type { RecordBody } from '../../src/domain/record.js';
import type { ArchivedRecord } from '../../src/ports/archive.js';
import { type Harness, sure } from './harness.js';

const DAY_MS = 86_400_000;

export function said(device: string, timeMs: number, body: RecordBody): ArchivedRecord {
  return {
    deviceId: sure(parseDeviceId(device)),
    receivedS: Math.floor(timeMs / 1_000) + 14,
    record: makeRecord(timeMs, body),
  };
}

/** Positions are told apart by `n`. */
export const fix = (device: string, timeMs: number, n: number): ArchivedRecord =>
  said(device, timeMs, {
    kind: 'fix',
    latE7: 538_000_000 + n,
    lonE7: -15_400_000 - n,
    accuracyDm: 52,
    speedCmS: 140,
    headingCdeg: 0,
    satellites: 9,
    hdopCenti: 0,
    mechanism: 'GNSS',
    altitudeDm: 0,
  });

export const reading = (unit: string, tag: string, timeMs: number, rssiDbm: number): ArchivedRecord =>
  said(unit, timeMs, { kind: 'rf', tagId: sure(parseDeviceId(tag)), event: 'PRESENT', rssiDbm, status: null });

/** Sealed to the order's own key, one segment a day. */
export async function archived(h: Harness, order: string, records: readonly ArchivedRecord[]): Promise<void> {
  const orderId = sure(parseOrderId(order));
  const stream = streamOfOrder(orderId);
  const key = h.keys.archivePublicKey(orderId);
  if (key === null) throw new Error('the order has no keys');
  const days = new Set(records.map(({ record }) => Math.floor(record.timeMs / DAY_MS)));
  const segments = [...days].map((day) => {
    const mine = records.filter(({ record }) => Math.floor(record.timeMs / DAY_MS) === day);
    const sealed = sealSegment(key, encodeSegment(mine), { stream: h.keys.nameOf(orderId), day });
    return { stream, day, sealed };
  });
  await h.archive.claim(1);
  await h.archive.append({ epoch: 1, segments, archivedUpTo: new Map([[stream, 10]]), sequences: [] });
}

/** Taken in and not archived yet. */
export function recently(h: Harness, order: string, records: readonly ArchivedRecord[]): void {
  const stream = streamOfOrder(sure(parseOrderId(order)));
  for (const { deviceId, receivedS, record } of records) {
    const position = 11 + h.recent.length;
    h.recent.push({
      position,
      entry: {
        kind: 'upload',
        stream,
        receivedMs: receivedS * 1_000,
        deviceId,
        sequence: BigInt(position),
        index: 0,
        digest: 'x',
        records: [record],
      },
    });
  }
}

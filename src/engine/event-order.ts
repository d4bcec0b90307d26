/** The order in which records happened, whatever the order in which they came (§1, §7). */
import type { LoggedUpload } from '../ports/recent-log.js';
import type { RerunRecord } from '../rules/rerun.js';

export interface Placed extends RerunRecord {
  readonly sequence: bigint;
  /** Journal position of its upload, and its place in it. */
  readonly position: number;
  readonly index: number;
}

export const recordsOf = ({ position, entry }: LoggedUpload): Placed[] =>
  entry.records.map((record, index) => ({
    deviceId: entry.deviceId,
    receivedMs: entry.receivedMs,
    sequence: entry.sequence,
    position,
    index,
    record,
  }));

/** The same record again, whatever its sequence and arrival (§7). */
export const identity = ({ deviceId, record }: Pick<RerunRecord, 'deviceId' | 'record'>): string =>
  `${deviceId} ${record.timeMs} ${record.hash}`;

/** By identity, the sequence under which a record was sent first, whichever came first. */
export function lowestSequences(records: readonly Placed[]): Map<string, bigint> {
  const lowest = new Map<string, bigint>();
  for (const placed of records) {
    const name = identity(placed);
    const known = lowest.get(name);
    if (known === undefined || placed.sequence < known) lowest.set(name, placed.sequence);
  }
  return lowest;
}

/** Each record once, as it came first, in the place that it had when it was sent first. */
export function inEventOrder(records: readonly Placed[]): RerunRecord[] {
  const once = new Map<string, Placed>();
  for (const placed of [...records].sort((a, b) => a.position - b.position)) {
    const name = identity(placed);
    const first = once.get(name);
    if (first === undefined) once.set(name, placed);
    else if (placed.sequence < first.sequence) once.set(name, { ...placed, receivedMs: first.receivedMs });
  }
  return [...once.values()]
    .sort(eventOrder)
    .map(({ deviceId, receivedMs, record }) => ({ deviceId, receivedMs, record }));
}

export const belongsBefore = (a: Placed, b: Placed): boolean => eventOrder(a, b) < 0;

/** Of equal times by device, then sequence, then place in the upload. */
function eventOrder(a: Placed, b: Placed): number {
  if (a.record.timeMs !== b.record.timeMs) return a.record.timeMs - b.record.timeMs;
  if (a.deviceId !== b.deviceId) return a.deviceId < b.deviceId ? -1 : 1;
  if (a.sequence !== b.sequence) return a.sequence < b.sequence ? -1 : 1;
  return a.position - b.position || a.index - b.index;
}

/**
 * Journal entries as blocks of format 1 have them, and what format 2 has kept of it for all but uploads: MessagePack rows.
 *
 * Format 1: MessagePack array of entries; an entry is an array of its code, stream, arrival and what the kind adds.
 * Records stand as the wire has them (`Upload.records`), beside the identities that they were given on arrival.
 */
import type {
  AliveEntry,
  DecisionEntry,
  EraseEntry,
  IntegrityEntry,
  JournalEntry,
  OrderEntry,
  QuarantinedEntry,
  TickEntry,
  UploadEntry,
  ZoneEntry,
} from '../domain/entry.js';
import type { DeviceRecord } from '../domain/record.js';
import { unreachable } from '../domain/result.js';
import { messageOf, readerOf } from './framing.js';
import { FormatRefused } from './packed.js';
import { readRecord } from './record.js';

const WHAT = 'journal entries';
/** Codes are stored: never renumbered, never used again. */
export const CODE = {
  upload: 1,
  tick: 2,
  order: 3,
  zone: 4,
  integrity: 5,
  quarantined: 6,
  alive: 7,
  decision: 8,
  erase: 9,
} as const;
const recordTag = 18;

/** The rows of a block of format 1, unpacked. Throws `FormatRefused`. */
export function entriesOfRows(rows: unknown): JournalEntry[] {
  if (!Array.isArray(rows)) throw new FormatRefused(`${WHAT}: damaged (no list)`);
  return rows.map(entryOfRow);
}

type Code = (typeof CODE)[keyof typeof CODE];
export type Row = readonly [code: Code, stream: string, receivedMs: number, ...rest: unknown[]];

/** All but uploads, which format 2 writes by hand. */
export function rowOf(entry: Exclude<JournalEntry, UploadEntry>): Row {
  const { stream, receivedMs } = entry;
  switch (entry.kind) {
    case 'tick':
      return [CODE.tick, stream, receivedMs, entry.atMs, entry.cause];
    case 'order':
      return [CODE.order, stream, receivedMs, entry.order];
    case 'zone':
      return [CODE.zone, stream, receivedMs, entry.zoneId, entry.zone];
    case 'integrity':
      return [CODE.integrity, stream, receivedMs, entry.deviceId, entry.type];
    case 'quarantined':
      return [CODE.quarantined, stream, receivedMs, entry.deviceId, entry.reason, entry.bytes];
    case 'decision':
      return [CODE.decision, stream, receivedMs, entry.act, entry.alert];
    case 'erase':
      return [CODE.erase, stream, receivedMs, entry.orderId];
    case 'alive':
      return [CODE.alive, stream, receivedMs];
    default:
      return unreachable(entry);
  }
}

/** The block was sealed by us, so its fields are what we wrote; only its form is looked at. */
export function entryOfRow(row: unknown): JournalEntry {
  if (!Array.isArray(row)) throw new FormatRefused(`${WHAT}: damaged (an entry is no list)`);
  const [code, stream, receivedMs, a, b, c, d, e, f] = row as [Code, ...unknown[]];
  const base = { stream, receivedMs };
  switch (code) {
    case CODE.upload: {
      const records = recordsOf(e, f);
      return { kind: 'upload', ...base, deviceId: a, sequence: b, index: c, digest: d, records } as UploadEntry;
    }
    case CODE.tick:
      return { kind: 'tick', ...base, atMs: a, cause: b } as TickEntry;
    case CODE.order:
      return { kind: 'order', ...base, order: a } as OrderEntry;
    case CODE.zone:
      return { kind: 'zone', ...base, zoneId: a, zone: b } as ZoneEntry;
    case CODE.integrity:
      return { kind: 'integrity', ...base, deviceId: a, type: b } as IntegrityEntry;
    case CODE.quarantined:
      return { kind: 'quarantined', ...base, deviceId: a, reason: b, bytes: c } as QuarantinedEntry;
    case CODE.decision:
      return { kind: 'decision', ...base, act: a, alert: b } as DecisionEntry;
    case CODE.erase:
      return { kind: 'erase', ...base, orderId: a } as EraseEntry;
    case CODE.alive:
      return { kind: 'alive', ...base } as AliveEntry;
    default:
      throw new FormatRefused(`${WHAT}: an entry of kind ${String(code)} is not known here`);
  }
}

function recordsOf(hashes: unknown, bytes: unknown): DeviceRecord[] {
  if (!Array.isArray(hashes) || !(bytes instanceof Uint8Array)) {
    throw new FormatRefused(`${WHAT}: damaged (an upload holds no records)`);
  }
  const records: DeviceRecord[] = [];
  const reader = readerOf(bytes);
  try {
    for (const hash of hashes as string[]) {
      if (reader.tag() !== recordTag) throw new Error('no record where one should be');
      records.push({ ...readRecord(reader, reader.size()), hash });
    }
  } catch (error) {
    throw new FormatRefused(`${WHAT}: damaged (${messageOf(error)})`);
  }
  return records;
}

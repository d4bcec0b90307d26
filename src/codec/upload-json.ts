/**
 * One upload as a line of NDJSON, as `replay` reads it: the wire's names, enums by name. What a device may send is
 * taken here too, so that a replay never refuses what the gateway took: unknown members and enums are passed over, and
 * listed.
 */
import { type DeviceId, ID_EXPECTED, parseDeviceId } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { DeviceRecord, Upload } from '../domain/record.js';
import { bad, ok, type Result } from '../domain/result.js';
import { JsonFault, JsonFields } from './json-fields.js';
import { makeRecord } from './record.js';
import { bodyOf, membersOf } from './record-json.js';

export interface UploadLine {
  readonly deviceId: DeviceId;
  readonly receivedMs: number;
  readonly upload: Upload;
}

export interface ParsedLine extends UploadLine {
  /** Paths of what was not understood and is used by nothing: a newer device's, or a slip of the pen. */
  readonly ignored: readonly string[];
}

/** Reads one line that was parsed as JSON; the fault says where it is wrong, what was expected and what came. */
export function parseUploadLine(json: unknown): Result<ParsedLine, string> {
  try {
    return ok(read(json));
  } catch (error) {
    if (error instanceof JsonFault) return bad(error.message);
    throw error;
  }
}

/** The line, without its newline. A body that is not ours leaves its time only. */
export function uploadLine(line: UploadLine): string {
  const { sequence, oldestHeld, records } = line.upload;
  return JSON.stringify({
    device_id: line.deviceId,
    received_ms: line.receivedMs,
    sequence: jsonUint64(sequence),
    ...(oldestHeld !== 0n && { oldest_held: jsonUint64(oldestHeld) }),
    records: records.map((record) => ({ time_ms: record.timeMs, ...membersOf(record.body) })),
  });
}

function read(json: unknown): ParsedLine {
  const fields = new JsonFields(json, '');
  const ignored: string[] = [];
  const deviceId = parseDeviceId(fields.value('device_id'));
  if (!deviceId.ok) throw fields.fault('device_id', ID_EXPECTED);
  const receivedMs = fields.timeMs('received_ms', 0, LIMITS.timeMsMax);
  const sequence = fields.uint64('sequence');
  if (sequence < 1n) throw fields.fault('sequence', 'a whole number from 1');
  const oldestHeld = fields.has('oldest_held') ? fields.uint64('oldest_held') : 0n;
  fields.has('attestation');

  const items = fields.list('records');
  if (items.length < 1 || items.length > LIMITS.recordsPerUploadMax)
    throw new JsonFault(`records: expected 1 to ${LIMITS.recordsPerUploadMax}, got ${items.length}`);
  const records = items.map((item, i) => recordOf(new JsonFields(item, `records[${i}]`), ignored));
  ignored.push(...fields.unread());
  return { deviceId: deviceId.value, receivedMs, upload: { sequence, oldestHeld, records }, ignored };
}

function recordOf(fields: JsonFields, ignored: string[]): DeviceRecord {
  const timeMs = fields.timeMs('time_ms', LIMITS.timeMsMin, LIMITS.timeMsMax);
  const body = bodyOf(fields, ignored);
  ignored.push(...fields.unread());
  return makeRecord(timeMs, body);
}

/** A number while it is exact, else decimal text. */
function jsonUint64(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
}

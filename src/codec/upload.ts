/** What a device uploads: protobuf bytes ↔ `Upload`. The wire's traps are met here and nowhere else. */
import { LIMITS } from '../domain/limits.js';
import type { DeviceRecord, Upload } from '../domain/record.js';
import { bad, ok, type Result } from '../domain/result.js';
import { finish, messageOf, newWriter, type Reader, readerOf, readFixed64, skip, writeFixed64 } from './framing.js';
import { readRecord, writeRecord } from './record.js';
import { checkBounds, WireFault } from './record-bounds.js';

export interface UploadFault {
  readonly reason: 'malformed_upload' | 'out_of_bounds';
  /** For a person: which field, and what was wrong. Holds no position. */
  readonly detail: string;
}

/** Field numbers and wire types of `Upload`, as they stand before each field. */
const TAG = { sequence: 9, records: 18, oldestHeld: 25 } as const;

/** Writes an upload, its records in the order given. Throws `RangeError` for a sequence of more than 64 bits. */
export function encodeUpload(upload: Upload): Buffer {
  const writer = newWriter();
  writeFixed64(writer, TAG.sequence, upload.sequence);
  for (const record of upload.records) {
    writer.uint32(TAG.records).fork();
    writeRecord(record, writer);
    writer.ldelim();
  }
  if (upload.oldestHeld !== 0n) writeFixed64(writer, TAG.oldestHeld, upload.oldestHeld);
  return finish(writer);
}

/**
 * Reads an upload and checks every bound. Never throws, whatever the bytes. "Oldest first" is not asked for: what a
 * device mixed up is put in order by the rules. The result holds nothing of `bytes`.
 */
export function decodeUpload(bytes: Uint8Array): Result<Upload, UploadFault> {
  try {
    return ok(read(readerOf(bytes)));
  } catch (error) {
    const reason = error instanceof WireFault ? error.reason : 'malformed_upload';
    return bad({ reason, detail: messageOf(error) });
  }
}

function read(reader: Reader): Upload {
  let sequence = 0n;
  let oldestHeld = 0n;
  const records: DeviceRecord[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === TAG.sequence) sequence = readFixed64(reader);
    else if (tag === TAG.oldestHeld) oldestHeld = readFixed64(reader);
    else if (tag === TAG.records) {
      if (records.length === LIMITS.recordsPerUploadMax)
        throw new WireFault('out_of_bounds', `more than ${LIMITS.recordsPerUploadMax} records`);
      const record = readRecord(reader, reader.size());
      checkBounds(record);
      records.push(record);
    } else skip(reader, tag);
  }
  if (records.length === 0) throw new WireFault('out_of_bounds', 'no records');
  if (sequence < 1n) throw new WireFault('out_of_bounds', 'sequence is missing or 0');
  return { sequence, oldestHeld, records };
}

/** One record of an upload: protobuf bytes ↔ time, identity and body. */
import type { DeviceRecord, RecordBody } from '../domain/record.js';
import { finish, newWriter, type Reader, readUint64, skip, type Writer } from './framing.js';
import { BODY_FIELDS, type ReadBody, readBody, writeBody } from './record-body.js';
import { checkBounds } from './record-bounds.js';
import { hashBody, hashPart } from './record-hash.js';

const TIME_TAG = 8;
const wireTypeBytes = 2;

/**
 * Reads the `length` bytes at the reader's place as a `Record`. The last body stands if there are several (the trap of
 * a oneof sent twice). Checks no ranges. Throws `WireFault` for a fix without a position or a tag without an id, and
 * whatever the reader throws for broken bytes.
 */
export function readRecord(reader: Reader, length: number): DeviceRecord {
  const start = reader.pos;
  const end = start + length;
  if (end > reader.len) throw new RangeError('a record runs over the end');
  const outerEnd = reader.len;
  reader.len = end;

  let timeMs = 0;
  let last: ReadBody | null = null;
  let bodies = 0;
  let hash = '';
  let others: Uint8Array[] | null = null;
  while (reader.pos < end) {
    const fieldStart = reader.pos;
    const tag = reader.tag();
    if (tag === TIME_TAG) {
      timeMs = readUint64(reader);
      continue;
    }
    if ((tag & 7) === wireTypeBytes && isBody(tag >>> 3)) {
      const bodyLength = reader.size();
      const bodyStart = reader.pos;
      last = readBody(tag >>> 3, reader, bodyLength);
      hash = hashPart(tag >>> 3, reader.buf, bodyStart, reader.pos);
      bodies++;
      continue;
    }
    skip(reader, tag);
    others ??= [];
    others.push(reader.raw(fieldStart, reader.pos));
  }
  reader.len = outerEnd;

  if (last === null) {
    hash = hashBody(0, Buffer.concat(others ?? []));
    return { timeMs, hash, body: { kind: 'unknown' }, ...(others !== null && { raw: copy(reader, start, end) }) };
  }
  if (bodies === 1 && last.whole && others === null) return { timeMs, hash, body: last.body };
  return { timeMs, hash, body: last.body, raw: copy(reader, start, end) };
}

/** Writes a `Record` message without tag and length: as it came where we have that, else as we encode it. */
export function writeRecord(record: DeviceRecord, writer: Writer): void {
  if (record.raw !== undefined) {
    writer.raw(record.raw);
    return;
  }
  writer.uint32(TIME_TAG).uint64(record.timeMs);
  if (record.body.kind === 'unknown') return;
  writer.uint32((BODY_FIELDS[record.body.kind] << 3) | wireTypeBytes).fork();
  writeBody(record.body, writer);
  writer.ldelim();
}

/**
 * A record that did not come off the wire (NDJSON, the simulator), with the identity that the wire would give it.
 * Throws `WireFault` for what no device could send.
 */
export function makeRecord(timeMs: number, body: RecordBody): DeviceRecord {
  checkBounds({ timeMs, body });
  if (body.kind === 'unknown') return { timeMs, hash: hashBody(0, new Uint8Array(0)), body };
  const writer = newWriter();
  writeBody(body, writer);
  return { timeMs, hash: hashBody(BODY_FIELDS[body.kind], finish(writer)), body };
}

function isBody(field: number): boolean {
  return field >= BODY_FIELDS.fix && field <= BODY_FIELDS.heartbeat;
}

/** The upload's buffer may be used again after it was read. */
function copy(reader: Reader, start: number, end: number): Uint8Array {
  return Buffer.from(reader.raw(start, end));
}

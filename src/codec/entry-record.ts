/**
 * Journal entries as a block holds them before it is sealed: many at once, exactly, 64-bit sequences and what a newer
 * device said included.
 *
 * Format 2: how many, then each: its code, and an upload by hand (`byte-writer`; a third of what MessagePack and protobuf
 * took, and they took a tenth of the gateway's time), anything else as the MessagePack row that format 1 had. A fix that
 * says nothing unknown stands as its numbers, any other record as the wire has it, beside the identity that it was given on
 * arrival. Format 1 is read, and written no more.
 */
import type { JournalEntry, UploadEntry } from '../domain/entry.js';
import { type DeviceRecord, type LocationFix, MECHANISMS, type Mechanism } from '../domain/record.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { CODE, entriesOfRows, entryOfRow, rowOf } from './entry-rows.js';
import { finish, messageOf, newWriter, readerOf } from './framing.js';
import { FormatRefused, pack, unpack } from './packed.js';
import { readRecord, writeRecord } from './record.js';

const FORMER = 1;
const FORMAT = 2;
const WHAT = 'journal entries';
/** How a record stands. */
const FIX = 1;
const WIRE = 2;

const writer = new ByteWriter();

export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  writer.begin();
  writer.byte(FORMAT);
  writer.whole(entries.length);
  for (const entry of entries) {
    writer.byte(CODE[entry.kind]);
    if (entry.kind === 'upload') writeUpload(entry);
    else writer.bytes(pack(FORMAT, rowOf(entry)));
  }
  return writer.finish();
}

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeEntries(bytes: Uint8Array): JournalEntry[] {
  if (bytes[0] !== FORMAT) return entriesOfRows(unpack(WHAT, FORMER, bytes));
  try {
    return read(new ByteReader(bytes, 1));
  } catch (error) {
    throw error instanceof FormatRefused ? error : new FormatRefused(`${WHAT}: damaged (${messageOf(error)})`);
  }
}

function read(reader: ByteReader): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let left = reader.count(); left > 0; left -= 1) {
    const code = reader.byte();
    entries.push(code === CODE.upload ? readUpload(reader) : entryOfRow(unpack(WHAT, FORMAT, reader.bytes())));
  }
  reader.finish();
  return entries;
}

function writeUpload({ stream, receivedMs, deviceId, sequence, index, digest, records }: UploadEntry): void {
  writer.name(stream);
  writer.double(receivedMs);
  writer.name(deviceId);
  writer.long(sequence);
  writer.whole(index);
  writer.hash(digest);
  writer.whole(records.length);
  for (const record of records) writeOne(record);
}

function readUpload(reader: ByteReader): UploadEntry {
  const entry = {
    kind: 'upload',
    stream: reader.name(),
    receivedMs: reader.double(),
    deviceId: reader.name(),
    sequence: reader.long(),
    index: reader.whole(),
    digest: reader.hash(),
    records: [] as DeviceRecord[],
  };
  for (let left = reader.count(); left > 0; left -= 1) entry.records.push(readOne(reader));
  return entry as unknown as UploadEntry;
}

function writeOne(record: DeviceRecord): void {
  const { body, hash, timeMs } = record;
  if (body.kind === 'fix' && record.raw === undefined && fits(body)) {
    writer.byte(FIX);
    writer.hash(hash);
    writer.double(timeMs);
    writeFix(body);
    return;
  }
  writer.byte(WIRE);
  writer.hash(hash);
  const wire = newWriter();
  writeRecord(record, wire);
  writer.bytes(finish(wire));
}

function readOne(reader: ByteReader): DeviceRecord {
  const form = reader.byte();
  const hash = reader.hash();
  if (form === FIX) return { timeMs: reader.double(), hash, body: readFix(reader) };
  if (form !== WIRE) throw new RangeError(`a record of form ${form} is not known here`);
  const bytes = reader.bytes();
  return { ...readRecord(readerOf(bytes), bytes.length), hash };
}

function writeFix(fix: LocationFix): void {
  writer.int(fix.latE7);
  writer.int(fix.lonE7);
  writer.whole(fix.accuracyDm);
  writer.whole(fix.speedCmS);
  writer.whole(fix.headingCdeg);
  writer.whole(fix.satellites);
  writer.whole(fix.hdopCenti);
  writer.byte(MECHANISMS[fix.mechanism]);
  writer.int(fix.altitudeDm);
}

function readFix(reader: ByteReader): LocationFix {
  return {
    kind: 'fix',
    latE7: reader.int(),
    lonE7: reader.int(),
    accuracyDm: reader.whole(),
    speedCmS: reader.whole(),
    headingCdeg: reader.whole(),
    satellites: reader.whole(),
    hdopCenti: reader.whole(),
    mechanism: mechanismOf(reader.byte()),
    altitudeDm: reader.int(),
  };
}

/** Whether its numbers are what the wire can carry: then they come back as they are. */
function fits(fix: LocationFix): boolean {
  return (
    isInt(fix.latE7) &&
    isInt(fix.lonE7) &&
    isUint(fix.accuracyDm) &&
    isUint(fix.speedCmS) &&
    isUint(fix.headingCdeg) &&
    isUint(fix.satellites) &&
    isUint(fix.hdopCenti) &&
    isInt(fix.altitudeDm)
  );
}

const isInt = (value: number): boolean => value === (value | 0);
const isUint = (value: number): boolean => value === value >>> 0;

const mechanisms = new Map(Object.entries(MECHANISMS).map(([name, number]) => [number, name as Mechanism]));

function mechanismOf(number: number): Mechanism {
  const mechanism = mechanisms.get(number as (typeof MECHANISMS)[Mechanism]);
  if (mechanism === undefined) throw new RangeError(`no mechanism has the number ${number}`);
  return mechanism;
}

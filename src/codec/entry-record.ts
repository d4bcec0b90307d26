/**
 * Journal entries as a block holds them before it is sealed: many at once, exactly, 64-bit sequences and what a newer
 * device said included.
 *
 * Format 2: how many; then each, an upload as `compact-writer` writes it, any other as a row of MessagePack
 * (`entry-rows`). A fix stands as its numbers, any other record as the wire has it, beside the identity that it was given
 * on arrival. Format 1, rows alone, is read.
 */
import type { JournalEntry, UploadEntry } from '../domain/entry.js';
import type { DeviceRecord, LocationFix, Mechanism } from '../domain/record.js';
import { CompactReader } from './compact-reader.js';
import { CompactWriter } from './compact-writer.js';
import { decodeRows, encodeRow, ROWS_FORMAT } from './entry-rows.js';
import { finish, messageOf, newWriter, readerOf } from './framing.js';
import { FormatRefused, refuseFormat } from './packed.js';
import { readRecord, writeRecord } from './record.js';

const FORMAT = 2;
const WHAT = 'journal entries';
/** Stored: never renumbered. */
const ENTRY = { row: 0, upload: 1 } as const;
const RECORD = { wire: 0, fix: 1 } as const;

const to = new CompactWriter();

export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  to.begin();
  to.byte(FORMAT);
  to.whole(entries.length);
  for (const entry of entries) {
    if (entry.kind === 'upload') {
      writeUpload(entry);
      continue;
    }
    to.byte(ENTRY.row);
    to.bytes(encodeRow(entry));
  }
  return to.finish();
}

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeEntries(bytes: Uint8Array): JournalEntry[] {
  if (bytes[0] === ROWS_FORMAT) return decodeRows(bytes);
  refuseFormat(WHAT, FORMAT, bytes);
  try {
    const from = new CompactReader(bytes, 1);
    const entries: JournalEntry[] = [];
    for (let count = from.count(); count > 0; count--) entries.push(readEntry(from));
    from.finish();
    return entries;
  } catch (error) {
    if (error instanceof FormatRefused) throw error;
    throw new FormatRefused(`${WHAT}: damaged (${messageOf(error)})`);
  }
}

function writeUpload({ stream, receivedMs, deviceId, sequence, index, digest, records }: UploadEntry): void {
  to.byte(ENTRY.upload);
  to.name(stream);
  to.number(receivedMs);
  to.name(deviceId);
  to.sequence(sequence);
  to.whole(index);
  to.id(digest);
  to.whole(records.length);
  for (const record of records) {
    to.id(record.hash);
    if (record.body.kind === 'fix' && record.raw === undefined) {
      to.byte(RECORD.fix);
      to.number(record.timeMs, receivedMs);
      writeFix(record.body);
      continue;
    }
    to.byte(RECORD.wire);
    const writer = newWriter();
    writeRecord(record, writer);
    to.bytes(finish(writer));
  }
}

function readEntry(from: CompactReader): JournalEntry {
  const kind = from.byte();
  if (kind === ENTRY.upload) return readUpload(from);
  if (kind !== ENTRY.row) throw new RangeError(`an entry of form ${kind} is not known here`);
  const [entry, ...more] = decodeRows(from.bytes());
  if (entry === undefined || more.length > 0) throw new RangeError('a row holds no single entry');
  return entry;
}

function readUpload(from: CompactReader): UploadEntry {
  const [stream, receivedMs] = [from.name() as UploadEntry['stream'], from.figure()];
  const deviceId = from.name() as UploadEntry['deviceId'];
  const [sequence, index, digest] = [from.sequence(), from.whole(), from.id<string>()];
  const records: DeviceRecord[] = [];
  for (let count = from.count(); count > 0; count--) {
    const hash = from.id<string>();
    records.push(readSaid(from, hash, receivedMs));
  }
  return { kind: 'upload', stream, receivedMs, deviceId, sequence, index, digest, records };
}

function readSaid(from: CompactReader, hash: string, receivedMs: number): DeviceRecord {
  const form = from.byte();
  if (form === RECORD.fix) return { timeMs: from.figure(receivedMs), hash, body: readFix(from) };
  if (form !== RECORD.wire) throw new RangeError(`a record of form ${form} is not known here`);
  const bytes = from.bytes();
  return { ...readRecord(readerOf(bytes), bytes.length), hash };
}

function writeFix(fix: LocationFix): void {
  to.number(fix.latE7);
  to.number(fix.lonE7);
  to.number(fix.accuracyDm);
  to.number(fix.speedCmS);
  to.number(fix.headingCdeg);
  to.number(fix.satellites);
  to.number(fix.hdopCenti);
  to.text(fix.mechanism);
  to.number(fix.altitudeDm);
}

function readFix(from: CompactReader): LocationFix {
  return {
    kind: 'fix',
    latE7: from.figure(),
    lonE7: from.figure(),
    accuracyDm: from.figure(),
    speedCmS: from.figure(),
    headingCdeg: from.figure(),
    satellites: from.figure(),
    hdopCenti: from.figure(),
    mechanism: from.word<Mechanism>(),
    altitudeDm: from.figure(),
  };
}

/**
 * One day's records of one stream as the archive keeps them before they are sealed: exactly, in a few bytes each.
 *
 * Format 1: the format byte, then what the columns of `segment-record` say, range-coded: how many records, about when the
 * first was said (seconds), and each of them. The order is kept; records in order of their time cost least. What the
 * columns guess and how their odds learn belongs to the format: to change any number of it makes a new one.
 */
import { FormatRefused } from './packed.js';
import { RangeReader, RangeWriter } from './range-coder.js';
import { RecordColumns, type Said } from './segment-record.js';

const FORMAT = 1;
/** A segment holds no more; a day that has more makes several. */
export const SEGMENT_RECORDS_MAX = 65_535;
const countBits = 16;
const secondBits = 34;

/** Throws `RangeError` for none or too many, and for a record that no device could have sent. */
export function encodeSegment(records: readonly Said[]): Buffer {
  const [first] = records;
  if (first === undefined || records.length > SEGMENT_RECORDS_MAX) {
    throw new RangeError(`a segment holds 1 to ${SEGMENT_RECORDS_MAX} records, not ${records.length}`);
  }
  const writer = new RangeWriter();
  writer.raw(countBits, records.length);
  const fromS = Math.floor(first.record.timeMs / 1000);
  writer.raw(secondBits, fromS);
  const columns = new RecordColumns(fromS * 1000);
  for (const said of records) columns.pass(writer, said);
  return Buffer.concat([Buffer.from([FORMAT]), writer.finish()]);
}

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeSegment(bytes: Uint8Array): Said[] {
  if (bytes.length === 0) throw new FormatRefused('a segment: no bytes at all');
  if (bytes[0] !== FORMAT) {
    throw new FormatRefused(
      `a segment: format ${bytes[0]} is not known here, only ${FORMAT}; open it with the build that wrote it or a newer one`,
    );
  }
  const reader = new RangeReader(bytes.subarray(1));
  const count = reader.raw(countBits);
  const columns = new RecordColumns(reader.raw(secondBits) * 1000);
  const records: Said[] = [];
  for (let i = 0; i < count; i++) records.push(columns.pass(reader, null));
  reader.finish();
  return records;
}

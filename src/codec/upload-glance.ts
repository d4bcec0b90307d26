/** How new an upload is and how many records it holds, told from its bytes without reading what they say. */
import { type Reader, readerOf, readUint64, skip } from './framing.js';

export interface UploadGlance {
  readonly records: number;
  /** Of its newest record; 0 where none says a time. */
  readonly newestMs: number;
}

const RECORDS_TAG = 18;
const TIME_TAG = 8;

/**
 * Null where the bytes are no protobuf: reading them in earnest will say why. A fiftieth of what reading costs, so that an
 * upload that has to wait can wait as the bytes it came in: read, it weighs ten times as much.
 */
export function glanceAtUpload(bytes: Uint8Array): UploadGlance | null {
  try {
    return glance(readerOf(bytes));
  } catch {
    return null;
  }
}

function glance(reader: Reader): UploadGlance {
  let records = 0;
  let newestMs = 0;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag !== RECORDS_TAG) {
      skip(reader, tag);
      continue;
    }
    const end = reader.size() + reader.pos;
    if (end > reader.len) throw new RangeError('a record runs over the end');
    records += 1;
    newestMs = Math.max(newestMs, timeOf(reader, end));
    reader.pos = end;
  }
  return { records, newestMs };
}

/** The time comes first in what every known encoder writes. */
function timeOf(reader: Reader, end: number): number {
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === TIME_TAG) return readUint64(reader);
    skip(reader, tag);
  }
  return 0;
}

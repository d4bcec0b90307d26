/**
 * Versioned bytes of stored values: one format byte, then MessagePack. A reader refuses a format it does not know, in
 * words, rather than guess: what was kept is evidence.
 */
import { Packr } from 'msgpackr';

/** Bytes in a store that this build cannot read: of a newer build, or damaged. */
export class FormatRefused extends Error {
  override readonly name = 'FormatRefused';
}

// plain maps with their names in them: a value can be read without what the writer had in memory
const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint', copyBuffers: true });

/** `what` names the thing in errors; `format` is 1 to 255. */
export function pack(format: number, value: unknown): Buffer {
  const packed = packr.pack(value);
  const bytes = Buffer.allocUnsafe(packed.length + 1);
  bytes[0] = format;
  packed.copy(bytes, 1);
  return bytes;
}

/** The value, or `FormatRefused` with what to do. */
export function unpack(what: string, format: number, bytes: Uint8Array): unknown {
  refuseFormat(what, format, bytes);
  try {
    return packr.unpack(bytes.subarray(1));
  } catch (error) {
    throw new FormatRefused(`${what}: damaged (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** Throws `FormatRefused` unless the first byte is the one format that is known. */
export function refuseFormat(what: string, format: number, bytes: Uint8Array): void {
  if (bytes.length === 0) throw new FormatRefused(`${what}: no bytes at all`);
  if (bytes[0] !== format)
    throw new FormatRefused(
      `${what}: format ${bytes[0]} is not known here, only ${format}; open it with the build that wrote it or a newer one`,
    );
}

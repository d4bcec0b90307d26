/** One version of a register document as it is kept, before it is sealed: one byte of format, then JSON in UTF-8. */
import { FormatRefused } from './packed.js';

/** Kept for years: a format, once released, is read for ever. */
const FORMAT = 1;
const WHAT = 'register document';

/** `document` is what JSON can say: times are numbers, and nothing in it is undefined. */
export const encodeDocument = (document: object): Buffer =>
  Buffer.concat([Uint8Array.of(FORMAT), Buffer.from(JSON.stringify(document))]);

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeDocument(bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== FORMAT) {
    throw new FormatRefused(`${WHAT}: format ${bytes[0]} is not known here, only ${FORMAT}`);
  }
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1).toString());
  } catch {
    throw new FormatRefused(`${WHAT}: damaged (no JSON)`);
  }
  if (typeof document !== 'object' || document === null) throw new FormatRefused(`${WHAT}: damaged (no object)`);
  return document as Record<string, unknown>;
}

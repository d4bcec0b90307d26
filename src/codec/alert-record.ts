/** One version of an alert as the ledger keeps it, before it is sealed: one byte of format, then MessagePack. */
import type { AlertVersion } from '../domain/alert.js';
import { FormatRefused, pack, unpack } from './packed.js';

/** Kept for years: a format, once released, is read for ever. */
const FORMAT = 1;
const WHAT = 'alert version';

export const encodeAlertVersion = (version: AlertVersion): Buffer => pack(FORMAT, version);

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeAlertVersion(bytes: Uint8Array): AlertVersion {
  const version = unpack(WHAT, FORMAT, bytes);
  if (typeof version !== 'object' || version === null) throw new FormatRefused(`${WHAT}: damaged (no version)`);
  return version as AlertVersion;
}

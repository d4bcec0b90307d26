/**
 * One version of an alert as the ledger keeps it, before it is sealed: one byte of format, then MessagePack.
 *
 * Format 2 is an array of its fields in the order below, what is absent null: a curfew's edge writes and reads tens of
 * thousands at once and reads each several times, and half of the bytes were names (a curfew violation: 287 bytes, read in
 * 0.9 µs, instead of 569 in 3.3). Format 1, a map of names, is what older builds wrote.
 */
import type { AlertVersion } from '../domain/alert.js';
import { FormatRefused, pack, unpack } from './packed.js';

/** Kept for years: a format, once released, is read for ever. */
const BY_NAME = 1;
const BY_PLACE = 2;
const WHAT = 'alert version';

export function encodeAlertVersion(version: AlertVersion): Buffer {
  return pack(BY_PLACE, [
    version.alertId,
    version.version,
    version.state,
    version.kind,
    version.type,
    version.orderId,
    version.subjectId,
    version.agency,
    version.conditionId,
    version.deviceId,
    version.eventMs,
    version.startMs,
    version.endMs,
    version.endedBy,
    version.derivedMs,
    version.codes,
    version.confidence,
    version.marginM,
    version.mechanism,
    version.count,
    version.cause,
    version.policyRevision,
    version.rulesVersion,
    flat(version.records, ({ deviceId, timeMs, hash }) => [deviceId, timeMs, hash]),
    version.route === undefined ? null : flat(version.route, ({ to, duty }) => [to, duty]),
    version.minor ?? null,
    version.handling ?? null,
  ]);
}

const FIELDS = 27;

/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export function decodeAlertVersion(bytes: Uint8Array): AlertVersion {
  if (bytes[0] === BY_NAME) {
    const version = unpack(WHAT, BY_NAME, bytes);
    if (typeof version !== 'object' || version === null) throw new FormatRefused(`${WHAT}: damaged (no version)`);
    return version as AlertVersion;
  }
  const values = unpack(WHAT, BY_PLACE, bytes);
  if (!Array.isArray(values) || values.length !== FIELDS) throw new FormatRefused(`${WHAT}: damaged (no version)`);
  const [records, route, minor, handling] = values.slice(23) as unknown[];
  if (!Array.isArray(records) || !(route === null || Array.isArray(route)))
    throw new FormatRefused(`${WHAT}: damaged (no records)`);
  const version: unknown = {
    alertId: values[0],
    version: values[1],
    state: values[2],
    kind: values[3],
    type: values[4],
    orderId: values[5],
    subjectId: values[6],
    agency: values[7],
    conditionId: values[8],
    deviceId: values[9],
    eventMs: values[10],
    startMs: values[11],
    endMs: values[12],
    endedBy: values[13],
    derivedMs: values[14],
    codes: values[15],
    confidence: values[16],
    marginM: values[17],
    mechanism: values[18],
    count: values[19],
    cause: values[20],
    policyRevision: values[21],
    rulesVersion: values[22],
    records: inThrees(records),
    ...(route === null ? {} : { route: inPairs(route) }),
    ...(minor === null ? {} : { minor }),
    ...(handling === null ? {} : { handling }),
  };
  return version as AlertVersion;
}

function flat<T>(values: readonly T[], partsOf: (value: T) => readonly unknown[]): unknown[] {
  const parts: unknown[] = [];
  for (const value of values) parts.push(...partsOf(value));
  return parts;
}

function inThrees(values: readonly unknown[]): unknown[] {
  const records: unknown[] = [];
  for (let i = 0; i < values.length; i += 3) {
    records.push({ deviceId: values[i], timeMs: values[i + 1], hash: values[i + 2] });
  }
  return records;
}

function inPairs(values: readonly unknown[]): unknown[] {
  const steps: unknown[] = [];
  for (let i = 0; i < values.length; i += 2) steps.push({ to: values[i], duty: values[i + 1] });
  return steps;
}

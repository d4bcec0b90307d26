/** What lies in stores, damaged: the first byte says which reader it goes to. */
import { isDeepStrictEqual } from 'node:util';
import { decodeAlertVersion, encodeAlertVersion } from '../../../src/codec/alert-record.js';
import { decodeAuditEntry, encodeAuditEntry } from '../../../src/codec/audit-entry.js';
import { decodeEntries, encodeEntries } from '../../../src/codec/entry-record.js';
import { decodeOrder, decodeZone, encodeOrder, encodeZone } from '../../../src/codec/order-record.js';
import { FormatRefused } from '../../../src/codec/packed.js';
import { makeRecord } from '../../../src/codec/record.js';
import { decodeDocument, encodeDocument } from '../../../src/codec/register-document.js';
import { decodeSegment, encodeSegment } from '../../../src/codec/segment.js';
import { decodeState, encodeState } from '../../../src/codec/state-record.js';
import { decodeUpload } from '../../../src/codec/upload.js';
import * as samples from '../../support/samples.js';
import type { Chance } from '../chance.js';
import { mutateBytes } from '../mutate-bytes.js';
import { must } from '../target.js';
import { plaintexts } from './wire-samples.js';

/** Reads, and writes again what was read where that says something. */
type Reader = (bytes: Buffer) => void;

const twice =
  <T>(decode: (bytes: Uint8Array) => T, encode: (value: T) => Buffer): Reader =>
  (bytes) => {
    const value = decode(bytes);
    let again: Buffer;
    try {
      again = encode(value);
    } catch {
      return; // the form is right and the fields are not: the seal says that we wrote it
    }
    must(isDeepStrictEqual(decode(again), value), 'what was read is written as the same');
  };

const READERS: readonly Reader[] = [
  (bytes) => void decodeState(bytes),
  (bytes) => void decodeEntries(bytes),
  (bytes) => void decodeAlertVersion(bytes),
  segment,
  (bytes) => void decodeOrder(bytes),
  (bytes) => void decodeZone(bytes),
  (bytes) => void decodeAuditEntry(bytes),
  twice(decodeDocument, encodeDocument),
];

function segment(bytes: Buffer): void {
  const said = decodeSegment(bytes);
  must(said.length <= 65_535, 'a segment holds at most 65,535 records');
  if (said.length === 0) return;
  must(isDeepStrictEqual(decodeSegment(encodeSegment(said)), said), 'a segment that was read is written as the same');
}

function seeds(): Buffer[] {
  const records = plaintexts().flatMap((plain) => {
    const read = decodeUpload(plain);
    return read.ok ? read.value.records : [];
  });
  const said = records.map((record, i) => ({
    deviceId: samples.deviceId(i % 3),
    receivedS: Math.floor(record.timeMs / 1000) + i,
    record: record.raw === undefined ? record : makeRecord(record.timeMs, record.body),
  }));
  const entries = [0, 1, 2, 3, 4, 5].map(samples.entry);
  const audit = encodeAuditEntry({
    index: 1,
    event: {
      atMs: samples.T0,
      actor: { kind: 'gateway' },
      action: 'journal.read',
      category: 'read',
      phase: 'done',
      attempt: null,
      purpose: null,
      reason: null,
    },
    order: null,
    under: 'office',
    sealed: Buffer.alloc(24, 1),
  } as unknown as Parameters<typeof encodeAuditEntry>[0]);
  const each = [
    [encodeState(samples.state(1, 5))],
    [encodeEntries(entries), ...entries.map((entry) => encodeEntries([entry]))],
    [encodeAlertVersion(samples.version(1, 1))],
    [encodeSegment(said), encodeSegment(said.slice(0, 1)), encodeSegment(said.slice(0, 3))],
    [encodeOrder(samples.order(1, 1))],
    [encodeZone(samples.zone(1, 1))],
    [audit],
    [encodeDocument({ kind: 'grant', from_ms: 1, list: [1, 'two', null] })],
  ];
  return each.flatMap((all, reader) => all.map((bytes) => Buffer.concat([Buffer.of(reader), bytes])));
}

/** MessagePack's long lengths, with nothing behind them; extensions; a date; bigints. */
const WORDS = [
  'dd7fffffff',
  'df7fffffff',
  'ddffffffff',
  'c6ffffffff',
  'dbffffffff',
  'dcffff',
  'deffff',
  'c9ffffffff01',
  'd6ff00000000',
  'd4ff00',
  'd40072',
  'd47201',
  'cfffffffffffffffff',
  'd3ffffffffffffffff',
  'c1',
  'c7ff',
  'c80fff',
  '9191919191919191',
  '8181818181',
  'a95f5f70726f746f5f5f',
].map((hex) => Buffer.from(hex, 'hex'));

export const target = {
  bytesMax: 8_192,
  seeds,
  mutate(input: Buffer, other: Buffer, chance: Chance): Buffer {
    const reader = chance.oneIn(20) ? chance.int(READERS.length) : (input[0] ?? 0);
    const changed = mutateBytes(input.subarray(1), other.subarray(1), chance, WORDS);
    // the format's number is one of 256: seldom worth a try
    if (!chance.oneIn(20) && changed.length > 0) changed[0] = input[1] ?? 1;
    return Buffer.concat([Buffer.of(reader), changed]);
  },
  run(input: Buffer): void {
    const read = READERS[(input[0] ?? 0) % READERS.length] as Reader;
    try {
      read(input.subarray(1));
    } catch (error) {
      if (!(error instanceof FormatRefused)) throw error;
      must(error.message.length < 500, 'a refusal says in some words what is wrong');
    }
  },
};

/** Uploads: bounds, meaning kept through encoding and JSON, and what a second reader of the same bytes says of them. */
import { isDeepStrictEqual } from 'node:util';
import { decodeEntries, encodeEntries } from '../../../src/codec/entry-record.js';
import { decodeSegment, encodeSegment } from '../../../src/codec/segment.js';
import { decodeUpload, encodeUpload } from '../../../src/codec/upload.js';
import { parseUploadLine, uploadLine } from '../../../src/codec/upload-json.js';
import { type DeviceId, parseDeviceId, type StreamKey } from '../../../src/domain/ids.js';
import type { RecordBody, Upload } from '../../../src/domain/record.js';
import { mutateProtobuf } from '../mutate-protobuf.js';
import { type Field, fieldsOf } from '../protobuf-fields.js';
import { must } from '../target.js';
import { plaintexts } from './wire-samples.js';

const parsed = parseDeviceId('FUZZ-1');
if (!parsed.ok) throw new Error(parsed.fault);
const deviceId: DeviceId = parsed.value;

// the wire's bounds, written down here once more
const TIME_MIN = Date.UTC(2020, 0, 1);
const TIME_MAX = Date.UTC(2100, 0, 1);
const U32 = 0xffff_ffff;
const I31 = 2 ** 31;
const whole = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

function bodyInBounds(body: RecordBody): boolean {
  switch (body.kind) {
    case 'fix':
      return (
        whole(body.latE7, -900_000_000, 900_000_000) &&
        whole(body.lonE7, -1_800_000_000, 1_800_000_000) &&
        [body.accuracyDm, body.speedCmS, body.satellites, body.hdopCenti].every((value) => whole(value, 0, U32)) &&
        whole(body.headingCdeg, 0, 35_999) &&
        whole(body.altitudeDm, -I31, I31 - 1)
      );
    case 'rf':
      return (
        /^[A-Za-z0-9._-]{1,64}$/.test(body.tagId) &&
        whole(body.rssiDbm, -I31, I31 - 1) &&
        (body.status === null || bodyInBounds(body.status))
      );
    case 'tag':
    case 'unit':
      return body.batteryPct === null || whole(body.batteryPct, 0, 100);
    case 'alcohol':
      return whole(body.tacUgL, 0, U32);
    case 'heartbeat':
      return whole(body.uptimeS, 0, U32);
    case 'unknown':
      return true;
  }
}

/** zigzag, 32 bits, of the last occurrence: `sint32` as the specification has it. */
function sint32(fields: readonly Field[], number: number): number | null {
  const last = fields.findLast((field) => field.number === number && field.wireType === 0);
  if (last === undefined) return null;
  const bits = Number(BigInt.asUintN(32, last.value));
  return (bits >>> 1) ^ -(bits & 1);
}

/** A fix is where its bytes say, and says both: read again here, field by field. */
function checkFixes(bytes: Buffer, upload: Upload): void {
  const outer = fieldsOf(bytes);
  if (outer === null) return; // groups, which this reader does not know
  const records = outer.filter(({ number, wireType }) => number === 2 && wireType === 2);
  must(records.length === upload.records.length, 'every record is read, and no other');
  for (const [i, record] of upload.records.entries()) {
    if (record.body.kind !== 'fix') continue;
    const fields = fieldsOf(records[i]?.bytes ?? Buffer.alloc(0));
    const last = fields?.findLast(({ number, wireType }) => number >= 2 && number <= 7 && wireType === 2);
    if (last === undefined) continue;
    const fix = fieldsOf(last.bytes);
    if (fix === null) continue;
    must(last.number === 2, 'a fix comes of a fix');
    must(sint32(fix, 1) === record.body.latE7, 'a fix has the latitude that was sent');
    must(sint32(fix, 2) === record.body.lonE7, 'a fix has the longitude that was sent');
  }
}

const meaning = ({ sequence, oldestHeld, records }: Upload) => ({
  sequence,
  oldestHeld,
  records: records.map(({ timeMs, body }) => ({ timeMs, body })),
});

/** What is acknowledged is kept whole: as the journal has it, and as the archive. */
function checkKept({ sequence, records }: Upload): void {
  const entry = {
    kind: 'upload',
    stream: 'ORD-1' as StreamKey,
    receivedMs: TIME_MIN,
    deviceId,
    sequence,
    index: 0,
    digest: '',
    records,
  } as const;
  const [kept] = decodeEntries(encodeEntries([entry]));
  must(isDeepStrictEqual(plain(kept), plain(entry)), 'a journal gives back what it was given');
  const said = records.map((record) => ({ deviceId, receivedS: Math.floor(TIME_MIN / 1000), record }));
  must(
    isDeepStrictEqual(plain(decodeSegment(encodeSegment(said))), plain(said)),
    'an archive gives back what it was given',
  );
}

/** A view of bytes and a copy of them are the same. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)));

export const target = {
  bytesMax: 8_192,
  seeds: plaintexts,
  mutate: mutateProtobuf,
  run(input: Buffer): void {
    const read = decodeUpload(input);
    if (!read.ok) {
      must(
        read.fault.detail.length > 0 && read.fault.detail.length < 400,
        'a refusal says in some words what is wrong',
      );
      return;
    }
    const upload = read.value;
    must(upload.records.length >= 1 && upload.records.length <= 512, 'an upload has 1 to 512 records');
    must(upload.sequence >= 1n && upload.sequence < 2n ** 64n, 'an upload has a sequence');
    for (const { timeMs, body, hash } of upload.records) {
      must(whole(timeMs, TIME_MIN, TIME_MAX), 'a record is of 2020 to 2100');
      must(bodyInBounds(body), `a ${body.kind} is within its bounds`);
      must(/^[\w-]{22}$/.test(hash), 'a record has an identity of 16 bytes');
    }
    checkFixes(input, upload);
    checkKept(upload);

    const encoded = encodeUpload(upload);
    const again = decodeUpload(encoded);
    must(
      again.ok && isDeepStrictEqual(meaning(again.value), meaning(upload)),
      'an upload that was read is written as the same',
    );

    const line = parseUploadLine(JSON.parse(uploadLine({ deviceId, receivedMs: TIME_MIN, upload })));
    must(line.ok, `what a device may send is a line of a replay${line.ok ? '' : `: ${line.fault}`}`);
    const { records } = line.value.upload;
    must(records.length === upload.records.length, 'a line has every record');
    for (const [i, { body, timeMs, raw }] of upload.records.entries()) {
      must(
        isDeepStrictEqual(records[i]?.body, body) && records[i]?.timeMs === timeMs,
        'a line says the same of a record',
      );
      must(
        raw !== undefined || body.kind === 'unknown' || records[i]?.hash.length === 22,
        'a record of a line has an identity',
      );
    }
  },
};

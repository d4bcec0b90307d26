/** A segment gives back exactly what went in, and refuses what is damaged in words. */
import { deepStrictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { FormatRefused } from '../../src/codec/packed.js';
import { makeRecord } from '../../src/codec/record.js';
import { decodeSegment, encodeSegment, SEGMENT_RECORDS_MAX } from '../../src/codec/segment.js';
import type { Said } from '../../src/codec/segment-record.js';
import { decodeUpload } from '../../src/codec/upload.js';
import type { DeviceRecord, LocationFix } from '../../src/domain/record.js';
import { deviceId, T0 } from '../support/samples.js';
import { deviceIds, records, seed, timesMs } from './arbitraries.js';
import { aRecord, asBytes, asFixed64, asPacked, asText, asVarint } from './hand-protobuf.js';

t.comment(`SEED=${seed}`);

const fix: LocationFix = {
  kind: 'fix',
  latE7: 534_000_000,
  lonE7: -19_000_000,
  accuracyDm: 30,
  speedCmS: 0,
  headingCdeg: 0,
  satellites: 9,
  hdopCenti: 110,
  mechanism: 'GNSS',
  altitudeDm: 0,
};
const said = (record: DeviceRecord, receivedS = Math.floor(T0 / 1000)): Said => ({
  deviceId: deviceId(1),
  receivedS,
  record,
});
const fixAt = (timeMs: number, change: Partial<LocationFix> = {}) => said(makeRecord(timeMs, { ...fix, ...change }));

/** As a record may come: of few devices or many, its identity its own or kept, with what a newer device said or without. */
const anySaid: fc.Arbitrary<Said> = fc
  .record({
    deviceId: fc.oneof(fc.constantFrom(deviceId(1), deviceId(2)), deviceIds),
    receivedS: fc.oneof(
      fc.integer({ min: 0, max: 2 ** 33 }),
      timesMs.map((ms) => Math.floor(ms / 1000)),
    ),
    record: records,
    hash: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { freq: 3 }),
    raw: fc.option(fc.uint8Array({ maxLength: 40 }), { freq: 3 }),
  })
  .map(({ deviceId, receivedS, record, hash, raw }) => ({
    deviceId,
    receivedS,
    record: {
      ...record,
      ...(hash !== null && { hash: Buffer.from(hash).toString('base64url') }),
      ...(raw !== null && { raw: Buffer.from(raw) }),
    },
  }));

t.test('what is read is exactly what was written, in its order', async (t) => {
  fc.assert(
    fc.property(fc.array(anySaid, { minLength: 1, maxLength: 20 }), (list) =>
      deepStrictEqual(decodeSegment(encodeSegment(list)), list),
    ),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test('a segment that was written on 2026-11-22 is read as it was, whatever was changed since', async (t) => {
  const path = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'archive', 'segment-format-1.json');
  const { segment_base64, records } = JSON.parse(readFileSync(path, 'utf8')) as {
    segment_base64: string;
    records: Record<string, unknown>[];
  };
  const expected = records.map(({ device_id, received_s, time_ms, hash, body, raw_base64 }) => ({
    deviceId: device_id,
    receivedS: received_s,
    record: {
      timeMs: time_ms,
      hash,
      body,
      ...(raw_base64 !== undefined && { raw: Buffer.from(raw_base64 as string, 'base64') }),
    },
  }));
  const bytes = Buffer.from(segment_base64, 'base64');
  const found = decodeSegment(bytes);
  t.strictSame(found, expected);
  t.equal(new Set(found.map(({ record }) => record.body.kind)).size, 7, 'every kind of body is in it');
  t.ok(encodeSegment(found).equals(bytes), 'and is written so today');
});

t.test('extremes of every number come back, next to each other', async (t) => {
  const [low, high] = [
    { latE7: -900_000_000, lonE7: -1_800_000_000, altitudeDm: -0x8000_0000, accuracyDm: 0, headingCdeg: 0 },
    { latE7: 900_000_000, lonE7: 1_800_000_000, altitudeDm: 0x7fff_ffff, accuracyDm: 0xffff_ffff, headingCdeg: 35_999 },
  ];
  const wide = { speedCmS: 0xffff_ffff, satellites: 0xffff_ffff, hdopCenti: 0xffff_ffff };
  const list = [
    fixAt(4_102_444_800_000, { ...high, ...wide }),
    fixAt(1_577_836_800_000, low),
    fixAt(4_102_444_800_000, { ...high, ...wide }),
    said(makeRecord(T0, { kind: 'heartbeat', firmware: '\ud800 alone', uptimeS: 0xffff_ffff }), 0),
    said(makeRecord(T0, { kind: 'heartbeat', firmware: '', uptimeS: 0 }), 2 ** 33),
  ];
  t.strictSame(decodeSegment(encodeSegment(list)), list);
});

t.test('what a newer device said comes back byte for byte, under the identity it was given', async (t) => {
  const bytes = Buffer.concat([
    asFixed64(1, 7n),
    aRecord(T0, asBytes(5, asVarint(1, 1), asVarint(1, 2))),
    aRecord(T0, asBytes(12, asText(1, 'a body of 2031'))),
    aRecord(T0, asBytes(4, asPacked(2, [1, 77])), asText(40, 'a field of 2031')),
    aRecord(T0, asBytes(7, asText(1, 'known'))),
  ]);
  const upload = decodeUpload(bytes);
  if (!upload.ok) return t.fail(upload.fault.detail);
  const list = upload.value.records.map((record) => said(record));
  const back = decodeSegment(encodeSegment(list));
  t.strictSame(back, list);
  t.equal(back.filter(({ record }) => record.raw !== undefined).length, 2);
});

t.test('a fix that this gateway would have encoded otherwise keeps its identity', async (t) => {
  // longitude before latitude: legal protobuf, another hash
  const body = Buffer.concat([asVarint(2, 37_999_999), asVarint(1, 1_068_000_000)]);
  const upload = decodeUpload(Buffer.concat([asFixed64(1, 7n), aRecord(T0, asBytes(2, body))]));
  if (!upload.ok) return t.fail(upload.fault.detail);
  const [record] = upload.value.records as [DeviceRecord];
  t.not(record.hash, makeRecord(T0, record.body).hash);
  t.strictSame(decodeSegment(encodeSegment([said(record)])), [said(record)]);
});

t.test('a segment of the longest length is read back, and one record more is refused', async (t) => {
  const beat = makeRecord(T0, { kind: 'unknown' });
  const list = Array.from({ length: SEGMENT_RECORDS_MAX }, () => said(beat));
  t.equal(decodeSegment(encodeSegment(list)).length, SEGMENT_RECORDS_MAX);
  t.throws(() => encodeSegment([...list, said(beat)]), RangeError);
  t.throws(() => encodeSegment([]), RangeError);
});

t.test('what fills a whole upload comes back, and no record claims more than an upload can hold', async (t) => {
  const full = said({ ...makeRecord(T0, { kind: 'unknown' }), raw: Buffer.alloc(65_536, 7) });
  const bytes = encodeSegment([full]);
  t.strictSame(decodeSegment(bytes), [full]);
  t.ok(bytes.length < 200, `${bytes.length} bytes`);
  const more = said({ ...makeRecord(T0, { kind: 'unknown' }), raw: Buffer.alloc(65_537) });
  t.throws(() => encodeSegment([more]), /65537 are more than one record can say/);
});

t.test('a record that no device could have sent is no record', async (t) => {
  t.throws(() => encodeSegment([said({ timeMs: T0, hash: 'short', body: fix })]), RangeError);
  t.throws(() => encodeSegment([said({ ...makeRecord(T0, fix), body: { ...fix, latE7: 2 ** 40 } })]), {
    name: 'Error',
    message: /lat_e7/,
  });
});

t.test('another format, no bytes and bytes cut short or drawn out are refused in words', async (t) => {
  const bytes = encodeSegment(Array.from({ length: 60 }, (_, i) => fixAt(T0 + i * 60_000, { latE7: 534_000_000 + i })));
  t.throws(() => decodeSegment(Buffer.concat([Buffer.from([200]), bytes.subarray(1)])), {
    name: 'FormatRefused',
    message: /format 200 is not known here/,
  });
  t.throws(() => decodeSegment(Buffer.alloc(0)), FormatRefused);
  const lengths = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
  t.same(
    lengths.filter((length) => !isRefused(bytes.subarray(0, length))),
    [],
  );
  t.throws(() => decodeSegment(Buffer.concat([bytes, Buffer.from([0])])), FormatRefused);
});

function isRefused(bytes: Uint8Array): boolean {
  try {
    decodeSegment(bytes);
    return false;
  } catch (error) {
    if (error instanceof FormatRefused) return true;
    throw error;
  }
}

t.test('damaged bytes are refused, never an error of another kind', async (t) => {
  let read = 0;
  fc.assert(
    fc.property(
      fc.array(anySaid, { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (list, at, flip) => {
        const bytes = encodeSegment(list);
        const place = 1 + (at % (bytes.length - 1));
        bytes[place] = (bytes[place] as number) ^ flip;
        if (!isRefused(bytes)) read += 1;
      },
    ),
    { seed, numRuns: 1_000 },
  );
  t.ok(read < 50, `${read} of 1,000 were read: it is the seal that tells every change`);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      isRefused(Buffer.concat([Buffer.from([1]), noise]));
    }),
    { seed, numRuns: 1_000 },
  );
});

import { deepStrictEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { fairwatch } from '../../src/codec/generated/wire.js';
import { makeRecord } from '../../src/codec/record.js';
import { decodeUpload, encodeUpload } from '../../src/codec/upload.js';
import type { DeviceRecord, Upload } from '../../src/domain/record.js';
import { seed, uploads } from './arbitraries.js';
import { aRecord, asBytes, asFixed64, asPacked, asSint, asText, asVarint } from './hand-protobuf.js';

t.comment(`SEED=${seed}`);
const at = Date.UTC(2026, 2, 9, 20);
const head = asFixed64(1, 1n);
const upload = (...records: Uint8Array[]) => Buffer.concat([head, ...records]);
const fix = (...fields: Uint8Array[]) => aRecord(at, asBytes(2, ...fields));
const here = [asSint(1, 538_000_000), asSint(2, -15_400_000)];

function opened(bytes: Uint8Array): Upload {
  const got = decodeUpload(bytes);
  if (!got.ok) throw new Error(got.fault.detail);
  return got.value;
}
function first(...records: Uint8Array[]): DeviceRecord {
  return opened(upload(...records)).records[0] as DeviceRecord;
}
const reasonOf = (bytes: Uint8Array) => {
  const got = decodeUpload(bytes);
  return got.ok ? 'accepted' : got.fault.reason;
};

t.test('an upload comes back exactly, identities and 64-bit sequences included', async (t) => {
  fc.assert(
    fc.property(uploads, (sent) => {
      deepStrictEqual(opened(encodeUpload(sent)), sent);
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test('the generated code of the schema reads what we write', async (t) => {
  fc.assert(
    fc.property(uploads, (sent) => {
      const theirs = fairwatch.wire.v1.Upload.decode(encodeUpload(sent));
      const low = theirs.sequence as { low: number; high: number };
      const sequence = (BigInt(low.high >>> 0) << 32n) | BigInt(low.low >>> 0);
      const kinds = theirs.records.map((record) => (record as { body?: string }).body ?? 'unknown');
      return sequence === sent.sequence && kinds.join() === sent.records.map((record) => record.body.kind).join();
    }),
    { seed },
  );
  t.pass();
});

t.test('no bytes whatever make the decoder throw, nor bytes that were an upload once', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeUpload(bytes);
      decodeUpload(Buffer.from(bytes));
    }),
    { seed, numRuns: 3_000 },
  );
  const change = fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.option(fc.nat()) });
  fc.assert(
    fc.property(uploads, fc.array(change, { maxLength: 4 }), (sent, changes) => {
      let bytes = encodeUpload(sent);
      for (const { at, to, cut } of changes) {
        bytes[at % bytes.length] = to;
        if (cut !== null) bytes = bytes.subarray(0, 1 + (cut % bytes.length));
      }
      const got = decodeUpload(bytes);
      // what is still accepted says the same when we write it (the identity is of the bytes as they came)
      const said = (upload: Upload) => upload.records.map(({ timeMs, body }) => ({ timeMs, body }));
      if (got.ok) deepStrictEqual(said(opened(encodeUpload(got.value))), said(got.value));
    }),
    { seed, numRuns: 2_000 },
  );
  t.pass();
});

t.test('a fix without latitude or longitude is malformed, and one at zero is at zero', async (t) => {
  t.equal(reasonOf(upload(fix(here[0] as Buffer))), 'malformed_upload');
  t.equal(reasonOf(upload(fix(here[1] as Buffer))), 'malformed_upload');
  t.equal(reasonOf(upload(fix())), 'malformed_upload');
  t.equal(reasonOf(upload(fix(asFixed64(1, 5n), asSint(2, 0)))), 'malformed_upload', 'the wrong wire type is absent');
  t.match(first(fix(asSint(1, 0), asSint(2, 0))).body, { kind: 'fix', latE7: 0, lonE7: 0 });
});

t.test('what is outside its range makes the upload out of bounds', async (t) => {
  const battery = (pct: number) => upload(aRecord(at, asBytes(4, asVarint(1, pct))));
  const seen = (id: string) => upload(aRecord(at, asBytes(3, asText(1, id))));
  const cases: [string, Buffer, string][] = [
    ['latitude 90', upload(fix(asSint(1, 900_000_000), asSint(2, 0))), 'accepted'],
    ['latitude over 90', upload(fix(asSint(1, 900_000_001), asSint(2, 0))), 'out_of_bounds'],
    ['latitude under -90', upload(fix(asSint(1, -900_000_001), asSint(2, 0))), 'out_of_bounds'],
    ['longitude -180', upload(fix(asSint(1, 0), asSint(2, -1_800_000_000))), 'accepted'],
    ['longitude over 180', upload(fix(asSint(1, 0), asSint(2, 1_800_000_001))), 'out_of_bounds'],
    ['heading 35999', upload(fix(...here, asVarint(5, 35_999))), 'accepted'],
    ['heading 36000', upload(fix(...here, asVarint(5, 36_000))), 'out_of_bounds'],
    ['battery 100', battery(100), 'accepted'],
    ['battery 101', battery(101), 'out_of_bounds'],
    [
      'battery 101 seen by a home unit',
      upload(aRecord(at, asBytes(3, asText(1, 'T'), asBytes(4, asVarint(1, 101))))),
      'out_of_bounds',
    ],
    ['battery 101 of a home unit', upload(aRecord(at, asBytes(5, asVarint(2, 101)))), 'out_of_bounds'],
    ['64 characters of tag', seen('t'.repeat(64)), 'accepted'],
    ['65 characters of tag', seen('t'.repeat(65)), 'out_of_bounds'],
    ['no tag', seen(''), 'out_of_bounds'],
    ['a tag with a slash', seen('TAG/1'), 'out_of_bounds'],
    ['a tag that every object has', seen('constructor'), 'out_of_bounds'],
    ['2020', upload(aRecord(Date.UTC(2020, 0, 1), asBytes(7))), 'accepted'],
    ['before 2020', upload(aRecord(Date.UTC(2020, 0, 1) - 1, asBytes(7))), 'out_of_bounds'],
    ['2100', upload(aRecord(Date.UTC(2100, 0, 1), asBytes(7))), 'accepted'],
    ['after 2100', upload(aRecord(Date.UTC(2100, 0, 1) + 1, asBytes(7))), 'out_of_bounds'],
    ['a time beyond 2^53', upload(aRecord(2n ** 63n + BigInt(at), asBytes(7))), 'out_of_bounds'],
    ['a time whose low 32 bits alone would do', upload(aRecord(2n ** 60n + BigInt(at), asBytes(7))), 'out_of_bounds'],
    ['no time', upload(asBytes(2, asBytes(7))), 'out_of_bounds'],
    ['no records', upload(), 'out_of_bounds'],
    ['512 records', upload(...Array(512).fill(aRecord(at, asBytes(7)))), 'accepted'],
    ['513 records', upload(...Array(513).fill(aRecord(at, asBytes(7)))), 'out_of_bounds'],
    ['no sequence', aRecord(at, asBytes(7)), 'out_of_bounds'],
  ];
  for (const [name, bytes, expected] of cases) t.equal(reasonOf(bytes), expected, name);
});

t.test('a fault tells the field and never where somebody is', async (t) => {
  const got = decodeUpload(upload(fix(asSint(1, 912_345_678), asSint(2, 0))));
  t.match(got, { ok: false, fault: { detail: /lat_e7/ } });
  t.notMatch(JSON.stringify(got), /912345678/);
});

t.test('broken framing is malformed, and so is text that is no UTF-8', async (t) => {
  t.equal(reasonOf(upload(aRecord(at, asBytes(7, asBytes(1, Buffer.from([0xff, 0xfe])))))), 'malformed_upload');
  const whole = upload(aRecord(at, asBytes(4, asVarint(1, 50))));
  for (let length = head.length + 1; length < whole.length; length++)
    t.equal(reasonOf(whole.subarray(0, length)), 'malformed_upload', `cut at ${length}`);
  t.equal(reasonOf(Buffer.concat([whole, Buffer.from([0x07])])), 'malformed_upload', 'a wire type that does not exist');
  const overrun = Buffer.concat([head, Buffer.from([0x12, 4, 0x22, 8, 8, 50]), asVarint(1, 0)]);
  t.equal(reasonOf(overrun), 'malformed_upload', 'a body that is longer than its record');
});

t.test(
  'numbers that are newer than this gateway are passed over: flags dropped, kinds and mechanisms unspecified',
  async (t) => {
    t.same(first(aRecord(at, asBytes(4, asPacked(2, [1, 99, 0, 6])))).body, {
      kind: 'tag',
      batteryPct: null,
      flags: ['STRAP_TAMPER_START', 'CHARGING_END'],
    });
    t.match(first(fix(...here, asVarint(8, 3))).body, { mechanism: 'UNSPECIFIED' });
    t.match(first(aRecord(at, asBytes(3, asText(1, 'T'), asVarint(2, 44)))).body, { event: 'UNSPECIFIED' });
  },
);

t.test('flags may stand packed or one by one', async (t) => {
  const one = first(aRecord(at, asBytes(5, asVarint(1, 1), asVarint(1, 3)))).body;
  t.same(one, first(aRecord(at, asBytes(5, asPacked(1, [1, 3])))).body);
  t.match(one, { flags: ['MAINS_LOST', 'MOVED'] });
});

t.test('unknown fields are ignored and kept, an unknown body is counted and kept', async (t) => {
  const plain = first(aRecord(at, asBytes(4, asVarint(1, 50))));
  t.notOk('raw' in plain, 'a record that is understood needs no second copy');
  const newer = [
    aRecord(at, asBytes(4, asVarint(1, 50), asText(900, 'x'))),
    aRecord(at, asBytes(4, asVarint(1, 50)), asVarint(30, 1)),
    aRecord(at, asBytes(4, asVarint(1, 50), asPacked(2, [77]))),
    aRecord(at, asBytes(3, asText(1, 'T'), asBytes(4, asText(9, 'y')))),
    fix(...here, asVarint(8, 3)),
    aRecord(at, asBytes(3, asText(1, 'T'), asVarint(2, 44))),
    aRecord(at, asBytes(12, Buffer.from('a body of 2031'))),
  ];
  for (const bytes of newer) {
    const record = first(bytes);
    t.same(record.raw, bytes.subarray(2), 'kept as it came');
    t.same(encodeUpload({ sequence: 1n, oldestHeld: 0n, records: [record] }), upload(bytes), 'and written as it came');
  }
  t.same(first(newer.at(-1) as Buffer).body, { kind: 'unknown' });
  t.same(first(asBytes(2, asVarint(1, at))).body, { kind: 'unknown' }, 'no body at all');
  t.not(first(newer.at(-1) as Buffer).hash, first(aRecord(at, asBytes(12, Buffer.from('b')))).hash);
});

t.test('of a field that is sent twice the last stands, of two bodies too', async (t) => {
  t.match(first(fix(...here, asVarint(3, 1), asVarint(3, 2))).body, { accuracyDm: 2 });
  const two = first(aRecord(at, asBytes(7), asBytes(5, asPacked(1, [1]))));
  t.match(two.body, { kind: 'unit', flags: ['MAINS_LOST'] });
  t.equal(two.hash, first(aRecord(at, asBytes(5, asPacked(1, [1])))).hash);
});

t.test('an identity is SHA-256 over the body number and the bytes as they came', async (t) => {
  const body = Buffer.concat([asVarint(1, 50), asText(900, 'x')]);
  const expected = createHash('sha256')
    .update(Buffer.concat([Buffer.from([4]), body]))
    .digest()
    .subarray(0, 16);
  t.equal(first(aRecord(at, asBytes(4, body))).hash, expected.toString('base64url'));
  t.not(first(aRecord(at, asBytes(4))).hash, first(aRecord(at, asBytes(5))).hash, 'two empty bodies differ');
  t.equal(
    first(asBytes(2, asBytes(7), asVarint(1, at))).hash,
    first(aRecord(at, asBytes(7))).hash,
    'the time is no part',
  );
});

t.test('a record out of time order is taken as it is', async (t) => {
  const times = opened(upload(aRecord(at, asBytes(7)), aRecord(at - 1, asBytes(7)))).records.map((r) => r.timeMs);
  t.same(times, [at, at - 1]);
});

t.test('what was read holds nothing of the buffer it came in', async (t) => {
  const bytes = upload(aRecord(at, asBytes(12, Buffer.from('newer'))));
  const got = opened(bytes);
  const before = Buffer.from(got.records[0]?.raw ?? []);
  bytes.fill(0);
  t.same(got.records[0]?.raw, before);
});

t.test('a record that no device could send cannot be made', async (t) => {
  t.throws(() => makeRecord(at + 0.5, { kind: 'unknown' }));
  t.throws(() => makeRecord(at, { kind: 'tag', batteryPct: 101, flags: [] }));
  t.throws(() => makeRecord(at, { kind: 'alcohol', tacUgL: -1, flags: [] }));
});

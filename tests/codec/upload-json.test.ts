import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decodeUpload, encodeUpload } from '../../src/codec/upload.js';
import { parseUploadLine, uploadLine } from '../../src/codec/upload-json.js';
import { deviceIds, seed, timesMs, uploads } from './arbitraries.js';

t.comment(`SEED=${seed}`);
const at = 1772996399000;
const line = (records: unknown, rest: object = {}) => ({
  device_id: 'HU-1',
  received_ms: at + 1_000,
  sequence: 7,
  records,
  ...rest,
});
const one = (member: object) => line([{ time_ms: at, ...member }]);
const faultOf = (json: unknown) => {
  const got = parseUploadLine(json);
  return got.ok ? 'accepted' : got.fault;
};

t.test('a line comes back exactly, and says the same as the wire', async (t) => {
  fc.assert(
    fc.property(deviceIds, timesMs, uploads, (deviceId, receivedMs, upload) => {
      const got = parseUploadLine(JSON.parse(uploadLine({ deviceId, receivedMs, upload })));
      deepStrictEqual(got, { ok: true, value: { deviceId, receivedMs, upload, ignored: [] } });
      deepStrictEqual(decodeUpload(encodeUpload(upload)), { ok: true, value: upload });
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test('the example of the interface is read', async (t) => {
  const got = parseUploadLine(one({ rf: { tag_id: 'TAG-1', kind: 'EXIT' } }));
  t.match(got, {
    ok: true,
    value: {
      deviceId: 'HU-1',
      receivedMs: at + 1_000,
      upload: {
        sequence: 7n,
        oldestHeld: 0n,
        records: [{ timeMs: at, body: { kind: 'rf', tagId: 'TAG-1', event: 'EXIT', rssiDbm: 0, status: null } }],
      },
    },
  });
});

t.test('a zero with a sign is the zero that the wire has', async (t) => {
  const got = parseUploadLine(
    JSON.parse(JSON.stringify(one({ fix: { lat_e7: 7, lon_e7: 7 } })).replace('"lat_e7":7', '"lat_e7":-0')),
  );
  const body = got.ok ? got.value.upload.records[0]?.body : null;
  t.ok(body?.kind === 'fix' && Object.is(body.latE7, 0), 'and not −0, which is another number to a comparison');
});

t.test('a sequence above 2^53 is decimal text, and is written so', async (t) => {
  const got = parseUploadLine(line([{ time_ms: at, heartbeat: {} }], { sequence: '9223372036854775809' }));
  if (!got.ok) return t.fail(got.fault);
  t.equal(got.value.upload.sequence, 2n ** 63n + 1n);
  t.match(uploadLine(got.value), /"sequence":"9223372036854775809"/);
  t.match(faultOf(line([{ time_ms: at }], { sequence: 2 ** 53 })), /sequence: expected .*decimal text/);
  t.match(faultOf(line([{ time_ms: at }], { sequence: '18446744073709551616' })), /^sequence: /);
  t.match(faultOf(line([{ time_ms: at }], { sequence: '-1' })), /^sequence: /);
  t.match(faultOf(line([{ time_ms: at }], { sequence: 0 })), /^sequence: expected a whole number from 1, got 0/);
});

t.test('a fault says where, what was expected and what came', async (t) => {
  const cases: [unknown, string][] = [
    [[], 'expected an object, got []'],
    ['x', 'expected an object, got "x"'],
    [{}, 'device_id: expected 1 to 64 of A-Z a-z 0-9 . _ -, got nothing'],
    [line(null), 'records: expected a list, got null'],
    [line([]), 'records: expected 1 to 512, got 0'],
    [line(Array(513).fill({ time_ms: at })), 'records: expected 1 to 512, got 513'],
    [line([3]), 'records[0]: expected an object, got 3'],
    [
      line([{ time_ms: at }, {}]),
      'records[1].time_ms: expected a whole number from 0 (as decimal text above 2^53), got nothing',
    ],
    [
      line([{ time_ms: 5 }]),
      'records[0].time_ms: expected UTC milliseconds within 1577836800000 to 4102444800000, got 5',
    ],
    [
      one({ fix: { lat_e7: 1 } }),
      'records[0].fix.lon_e7: expected a whole number within -1800000000 to 1800000000, got nothing',
    ],
    [
      one({ fix: { lat_e7: 1.5, lon_e7: 1 } }),
      'records[0].fix.lat_e7: expected a whole number within -900000000 to 900000000, got 1.5',
    ],
    [one({ rf: { tag_id: 'A/B' } }), 'records[0].rf.tag_id: expected 1 to 64 of A-Z a-z 0-9 . _ -, got "A/B"'],
    [
      one({ rf: { tag_id: 'T', status: { battery_pct: 101 } } }),
      'records[0].rf.status.battery_pct: expected a whole number within 0 to 100, got 101',
    ],
    [one({ unit: { flags: 'MOVED' } }), 'records[0].unit.flags: expected a list, got "MOVED"'],
    [
      one({ heartbeat: {}, unit: {} }),
      'records[0].heartbeat: expected one body beside time_ms (there is unit already), got {}',
    ],
    [one({ heartbeat: { firmware: 4 } }), 'records[0].heartbeat.firmware: expected text, got 4'],
  ];
  for (const [json, fault] of cases) t.equal(faultOf(json), fault);
  t.ok(faultOf({ device_id: 'x'.repeat(500) }).length < 200, 'what came is shortened');
});

t.test('what a newer device says is passed over as on the wire, and listed', async (t) => {
  const got = parseUploadLine(
    line(
      [
        { time_ms: at, tag: { flags: ['STRAP_TAMPER_START', 'SINGING'], mood: 3 } },
        { time_ms: at, spectrum: {} },
        { time_ms: at, rf: { tag_id: 'T', kind: 'NEAR', status: { colour: 1 } } },
        { time_ms: at, unit: { flags: [3, 44] } },
      ],
      { attestation: 'AAAA', comment: 'by hand' },
    ),
  );
  if (!got.ok) return t.fail(got.fault);
  t.same(
    got.value.upload.records.map((record) => record.body),
    [
      { kind: 'tag', batteryPct: null, flags: ['STRAP_TAMPER_START'] },
      { kind: 'unknown' },
      {
        kind: 'rf',
        tagId: 'T',
        event: 'UNSPECIFIED',
        rssiDbm: 0,
        status: { kind: 'tag', batteryPct: null, flags: [] },
      },
      { kind: 'unit', flags: ['MOVED'], batteryPct: null },
    ],
  );
  t.same(got.value.ignored, [
    'records[0].tag.flags[1]',
    'records[0].tag.mood',
    'records[1].spectrum',
    'records[2].rf.kind',
    'records[2].rf.status.colour',
    'records[3].unit.flags[1]',
    'comment',
  ]);
});

t.test('no JSON whatever makes the reader throw', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      parseUploadLine(json);
      parseUploadLine(line(json as never));
      parseUploadLine(line([json]));
      parseUploadLine(one({ fix: json }));
      parseUploadLine(one({ rf: { tag_id: 'T', status: json } }));
    }),
    { seed, numRuns: 500 },
  );
  t.pass();
});

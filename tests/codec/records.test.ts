import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { decodeAlertVersion, encodeAlertVersion } from '../../src/codec/alert-record.js';
import { decodeEntries, encodeEntries } from '../../src/codec/entry-record.js';
import { FormatRefused, pack } from '../../src/codec/packed.js';
import { decodeState, dueMsOf, encodeState, oldestFixMsOf, withMove } from '../../src/codec/state-record.js';
import { decodeUpload } from '../../src/codec/upload.js';
import type { JournalEntry, UploadEntry } from '../../src/domain/entry.js';
import type { EquipmentState, SubjectState } from '../../src/domain/subject-state.js';
import { type Move, moved } from '../../src/rules/calm-move.js';
import { deviceId, state as sampleState, T0 } from '../support/samples.js';
import { entries, seed } from './arbitraries.js';
import { alertVersions, states } from './arbitrary-states.js';
import { aRecord, asBytes, asFixed64, asPacked, asText, asVarint } from './hand-protobuf.js';

t.comment(`SEED=${seed}`);

t.test('an alert version that an older build wrote is read as it was', async (t) => {
  fc.assert(
    fc.property(alertVersions, (version) => deepStrictEqual(decodeAlertVersion(pack(1, version)), version)),
    { seed, numRuns: 300 },
  );
  t.pass();
});

const codecs = [
  { name: 'entries', encode: encodeEntries, decode: decodeEntries, values: fc.array(entries, { maxLength: 6 }) },
  { name: 'a state', encode: encodeState, decode: decodeState, values: states },
  { name: 'an alert version', encode: encodeAlertVersion, decode: decodeAlertVersion, values: alertVersions },
] as { name: string; encode(v: unknown): Buffer; decode(b: Uint8Array): unknown; values: fc.Arbitrary<unknown> }[];

for (const { name, encode, decode, values } of codecs) {
  t.test(`${name}: what is read is exactly what was written`, async (t) => {
    fc.assert(
      fc.property(values, (value) => deepStrictEqual(decode(encode(value)), value)),
      { seed, numRuns: 300 },
    );
    t.pass();
  });

  t.test(`${name}: another format, no bytes and damaged bytes are refused in words`, async (t) => {
    const bytes = encode(fc.sample(values, { seed, numRuns: 1 })[0]);
    const newer = Buffer.from(bytes);
    newer[0] = 200;
    t.throws(() => decode(newer), { name: 'FormatRefused', message: /format 200 is not known here/ });
    t.throws(() => decode(Buffer.alloc(0)), FormatRefused);
    t.throws(() => decode(bytes.subarray(0, 1)), FormatRefused);
    t.throws(() => decode(Buffer.concat([bytes.subarray(0, 1), Buffer.from([5])])), FormatRefused);
  });

  t.test(`${name}: damaged bytes are refused or read, never an error of another kind`, async (t) => {
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(255), (value, at, to) => {
        const bytes = encode(value);
        bytes[at % bytes.length] = to;
        try {
          decode(bytes);
        } catch (error) {
          if (!(error instanceof FormatRefused)) throw error;
        }
      }),
      { seed, numRuns: 500 },
    );
    t.pass();
  });
}

t.test(
  'the head of a state says without the rest when it is due, and how old the oldest position in it is',
  async (t) => {
    fc.assert(
      fc.property(states, (state) => {
        const bytes = encodeState(state);
        const fixes = Object.values(state.equipment).flatMap(({ lastFix }) => lastFix?.timeMs ?? []);
        deepStrictEqual(dueMsOf(bytes), state.dueMs);
        deepStrictEqual(oldestFixMsOf(bytes), Math.min(...fixes));
      }),
      { seed, numRuns: 300 },
    );
    t.throws(() => dueMsOf(Buffer.alloc(0)), FormatRefused);
    t.throws(() => dueMsOf(Buffer.from([200, 1, 2])), /format 200 is not known here/);
  },
);

t.test('an entry keeps identities and the bytes of a newer device', async (t) => {
  const at = Date.UTC(2026, 2, 9, 20);
  const bytes = Buffer.concat([
    asFixed64(1, 2n ** 63n + 1n),
    aRecord(at, asBytes(5, asVarint(1, 1), asVarint(1, 2))),
    aRecord(at, asBytes(12, asText(1, 'a body of 2031'))),
    aRecord(at, asBytes(4, asPacked(2, [1, 77])), asText(40, 'a field of 2031')),
  ]);
  const upload = decodeUpload(bytes);
  if (!upload.ok) return t.fail(upload.fault.detail);
  const entry = {
    kind: 'upload',
    stream: '~HU-1',
    receivedMs: at,
    deviceId: 'HU-1',
    sequence: upload.value.sequence,
    index: 0,
    digest: 'AAAAAAAAAAAAAAAAAAAAAA',
    records: upload.value.records,
  } as unknown as UploadEntry;
  const [back] = decodeEntries(encodeEntries([entry])) as [UploadEntry];
  t.strictSame(back, entry);
  t.equal(back.sequence, 9223372036854775809n);
  t.equal(back.records.filter((record) => record.raw !== undefined).length, 2);
});

t.test('what was read of a block holds nothing of its buffer', async (t) => {
  const entry = {
    kind: 'quarantined',
    stream: '~HU-1',
    receivedMs: 1,
    deviceId: 'HU-1',
    reason: 'bad_seal',
    bytes: Buffer.from('poison'),
  } as unknown as JournalEntry;
  const block = encodeEntries([entry]);
  const [back] = decodeEntries(block);
  block.fill(0);
  t.same(back, entry);
});

t.test('a record with a move is that of the state that moved, however often it moves on', async (t) => {
  const one: EquipmentState = {
    lastMs: T0,
    silent: false,
    lastBatteryPct: 40,
    chargePct: null,
    lastFix: { timeMs: T0, hash: 'AAAA', latE7: 1, lonE7: 2, radiusM: 3 },
    motion: { sinceMs: null, spans: [] },
  };
  const tags = { [deviceId(1)]: one, [deviceId(2)]: { ...one, lastFix: null } };
  let state: SubjectState = { ...sampleState(1, 1), equipment: tags, opens: { curfew: T0 } };
  let bytes: Uint8Array = encodeState(state);
  for (let n = 2; n < 10; n += 1) {
    const timeMs = T0 + n * 60_000;
    const fix = {
      timeMs,
      hash: 'AAAAAAAAAAAAAAAAAAAAAA'.slice(n),
      latE7: -900_000_000 + n,
      lonE7: 1_800_000_000 - n,
      radiusM: 9.3,
    };
    const move: Move = {
      tagId: deviceId(1),
      heardMs: timeMs,
      fix: [2, 3, 6].includes(n) ? fix : null,
      batteryPct: [3, 5, 8].includes(n) ? 90 - n : null,
      isMoving: true,
      dueMs: timeMs + 3_900_000,
    };
    bytes = withMove(bytes, n, move);
    state = { ...moved(state, move), position: n };
    deepStrictEqual(decodeState(bytes), state);
    deepStrictEqual(dueMsOf(bytes), state.dueMs);
    t.ok(oldestFixMsOf(bytes) <= T0, 'an earlier one at the most: it is looked at too soon, and not too late');
  }
  for (let at = 25; at < 100; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = 255 - (damaged[at] as number);
    try {
      decodeState(damaged);
    } catch (error) {
      if (!(error instanceof FormatRefused)) throw error;
    }
  }
});

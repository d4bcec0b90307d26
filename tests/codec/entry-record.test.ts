// Journal entries in bytes: blocks of the format before are read as they were, and nothing is lost to a short form.
import t from 'tap';
import { decodeEntries, encodeEntries } from '../../src/codec/entry-record.js';
import { makeRecord } from '../../src/codec/record.js';
import type { JournalEntry, UploadEntry } from '../../src/domain/entry.js';
import type { DeviceRecord, LocationFix } from '../../src/domain/record.js';

const AT = Date.UTC(2026, 2, 9, 20);
const FIX: LocationFix = {
  kind: 'fix',
  latE7: 538_008_000,
  lonE7: -15_491_000,
  accuracyDm: 42,
  speedCmS: 131,
  headingCdeg: 9_000,
  satellites: 11,
  hdopCenti: 87,
  mechanism: 'GNSS',
  altitudeDm: -520,
};

const upload = (records: readonly DeviceRecord[], change: object = {}): UploadEntry =>
  ({
    kind: 'upload',
    stream: 'ORD-1',
    receivedMs: AT + 5,
    deviceId: 'TAG-1',
    sequence: 2n ** 63n + 1n,
    index: 0,
    digest: 'AAAAAAAAAAAAAAAAAAAAAA',
    records,
    ...change,
  }) as unknown as UploadEntry;

/** As `encodeEntries` wrote it while MessagePack was the format, of the entries below. */
const FORMER =
  'AZSZAaVPUkQtMctCec1C9eBQAKVUQUctMc+AAAAAAAAAAQC2QUFBQUFBQUFBQUFBQUFBQUFBQUFBQZK2SDNfY0lUOVZlTkxOTm5jODhqazRiQbZrSDJ2' +
  'SXlXaWhoOW8wYkJSVWVBcFF3xDcSJQiAvL2hzTMSHAiA54qBBBDv/uIOGCoggwEoqEYwCzhXQAFIjwgSDgiBvL2hzTMiBQgyEgEBlQKlT1JELTHLQnnN' +
  'QvXgYADLQnnNQvXgYACldGltZXKWBqZ+VEFHLTLLQnnNQvXgcAClVEFHLTKoYmFkX3NlYWzEBnBvaXNvbpMHqH5nYXRld2F5y0J5zUL14IAA';

t.test('a block of the format before is read as it was written', async (t) => {
  const tag = makeRecord(AT + 1, { kind: 'tag', batteryPct: 50, flags: ['STRAP_TAMPER_START'] });
  t.strictSame(decodeEntries(Buffer.from(FORMER, 'base64')), [
    upload([makeRecord(AT, FIX), tag]),
    { kind: 'tick', stream: 'ORD-1', receivedMs: AT + 6, atMs: AT + 6, cause: 'timer' },
    {
      kind: 'quarantined',
      stream: '~TAG-2',
      receivedMs: AT + 7,
      deviceId: 'TAG-2',
      reason: 'bad_seal',
      bytes: Buffer.from('poison'),
    },
    { kind: 'alive', stream: '~gateway', receivedMs: AT + 8 },
  ] as unknown as JournalEntry[]);
});

t.test('a fix comes back with every number at either end of what the wire carries', async (t) => {
  const ends: readonly Partial<LocationFix>[] = [
    { latE7: -900_000_000, lonE7: -1_800_000_000, altitudeDm: -0x8000_0000 },
    { latE7: 900_000_000, lonE7: 1_800_000_000, altitudeDm: 0x7fff_ffff },
    { accuracyDm: 0xffff_ffff, speedCmS: 0xffff_ffff, satellites: 0xffff_ffff, hdopCenti: 0xffff_ffff },
    { latE7: 0, lonE7: -1, accuracyDm: 127, speedCmS: 128, headingCdeg: 35_999, mechanism: 'UNSPECIFIED' },
    { mechanism: 'RF' },
    { mechanism: 'LBS' },
    { mechanism: 'WIFI' },
  ];
  const said = upload(ends.map((change, i) => makeRecord(AT + i, { ...FIX, ...change })));
  t.strictSame(decodeEntries(encodeEntries([said])), [said]);
});

t.test('a text that is no hash, or not the one that its bytes give back, stays as it is', async (t) => {
  const record = makeRecord(AT, FIX);
  for (const text of [
    '',
    'x',
    'AAAAAAAAAAAAAAAAAAAAAB',
    'AAAAAAAAAAAAAAAAAAAA A',
    'Ä'.repeat(22),
    'A'.repeat(23),
    '-_9zZaA0-_9zZaA0-_9zZQ',
  ]) {
    const said = upload([{ ...record, hash: text }], { digest: text });
    t.strictSame(decodeEntries(encodeEntries([said])), [said], JSON.stringify(text));
  }
});

t.test('names of any length and script, and a block of any size, come back', async (t) => {
  for (const name of ['', 'Å', 'a'.repeat(48), 'a'.repeat(49), `${'a'.repeat(47)}ß`, '漢'.repeat(5_000)]) {
    const said = upload([makeRecord(AT, FIX)], { stream: name, deviceId: name, receivedMs: -0.5 });
    t.strictSame(decodeEntries(encodeEntries([said])), [said]);
  }
  const many = Array.from({ length: 3_000 }, (_, i) => upload([makeRecord(AT + i, FIX)], { index: i }));
  t.strictSame(decodeEntries(encodeEntries(many)), many);
});

t.test('what was written before is not in what is written next', async (t) => {
  const first = encodeEntries([upload([makeRecord(AT, FIX)])]);
  const kept = Buffer.from(first);
  encodeEntries([upload([makeRecord(AT + 1, { ...FIX, latE7: 1 })])]);
  t.same(first, kept, 'each block has memory of its own');
  t.throws(() => decodeEntries(Buffer.concat([first, Buffer.of(0)])), { name: 'FormatRefused' });
});

// What is read by hand is what generated code reads, and everything out of the ordinary is left to that.
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { readerOf, readUint64 } from '../../src/codec/framing.js';
import { fairwatch } from '../../src/codec/generated/wire.js';
import { readPlainFix } from '../../src/codec/plain-fix.js';
import { hashBody, hashPart } from '../../src/codec/record-hash.js';
import { MECHANISMS } from '../../src/domain/record.js';
import { seed } from './arbitraries.js';
import { varint } from './hand-protobuf.js';

t.comment(`SEED=${seed}`);
const { LocationFix } = fairwatch.wire.v1;
const RUNS = 3_000;

/** A number as a varint, with so many bytes more than it needs. */
function padded(value: bigint, padding: number): number[] {
  const bytes = [...varint(value)];
  for (let i = 0; i < padding; i += 1) {
    bytes[bytes.length - 1] = (bytes.at(-1) as number) | 128;
    bytes.push(0);
  }
  return bytes;
}

const numbers = fc.oneof(
  { weight: 8, arbitrary: fc.nat(200).map(BigInt) },
  { weight: 8, arbitrary: fc.nat(0xffff_ffff).map(BigInt) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }) },
);
const mechanism = fc.nat(7).map(BigInt);
const padding = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) });
const known = fc
  .integer({ min: 1, max: 9 })
  .chain((number) => fc.tuple(fc.constant(number), number === 8 ? mechanism : numbers, padding))
  .map(([number, value, more]) => [number << 3, ...padded(value, more)]);
const place = fc.tuple(numbers, numbers).map(([lat, lon]) => [8, ...padded(lat, 0), 16, ...padded(lon, 0)]);
/** Fields and wire types that a fix has not, and a tag without its number. */
const strange = fc.constantFrom([0x52, 1, 7], [0x0d, 1, 2, 3, 4], [0x98, 0x06, 1], [0], [8]).map((bytes) => [...bytes]);

/** What generated code makes of it; null: not what a fix should be. */
function generated(bytes: Uint8Array) {
  const reader = readerOf(bytes);
  const message = LocationFix.decode(reader, bytes.length);
  const name = Object.entries(MECHANISMS).find(([, number]) => number === message.mechanism)?.[0];
  if (message.lat_e7 == null || message.lon_e7 == null || name === undefined) return null;
  if ((message as { $unknowns?: unknown }).$unknowns !== undefined) return null;
  return {
    kind: 'fix',
    latE7: message.lat_e7,
    lonE7: message.lon_e7,
    accuracyDm: message.accuracy_dm,
    speedCmS: message.speed_cm_s,
    headingCdeg: message.heading_cdeg,
    satellites: message.satellites,
    hdopCenti: message.hdop_centi,
    mechanism: name,
    altitudeDm: message.altitude_dm,
  };
}

t.test('of any bytes it says what generated code says, or nothing', async (t) => {
  let said = 0;
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof({ weight: 12, arbitrary: known }, { weight: 4, arbitrary: place }, { weight: 1, arbitrary: strange }),
        { maxLength: 8 },
      ),
      fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 1 }),
      fc.nat(9),
      (fields, change, cut) => {
        const all = fields.flat();
        const bytes = Buffer.from(cut === 0 ? all.slice(0, -1) : all);
        if (change !== null && bytes.length > 0) bytes[change[0] % bytes.length] = change[1];
        const plain = readPlainFix(Buffer.concat([Buffer.of(9), bytes, Buffer.of(8, 1)]), 1, 1 + bytes.length);
        if (plain === null) return;
        said += 1;
        deepStrictEqual(plain, generated(bytes), bytes.toString('hex'));
      },
    ),
    { seed, numRuns: RUNS },
  );
  t.ok(said > RUNS / 10, `${said} of ${RUNS} were plain`);
});

t.test('what devices send is plain', async (t) => {
  const int = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
  const uint = fc.nat(0xffff_ffff);
  fc.assert(
    fc.property(
      fc.tuple(int, int, uint, uint, uint),
      fc.tuple(uint, uint, fc.constantFrom(...Object.values(MECHANISMS)), int),
      ([lat_e7, lon_e7, accuracy_dm, speed_cm_s, heading_cdeg], [satellites, hdop_centi, mechanism, altitude_dm]) => {
        const message = { lat_e7, lon_e7, accuracy_dm, speed_cm_s, heading_cdeg, satellites, hdop_centi };
        const bytes = LocationFix.encode({ ...message, mechanism, altitude_dm }).finish();
        const plain = readPlainFix(bytes, 0, bytes.length);
        if (plain === null) throw new Error('left to generated code');
        deepStrictEqual(plain, generated(bytes));
      },
    ),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test('a time is read as protobuf reads it, however long it is written', async (t) => {
  fc.assert(
    fc.property(
      fc.oneof(numbers, fc.bigInt({ min: 0n, max: 1n << 54n })),
      fc.integer({ min: 0, max: 2 }),
      (value, more) => {
        const bytes = Buffer.from(padded(value, more));
        if (bytes.length > 10) return;
        const reader = readerOf(Buffer.concat([bytes, Buffer.of(1)]));
        const read = readUint64(reader);
        t.equal(reader.pos, bytes.length);
        if (value <= Number.MAX_SAFE_INTEGER) t.equal(read, Number(value));
        else t.ok(read > Number.MAX_SAFE_INTEGER, 'above what is exact, it stays above');
      },
    ),
    { seed, numRuns: 500 },
  );
  t.throws(() => readUint64(readerOf(Buffer.of(0x80, 0x80))), RangeError);
  t.throws(() => readUint64(readerOf(Buffer.alloc(0))), RangeError);
});

t.test('a body is hashed alike wherever it lies and however long it is', async (t) => {
  for (const length of [0, 1, 55, 254, 255, 256, 257, 65_536, 70_000]) {
    const body = Buffer.alloc(length, length % 251);
    const around = Buffer.concat([Buffer.alloc(7, 1), body, Buffer.alloc(5, 2)]);
    t.equal(hashPart(2, around, 7, 7 + length), hashBody(2, body), `${length} bytes`);
  }
  t.not(hashBody(2, Buffer.alloc(3)), hashBody(3, Buffer.alloc(3)));
  t.not(hashBody(2, Buffer.alloc(3)), hashBody(2, Buffer.alloc(4)));
});

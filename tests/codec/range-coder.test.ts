/** The range coder gives back every bit, at its learned price, however bytes carry over. */
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Differences, digitsOf, Magnitudes, Texts } from '../../src/codec/number-columns.js';
import { FormatRefused } from '../../src/codec/packed.js';
import { type Channel, Odds, RangeReader, RangeWriter } from '../../src/codec/range-coder.js';
import { Random } from '../../src/sim/random.js';
import { seed } from './arbitraries.js';

t.comment(`SEED=${seed}`);

/** What `pass` makes of both ends of a channel; each end has columns of its own. */
function bothEnds<T>(begin: () => (channel: Channel, value: T | null) => T, values: readonly T[]) {
  const writer = new RangeWriter();
  const write = begin();
  for (const value of values) write(writer, value);
  const bytes = writer.finish();
  const reader = new RangeReader(bytes);
  const read = begin();
  const back = values.map(() => read(reader, null));
  reader.finish();
  return { bytes, back };
}

const bits = () => {
  const odds = new Odds(1);
  return (channel: Channel, value: number | null) => channel.bit(odds, 0, value ?? 0);
};

t.test('bits of any mixture come back: known odds, and parts that nothing is known of', async (t) => {
  const steps = fc.array(
    fc.record({ raw: fc.integer({ min: 0, max: 53 }), at: fc.nat(3), bit: fc.nat(1), value: fc.maxSafeNat() }),
    { maxLength: 400 },
  );
  fc.assert(
    fc.property(steps, (list) => {
      const values = list.map((step) => ({ ...step, value: step.value % 2 ** step.raw }));
      const begin = () => {
        const odds = new Odds(4);
        let n = 0;
        return (channel: Channel, step: (typeof values)[number] | null) => {
          // both ends know which step comes, only one knows what it says
          const { raw, at } = values[n++] as (typeof values)[number];
          const bit = channel.bit(odds, at, step?.bit ?? 0);
          return { raw, at, bit, value: channel.raw(raw, step?.value ?? 0) };
        };
      };
      deepStrictEqual(bothEnds(begin, values).back, values);
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test('long runs of what is least expected and most expected come back: carries run through many bytes', async (t) => {
  const random = Random.of(seed, 'carries');
  const runs = [
    Array.from({ length: 20_000 }, () => 1),
    Array.from({ length: 20_000 }, () => 0),
    Array.from({ length: 20_000 }, (_, n) => (n % 997 === 0 ? 1 : 0)),
    Array.from({ length: 20_000 }, () => (random.chance(0.999) ? 1 : 0)),
    Array.from({ length: 20_000 }, () => (random.chance(0.5) ? 1 : 0)),
  ];
  for (const run of runs) t.ok(bothEnds(bits, run).back.join('') === run.join(''));
  const all = bothEnds(
    () => (channel: Channel, value: number | null) => channel.raw(8, value ?? 0),
    Array.from({ length: 5_000 }, () => 0xff),
  );
  t.ok(all.back.every((byte) => byte === 0xff));
});

t.test('what is expected costs next to nothing, and noise no more than itself', async (t) => {
  const random = Random.of('price');
  const same = bothEnds(
    bits,
    Array.from({ length: 80_000 }, () => 1),
  ).bytes.length;
  t.ok(same < 40, `${same} bytes for 80,000 bits that are all alike`);
  const tenth = bothEnds(
    bits,
    Array.from({ length: 80_000 }, () => (random.chance(0.1) ? 1 : 0)),
  ).bytes.length;
  t.ok(tenth < 1.03 * 4_690, `${tenth} bytes; the entropy of one in ten is 4,690`);
  const noise = bothEnds(
    bits,
    Array.from({ length: 80_000 }, () => (random.chance(0.5) ? 1 : 0)),
  ).bytes.length;
  t.ok(noise < 1.02 * 10_000, `${noise} bytes for 80,000 bits of noise`);
});

t.test('numbers of any size and texts of any units come back through their columns', async (t) => {
  const numbers = fc.oneof(fc.nat(9), fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1));
  fc.assert(
    fc.property(fc.array(numbers), fc.array(fc.oneof(fc.nat(), fc.maxSafeInteger())), (whole, signed) => {
      const magnitudes = () => {
        const column = new Magnitudes(3, 4);
        let last = 0;
        return (channel: Channel, value: number | null) => {
          last = column.pass(channel, value ?? 0, last % 3);
          return last;
        };
      };
      const differences = () => {
        const column = new Differences(1, 1);
        return (channel: Channel, value: number | null) => column.pass(channel, value ?? 0);
      };
      deepStrictEqual(bothEnds(magnitudes, whole).back, whole);
      deepStrictEqual(bothEnds(differences, signed).back, signed);
    }),
    { seed, numRuns: 300 },
  );
  const units = fc.array(fc.nat(0xffff), { maxLength: 12 }).map((list) => String.fromCharCode(...list));
  fc.assert(
    fc.property(fc.array(fc.oneof(units, fc.constantFrom('', 'HU-1', 'TAG-1'))), (texts) => {
      const begin = () => {
        const column = new Texts();
        return (channel: Channel, value: string | null) => column.pass(channel, value ?? '');
      };
      deepStrictEqual(bothEnds(begin, texts).back, texts);
    }),
    { seed, numRuns: 300 },
  );
  t.pass();
});

t.test('digits are counted to the last one', async (t) => {
  for (const [value, digits] of [
    [0, 0],
    [1, 1],
    [255, 8],
    [2 ** 32 - 1, 32],
    [2 ** 32, 33],
    [2 ** 52, 53],
    [2 ** 53 - 1, 53],
  ] as const) {
    t.equal(digitsOf(value), digits);
  }
});

t.test('a reader of too few bytes says so, and of too many', async (t) => {
  t.throws(() => new RangeReader(Buffer.alloc(3)), FormatRefused);
  const { bytes } = bothEnds(bits, [1, 0, 1]);
  const reader = new RangeReader(Buffer.concat([bytes, Buffer.alloc(1)]));
  const odds = new Odds(1);
  for (let n = 0; n < 3; n++) reader.bit(odds, 0);
  t.throws(() => reader.finish(), FormatRefused);
});

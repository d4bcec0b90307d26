// Values as a process keeps them: what is read is exactly what was written, and orders are short.
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { makePopulation } from '../../bench/lib/people.js';
import { ResidentCodec } from '../../src/codec/resident-record.js';
import { seed } from './arbitraries.js';

t.comment(`SEED=${seed}`);

const numbers = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Infinity, -Infinity, 2 ** 53, -1.5618236, 51.50001, 179.99999999),
);
const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    numbers,
    fc.string(),
    fc.constantFrom('MONDAY', 'Europe/London'),
    fc.array(
      fc
        .tuple(fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }), fc.integer())
        .map(([a, b]) => [a / 1e7, b / 1e7]),
    ),
    fc.array(fc.tuple(numbers, numbers)),
    fc.array(tie('plain')),
    fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      tie('plain'),
      { noNullPrototype: true },
    ),
  ),
}));

t.test('what is read is exactly what was written, with the names in their order', async (t) => {
  const codec = new ResidentCodec(['orderId']);
  fc.assert(
    fc.property(plain, (value) => {
      const read = codec.decode(codec.encode(value));
      deepStrictEqual(read, value);
      deepStrictEqual(JSON.stringify(read), JSON.stringify(value));
    }),
    { seed, numRuns: 3_000 },
  );
  t.pass();
});

t.test('when there are more names and texts than are kept, they are written out', async (t) => {
  const codec = new ResidentCodec([]);
  const values = Array.from({ length: 6_000 }, (_, n) => ({ [`name ${n}`]: `text ${n}`, again: `text ${n}` }));
  const bytes = values.map((value) => codec.encode(value));
  for (const [n, value] of values.entries()) deepStrictEqual(codec.decode(bytes[n] as Buffer), value);
  t.pass();
});

t.test('an order with two zones of its own is short, and comes back whole', async (t) => {
  const codec = new ResidentCodec(['orderId', 'subjectId', 'deviceId']);
  const { people } = makePopulation({ seed: `${seed}`, people: 200, ownZones: 2, verticesPerZone: 12 });
  const bytes = people.map(({ order }) => codec.encode(order));
  for (const [n, { order }] of people.entries()) deepStrictEqual(codec.decode(bytes[n] as Buffer), order);
  const mean = bytes.reduce((sum, { length }) => sum + length, 0) / people.length;
  t.ok(mean < 450, `${mean} bytes`);
});

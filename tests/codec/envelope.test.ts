import fc from 'fast-check';
import t from 'tap';
import { decodeEnvelope, encodeEnvelope } from '../../src/codec/envelope.js';
import { fairwatch } from '../../src/codec/generated/wire.js';
import { seed, sequences } from './arbitraries.js';
import { asBytes, asFixed64, asVarint } from './hand-protobuf.js';

t.comment(`SEED=${seed}`);
const { Envelope } = fairwatch.wire.v1;
const sealed = Buffer.alloc(20, 7);
const keyIds = fc.integer({ min: 1, max: 0xffff_ffff });

t.test('an envelope comes back exactly, over all 64 bits of the sequence', async (t) => {
  fc.assert(
    fc.property(keyIds, sequences, fc.uint8Array({ minLength: 16 }), (keyId, sequence, ciphertext) => {
      const got = decodeEnvelope(encodeEnvelope({ keyId, sequence, ciphertext }));
      if (!got.ok) return false;
      const { value } = got;
      return value.keyId === keyId && value.sequence === sequence && Buffer.compare(value.ciphertext, ciphertext) === 0;
    }),
    { seed },
  );
  t.pass();
});

t.test('the generated code of the schema and ours write the same bytes', async (t) => {
  const ours = encodeEnvelope({ keyId: 7, sequence: 2n ** 40n + 3n, ciphertext: sealed });
  const theirs = Envelope.encode({ key_id: 7, sequence: 2 ** 40 + 3, ciphertext: sealed }).finish();
  t.same(ours, Buffer.from(theirs));
});

t.test('the bytes are those of the specification, 2^63 + 1 included', async (t) => {
  const expected = Buffer.concat([asVarint(1, 3), asFixed64(2, 2n ** 63n + 1n), asBytes(3, sealed)]);
  t.same(encodeEnvelope({ keyId: 3, sequence: 2n ** 63n + 1n, ciphertext: sealed }), expected);
  t.match(decodeEnvelope(expected), { ok: true, value: { sequence: 9223372036854775809n } });
});

t.test(
  'fields in another order, unknown fields and repeated fields are read as protobuf says: the last stands',
  async (t) => {
    const bytes = Buffer.concat([
      asBytes(3, sealed),
      asVarint(9, 5),
      asBytes(10, Buffer.alloc(4)),
      asFixed64(2, 1n),
      asFixed64(2, 9n),
      asVarint(1, 4),
    ]);
    t.match(decodeEnvelope(bytes), { ok: true, value: { keyId: 4, sequence: 9n } });
  },
);

t.test('a field of the wrong wire type is passed over, so the envelope lacks it', async (t) => {
  t.match(decodeEnvelope(Buffer.concat([asFixed64(1, 1n), asFixed64(2, 1n), asBytes(3, sealed)])), { ok: false });
  t.match(decodeEnvelope(Buffer.concat([asVarint(1, 1), asVarint(2, 1), asBytes(3, sealed)])), { ok: false });
});

t.test('what is missing or too short is no envelope', async (t) => {
  const keyId = asVarint(1, 1);
  const sequence = asFixed64(2, 1n);
  const whole = Buffer.concat([keyId, sequence, asBytes(3, sealed)]);
  t.ok(decodeEnvelope(whole).ok);
  t.notOk(decodeEnvelope(Buffer.alloc(0)).ok, 'nothing');
  t.notOk(decodeEnvelope(Buffer.concat([sequence, asBytes(3, sealed)])).ok, 'no key id');
  t.notOk(decodeEnvelope(Buffer.concat([asVarint(1, 0), sequence, asBytes(3, sealed)])).ok, 'key id 0');
  t.notOk(decodeEnvelope(Buffer.concat([keyId, asBytes(3, sealed)])).ok, 'no sequence');
  t.notOk(decodeEnvelope(Buffer.concat([keyId, asFixed64(2, 0n), asBytes(3, sealed)])).ok, 'sequence 0');
  t.notOk(decodeEnvelope(Buffer.concat([keyId, sequence])).ok, 'no ciphertext');
  t.notOk(decodeEnvelope(Buffer.concat([keyId, sequence, asBytes(3, sealed.subarray(0, 15))])).ok, 'less than a tag');
  for (let length = 1; length < whole.length; length++)
    t.notOk(decodeEnvelope(whole.subarray(0, length)).ok, `cut at ${length}`);
  t.notOk(decodeEnvelope(Buffer.concat([whole, Buffer.from([0])])).ok, 'a byte too many');
});

t.test('no bytes whatever make the decoder throw', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decodeEnvelope(bytes);
      decodeEnvelope(Buffer.from(bytes));
    }),
    { seed, numRuns: 3_000 },
  );
  t.pass();
});

t.test('a key id or sequence that does not fit is a programming error', async (t) => {
  t.throws(() => encodeEnvelope({ keyId: 0, sequence: 1n, ciphertext: sealed }), RangeError);
  t.throws(() => encodeEnvelope({ keyId: 2 ** 32, sequence: 1n, ciphertext: sealed }), RangeError);
  t.throws(() => encodeEnvelope({ keyId: 1, sequence: 0n, ciphertext: sealed }), RangeError);
  t.throws(() => encodeEnvelope({ keyId: 1, sequence: 2n ** 64n, ciphertext: sealed }), RangeError);
});

import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { Pseudonyms } from '../../src/crypto/pseudonyms.js';
import { SealBroken, TierSeals } from '../../src/crypto/seals.js';
import type { Seals } from '../../src/ports/seals.js';
import { seedOfRun } from '../rules/seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const key = Buffer.alloc(32, 9);
const seals: Seals = TierSeals.fromKey(key, 3);
const plain = Buffer.from('the state of one person');

t.test('what was sealed opens in the same place', async (t) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.uint8Array({ maxLength: 500 }), (store, name, bytes) => {
      const sealed = seals.seal(store, name, bytes);
      return sealed.length === bytes.length + 45 && seals.open(store, name, new Uint8Array(sealed)).equals(bytes);
    }),
    { seed },
  );
  t.pass();
});

t.test('it opens nowhere else: another store, name, split between the two, key or epoch', async (t) => {
  const sealed = seals.seal('states', 'abc', plain);
  t.throws(() => seals.open('journal', 'abc', sealed), SealBroken);
  t.throws(() => seals.open('states', 'abd', sealed), SealBroken);
  t.throws(() => seals.open('statesa', 'bc', sealed), SealBroken);
  t.throws(() => seals.open('state', 'sabc', sealed), SealBroken);
  t.throws(() => TierSeals.fromKey(Buffer.alloc(32, 8), 3).open('states', 'abc', sealed), SealBroken);
  t.throws(() => TierSeals.fromKey(key, 4).open('states', 'abc', sealed), { message: /key epoch 3, not 4/ });
});

t.test('one flipped bit anywhere breaks the seal, header included, and so does a missing byte', async (t) => {
  const sealed = seals.seal('states', 'abc', plain);
  let opened = 0;
  const attempt = (bytes: Buffer) => {
    try {
      seals.open('states', 'abc', bytes);
      opened++;
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
    }
  };
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    attempt(changed);
  }
  for (let length = 0; length < sealed.length; length++) attempt(sealed.subarray(0, length));
  attempt(Buffer.concat([sealed, Buffer.alloc(1)]));
  t.equal(opened, 0);
});

t.test('an epoch that was rewritten by someone does not open under the key of that epoch', async (t) => {
  const sealed = seals.seal('states', 'abc', plain);
  sealed.writeUInt32BE(4, 1);
  t.throws(() => TierSeals.fromKey(key, 4).open('states', 'abc', sealed), SealBroken);
});

t.test('the same bytes sealed twice differ, and neither shows the plaintext', async (t) => {
  const [first, second] = [seals.seal('s', 'n', plain), seals.seal('s', 'n', plain)];
  t.notOk(first.equals(second));
  t.notOk(first.includes(plain));
});

t.test('a broken seal does not say whose record it was', async (t) => {
  const fault = (() => {
    try {
      seals.open('states', 'ORD-1', Buffer.concat([seals.seal('states', 'ORD-2', plain)]));
    } catch (error) {
      return String(error);
    }
    return 'opened';
  })();
  t.match(fault, /SealBroken: a record of states does not open/);
  t.notMatch(fault, /ORD/);
});

t.test('a pseudonym is steady under one key, differs under another, and is no plain hash', async (t) => {
  t.equal(seals.pseudonym('ORD-1'), TierSeals.fromKey(key, 7).pseudonym('ORD-1'));
  t.match(seals.pseudonym('ORD-1'), /^[0-9a-f]{32}$/);
  t.not(seals.pseudonym('ORD-1'), seals.pseudonym('ORD-2'));
  t.not(seals.pseudonym('ORD-1'), TierSeals.fromKey(randomBytes(32), 3).pseudonym('ORD-1'));
});

t.test('a key of another length, or an epoch that does not fit, is a programming error', async (t) => {
  t.throws(() => TierSeals.fromKey(Buffer.alloc(16), 1), RangeError);
  t.throws(() => TierSeals.fromKey(key, -1), RangeError);
  t.throws(() => TierSeals.fromKey(key, 2 ** 32), RangeError);
});

t.test(
  'a pseudonym is the HMAC that it is said to be, however long the id, when it is asked for again as well',
  async (t) => {
    const subKey = Buffer.from(hkdfSync('sha256', key, '', 'fairwatch/v1 pseudonym', 32));
    const names = new Pseudonyms(key);
    const lent = Buffer.alloc(32);
    names.lend(lent);
    const again = Pseudonyms.borrowed(lent);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700, size: 'max' }), (id) => {
        const made = createHmac('sha256', subKey).update(id, 'utf8').digest('hex').slice(0, 32);
        return [names.of(id), names.of(id), again.of(id)].every((name) => name === made);
      }),
      { seed, numRuns: 300 },
    );
    const many = Array.from({ length: 20_000 }, (_, n) => names.of(`ORD-${n}`));
    t.equal(new Set(many).size, 20_000);
    t.equal(names.of('ORD-0'), many[0]);
  },
);

t.test('no two seals have the same nonce, however many are made at once', async (t) => {
  const nonces = Array.from({ length: 2_000 }, () => seals.seal('states', 'abc', plain).toString('hex', 5, 29));
  t.equal(new Set(nonces).size, 2_000);
  t.notOk(nonces.some((nonce) => /^0{8}|0{8}$/.test(nonce)));
});

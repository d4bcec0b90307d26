/** A sealed segment opens with the order's private key, for its own stream and day, and as a JWE; in no other way. */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import t from 'tap';
import { compactJweOf, openSealedSegment, sealSegment } from '../../src/crypto/segment-seal.js';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { publicKey, privateKey } = pair();
const place = { stream: 'c0ffee00c0ffee00c0ffee00c0ffee00', day: 20_514 };
const plain = Buffer.from('a day of somebody');
const opened = (sealed: Uint8Array, at = place, key: KeyObject = privateKey) => openSealedSegment(key, sealed, at);
const refused = { ok: false, fault: 'does_not_open' };

t.test('what is sealed to a public key opens with the private one, whatever its length', async (t) => {
  for (const length of [0, 1, 17, 10_000, 1_000_000]) {
    const bytes = randomBytes(length);
    const sealed = sealSegment(publicKey, bytes, place);
    t.equal(sealed.length, length + 133);
    t.same(opened(sealed), { ok: true, value: bytes });
  }
});

t.test('jose opens the same bytes as a compact JWE, and its header names stream and day', async (t) => {
  const sealed = sealSegment(publicKey, plain, place);
  const text = compactJweOf(sealed, place);
  if (!text.ok) return t.fail(text.fault);
  const { plaintext, protectedHeader } = await compactDecrypt(text.value, privateKey);
  t.same(Buffer.from(plaintext), plain);
  t.match(protectedHeader, { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', ...place });
  t.same(Object.keys(protectedHeader).sort(), ['alg', 'day', 'enc', 'epk', 'stream']);
  t.same(Object.keys(decodeProtectedHeader(text.value).epk as object).sort(), ['crv', 'kty', 'x', 'y']);
  const elsewhere = compactJweOf(sealed, { ...place, day: place.day + 1 });
  if (!elsewhere.ok) return t.fail(elsewhere.fault);
  await t.rejects(compactDecrypt(elsewhere.value, privateKey), { code: 'ERR_JWE_DECRYPTION_FAILED' });
});

t.test('what jose seals under the same header opens here', async (t) => {
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', ...place };
  const text = await new CompactEncrypt(plain).setProtectedHeader(header).encrypt(publicKey);
  const epk = decodeProtectedHeader(text).epk as unknown as { x: string; y: string };
  const parts = [epk.x, epk.y, ...text.split('.').slice(1)].map((part) => Buffer.from(part, 'base64url'));
  const sealed = Buffer.concat([Buffer.from([1]), ...parts]);
  t.same(opened(sealed), { ok: true, value: plain });
  t.same(compactJweOf(sealed, place), { ok: true, value: text });
});

t.test('another stream, another day and another key do not open it', async (t) => {
  const sealed = sealSegment(publicKey, plain, place);
  t.same(opened(sealed, { ...place, day: place.day - 1 }), refused);
  t.same(opened(sealed, { ...place, stream: place.stream.replace('c', 'd') }), refused);
  t.same(opened(sealed, place, pair().privateKey), refused);
  t.equal(opened(sealed).ok, true);
});

t.test('any byte that is changed, cut off or added is noticed', async (t) => {
  const sealed = sealSegment(publicKey, plain, place);
  const answers = Array.from(sealed, (byte, at) => {
    const changed = Buffer.from(sealed);
    changed[at] = byte ^ 1;
    return opened(changed).ok;
  });
  t.same([...new Set(answers)], [false]);
  t.same(opened(Buffer.concat([sealed, Buffer.alloc(1)])), refused);
  t.same(opened(sealed.subarray(0, -1)), refused);
  t.same(opened(sealed.subarray(0, 132)), { ok: false, fault: 'not_a_segment' });
  t.same(opened(Buffer.alloc(0)), { ok: false, fault: 'not_a_segment' });
  t.same(opened(Buffer.concat([Buffer.from([2]), sealed.subarray(1)])), { ok: false, fault: 'not_a_segment' });
  t.same(compactJweOf(sealed.subarray(0, 132), place), { ok: false, fault: 'not_a_segment' });
});

t.test('a point that is not on the curve is no key: nothing is computed with it', async (t) => {
  const sealed = sealSegment(publicKey, plain, place);
  for (const point of [
    Buffer.alloc(64),
    Buffer.alloc(64, 0xff),
    Buffer.concat([sealed.subarray(1, 64), Buffer.alloc(1, 9)]),
  ]) {
    const changed = Buffer.from(sealed);
    point.copy(changed, 1);
    t.same(opened(changed), refused);
  }
});

t.test('every segment has a key, a nonce and an ephemeral key of its own', async (t) => {
  const parts = Array.from({ length: 50 }, () => sealSegment(publicKey, plain, place)).flatMap((sealed) => [
    sealed.toString('hex', 1, 65),
    sealed.toString('hex', 65, 105),
    sealed.toString('hex', 105, 117),
    sealed.toString('hex', 117),
  ]);
  t.equal(new Set(parts).size, parts.length);
});

t.test('only a P-256 key of the right half seals and opens', async (t) => {
  const sealed = sealSegment(publicKey, plain, place);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const ed = generateKeyPairSync('ed25519');
  for (const key of [privateKey, other.publicKey, ed.publicKey]) {
    t.throws(() => sealSegment(key, plain, place), RangeError);
  }
  for (const key of [publicKey, other.privateKey, ed.privateKey])
    t.throws(() => opened(sealed, place, key), RangeError);
  const again = createPublicKey(privateKey);
  t.equal(opened(sealSegment(again, plain, place)).ok, true);
});

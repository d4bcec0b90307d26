/** Signed heads: what jose reads, and every bit of which counts. */
import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import t from 'tap';
import { HeadSigner, headKey, headOf, openHead, parseHeadKey } from '../../src/crypto/signed-head.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer = new HeadSigner(privateKey);
const keys = [signer.verificationKey];
const head = { size: 7, root: 'ab'.repeat(32), atMs: 1_772_478_000_000 };

t.test('a head is a JWS over exactly size, root and at_ms, as another library reads it', async (t) => {
  const jws = signer.sign(head);
  const verified = await compactVerify(jws, await importJWK(signer.verificationKey.jwk, 'ES256'));
  t.equal(Buffer.from(verified.payload).toString(), `{"size":7,"root":"${'ab'.repeat(32)}","at_ms":1772478000000}`);
  t.same(verified.protectedHeader, {
    alg: 'ES256',
    kid: await calculateJwkThumbprint(signer.verificationKey.jwk),
    typ: 'fairwatch-audit-head',
  });
  t.same(openHead(jws, keys), { ok: true, value: head });
  t.same(headOf(jws), head);
});

t.test('no bit of a head can be changed', async (t) => {
  const jws = signer.sign(head);
  const taken: number[] = [];
  const bytes = Buffer.from(jws, 'latin1');
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    if (openHead(changed.toString('latin1'), keys).ok) taken.push(bit);
  }
  t.same(taken, [], `of ${bytes.length * 8} bits, those of base64url that carry nothing among them`);
  for (const text of ['', '..', 'a.b', `${jws}.`, `${jws} `, `${jws}\n`, jws.slice(0, -1), `${jws}=`]) {
    t.match(openHead(text, keys), { ok: false });
  }
});

t.test('a head of another key, or under another algorithm, is refused', async (t) => {
  const other = new HeadSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  t.same(openHead(other.sign(head), keys), { ok: false, fault: 'unknown_key' });
  t.same(openHead(other.sign(head), [...keys, other.verificationKey]), { ok: true, value: head });
  // signed by the other, under the first one's name
  const [name, payload] = signer.sign(head).split('.');
  t.same(openHead(`${name}.${payload}.${other.sign(head).split('.')[2]}`, keys), { ok: false, fault: 'signature' });
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  t.match(openHead(`${none}.${payload}.`, keys), { ok: false });
});

t.test('keys are read from JWK and PEM, and no other kind is taken', async (t) => {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const { kid } = signer.verificationKey;
  t.match(parseHeadKey(pem), { ok: true, value: { kid } });
  t.match(parseHeadKey({ ...publicKey.export({ format: 'jwk' }), kid: 'whatever' }), { ok: true, value: { kid } });
  t.match(parseHeadKey('no key'), { ok: false });
  t.match(parseHeadKey({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }), { ok: false });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  t.throws(() => headKey(rsa.publicKey), TypeError);
  t.throws(() => new HeadSigner(publicKey), TypeError);
  t.throws(() => new HeadSigner(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey), TypeError);
});

t.test('what no signer writes is no head', async (t) => {
  const forged = (payload: string) => `x.${Buffer.from(payload).toString('base64url')}.y`;
  for (const payload of [
    '{}',
    'null',
    '7',
    `{"size":-1,"root":"${'ab'.repeat(32)}","at_ms":1}`,
    `{"size":1,"root":"${'AB'.repeat(32)}","at_ms":1}`,
    `{"size":1.5,"root":"${'ab'.repeat(32)}","at_ms":1}`,
    `{"size":1,"root":"${'ab'.repeat(32)}","at_ms":1,"more":1}`,
    `{"root":"${'ab'.repeat(32)}","size":1,"at_ms":1}`,
  ]) {
    t.throws(() => headOf(forged(payload)), /damaged/, payload);
  }
});

/** Which keys an agency may register, and that only their holder opens what is sealed to them (`jose` is the opener). */
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import t from 'tap';
import { AgencyKey } from '../../src/crypto/agency-key.js';
import { checkJwe } from '../../src/crypto/strict-jwe.js';

const pair = () => generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256', extractable: true });

t.test('what is sealed to an agency opens under its private key, and under no other', async (t) => {
  const { publicKey, privateKey } = await pair();
  const read = await AgencyKey.read(await exportJWK(publicKey));
  if (!read.ok) throw new Error(read.fault);
  const jwe = await read.value.seal({ alert_id: 'A-1', minutes: 2.5 });
  const opened = await compactDecrypt(jwe, privateKey);
  t.same(JSON.parse(Buffer.from(opened.plaintext).toString()), { alert_id: 'A-1', minutes: 2.5 });
  t.equal(opened.protectedHeader.kid, read.value.kid);
  t.ok(checkJwe(jwe, { charsMax: 4_096, alg: 'ECDH-ES+A256KW', enc: 'A256GCM' }).ok, 'nothing else is in its header');
  await t.rejects(compactDecrypt(jwe, (await pair()).privateKey));
  const again = await read.value.seal({ alert_id: 'A-1', minutes: 2.5 });
  t.notSame(again.split('.')[1], jwe.split('.')[1], 'a content key of its own each time');
  t.notSame((await compactDecrypt(again, privateKey)).protectedHeader.epk, opened.protectedHeader.epk);
});

t.test('anything but a public P-256 key is refused, with what is wrong and without the key', async (t) => {
  const { privateKey } = await pair();
  const { d, ...good } = await exportJWK(privateKey);
  const { x = '', y = '' } = good;
  const p384 = await exportJWK(
    (await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-384', extractable: true })).publicKey,
  );
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [null, /no JWK/],
    [[good], /no JWK/],
    ['', /no JWK/],
    [{ ...good, d }, /private key/],
    [{ ...good, d: '' }, /private key/],
    [p384, /P-256/],
    [{ ...good, kty: 'OKP' }, /P-256/],
    [{ kty: 'oct', k: 'AAAA' }, /beside/],
    [{ ...good, x5c: [] }, /beside/],
    [{ ...good, alg: 'ECDH-ES' }, /another alg/],
    [{ ...good, use: 'sig' }, /another use/],
    [{ ...good, kid: 'a b' }, /kid/],
    [{ ...good, kid: 7 }, /kid/],
    [{ ...good, x: `${x}=` }, /canonical/],
    [{ ...good, y: y.slice(1) }, /canonical/],
    [{ ...good, x: y, y: x }, /no point/],
    [{ ...good, x: 'A'.repeat(43), y: 'A'.repeat(43) }, /no point/],
  ];
  for (const [jwk, fault] of refused) {
    const read = await AgencyKey.read(jwk);
    t.match(read, { ok: false, fault });
    if (!read.ok) t.notMatch(read.fault, x);
  }
  t.ok((await AgencyKey.read({ ...good, kid: 'k-1', alg: 'ECDH-ES+A256KW', use: 'enc' })).ok);
});

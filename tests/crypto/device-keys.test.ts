import { generateKeyPairSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import t from 'tap';
import { unwrapKey, unwrapNamedKey, wrapKey } from '../../src/crypto/device-keys.js';
import { KeyUnwrapFailed, unwrapJson, unwrapJsonNow } from '../../src/crypto/key-jwe.js';

const kek = Buffer.alloc(32, 1);
const key = Buffer.alloc(32, 2);
const kid = 'HU-1:1';

interface Made {
  readonly header?: object;
  readonly jwk?: unknown;
  readonly under?: Uint8Array;
}

/** A JWE by `jose`, so that we do not judge ourselves. */
function byJose({ header = {}, jwk, under = kek }: Made = {}): Promise<string> {
  const content = jwk ?? { kty: 'oct', kid, k: key.toString('base64url') };
  return new CompactEncrypt(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)))
    .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', kid, ...header } as { alg: string; enc: string })
    .encrypt(under);
}

const part = (jwe: string, index: number, change: (text: string) => string) =>
  jwe
    .split('.')
    .map((text, i) => (i === index ? change(text) : text))
    .join('.');
const longer = (text: string) => Buffer.concat([Buffer.from(text, 'base64url'), Buffer.alloc(1)]).toString('base64url');
const withHeader = (jwe: string, header: unknown) =>
  part(jwe, 0, () => Buffer.from(JSON.stringify(header)).toString('base64url'));

t.test('a wrapped key comes back under the same key-encryption key only', async (t) => {
  const jwe = await wrapKey(kek, key, kid);
  t.same(await unwrapNamedKey(kek, jwe), { kid, key });
  await t.rejects(unwrapKey(Buffer.alloc(32, 3), jwe), KeyUnwrapFailed);
  t.not(await wrapKey(kek, key, kid), jwe, 'each wrapping is a new one');
});

t.test('jose opens what we wrap, and we open what jose wraps', async (t) => {
  const opened = await compactDecrypt(await wrapKey(kek, key, kid), kek, {
    keyManagementAlgorithms: ['A256KW'],
    contentEncryptionAlgorithms: ['A256GCM'],
  });
  t.same(opened.protectedHeader, { alg: 'A256KW', enc: 'A256GCM', kid });
  t.same(JSON.parse(Buffer.from(opened.plaintext).toString()), { kty: 'oct', kid, k: key.toString('base64url') });
  t.same(await unwrapKey(kek, await byJose()), key);
});

t.test('what node-jose would let through is refused at the gate', async (t) => {
  const good = await wrapKey(kek, key, kid);
  const cases: [string, string][] = [
    ['a sixth part', `${good}.AAAA`],
    ['four parts', good.split('.').slice(0, 4).join('.')],
    ['an empty text', ''],
    ['junk in a part', part(good, 3, (text) => `${text.slice(0, 4)}!${text.slice(4)}`)],
    ['a line break at the end', `${good}\n`],
    ['padding', part(good, 4, (text) => `${text}==`)],
    ['the alphabet of plain base64', part(good, 1, (text) => `${text.slice(0, -1)}+`)],
    ['spare bits that are not zero', part(good, 4, (text) => `${text.slice(0, -1)}${text.endsWith('B') ? 'C' : 'B'}`)],
    ['a tag that is too long', part(good, 4, longer)],
    ['a nonce that is too long', part(good, 2, longer)],
    ['an encrypted key that is too long', part(good, 1, longer)],
    ['a text that is too long', part(good, 3, (text) => `${text}${'A'.repeat(4_000)}`)],
    ['zip', withHeader(good, { alg: 'A256KW', enc: 'A256GCM', kid, zip: 'DEF' })],
    ['crit', withHeader(good, { alg: 'A256KW', enc: 'A256GCM', kid, crit: ['exp'] })],
    ['a key in the header', withHeader(good, { alg: 'A256KW', enc: 'A256GCM', kid, jwk: {} })],
    ['alg dir', withHeader(good, { alg: 'dir', enc: 'A256GCM', kid })],
    ['another enc', withHeader(good, { alg: 'A256KW', enc: 'A128CBC-HS256', kid })],
    ['no kid', withHeader(good, { alg: 'A256KW', enc: 'A256GCM' })],
    ['a header that is a list', withHeader(good, ['A256KW'])],
    ['a header that is no JSON', part(good, 0, () => Buffer.from('{').toString('base64url'))],
  ];
  for (const [name, jwe] of cases)
    await t.rejects(unwrapKey(kek, jwe), { name: 'KeyUnwrapFailed', message: /^refused: / }, name);
});

t.test('zip is refused even where the content is whole and rightly sealed', async (t) => {
  // a real compressed token from node-jose: its own decrypt would inflate it
  const { default: nodeJose } = await import('node-jose');
  const options = { format: 'compact', contentAlg: 'A256GCM', zip: true, fields: { alg: 'A256KW' } } as const;
  const wrapping = await nodeJose.JWK.asKey({ kty: 'oct', kid, k: kek.toString('base64url') });
  const zipped = await nodeJose.JWE.createEncrypt(options as object, wrapping)
    .update('a'.repeat(10_000))
    .final();
  t.match(Buffer.from(zipped.split('.')[0] as string, 'base64url').toString(), /zip/);
  await t.rejects(unwrapKey(kek, zipped), { message: /"zip" is not allowed/ });
});

t.test('a flipped bit in any part does not open', async (t) => {
  const good = await wrapKey(kek, key, kid);
  for (const index of [1, 2, 3, 4]) {
    const changed = part(good, index, (text) => {
      const bytes = Buffer.from(text, 'base64url');
      bytes[0]! ^= 1;
      return bytes.toString('base64url');
    });
    await t.rejects(unwrapKey(kek, changed), { message: /does not open/ });
  }
  await t.rejects(unwrapKey(kek, withHeader(good, { alg: 'A256KW', enc: 'A256GCM', kid: 'HU-2:1' })), KeyUnwrapFailed);
});

t.test('what is inside must be a 256-bit symmetric JWK of the same name', async (t) => {
  const k = key.toString('base64url');
  for (const jwk of [
    'no JSON',
    'null',
    { kty: 'oct', kid, k: k.slice(2) },
    { kty: 'oct', kid, k: `${k}=` },
    { kty: 'EC', kid, k },
    { kty: 'oct', kid: 'HU-2:1', k },
    { kty: 'oct', k },
  ]) {
    await t.rejects(unwrapKey(kek, await byJose({ jwk })), KeyUnwrapFailed);
  }
});

t.test('a fault shows neither key', async (t) => {
  const jwe = await byJose({ jwk: { kty: 'oct', kid: 'other', k: key.toString('base64url') } });
  const fault = await unwrapKey(kek, jwe).catch(String);
  t.notMatch(fault, new RegExp(key.toString('base64url')));
});

t.test('keys of another length are a programming error', async (t) => {
  await t.rejects(wrapKey(Buffer.alloc(16), key, kid), RangeError);
  await t.rejects(wrapKey(kek, Buffer.alloc(16), kid), RangeError);
  await t.rejects(unwrapKey(Buffer.alloc(16), await wrapKey(kek, key, kid)), RangeError);
});

const identity = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const opener = { kek, identity: identity.privateKey };

t.test(
  'a key that is wrapped for an identity opens with its private key alone; jose and we open each other’s',
  async (t) => {
    const jwe = await wrapKey(identity.publicKey, key, kid);
    t.same(await unwrapNamedKey(opener, jwe), { kid, key });
    t.same(await unwrapKey(opener, await wrapKey(kek, key, kid)), key, 'the same opener takes both kinds');
    await t.rejects(unwrapKey(kek, jwe), KeyUnwrapFailed, 'a key-encryption key does not');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await t.rejects(unwrapKey({ kek, identity: other.privateKey }, jwe), KeyUnwrapFailed);

    const byUs = await compactDecrypt(jwe, identity.privateKey, { keyManagementAlgorithms: ['ECDH-ES+A256KW'] });
    t.same(JSON.parse(Buffer.from(byUs.plaintext).toString()), { kty: 'oct', kid, k: key.toString('base64url') });
    const byThem = await new CompactEncrypt(byUs.plaintext)
      .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid })
      .encrypt(identity.publicKey);
    t.same(await unwrapKey(opener, byThem), key);
  },
);

t.test('opened at once, through OpenSSL alone, it is the same as through node-jose', async (t) => {
  for (const jwe of [await wrapKey(identity.publicKey, key, kid), await wrapKey(kek, key, kid), await byJose()]) {
    t.same(unwrapJsonNow(opener, jwe), await unwrapJson(opener, jwe));
    t.throws(() => unwrapJsonNow({ kek: Buffer.alloc(32, 3), identity: null }, jwe), { name: 'KeyUnwrapFailed' });
    t.throws(
      () =>
        unwrapJsonNow(
          opener,
          part(jwe, 4, (text) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`),
        ),
      {
        name: 'KeyUnwrapFailed',
      },
    );
    t.throws(() => unwrapJsonNow(opener, `${jwe}.AAAA`), { message: /^refused: / });
  }
});

t.test(
  'an ephemeral key that is not exactly a point on P-256 is refused before anything is computed with it',
  async (t) => {
    const good = await wrapKey(identity.publicKey, key, kid);
    const header = JSON.parse(Buffer.from(good.split('.')[0] as string, 'base64url').toString()) as {
      epk: { kty: string; crv: string; x: string; y: string };
    };
    const { epk } = header;
    const offCurve = Buffer.from(epk.y, 'base64url');
    offCurve[31]! ^= 1;
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
    for (const [name, wrong] of Object.entries({
      'none at all': undefined,
      'a text': 'epk',
      'off the curve': { ...epk, y: offCurve.toString('base64url') },
      'on another curve': p384,
      'with a private part': { ...epk, d: epk.x },
      'a coordinate too long': { ...epk, x: `${epk.x.slice(0, -1)}AAA` },
      'a coordinate with padding': { ...epk, x: `${epk.x}=` },
      'the point at infinity': {
        ...epk,
        x: Buffer.alloc(32).toString('base64url'),
        y: Buffer.alloc(32).toString('base64url'),
      },
    })) {
      const bad = withHeader(good, { ...header, epk: wrong });
      await t.rejects(unwrapKey(opener, bad), { message: /^refused: / }, name);
      t.throws(() => unwrapJsonNow(opener, bad), { message: /^refused: / }, name);
    }
    for (const more of [{ apu: 'QQ' }, { apv: 'QQ' }, { zip: 'DEF' }]) {
      await t.rejects(unwrapKey(opener, withHeader(good, { ...header, ...more })), { message: /^refused: / });
    }
  },
);

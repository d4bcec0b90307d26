// Uploads as JWE: what outside libraries make is opened, and nothing that differs from the contract by one bit is.
import { createCipheriv, createHash } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import nodeJose from 'node-jose';
import t from 'tap';
import { looksLikeJwe, openUplinkJwe, readUplinkJwe } from '../../src/crypto/uplink-jwe.js';

const key = createHash('sha256').update('a jwe key').digest();
const plain = Buffer.from('09010000000000000012050801', 'hex');
const HEADER = { alg: 'dir', enc: 'A256GCM', kid: 'TAG-1:7', typ: 'em+jwe', dir: 'up' };
const nonce = Buffer.alloc(12, 5);

/** By RFC 7516 and node:crypto alone. `header` may be any text. */
function byHand(header: string, encryptedKey = ''): Buffer {
  const protectedHeader = Buffer.from(header).toString('base64url');
  const gcm = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(protectedHeader, 'ascii'));
  const sealed = Buffer.concat([gcm.update(plain), gcm.final()]);
  const parts = [nonce, sealed, gcm.getAuthTag()].map((part) => part.toString('base64url'));
  return Buffer.from([protectedHeader, encryptedKey, ...parts].join('.'));
}
const good = byHand(JSON.stringify(HEADER));

function opened(payload: Buffer): Buffer | null {
  const read = readUplinkJwe(payload);
  return read.ok ? openUplinkJwe(key, read.value) : null;
}

t.test('what is made by hand opens under its key, and says whose it is', async (t) => {
  t.ok(looksLikeJwe(good));
  t.match(readUplinkJwe(good), { ok: true, value: { deviceId: 'TAG-1', keyId: 7 } });
  t.same(opened(good), plain);
  const read = readUplinkJwe(good);
  t.equal(read.ok && openUplinkJwe(Buffer.alloc(32), read.value), null, 'another key');
});

t.test('jose makes what we open', async (t) => {
  const jwe = await new CompactEncrypt(plain).setProtectedHeader(HEADER).encrypt(key);
  t.same(opened(Buffer.from(jwe)), plain);
});

t.test('node-jose makes what we open', async (t) => {
  const jwk = await nodeJose.JWK.asKey({ kty: 'oct', k: key.toString('base64url'), kid: HEADER.kid });
  const fields = { ...HEADER };
  const made = nodeJose.JWE.createEncrypt({ format: 'compact', contentAlg: 'A256GCM', fields }, jwk);
  t.same(opened(Buffer.from(await made.update(plain).final())), plain);
});

t.test('the members may stand in any order, with white space and escapes, as JSON may', async (t) => {
  const { kid, dir, typ, enc, alg } = HEADER;
  t.same(opened(byHand(JSON.stringify({ kid, dir, typ, enc, alg }))), plain);
  t.same(opened(byHand(JSON.stringify(HEADER).replaceAll('","', '" ,\n\t"'))), plain);
  t.same(opened(byHand(JSON.stringify(HEADER).replace('em+jwe', 'em\\u002bjwe'))), plain);
});

const without = (name: keyof typeof HEADER) =>
  JSON.stringify(Object.fromEntries(Object.entries(HEADER).filter(([member]) => member !== name)));
const text = JSON.stringify(HEADER);
const part = (index: number, change: (part: string) => string) =>
  Buffer.from(
    good
      .toString()
      .split('.')
      .map((one, i) => (i === index ? change(one) : one))
      .join('.'),
  );
const longer = (one: string) => Buffer.concat([Buffer.from(one, 'base64url'), Buffer.alloc(1)]).toString('base64url');

const refused: [string, Buffer][] = [
  ['a sixth part', Buffer.from(`${good}.`)],
  ['four parts', Buffer.from(good.toString().split('.').slice(0, 4).join('.'))],
  ['an encrypted key', byHand(text, 'AAAA')],
  ['padding', part(3, (one) => `${one}=`)],
  ['junk in a part', part(3, (one) => `${one.slice(0, 2)}\n${one.slice(2)}`)],
  ['a byte that is no ASCII', Buffer.concat([good, Buffer.from([0xe9])])],
  ['plain base64', part(4, (one) => `${one.slice(0, -1)}+`)],
  ['spare bits', part(4, (one) => `${one.slice(0, -1)}${one.endsWith('B') ? 'C' : 'B'}`)],
  ['a short nonce', part(2, (one) => one.slice(0, 12))],
  ['a long nonce', part(2, longer)],
  ['a long tag', part(4, longer)],
  ['a short tag', part(4, (one) => one.slice(0, 16))],
  ['zip', byHand(JSON.stringify({ ...HEADER, zip: 'DEF' }))],
  ['crit', byHand(JSON.stringify({ ...HEADER, crit: [] }))],
  ['crit, as a text', byHand(JSON.stringify({ ...HEADER, crit: 'exp' }))],
  ['alg A256KW', byHand(JSON.stringify({ ...HEADER, alg: 'A256KW' }))],
  ['enc A128GCM', byHand(JSON.stringify({ ...HEADER, enc: 'A128GCM' }))],
  ['typ JWE', byHand(JSON.stringify({ ...HEADER, typ: 'JWE' }))],
  ['the other direction', byHand(JSON.stringify({ ...HEADER, dir: 'down' }))],
  ['a member of every object', byHand(text.replace('"dir":"up"', '"toString":"up"'))],
  ['a member twice', byHand(text.replace('{', '{"kid":"TAG-2:1",'))],
  ['a member twice, once escaped', byHand(text.replace('{', '{"k\\u0069d":"TAG-2:1",'))],
  ['a kid that is a number', byHand(text.replace('"TAG-1:7"', '7'))],
  ['a kid without a key', byHand(JSON.stringify({ ...HEADER, kid: 'TAG-1' }))],
  ['a kid without a device', byHand(JSON.stringify({ ...HEADER, kid: ':1' }))],
  ['key 0', byHand(JSON.stringify({ ...HEADER, kid: 'TAG-1:0' }))],
  ['key 01', byHand(JSON.stringify({ ...HEADER, kid: 'TAG-1:01' }))],
  ['key 2^32', byHand(JSON.stringify({ ...HEADER, kid: 'TAG-1:4294967296' }))],
  ['text after the header', byHand(`${text}{}`)],
  ['a comma at the end', byHand(text.replace('}', ',}'))],
  ['an open header', byHand(text.replace('}', ''))],
  ['an empty header', byHand('{}')],
  ['a list', byHand('{"alg":["dir"]}')],
  ['nothing', Buffer.alloc(0)],
  ['dots', Buffer.alloc(65_536, '.')],
  ...(Object.keys(HEADER) as (keyof typeof HEADER)[]).map((name): [string, Buffer] => [
    `no ${name}`,
    byHand(without(name)),
  ]),
];

t.test('whatever is not the contract is refused', async (t) => {
  for (const [name, payload] of refused) t.equal(readUplinkJwe(payload).ok, false, name);
});

t.test('no bit can be flipped, no byte cut or added, and nothing throws', async (t) => {
  let tried = 0;
  for (let at = 0; at < good.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Buffer.from(good);
      flipped[at] = (flipped[at] as number) ^ (1 << bit);
      if (opened(flipped) !== null) t.fail(`bit ${bit} of byte ${at} may be flipped`);
      tried++;
    }
    if (opened(good.subarray(0, at)) !== null) t.fail(`it may be cut at ${at}`);
    if (opened(Buffer.concat([good.subarray(0, at), Buffer.from('A'), good.subarray(at)])) !== null)
      t.fail(`a byte may be added at ${at}`);
  }
  t.equal(tried, good.length * 8);
});

import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { OneReader, openForReader } from '../../src/crypto/one-reader.js';

const HOUR = 3_600_000;
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const openerOf = (identity: ReturnType<typeof pair>['privateKey']) => ({ kek: Buffer.alloc(32), identity });
const place = { store: 'payloads', name: '7' };
const plain = Buffer.from('what came');

t.test('only the reader opens it, and only at its place', async (t) => {
  const { publicKey, privateKey } = pair();
  const key = await new OneReader(publicKey).keyAt(0);
  const sealed = key.seal('payloads', '7', plain);
  t.same(await openForReader(openerOf(privateKey), key.jwe, place, sealed), plain);
  await t.rejects(openForReader(openerOf(privateKey), key.jwe, { ...place, name: '8' }, sealed), {
    name: 'SealBroken',
  });
  await t.rejects(openForReader(openerOf(pair().privateKey), key.jwe, place, sealed), { name: 'KeyUnwrapFailed' });
  await t.rejects(openForReader({ kek: Buffer.alloc(32), identity: null }, key.jwe, place, sealed), {
    name: 'KeyUnwrapFailed',
  });
});

t.test('the writer has one key an hour and forgets it afterwards', async (t) => {
  const writer = new OneReader(pair().publicKey);
  const first = await writer.keyAt(10 * HOUR);
  t.equal(await writer.keyAt(11 * HOUR - 1), first);
  writer.forget(11 * HOUR - 1);
  first.seal('payloads', '7', plain);
  writer.forget(11 * HOUR);
  t.throws(() => first.seal('payloads', '7', plain), /forgotten/, 'not even under zeros');
  t.not((await writer.keyAt(11 * HOUR)).id, first.id);
});

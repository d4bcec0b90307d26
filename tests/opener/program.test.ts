// The thief's program itself: it finds what lies under any chain of keys that it has, and nothing beyond.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import t from 'tap';
import { wrapKey } from '../../src/crypto/device-keys.js';
import { TierSeals } from '../../src/crypto/seals.js';
import { temporaryFolder } from '../support/folder.js';
import { openEverything } from './program.js';

const SECRET = Buffer.from('SUB-SECRET was here');
const isSecret = (plain: Buffer) => plain.includes(SECRET);

async function folders() {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const [keys, data] = [join(folder.path, 'keys'), join(folder.path, 'data')];
  for (const path of [keys, data]) mkdirSync(path);
  return { keys, data };
}

async function putRow(folder: string, value: Buffer): Promise<void> {
  const root = open<Buffer, string>({ path: folder, encoding: 'binary' });
  await root.openDB<Buffer, number>({ name: 'rows', encoding: 'binary' }).put(7, value);
  await root.close();
}

t.test('a row sealed under a key that is wrapped under another is opened, also behind a prefix in clear', async (t) => {
  for (const prefix of [0, 8, 16]) {
    const { keys, data } = await folders();
    const [kek, key] = [randomBytes(32), randomBytes(32)];
    writeFileSync(join(keys, 'tier.key'), await wrapKey(kek, key, 'some:1'));
    const sealed = TierSeals.fromKey(key, 3).seal('store', 'name', SECRET);
    await putRow(data, Buffer.concat([randomBytes(prefix), sealed]));
    const without = await openEverything({ keyFolders: [keys], keks: [], dataFolders: [data], isSecret });
    t.same(without.secretsAt, [], 'not without the key-encryption key');
    const found = await openEverything({ keyFolders: [keys], keks: [kek], dataFolders: [data], isSecret });
    t.equal(found.secretsAt.length, 1);
    t.equal(found.keys, 2);
  }
});

t.test('a key that lies in data under a first key opens the rest', async (t) => {
  const { keys, data } = await folders();
  const [kek, first, second] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  writeFileSync(join(keys, 'kek'), kek.toString('base64url'));
  writeFileSync(join(keys, 'first.key'), await wrapKey(kek, first, 'first:1'));
  const inner = Buffer.from(JSON.stringify({ keys: [{ kty: 'oct', k: second.toString('base64url') }] }));
  await putRow(join(data), TierSeals.fromKey(first, 1).seal('a', 'b', inner));
  writeFileSync(join(data, 'file'), TierSeals.fromKey(second, 1).seal('c', 'd', SECRET));
  const found = await openEverything({ keyFolders: [keys], keks: [], dataFolders: [data], isSecret });
  t.match(found.secretsAt[0], /file$/);
  t.equal(found.keys, 3);
});

t.test('what lies under a key that is gone stays closed', async (t) => {
  const { keys, data } = await folders();
  const kek = randomBytes(32);
  writeFileSync(join(keys, 'kek'), kek.toString('base64url'));
  await putRow(data, TierSeals.fromKey(randomBytes(32), 1).seal('a', 'b', SECRET));
  const found = await openEverything({ keyFolders: [keys], keks: [], dataFolders: [data], isSecret });
  t.same(found.secretsAt, []);
  t.ok(found.ciphertexts >= 1);
});

import { readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { FileOrderKeyRing } from '../../src/adapters/files/order-key-ring.js';
import { FileReviewKeys } from '../../src/adapters/files/review-keys.js';
import { initKeys, KeysMissing, openIngestTier, openReviewTier } from '../../src/adapters/files/tier-keys.js';
import { unwrapJsonNow } from '../../src/crypto/key-jwe.js';
import { orderKeysContract } from '../contracts/order-keys.js';
import { temporaryFolder } from '../support/folder.js';
import { orderId } from '../support/samples.js';
import { KEKS, testVault } from '../support/tiers.js';

orderKeysContract('files', async () => {
  const vault = await testVault();
  return {
    review: async () => new FileReviewKeys(await vault.review()),
    ingest: async () => new FileOrderKeyRing(await vault.ingest()),
    loseIngestPart: async (name) => unlinkSync(vault.file('ingest', `order-${name}`)),
    remove: () => vault.remove(),
  };
});

t.test(
  'an order is two files at most, its id in neither their names nor their bytes, closed to everybody else',
  async (t) => {
    const vault = await testVault();
    t.teardown(() => vault.remove());
    const before = files(vault.path);
    await new FileReviewKeys(await vault.review()).make(orderId(7));
    const made = files(vault.path).filter((path) => !before.includes(path));
    t.equal(made.length, 2);
    for (const path of made) {
      t.notMatch(`${path}${readFileSync(path, 'latin1')}`, orderId(7));
      t.equal(statSync(path).mode & 0o077, 0);
    }
  },
);

t.test('neither key-encryption key opens the other tier’s keys', async (t) => {
  const vault = await testVault();
  t.teardown(() => vault.remove());
  await t.rejects(openReviewTier(vault.path, KEKS.ingest), { name: 'KeyUnwrapFailed' });
  await t.rejects(openIngestTier(vault.path, KEKS.review), { name: 'KeyUnwrapFailed' });
});

t.test('the tier that takes in has what seals an order’s archive, and nothing that opens it', async (t) => {
  const vault = await testVault();
  t.teardown(() => vault.remove());
  await new FileReviewKeys(await vault.review()).make(orderId(7));
  const { opener, names } = await vault.ingest();
  const wrapped = readFileSync(vault.file('ingest', `order-${names.of(orderId(7))}`), 'utf8');
  const { keys } = unwrapJsonNow(opener, wrapped).content as { keys: readonly Record<string, unknown>[] };
  t.same(
    keys.map(({ kid }) => kid),
    ['data', 'archive'],
    'nor the key of its log',
  );
  t.same(Object.keys(keys[1] ?? {}).sort(), ['crv', 'kid', 'kty', 'x', 'y'], 'the public half alone');
});

t.test('what a crash left out of the long-lived keys is made at the next init, and nothing else changes', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  await t.rejects(openIngestTier(folder.path, KEKS.ingest), KeysMissing);
  const all = await initKeys(folder.path, KEKS);
  t.same(await initKeys(folder.path, KEKS), [], 'a second time changes nothing');
  const name = (await openIngestTier(folder.path, KEKS.ingest)).names.of('ORD-1');
  for (const lost of ['ingest/names', 'review/names', 'ingest/shared', 'review/office']) {
    t.ok(all.includes(lost));
    unlinkSync(join(folder.path, `${lost}.key`));
    t.same(await initKeys(folder.path, KEKS), [lost]);
  }
  const ingest = await openIngestTier(folder.path, KEKS.ingest);
  const review = await openReviewTier(folder.path, KEKS.review);
  t.equal(ingest.names.of('ORD-1'), name);
  t.equal(review.names.of('ORD-1'), name);
  const sealed = review.shared.seal('zones', 'a', Buffer.from('shape'));
  t.equal(ingest.shared.open('zones', 'a', sealed).toString(), 'shape');
});

function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

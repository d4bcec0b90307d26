/** The register in LMDB keeps every promise of its port; so does the one in memory; and its rows tell nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { LmdbRegister } from '../../src/adapters/lmdb/lmdb-register.js';
import { registerContract } from '../contracts/register.js';
import { temporaryFolder } from '../support/folder.js';
import { MemoryRegister } from '../support/memory-register.js';
import { MemoryReviewKeys } from '../support/review-keys.js';
import { orderId, T0 } from '../support/samples.js';

registerContract('LMDB register', async (keys) => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbRegister.open(folder.path, keys),
    async crash() {},
    remove: folder.remove,
  };
});

registerContract('memory register', async (keys) => {
  const register = new MemoryRegister(keys);
  return { open: async () => register, async crash() {}, async remove() {} };
});

t.test('neither a document nor its id nor its order can be read from the file', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const keys = new MemoryReviewKeys();
  await keys.make(orderId(1));
  const register = LmdbRegister.open(folder.path, keys);
  const base = { kind: 'hold', version: 1, subjectId: null, agency: null, atMs: T0, by: 'OFFICER-NAME' } as const;
  await register.put({ ...base, id: 'HOLD-OF-ORDER', orderId: orderId(1), body: { reason: 'PLAIN-REASON' } });
  await register.put({ ...base, id: 'HOLD-OF-NOBODY', orderId: null, body: { reason: 'PLAIN-REASON' } });
  await register.close();
  const bytes = readFileSync(join(folder.path, 'data.mdb'));
  for (const word of ['HOLD-OF-ORDER', 'HOLD-OF-NOBODY', 'PLAIN-REASON', 'OFFICER-NAME', orderId(1)]) {
    t.equal(bytes.includes(word), false, `${word} is not there`);
  }
});

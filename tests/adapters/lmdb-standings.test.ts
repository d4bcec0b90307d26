/** A ledger that an older build wrote holds no standings: they are read out of the newest revisions. */
import t from 'tap';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { LmdbLedger } from '../../src/adapters/lmdb/lmdb-ledger.js';
import { oneKey, temporaryFolder, testSeals } from '../support/folder.js';
import { order, orderId, T0 } from '../support/samples.js';

t.test('an order of an older build stands as its newest revision says', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const keys = oneKey(testSeals());
  const ledger = await LmdbLedger.open(folder.path, keys);
  await ledger.claim(1);
  const orders = [1, 2].map((n) => ({ position: n, order: order(1, n), receivedMs: T0, effectiveMs: T0 }));
  await ledger.commit({ epoch: 1, orders, zones: [], versions: [] });
  await ledger.close();
  const env = Environment.open(folder.path).enter();
  await env.transaction(() => env.db<string>('order-standings').clearSync());
  await env.leave();
  const again = await LmdbLedger.open(folder.path, keys);
  const { supervisor } = order(1, 2);
  t.same(again.standing(orderId(1)), { revision: 2, restricted: false, supervisor });
  t.equal(again.standing(orderId(2)), null);
  await again.close();
});

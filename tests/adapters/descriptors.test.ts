/** What strangers may hold of the descriptors, whatever the limit is. */
import t from 'tap';
import { descriptorLimit, socketShares } from '../../src/adapters/system/descriptors.js';

t.test('a part stays our own, and the parts never come to more than there are', async (t) => {
  for (const limit of [64, 256, 400, 1_024, 4_096, 20_000, 65_536, 1_048_576]) {
    const { mqtt, handshakes, http } = socketShares(limit);
    const own = limit - mqtt - handshakes - http;
    t.ok(own >= Math.min(1_024, limit / 4), `${own} of ${limit} are our own`);
    t.ok(Math.min(mqtt, handshakes, http) >= limit / 16 || http === 4_096, 'and there is room for each');
  }
  t.same(socketShares(Infinity), { mqtt: Infinity, handshakes: Infinity, http: 4_096 });
});

t.test('the limit of this process is known', async (t) => {
  t.ok(descriptorLimit() >= 64);
});

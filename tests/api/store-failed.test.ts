/** A store that takes nothing (a full disk) is told as that, and nothing is answered as done. */
import t from 'tap';
import { StoreFailed } from '../../src/ports/store-failed.js';
import { centre, harness, orderJson, zoneJson } from './harness.js';

t.test('what the disk does not take is answered with 503, without saying where, and can be asked again', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const headers = await h.as('administrator', centre, 'setup');
  const append = h.commands.append.bind(h.commands);
  h.commands.append = () => Promise.reject(new StoreFailed('/data/commands', 'ENOSPC'));
  for (const [url, payload] of [
    ['/v1/zones/Z-1', zoneJson('Z-1')],
    ['/v1/orders/ORD-1', orderJson()],
  ] as const) {
    const refused = await h.app.inject({ method: 'PUT', url, payload, headers });
    t.match(refused.json(), {
      status: 503,
      code: 'store_unavailable',
      type: 'urn:fairwatch:problem:store_unavailable',
    });
    t.notMatch(refused.body, /data|ENOSPC/, 'nothing of its inside');
  }
  t.equal(h.commands.after(0).length, 0);
  h.commands.append = append;
  t.equal(
    (await h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', payload: orderJson(), headers })).statusCode,
    201,
  );
});

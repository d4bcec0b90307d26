// The committed OpenAPI document is what the routes say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from '../house/repository.js';
import { harness, nowMs } from './harness.js';

t.test('src/api/openapi.json is what the routes say', async (t) => {
  const h = await harness({ steppedClock: { nowMs: () => nowMs, advanceTo: async () => {} } });
  t.teardown(() => h.close());
  const served = (await h.app.inject('/documentation/json')).json() as { openapi: string };
  const committed: unknown = JSON.parse(readFileSync(join(repository, 'src', 'api', 'openapi.json'), 'utf8'));
  t.equal(served.openapi, '3.1.0');
  t.same(served, committed, 'else: npm run build && node scripts/openapi.mjs, and commit');
  t.equal((await h.app.inject('/documentation')).statusCode, 200);
});

// Without --dev there is no development issuer, whatever lies in the data folder or stands in the environment.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createDevelopmentIssuer } from '../../src/api/access/development-issuer.js';
import { parseAgencyId } from '../../src/domain/ids.js';
import { TestGateway } from '../support/gateway.js';

t.test('a key and a token of the development issuer that lie in the data folder open nothing', async (t) => {
  const kek = (fill: number): string => Buffer.alloc(32, fill).toString('base64url');
  const env = { KEK: kek(1), REVIEW_KEK: kek(2), DATA_REGION: 'GB', DEV: 'true', FAIRWATCH_DEV: '1' };
  const gateway = await TestGateway.prepare(t, { production: true, env });
  mkdirSync(gateway.dataDir, { recursive: true, mode: 0o700 });
  const issuer = createDevelopmentIssuer(gateway.dataDir);
  const agency = parseAgencyId('monitoring-centre');
  if (!agency.ok) throw new Error(agency.fault);
  const token = await issuer.sign({ role: 'administrator', agency: agency.value, user: 'ann' });
  await gateway.start();
  t.notOk(existsSync(join(gateway.dataDir, 'dev-token')), 'no token is written');
  for (const path of ['/v1/devices', '/v1/alerts']) {
    t.match(await gateway.api('GET', path, undefined, token), { status: 401, json: { code: 'token_refused' } }, path);
  }
  const clock = await gateway.api('POST', '/v1/dev/clock', { to_ms: 0 }, token);
  t.equal(clock.status, 404, 'nor is there a clock to move');
  t.equal((await gateway.stop()).code, 0);
});

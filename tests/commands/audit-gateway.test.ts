// The log of a gateway that runs: whoever looks is in it, and it is checked beside it with the public key of its vault.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { orderJson } from '../api/harness.js';
import { room, serve } from './executable.js';

t.test('what the gateway is asked is on record, witnessed, checked and proved beside it', async (t) => {
  const { folder, dataDir, env, run } = room(t);
  const gateway = await serve(t, env);
  const token = readFileSync(join(dataDir, 'dev-token'), 'utf8').trim();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const put = await fetch(`${gateway.api}/v1/orders/ORD-1`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(orderJson()),
  });
  t.ok(put.status === 201 || put.status === 202, `${put.status}`);
  t.equal((await fetch(`${gateway.api}/v1/subjects/SUB-1`)).status, 401, 'a stranger');

  const auditor = await run('token', '--role', 'auditor', '--agency', 'monitoring-centre', '--user', 'ann');
  const tokenFile = join(folder, 'auditor');
  writeFileSync(tokenFile, auditor.out);
  const list = await run('audit', 'list', '--api', gateway.api, '--token-file', tokenFile, '--json');
  t.equal(list.code, 0, list.err);
  const entries = list.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { phase: string; order_id: string | null });
  const shown = entries.filter(({ phase }) => phase !== 'attempt');
  t.match(shown, [
    { action: 'orders.write', phase: 'allowed', order_id: 'ORD-1', actor: { user: 'dev-administrator' } },
    { action: 'subjects.read', phase: 'refused', reason: 'token_missing', actor: { kind: 'stranger' } },
  ]);

  const [head, leaves] = [join(folder, 'head.json'), join(folder, 'leaves.txt')];
  const witness = await run('audit', 'witness', '--head-out', head, '--leaves-out', leaves);
  t.equal(witness.code, 0, witness.err);
  await fetch(`${gateway.api}/v1/subjects/SUB-1`, { headers });
  const verify = await run('audit', 'verify', '--head', head, '--leaves', leaves, '--json');
  t.equal(verify.code, 0, verify.err);
  const report = JSON.parse(verify.out) as { entries: number; witnessed: number };
  t.match(report, { ok: true, findings: [] });
  t.ok(report.entries > report.witnessed, 'it grew since it was witnessed');
  const proof = await run('audit', 'prove', '0');
  writeFileSync(join(folder, 'proof.json'), proof.out);
  t.match(await run('audit', 'prove', '--check', join(folder, 'proof.json')), { code: 0 });
  await gateway.stop();
  t.match(await run('audit', 'verify', '--head', head), { code: 0 }, 'and when it has stopped');
});

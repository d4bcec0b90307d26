// The commands of the office against a running gateway: notice, export, hold, erasure, certificate, incident.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { orderJson } from '../api/harness.js';
import { room, serve } from './executable.js';

/** A gateway with an order that is over, and a token file for each role that is asked for. */
async function office(t: Test) {
  const { run, folder, dataDir, env } = room(t);
  const gateway = await serve(t, env);
  const order = join(folder, 'order.json');
  writeFileSync(order, JSON.stringify([orderJson()]));
  const imported = await run('orders', 'import', order);
  if (imported.code !== 0) throw new Error(imported.err);
  const as = async (role: string): Promise<string[]> => {
    const file = join(folder, `${role}.token`);
    const made = await run('token', '--role', role, '--agency', 'monitoring-centre', '--user', `${role}-1`);
    writeFileSync(file, made.out);
    return ['--api', gateway.api, '--token-file', file];
  };
  const erase = async (flags: readonly string[]) => {
    const response = await fetch(new URL('/v1/erasures', gateway.api), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(flags[3] ?? '', 'utf8').trim()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ order_id: 'ORD-1', ground: 'subject_request', reason: 'the person asks' }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  return { run, folder, dataDir, as, erase };
}

t.test('a person is told, is given what is held, and is forgotten; the certificate is checked offline', async (t) => {
  const { run, folder, dataDir, as, erase } = await office(t);
  const controller = await as('data_controller');

  t.match(await run('notice', 'ORD-1', ...controller), { code: 0, out: /WHAT IS COLLECTED[\s\S]*You have a curfew/ });

  t.match(await run('notice', '--message'), { code: 0, out: /look at the portal/ });

  const out = join(folder, 'sub-1');
  t.match(await run('export', 'SUB-1', '--out', out, ...controller), { code: 0, out: /items: / });
  const lines = readFileSync(join(out, 'export.ndjson'), 'utf8').trim().split('\n');
  t.match(JSON.parse(lines[0] ?? ''), { section: 'about', item: { subject_id: 'SUB-1' } });
  t.match(JSON.parse(lines.at(-1) ?? ''), { section: 'left_out' });
  t.match(readFileSync(join(out, 'export.html'), 'utf8'), /Who looked at what is held about you/);
  t.equal(statSync(join(out, 'export.ndjson')).mode & 0o077, 0, 'for the one who asked alone');

  const place = ['hold', 'place', 'ORD-1', '--reason-class', 'appeal', '--legal-basis', 'law', '--reason', 'appeal'];
  const placed = await run(...place, '--json', ...controller);
  t.equal(placed.code, 0, placed.err);
  const hold = (JSON.parse(placed.out) as { id: string }).id;
  t.match(await erase(controller), { status: 409, body: { code: 'held', to_the_person: /Information Commissioner/ } });
  t.match(await run('hold', 'lift', hold, '--reason', 'dismissed', ...controller), { code: 0, out: /is lifted/ });

  t.match(await run('retention', 'list', ...controller), { code: 0, out: /ORD-1.*running/ });
  const erased = await erase(controller);
  t.match(erased, { status: 200, body: { state: 'done' } });
  t.match(await run('retention', 'list', ...controller), { code: 0, out: /no order/ });

  for (const tier of ['review', 'ingest']) {
    const left = readdirSync(join(`${dataDir}-vault`, tier)).filter((name) => name.startsWith('order-'));
    t.same(left, [], `no key of an order is left in the ${tier} vault`);
  }
  const again = await run('orders', 'import', join(folder, 'order.json'));
  t.match(again, { code: 1, err: /order_id: expected an id of which nothing was erased/ });

  const auditor = await as('auditor');
  const file = join(folder, 'certificate.json');
  const shown = await run('retention', 'show', erased.body.certificate_id ?? '', ...auditor);
  writeFileSync(file, shown.out);
  t.match(await run('retention', 'verify', file), { code: 0, out: /genuine[\s\S]*keys destroyed/ });
  const key = join(`${dataDir}-vault`, 'audit-signing.public.jwk');
  const { jwk, jws, ...rest } = JSON.parse(shown.out) as { jwk: object; jws: string };
  t.match(await run('retention', 'verify', file, '--key', key, '--json'), { code: 0, out: /"key_from":"file"/ });
  const [head, , signature] = jws.split('.');
  const payload = Buffer.from(JSON.stringify({ certificateId: 'C-1', orderName: 'x' })).toString('base64url');
  writeFileSync(file, JSON.stringify({ ...rest, jwk, jws: `${head}.${payload}.${signature}` }));
  t.match(await run('retention', 'verify', file), { code: 1, err: /not genuine/ });

  // an incident is opened, counted down and closed
  const opened = await run('incident', 'open', '--kind', 'loss', '--summary', 'a list was lost', '--json', ...auditor);
  t.equal(opened.code, 0, opened.err);
  const { id } = JSON.parse(opened.out) as { id: string };
  t.match(await run('incident', 'list', ...controller), {
    code: 0,
    out: /Directorate 2\d\.\d h left; Commissioner 7\d\.\d h left/,
  });
  t.match(await run('incident', 'update', id, '--close', ...controller), { code: 1, err: /¶39/ });
  const told = ['--directorate-told', '2026-11-22T09:00:00Z', '--not-notified', 'it came back unopened', '--close'];
  t.match(await run('incident', 'update', id, ...told, ...controller), {
    code: 0,
    out: /closed.*Directorate done; Commissioner done/,
  });
});

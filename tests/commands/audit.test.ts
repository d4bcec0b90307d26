// `fairwatch audit`, as an operator and as an outside witness run it, on logs that stand and on logs that were touched.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { LmdbAuditLog } from '../../src/adapters/lmdb/lmdb-audit-log.js';
import { openAuditDbs } from '../../src/adapters/lmdb/lmdb-audit-log-dbs.js';
import { auditEvent } from '../support/audit-events.js';
import { auditTestKeys } from '../support/audit-keys.js';
import { T0 } from '../support/samples.js';
import { room } from './executable.js';

const last = (text: string) => text.trimEnd().split('\n').at(-1);

/** A data folder with a log of `count` entries, three a commit, and its public key. */
async function logged(t: Test, count = 12) {
  const place = room(t);
  const folder = join(place.dataDir, 'audit');
  mkdirSync(folder, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const log = LmdbAuditLog.open({
    folder,
    keys: await auditTestKeys(),
    signingKey: privateKey,
    clock: { nowMs: () => T0 },
  });
  for (let n = 0; n < count; n += 3) await Promise.all([n, n + 1, n + 2].map((m) => log.append(auditEvent(m))));
  await log.close();
  const key = join(place.folder, 'key.pem');
  writeFileSync(key, publicKey.export({ type: 'spki', format: 'pem' }));
  const file = (name: string) => join(place.folder, name);
  const run = (...args: string[]) => place.run('audit', ...args);
  const touch = async (change: (dbs: ReturnType<typeof openAuditDbs>) => void) => {
    const env = Environment.open(folder).enter();
    await env.transaction(() => change(openAuditDbs(env)));
    await env.leave();
  };
  return { ...place, key, file, run, touch };
}

t.test('a log that stands is found in order, with a witness and without', async (t) => {
  const { key, file, run } = await logged(t);
  const alone = await run('verify', '--key', key);
  t.match(alone, { code: 0, err: '' });
  t.match(alone.out, /^12 entries under 4 signed heads that stand; key /);
  t.match(alone.out, /without a witnessed head/);
  t.match(last(alone.out), 'the log can be trusted up to entry 11');

  const kept = await run('witness', '--key', key, '--head-out', file('head.json'), '--leaves-out', file('leaves.txt'));
  t.match(kept, { code: 0, err: '' });
  t.match(JSON.parse(readFileSync(file('head.json'), 'utf8')), { size: 12, at_ms: T0, key: { crv: 'P-256' } });
  t.equal(readFileSync(file('leaves.txt'), 'utf8').trimEnd().split('\n').length, 12);
  // the witness's own note of the key is enough
  const held = await run('verify', '--head', file('head.json'), '--leaves', file('leaves.txt'), '--json');
  t.match(held.code, 0, held.err);
  t.match(JSON.parse(held.out), {
    ok: true,
    entries: 12,
    heads: 4,
    signed: 12,
    witnessed: 12,
    trusted: 12,
    findings: [],
    more: 0,
  });
});

t.test('a log that was touched is told in words, up to where it can be trusted, and which entries', async (t) => {
  const { key, file, run, touch } = await logged(t);
  await run('witness', '--key', key, '--head-out', file('head.json'), '--leaves-out', file('leaves.txt'));
  await touch(({ entries }) => {
    const bytes = Buffer.from(entries.get(7) as Buffer);
    entries.put(7, Buffer.from(bytes.toString().replace('"allowed"', '"refused"')));
  });
  const alone = await run('verify', '--key', key);
  t.equal(alone.code, 1);
  t.equal(last(alone.out), 'the log can be trusted up to entry 5');
  t.match(alone.err, /the head of 9 entries signs others than are stored/);

  const head = ['--head', file('head.json')];
  const held = await run('verify', ...head);
  t.match(held, { code: 1, err: /the first 12 entries are not those that the witness saw/ });
  t.equal(last(held.out), 'no entry can be trusted', 'who did it may have the signing key');
  const named = await run('verify', ...head, '--leaves', file('leaves.txt'), '--json');
  t.equal(named.code, 1);
  const report = JSON.parse(named.out) as { findings: { kind: string; at: number }[] };
  t.match(report, { ok: false, signed: 6, witnessed: 7, trusted: 7 });
  t.same(
    report.findings.filter(({ kind }) => kind.startsWith('entry_')).map(({ kind, at }) => [kind, at]),
    [['entry_changed', 7]],
  );
  t.match(named.err, /entry 7 was changed/);
  t.match(await run('witness', '--key', key, '--head-out', file('other.json')), { code: 1, err: /does not stand/ });
});

t.test('a log cut short before a witnessed head is told, though every head that is left stands', async (t) => {
  const { key, file, run, touch } = await logged(t);
  await run('witness', '--key', key, '--head-out', file('head.json'));
  await touch((dbs) => {
    for (let n = 9; n < 12; n++) dbs.entries.remove(n);
    for (let n = 16; n < 30; n++) dbs.nodes.remove(n);
    dbs.heads.remove(12);
    for (const order of [...dbs.byOrder.getKeys()]) if (order[1] >= 9) dbs.byOrder.remove(order);
  });
  t.match(await run('verify', '--key', key), { code: 0 }, 'without a witness nobody can know');
  t.match(await run('verify', '--head', file('head.json')), {
    code: 1,
    err: /the witness saw 12 entries; only 9 can be read in order/,
  });
});

t.test('an entry is proved, and the proof checked with nothing but itself and the key', async (t) => {
  const { key, file, run, folder } = await logged(t);
  const proof = await run('prove', '4', '--size', '6', '--key', key);
  t.equal(proof.code, 0, proof.err);
  t.match(JSON.parse(proof.out), { index: 4, head: { size: 6 }, path: [/^[0-9a-f]{64}$/] });
  writeFileSync(file('proof.json'), proof.out);
  const elsewhere = ['--data-dir', join(folder, 'nowhere'), '--vault-dir', join(folder, 'nowhere-either')];
  const checked = await run('prove', '--check', file('proof.json'), '--key', key, ...elsewhere);
  t.match(checked, { code: 0, err: '' });
  t.match(checked.out, /^entry 4 stood in the log of 6 entries that was signed at 2026-03-02T19:00:00.000Z; key /);
  t.match(checked.out, /"user":"officer-4"/);
  t.match(await run('prove', '--check', file('proof.json')), {
    code: 0,
    out: /the key is the one that the proof brings/,
  });

  writeFileSync(file('forged.json'), proof.out.replace('"index":4', '"index":5'));
  t.match(await run('prove', '--check', file('forged.json'), '--key', key), {
    code: 1,
    err: /proves nothing: its path/,
  });
  t.match(await run('prove', '12', '--key', key), { code: 1, err: /there is no entry 12 among 12/ });
  t.match(await run('prove', '1', '--size', '5', '--key', key), { code: 1, err: /no head of 5 entries was signed/ });
});

t.test('heads and entries are listed; whose data it was stays sealed', async (t) => {
  const { key, file, run } = await logged(t);
  const heads = await run('heads', '--key', key, '--limit', '2', '--key-out', file('key.jwk'));
  t.match(heads.out, /^size\tsigned\troot\n12\t2026-03-02T19:00:00.000Z\t[0-9a-f]{64}\n9\t.*\nkey /);
  t.match(await run('verify', '--key', file('key.jwk')), { code: 0 }, 'the key that it wrote checks the log');
  const list = await run('list', '--from', '5', '--limit', '2');
  t.match(list.out, /^entry\ttime\twho\taction\tphase/);
  t.match(
    list.out,
    /\n5\t2026-03-02T19:00:00.005Z\tofficer-0 \(supervising_officer, agency-1\)\tgrants.read\tallowed\t4\t/,
  );
  t.notMatch(list.out, /ORD-|SUB-|GRANT-/);
});

t.test('what is missing or used wrongly is said, with what to do', async (t) => {
  const { key, file, run, folder } = await logged(t, 3);
  t.match(await run('verify'), { code: 2, err: /no public key.*\n.*--key FILE/ });
  t.match(await run('verify', '--key', key, '--data-dir', join(folder, 'nowhere')), {
    code: 1,
    err: /holds no audit log/,
  });
  t.match(await run('verify', '--leaves', 'x'), { code: 2, err: /--leaves goes with --head/ });
  writeFileSync(file('no.json'), '{}');
  t.match(await run('verify', '--head', file('no.json')), { code: 2, err: /expected a head with a member "jws"/ });
  t.match(await run('verify', '--key', file('no.json')), { code: 2, err: /expected the public key of an audit log/ });
  t.match(await run('prove'), { code: 2, err: /name the ENTRY/ });
  t.match(await run('list', '--order', 'ORD-1'), { code: 2, err: /--order needs --api/ });
});

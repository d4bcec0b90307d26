/** The audit log in LMDB when things go wrong: killed writers, a full disk, a store that waits, rows that were touched. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import t, { type Test } from 'tap';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { LmdbAuditLog } from '../../src/adapters/lmdb/lmdb-audit-log.js';
import { openAuditDbs } from '../../src/adapters/lmdb/lmdb-audit-log-dbs.js';
import { LmdbAuditRows } from '../../src/adapters/lmdb/lmdb-audit-log-reader.js';
import { HeadSigner } from '../../src/crypto/signed-head.js';
import { verifyAuditLog } from '../../src/lawful/audit-verify.js';
import { auditEvent } from '../support/audit-events.js';
import { auditTestKeys } from '../support/audit-keys.js';
import { startChild } from '../support/child.js';
import { temporaryFolder } from '../support/folder.js';
import { randomFrom, T0 } from '../support/samples.js';

const numberIn = (line: string) => Number(line.split(' ')[1]);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const clock = { nowMs: () => T0 };

async function place(t: Test) {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const path = `${folder.path}/audit`;
  const key = `${folder.path}/key.pem`;
  await mkdir(path);
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const keys = await auditTestKeys();
  const verify = async () => {
    const rows = LmdbAuditRows.open(path);
    const report = verifyAuditLog(rows, [new HeadSigner(privateKey).verificationKey], null);
    await rows.close();
    return report;
  };
  const open = () => LmdbAuditLog.open({ folder: path, keys, signingKey: privateKey, clock });
  return { path, key, open, verify };
}

t.test('no answer comes before the commit: while the store cannot be written, nobody is told anything', async (t) => {
  const { path, open } = await place(t);
  const log = open();
  await log.append(auditEvent(0));
  const holder = startChild('adapters/children/audit-hold.js', [path]);
  t.teardown(() => holder.kill());
  await holder.line(/^held/);
  let answered = 0;
  const answers = [1, 2, 3].map((n) => log.append(auditEvent(n)).then(() => answered++));
  await pause(150);
  t.equal(answered, 0, 'nobody was answered');
  t.equal(log.size, 1, 'nothing counts as logged');
  await writeFile(`${path}/release`, '');
  await Promise.all(answers);
  t.equal(log.size, 4);
  await holder.ended;
  await log.close();
});

t.test(
  'a log whose writer is killed again and again keeps every answered entry under a head that stands',
  async (t) => {
    const seed = Number(process.env.SEED ?? 43);
    t.comment(`seed ${seed}`);
    const random = randomFrom(seed);
    const { path, key, verify } = await place(t);
    let acked = -1;
    for (let round = 0; round < 5; round++) {
      const child = startChild('adapters/children/audit-append.js', [path, key]);
      const at = numberIn(await child.line(/^at /));
      t.ok(at > acked, `round ${round}: ${acked} was answered last, ${at} entries are found by the next process`);
      await child.line(/^acked /);
      await pause(random() * 60);
      await child.kill();
      for (const line of child.lines.filter((line) => line.startsWith('acked ')))
        acked = Math.max(acked, numberIn(line));
      const report = await verify();
      t.same(report.findings, []);
      t.equal(report.signed, report.entries, 'the newest head covers everything');
      t.ok(report.entries > acked);
    }
    t.ok(acked > 20, `${acked} answered`);
  },
);

t.test('a log that is being written is found in order at every moment', async (t) => {
  const { path, key, verify } = await place(t);
  const child = startChild('adapters/children/audit-append.js', [path, key]);
  t.teardown(() => child.kill());
  await child.line(/^acked /);
  const sizes = new Set<number>();
  for (let look = 0; look < 12 || sizes.size <= 3; look++) {
    const report = await verify();
    t.same(report.findings, []);
    sizes.add(report.entries);
  }
  t.ok(sizes.size > 3, 'it grew meanwhile');
});

t.test('on a full disk whoever asks is refused, and what was answered stands', async (t) => {
  const { path, key, verify } = await place(t);
  const limited = ['bash', '-c', 'ulimit -f 300 && exec "$@"', '-'];
  const child = startChild('adapters/children/audit-append.js', [path, key], limited);
  t.equal(await child.line(/^refused/), 'refused AuditUnavailable');
  const [, size, head] = (await child.line(/^after/)).split(' ').map(Number);
  t.equal(await child.ended, 0, 'the process lives on');
  const acked = child.lines.filter((line) => line.startsWith('acked ')).map(numberIn);
  const report = await verify();
  t.same(report.findings, []);
  t.equal(report.entries, report.signed);
  t.ok(report.entries > Math.max(...acked), `${acked.length} answered, ${report.entries} kept`);
  t.same([size, head], [report.entries, report.entries], 'the process that was refused knows what is kept');
});

t.test('two processes on one log never fork it', async (t) => {
  const { path, key, open, verify } = await place(t);
  const log = open();
  const child = startChild('adapters/children/audit-append.js', [path, key]);
  await child.line(/^acked /);
  const own: number[] = [];
  for (let n = 0; n < 20; n++) own.push(await log.append(auditEvent(n)));
  await child.kill();
  const theirs = child.lines.filter((line) => line.startsWith('acked ')).map(numberIn);
  t.equal(new Set([...own, ...theirs]).size, own.length + theirs.length, 'no index was given twice');
  t.same((await verify()).findings, []);
  await log.close();
});

t.test('a log whose newest head does not sign its tree is not opened, and nothing is added over it', async (t) => {
  const touch = async (change: (dbs: ReturnType<typeof openAuditDbs>) => void, path: string) => {
    const env = Environment.open(path).enter();
    const dbs = openAuditDbs(env);
    await env.transaction(() => change(dbs));
    await env.leave();
  };
  const broken = { name: 'AuditBroken', message: /audit verify/ };
  for (const [what, change] of [
    ['a node is another', (dbs) => void dbs.nodes.put(7, Buffer.alloc(32))],
    ['a node is gone', (dbs) => void dbs.nodes.remove(7)],
    ['the newest head is gone', (dbs) => void dbs.heads.remove(5)],
    ['an entry was added', (dbs) => void dbs.entries.put(5, Buffer.from('{}'))],
  ] as [string, (dbs: ReturnType<typeof openAuditDbs>) => void][]) {
    const { path, open } = await place(t);
    const log = open();
    await Promise.all([0, 1, 2, 3, 4].map((n) => log.append(auditEvent(n))));
    await log.close();
    await touch(change, path);
    t.throws(open, broken, what);
  }
  // while it is open: somebody puts a head of another size on top
  const { path, open } = await place(t);
  const log = open();
  await log.append(auditEvent(0));
  const own = log.head()?.jws ?? '';
  await touch((dbs) => void dbs.heads.put(3, Buffer.from(own)), path);
  await t.rejects(log.append(auditEvent(1)), { name: 'AuditUnavailable' });
  await t.rejects(log.append(auditEvent(1)), { name: 'AuditUnavailable' }, 'and again');
  await log.close();
});

t.test('rows under keys that no writer uses are found, whatever their kind', async (t) => {
  for (const key of [-1, 0.5, 1e20, Number.POSITIVE_INFINITY, 'text', ['a', 1]]) {
    for (const name of ['entries', 'nodes', 'heads', 'byOrder'] as const) {
      const { path, open, verify } = await place(t);
      const log = open();
      await Promise.all([0, 1, 2].map((n) => log.append(auditEvent(n))));
      await log.close();
      const env = Environment.open(path).enter();
      const dbs = openAuditDbs(env);
      await env.transaction(() =>
        (dbs[name] as { put(key: unknown, value: Buffer): unknown }).put(key, Buffer.alloc(32)),
      );
      await env.leave();
      t.ok((await verify()).count > 0, `${JSON.stringify(key)} in ${name}`);
    }
  }
});

t.test('more callers than may wait are refused at once, and the others are answered', async (t) => {
  const { open } = await place(t);
  const log = open();
  const asked = Array.from({ length: 16_400 }, (_, n) => log.append(auditEvent(n)));
  const settled = await Promise.allSettled(asked);
  const refused = settled.filter(({ status }) => status === 'rejected').length;
  t.equal(refused, 16_400 - 16_384);
  t.equal(log.size, 16_384);
  await log.close();
});

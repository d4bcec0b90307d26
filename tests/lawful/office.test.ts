/** The office as it is opened on disk: a log that was tampered with is an incident, and one duty that fails stops no other. */
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { openAuditDbs } from '../../src/adapters/lmdb/lmdb-audit-log-dbs.js';
import { LmdbRegister } from '../../src/adapters/lmdb/lmdb-register.js';
import { openOffice } from '../../src/compose/office.js';
import { AuditBroken } from '../../src/ports/audit-log.js';
import { auditEvent } from '../support/audit-events.js';
import { temporaryFolder } from '../support/folder.js';
import { MemoryReviewKeys } from '../support/review-keys.js';
import { order, orderId, T0 } from '../support/samples.js';
import { hold, officer, SetClock } from './room.js';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stepMs = 7 * 365 * 86_400_000;

async function made(t: Test) {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const keys = new MemoryReviewKeys();
  await keys.make(orderId(1));
  const clock = new SetClock(T0);
  const logged: string[] = [];
  const failing = { ledger: false };
  const standing = () => (keys.sealsOf(orderId(1)) === null ? [] : [{ order: order(1, 1), position: 1 }]);
  let epoch = 0;
  const open = (steadyMs?: () => number) => {
    epoch += 1;
    return openOffice({
      dataDir: folder.path,
      lock: { epoch, check() {} },
      clock,
      ...(steadyMs === undefined ? {} : { steadyMs }),
      keys,
      auditSigning: pair.privateKey,
      ledger: {
        versionsAfter() {
          if (failing.ledger) throw new RangeError('the ledger cannot be read');
          return [];
        },
        alerts: () => [],
        orders: () => standing(),
        orderRevisions: () => standing(),
      } as never,
      archive: { segments: () => [], archivedUpTo: () => 0 },
      recent: { since: () => [] },
      duties: {
        telemetry: { gauge() {}, log: (_level, code, fields) => void logged.push(`${code} ${JSON.stringify(fields)}`) },
        commands: { after: () => [], done: () => 0 },
        certificateKey: pair,
        removeRows: async () => true,
        countSegments: () => 3,
        retentionMonths: 72,
        controller: 'c',
        processor: 'p',
        contact: 'k',
      },
    });
  };
  return { folder: folder.path, keys, clock, logged, failing, open };
}

t.test('a duty that fails is logged without data, and the others are done', async (t) => {
  const { keys, clock, logged, failing, open } = await made(t);
  const office = await open();
  clock.atMs = T0 + stepMs;
  failing.ledger = true;
  await office.duties.sweep();
  t.same(logged, ['duties.sweep_failed {"part":"incidents","error":"RangeError"}']);
  t.equal(keys.sealsOf(orderId(1)), null, 'what was due is destroyed all the same');
  t.match(office.duties.erasures.certificates(), [{ body: { certificate: { destroyed: { archive_segments: 3 } } } }]);
  await office.close();
});

t.test(
  'a clock that leaps years ahead destroys nothing by itself: not while it runs, and not at a start',
  async (t) => {
    const { keys, clock, logged, open } = await made(t);
    let steadyMs = 0;
    const steady = () => steadyMs;
    const first = await open(steady);
    await first.audit.append(auditEvent(1));
    clock.atMs = T0 + stepMs;
    await first.duties.sweep();
    t.same(logged, ['retention.clock_not_credible undefined']);
    await first.audit.append(auditEvent(2));
    await first.close();
    const second = await open(steady);
    await second.duties.sweep();
    t.equal(logged.length, 2);
    t.not(keys.sealsOf(orderId(1)), null);
    t.equal((await second.duties.retention.sweep()).length, 1, 'a person who asks for it has looked at the clock');
    await second.close();
    const after = await open(steady);
    await after.duties.sweep();
    t.equal(logged.length, 2, 'and it is believed from then on, after a restart too');
    await after.close();

    const other = await made(t);
    const third = await other.open(steady);
    steadyMs += stepMs;
    other.clock.atMs = T0 + stepMs;
    await third.duties.sweep();
    t.equal(other.keys.sealsOf(orderId(1)), null, 'years that have really passed are over');
    await third.close();
  },
);

t.test('sweeps at the same time are one sweep, and holds outlive a restart', async (t) => {
  const { keys, clock, open } = await made(t);
  const first = await open();
  t.match(await first.duties.holds.place(officer, order(1, 1), hold), { ok: true });
  await first.close();
  const office = await open();
  clock.atMs = T0 + stepMs;
  await Promise.all([office.duties.sweep(), office.duties.sweep()]);
  t.not(keys.sealsOf(orderId(1)), null, 'the hold stands');
  const [standing] = office.duties.holds.standing(orderId(1));
  await office.duties.holds.lift(officer, standing?.id ?? '', 'over');
  await Promise.all([office.duties.sweep(), office.duties.sweep()]);
  t.equal(office.duties.erasures.certificates().length, 1);
  await office.close();
});

t.test('a log that does not agree with its heads opens nothing, and is an incident with its clocks', async (t) => {
  const { folder, keys, clock, open } = await made(t);
  const office = await open();
  clock.atMs = T0 + stepMs;
  await office.duties.sweep();
  await office.close();
  const env = Environment.open(join(folder, 'audit')).enter();
  const { entries } = openAuditDbs(env);
  await env.transaction(() => void entries.put(1_000, Buffer.from('forged')));
  await env.transaction(() => void entries.put(office.audit.size, Buffer.from('forged')));
  await env.leave();
  await t.rejects(open(), AuditBroken);
  await t.rejects(open(), AuditBroken, 'and it is raised once');
  const register = LmdbRegister.open(join(folder, 'register'), keys);
  t.match(
    [...register.list('incident')],
    [{ body: { cause: 'audit_broken', state: 'open', identifiedMs: T0 + stepMs } }],
  );
  t.equal([...register.list('incident')].length, 1);
  await register.close();
});

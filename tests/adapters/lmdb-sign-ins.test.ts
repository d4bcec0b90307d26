/** Who signed in at the alert topics: places that follow each other over crashes, readers beside the writer, old ones go. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { FileBookmark } from '../../src/adapters/files/file-bookmark.js';
import { LmdbSignIns } from '../../src/adapters/lmdb/lmdb-sign-ins.js';
import type { AuditEvent } from '../../src/domain/audit.js';
import { parseAgencyId } from '../../src/domain/ids.js';
import { SignInAudit } from '../../src/lawful/sign-in-audit.js';
import type { SignIn } from '../../src/ports/sign-ins.js';
import { temporaryFolder, testSeals } from '../support/folder.js';

const north = parseAgencyId('north');
if (!north.ok) throw new Error(north.fault);
const signIn = (n: number): SignIn => ({
  atMs: 1_780_000_000_000 + n,
  user: `officer-${n}`,
  role: 'supervising_officer',
  agency: north.value,
  topicOf: north.value,
  allowed: n % 2 === 0,
  untilMs: 1_780_000_060_000 + n,
});

async function place(t: { teardown(end: () => unknown): void }): Promise<string> {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  return folder.path;
}

t.test('what was noted comes back whole and in order, after a crash too, and lies there sealed', async (t) => {
  const folder = join(await place(t), 'sign-ins');
  const before = LmdbSignIns.open(folder, testSeals());
  await Promise.all([0, 1, 2].map((n) => before.note(signIn(n))));
  // the process dies without a word
  const after = LmdbSignIns.open(folder, testSeals());
  const reader = LmdbSignIns.openReadOnly(folder, testSeals());
  t.teardown(() => Promise.all([before.close(), after.close(), reader.close()]));
  await after.note(signIn(3));
  t.same(
    reader.after(0, 10),
    [0, 1, 2, 3].map((n) => ({ place: n + 1, signIn: signIn(n) })),
  );
  t.same(
    reader.after(2, 1).map(({ place }) => place),
    [3],
  );
  t.notOk((await readFile(join(folder, 'data.mdb'))).includes('officer-'));
});

t.test('old ones go, and no place is given twice', async (t) => {
  const store = LmdbSignIns.open(await place(t), testSeals());
  t.teardown(() => store.close());
  for (const n of [0, 1, 2]) await store.note(signIn(n));
  t.equal(await store.expire(signIn(9).atMs), 2, 'all but the newest');
  await store.note(signIn(3));
  t.same(
    store.after(0, 10).map(({ place }) => place),
    [3, 4],
  );
});

t.test('each is in the audit log once, its attempt before its outcome, and again after a crash between', async (t) => {
  const folder = await place(t);
  const signIns = LmdbSignIns.open(join(folder, 'sign-ins'), testSeals());
  t.teardown(() => signIns.close());
  for (const n of [0, 1]) await signIns.note(signIn(n));
  const log: AuditEvent[] = [];
  const audit = { append: async (event: AuditEvent) => log.push(event) - 1 };
  const bookmark = new FileBookmark(join(folder, 'place'));
  await new SignInAudit({ signIns, audit, bookmark }).look();
  t.match(log, [
    { phase: 'attempt', action: 'alerts.topic', actor: { user: 'officer-0' }, detail: { sign_in: 1 } },
    { phase: 'allowed', attempt: 0, category: 'consultation' },
    { phase: 'attempt', actor: { user: 'officer-1' }, detail: { sign_in: 2, topic_of: 'north' } },
    { phase: 'refused', attempt: 2, reason: 'forbidden', category: 'access' },
  ]);
  await new SignInAudit({ signIns, audit, bookmark }).look();
  t.equal(log.length, 4, 'a second look finds nothing new');

  await signIns.note(signIn(2));
  const lost = { read: () => bookmark.read(), write: () => Promise.reject(new Error('killed')) };
  await t.rejects(new SignInAudit({ signIns, audit, bookmark: lost }).look(), /killed/);
  await new SignInAudit({ signIns, audit, bookmark }).look();
  t.same(
    log.slice(4).map(({ detail }) => detail.sign_in),
    [3, 3, 3, 3],
    'twice rather than not at all',
  );
});

/** What every audit log promises, crashes included. */
import t, { type Test } from 'tap';
import { isConsistent, leafHash, rootByInclusion } from '../../src/crypto/merkle.js';
import { openHead, parseHeadKey } from '../../src/crypto/signed-head.js';
import type { AuditLog } from '../../src/ports/audit-log.js';
import { auditEvent } from '../support/audit-events.js';
import { orderId } from '../support/samples.js';

export interface AuditLogPlace {
  open(): Promise<AuditLog>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  /** Destroys an order's keys, as erasure does. */
  erase(n: number): Promise<void>;
  remove(): Promise<void>;
}

export function auditLogContract(name: string, make: () => Promise<AuditLogPlace>): void {
  const clause = (text: string, run: (log: AuditLog, t: Test, place: AuditLogPlace) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      await run(await place.open(), t, place);
    });
  const fill = (log: AuditLog, from: number, count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => log.append(auditEvent(from + n))));

  clause('a log of nothing has no head, no entry and no proof', async (log, t) => {
    t.equal(log.size, 0);
    t.equal(log.head(), null);
    t.same(log.heads(10), []);
    t.same(log.read(0, 10), []);
    t.equal(log.stored(0), null);
    t.equal(log.inclusion(0, 0), null);
    t.equal(log.consistency(0, 0), null);
    await log.close();
  });

  clause('entries get consecutive indexes and come back whole, in order', async (log, t) => {
    t.same(await fill(log, 0, 9), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    t.equal(await log.append(auditEvent(9)), 9);
    t.equal(log.size, 10);
    const whole = Array.from({ length: 10 }, (_, index) => ({ index, event: auditEvent(index), erased: false }));
    t.same(log.read(0, 100), whole);
    t.same(log.read(3, 2), whole.slice(3, 5));
    t.same(log.read(10, 5), []);
    await log.close();
  });

  clause('the gateway and a stranger are logged as such', async (log, t) => {
    await log.append(auditEvent(0, { actor: { kind: 'gateway' } }));
    await log.append(auditEvent(1, { actor: { kind: 'stranger' }, phase: 'refused', reason: 'token_missing' }));
    t.same(
      log.read(0, 2).map(({ event }) => event.actor.kind),
      ['gateway', 'stranger'],
    );
    await log.close();
  });

  clause('the entries of one order are found by it, from any index on', async (log, t) => {
    await fill(log, 0, 20);
    const of = (from: number, max: number) => log.ofOrder(orderId(2), from, max).map(({ index }) => index);
    t.same(of(0, 100), [2, 6, 10, 14, 18]);
    t.same(of(6, 2), [6, 10]);
    t.same(of(7, 1), [10]);
    t.same(log.ofOrder(orderId(9), 0, 100), []);
    t.ok(log.ofOrder(orderId(2), 0, 100).every(({ event }) => event.orderId === orderId(2)));
    await log.close();
  });

  clause('each answer is covered by a head that the key signed, and heads are consistent', async (log, t) => {
    const key = parseHeadKey(log.verificationKey as { x: string; y: string });
    if (!key.ok) throw new Error(key.fault);
    for (let n = 0; n < 12; n++) {
      const index = await log.append(auditEvent(n));
      const head = log.head();
      t.ok(head !== null && head.size > index, 'the head covers what was answered');
    }
    const heads = log.heads(100);
    t.same(
      heads.map(({ size }) => size),
      [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
      'newest first',
    );
    t.equal(log.heads(3).length, 3);
    t.same(log.head(5), heads[7]);
    t.equal(log.head(13), null);
    for (const { jws, ...head } of heads) t.same(openHead(jws, [key.value]), { ok: true, value: head });
    for (const older of heads) {
      for (const newer of heads.filter(({ size }) => size >= older.size)) {
        const path = (log.consistency(older.size, newer.size) ?? []).map(fromHex);
        t.ok(isConsistent(older.size, fromHex(older.root), newer.size, fromHex(newer.root), path));
      }
    }
    t.equal(log.consistency(3, 13), null);
    t.equal(log.consistency(5, 3), null);
    await log.close();
  });

  clause('every entry is proved to be in the tree of every later head', async (log, t) => {
    for (let n = 0; n < 11; n++) await log.append(auditEvent(n));
    for (const { size, root } of log.heads(100)) {
      for (let index = 0; index < size; index++) {
        const proof = log.inclusion(index, size);
        const bytes = log.stored(index);
        if (proof === null || bytes === null) return void t.fail(`no proof of ${index} in ${size}`);
        t.equal(proof.leaf, leafHash(bytes).toString('hex'));
        const reached = rootByInclusion(fromHex(proof.leaf), index, size, proof.path.map(fromHex));
        t.equal(reached && Buffer.from(reached).toString('hex'), root);
      }
      t.equal(log.inclusion(size, size), null);
    }
    t.equal(log.inclusion(0, 12), null);
    await log.close();
  });

  clause('what callers ask for at once shares a few commits', async (log, t) => {
    await fill(log, 0, 300);
    t.ok(log.heads(100).length < 10, `${log.heads(100).length} heads for 300 entries`);
    t.equal(log.head()?.size, 300);
    await log.close();
  });

  clause('an order whose keys are destroyed leaves its entries standing, without its person', async (log, t, place) => {
    await fill(log, 0, 8);
    const root = log.head()?.root;
    await place.erase(2);
    const [two, three] = log.read(2, 2);
    const { orderId: _, subjectId: __, detail: ___, ...rest } = auditEvent(2);
    t.same(two, { index: 2, event: { ...rest, orderId: null, subjectId: null, detail: {} }, erased: true });
    t.same(three, { index: 3, event: auditEvent(3), erased: false });
    t.same(
      log.ofOrder(orderId(2), 0, 10).map(({ index, erased }) => [index, erased]),
      [
        [2, true],
        [6, true],
      ],
      'who looked is still known',
    );
    await log.append(auditEvent(8));
    t.equal(log.heads(10).at(-1)?.root, root, 'the tree is what it was');
    // what happens to the order afterwards is logged all the same, and names nobody
    const after = {
      ...auditEvent(10),
      detail: { order_id: orderId(2), subject_id: auditEvent(10).subjectId, records: 3 },
    };
    t.equal(await log.append(after), 9);
    const pseudonym = /^[0-9a-f]{32}$/;
    t.match(log.read(9, 1), [
      {
        event: { orderId: null, subjectId: null, detail: { order_id: pseudonym, subject_id: pseudonym, records: 3 } },
        erased: false,
      },
    ]);
    t.equal(log.ofOrder(orderId(2), 9, 10).length, 1, 'it is found by the order all the same');
    await log.close();
  });

  clause('nothing of the person is readable in what is stored', async (log, t) => {
    await log.append(auditEvent(1));
    const text = Buffer.from(log.stored(0) ?? []).toString('latin1');
    t.match(text, /"user":"officer-1"/);
    for (const secret of ['ORD-1', 'SUB-1', 'GRANT-1', 'grant_id']) t.notMatch(text, secret);
    await log.close();
  });

  clause('entries and heads are there after a crash, and it goes on', async (log, t, place) => {
    await fill(log, 0, 5);
    const head = log.head();
    await place.crash();
    const again = await place.open();
    t.equal(again.size, 5);
    t.same(again.head(), head);
    t.equal(await again.append(auditEvent(5)), 5);
    const path = (again.consistency(5, 6) ?? []).map(fromHex);
    t.ok(isConsistent(5, fromHex(head?.root ?? ''), 6, fromHex(again.head()?.root ?? ''), path));
    await again.close();
  });

  clause('an event that cannot be written down fails alone', async (log, t) => {
    const long = auditEvent(1, { detail: { text: 'x'.repeat(100_000) } });
    const [first, refused, third] = await Promise.allSettled([
      log.append(auditEvent(0)),
      log.append(long),
      log.append(auditEvent(2)),
    ]);
    t.same(first, { status: 'fulfilled', value: 0 });
    t.match(refused, { status: 'rejected', reason: { name: 'AuditUnavailable' } });
    t.same(third, { status: 'fulfilled', value: 1 });
    t.equal(log.size, 2);
    await log.close();
  });
}

const fromHex = (text: string): Buffer => Buffer.from(text, 'hex');

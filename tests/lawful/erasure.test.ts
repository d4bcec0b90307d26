/** Holds, erasure, retention and certificates (¶44–45, ¶49–50). */
import t from 'tap';
import { verifyCertificate } from '../../src/lawful/certificate.js';
import { dueOf, RETENTION_MONTHS_MAX, RetentionClock } from '../../src/lawful/retention.js';
import type { Register } from '../../src/ports/register.js';
import { order, orderId, T0 } from '../support/samples.js';
import { certificateKey, hold, officer, room } from './room.js';

const DAY = 86_400_000;
const after = T0 + 91 * DAY;
const request = { ground: 'subject_request', reason: 'the person asks for it' } as const;

t.test('while a hold stands nothing is destroyed, and the person hears why and where they can turn', async (t) => {
  const r = await room();
  r.clock.atMs = after;
  const placed = await r.holds.place(officer, order(1, 1), hold);
  if (!placed.ok) return t.fail(placed.fault.detail);
  const refused = await r.erasures.erase(officer, order(1, 1), request);
  t.match(refused, { ok: false, fault: { code: 'held' } });
  if (!refused.ok) {
    t.match(refused.fault.toThePerson, /may be needed in an investigation/);
    t.match(refused.fault.toThePerson, /Information Commissioner/);
    t.match(refused.fault.toThePerson, /court/);
    t.notMatch(refused.fault.toThePerson, /CASE-1|police/, 'the class of the reason, no more');
  }
  t.same(r.done, []);
  t.not(r.keys.sealsOf(orderId(1)), null);
  t.match([...r.register.list('erasure', { orderId: orderId(1) })], [{ body: { state: 'refused', refusal: 'held' } }]);

  r.clock.atMs = T0 + 8 * 365 * DAY;
  t.same((await r.retention.sweep()).length, 2, 'the retention clock of the other two alone has run out');
  t.not(r.keys.sealsOf(orderId(1)), null);

  t.match(await r.holds.lift(officer, placed.value.id, 'no charges'), { ok: true, value: { version: 2 } });
  t.match(await r.holds.lift(officer, placed.value.id, 'again'), { ok: false, fault: { code: 'conflict' } });
  t.match(await r.holds.lift(officer, 'H-none', 'x'), { ok: false, fault: { code: 'not_found' } });
  t.same((await r.retention.sweep()).length, 1, 'what was due meanwhile is destroyed when the hold is lifted');
  t.equal(r.keys.sealsOf(orderId(1)), null);
});

t.test('a reason that would prejudice an investigation is not told, the rights are', async (t) => {
  const r = await room();
  r.clock.atMs = after;
  await r.holds.place(officer, order(1, 1), { ...hold, withhold: true });
  const refused = await r.erasures.erase(officer, order(1, 1), request);
  if (refused.ok) return t.fail('it was erased');
  t.notMatch(refused.fault.toThePerson, /investigation/);
  t.match(refused.fault.toThePerson, /Information Commissioner/);
});

t.test('an order in force is not erased at a request; unlawful processing is', async (t) => {
  const r = await room();
  t.match(await r.erasures.erase(officer, order(1, 1), request), { ok: false, fault: { code: 'order_in_force' } });
  t.not(r.keys.sealsOf(orderId(1)), null);
  const unlawful = await r.erasures.erase(officer, order(1, 1), { ground: 'unlawful_processing', reason: 'wrong man' });
  t.match(unlawful, { ok: true, value: { body: { state: 'done' } } });
  t.equal(r.keys.sealsOf(orderId(1)), null);
});

t.test('an erasure destroys the keys, then the rows, and its certificate is checked offline', async (t) => {
  const r = await room();
  r.clock.atMs = after;
  await r.holds.place(officer, order(2, 1), hold);
  await r.retention.rows();
  const erased = await r.erasures.erase(officer, order(1, 1), request);
  if (!erased.ok || erased.value.body.state !== 'done') return t.fail('it was not done');
  t.same(r.done, ['destroy ORD-1', 'rows ORD-1']);
  const document = r.erasures.certificate(erased.value.body.certificateId);
  if (document === null) return t.fail('no certificate');
  const { jws, certificate } = document.body;
  const checked = await verifyCertificate(jws, certificateKey);
  t.match(checked, { ok: true, value: { certificate } });
  t.match(certificate, {
    orderName: r.keys.nameOf(orderId(1)),
    by: officer.user,
    destroyed: { alert_versions: 7, order_revisions: 2, register_documents: 0 },
    completeMs: after + 73 * 3_600_000 + 7 * DAY,
  });
  t.equal(JSON.stringify(document).includes(orderId(1)), false, 'the certificate does not name the order by its id');
  t.equal(JSON.stringify(document).includes('SUB-1'), false, 'nor the person');
  t.equal(
    JSON.stringify(r.register.history('erasure', erased.value.id)).includes(orderId(1)),
    false,
    'nor do the notes',
  );
  const changed = `${jws.slice(0, -3)}${jws.endsWith('AAA') ? 'BBB' : 'AAA'}`;
  t.match(await verifyCertificate(changed, certificateKey), { ok: false });
  const [head, , signature] = jws.split('.');
  const forged = Buffer.from(JSON.stringify({ ...certificate, by: 'nobody' })).toString('base64url');
  t.match(await verifyCertificate(`${head}.${forged}.${signature}`, certificateKey), { ok: false });
  t.equal(r.holds.standing(orderId(2)).length, 1, "another's hold stands");
  const listed = (await r.retention.rows()).map((row) => row.orderId);
  t.same(listed, [orderId(2), orderId(3)], 'nobody waits for its retention any more');
});

t.test('no hold comes beside a destruction: it is there before, or it is refused', async (t) => {
  const r = await room();
  r.clock.atMs = after;
  r.engineAnswers = false;
  const [erased, placed] = await Promise.all([
    r.erasures.erase(officer, order(1, 1), request),
    r.holds.place(officer, order(1, 1), hold),
  ]);
  t.match(erased, { ok: true, value: { body: { state: 'under_way' } } });
  t.match(placed, { ok: false, fault: { code: 'conflict' } });
});

/** A register that dies at its n-th write, and works again after. */
class DyingRegister {
  writes = 0;
  constructor(
    readonly inner: Register,
    public diesAt: number,
  ) {}
  wrap(): Register {
    const dying = (name: 'put' | 'removeOrder' | 'forgetOlder') =>
      (async (...args: never[]) => {
        this.writes++;
        if (this.writes === this.diesAt) throw new Error('the power fails');
        return (this.inner[name] as (...args: never[]) => unknown)(...args);
      }) as never;
    return new Proxy(this.inner, {
      get: (target, name: keyof Register) =>
        name === 'put' || name === 'removeOrder' || name === 'forgetOlder'
          ? dying(name)
          : (target[name] as (...args: never[]) => unknown).bind(target),
    });
  }
}

t.test('a destruction that breaks off anywhere is finished at the next start, with one certificate', async (t) => {
  for (let diesAt = 1; ; diesAt++) {
    let dying: DyingRegister | undefined;
    const r = await room((register) => {
      dying = new DyingRegister(register, diesAt);
      return dying.wrap();
    });
    r.clock.atMs = after;
    const broke = await r.erasures.erase(officer, order(1, 1), request).then(
      () => false,
      () => true,
    );
    if (!broke) {
      t.ok(diesAt > 6, `it was broken off at each of ${diesAt - 1} writes`);
      return;
    }
    r.restart();
    t.equal(await r.erasures.finish(), 0);
    const decided = diesAt > 1;
    t.equal(r.keys.sealsOf(orderId(1)) === null, decided, `write ${diesAt}: destroyed, or as if nobody had asked`);
    t.equal(r.erasures.certificates().length, decided ? 1 : 0);
    const states = r.erasures.list().map(({ body }) => body.state);
    t.same(states, decided ? ['done'] : []);
    t.equal(await r.erasures.finish(), 0, 'and a second time nothing is left to do');
  }
});

t.test('while the engine does not answer the keys are gone, and the certificate waits for the rows', async (t) => {
  const r = await room();
  r.clock.atMs = after;
  r.engineAnswers = false;
  const erased = await r.erasures.erase(officer, order(1, 1), request);
  t.match(erased, { ok: true, value: { body: { state: 'under_way', rowsRemovedMs: null } } });
  t.equal(r.keys.sealsOf(orderId(1)), null);
  t.same(r.erasures.certificates(), []);
  r.restart();
  t.equal(await r.erasures.finish(), 1);
  r.engineAnswers = true;
  r.clock.atMs += DAY;
  t.equal(await r.erasures.finish(), 0);
  t.match(r.erasures.certificates(), [{ body: { certificate: { rowsRemovedMs: after + DAY } } }]);
  t.equal(r.done.filter((done) => done.startsWith('destroy')).length, 1, 'the keys are destroyed once');
});

t.test('a sweep that comes while the engine works on an erasure does not do it a second time', async (t) => {
  const r = await room();
  r.clock.atMs = after;
  let answer = () => {};
  r.engineWorks = new Promise((resolve) => {
    answer = resolve;
  });
  const erased = r.erasures.erase(officer, order(1, 1), request);
  const swept = r.erasures.finish();
  await new Promise((resolve) => setImmediate(resolve));
  const late = r.erasures.finish();
  answer();
  t.match(await erased, { ok: true, value: { body: { state: 'done' } } });
  t.same(await Promise.all([swept, late]), [0, 0]);
  t.equal(r.erasures.certificates().length, 1);
  t.equal(r.done.filter((done) => done.startsWith('rows')).length, 1);
});

t.test('the retention clock destroys at the end of the order and six years, not a millisecond before', async (t) => {
  const r = await room();
  const endMs = order(1, 1).endMs;
  const dueMs = dueOf(endMs, RETENTION_MONTHS_MAX);
  t.equal(new Date(dueMs).toISOString(), new Date(endMs).toISOString().replace(/^2026/, '2032'));
  r.clock.atMs = dueMs - 1;
  t.same(await r.retention.sweep(), []);
  t.match(await r.retention.rows(), [{ state: 'running', dueMs }, { state: 'running' }, { state: 'running' }]);
  r.clock.atMs = dueMs;
  t.equal((await r.retention.rows())[0]?.state, 'due');
  t.equal((await r.retention.sweep()).length, 3);
  t.same(r.done.slice(0, 4), [
    'log retention.destroy attempt',
    'destroy ORD-1',
    'rows ORD-1',
    'log retention.destroy allowed',
  ]);
  t.match(r.audited[0], { orderId: orderId(1), actor: { kind: 'gateway' } });
  t.match(r.audited[1], { orderId: null, subjectId: null, attempt: 0 }, 'the outcome names nobody: the key is gone');
  t.same(await r.retention.sweep(), []);
  t.match(r.erasures.certificates()[0]?.body.certificate, { cause: 'retention', by: 'gateway' });
});

t.test('an order that is prolonged meanwhile is not destroyed, and one that is new has its clock', async (t) => {
  const r = await room();
  t.equal((await r.retention.rows()).length, 3);
  const prolonged = { ...order(1, 2), endMs: order(1, 1).endMs + 365 * DAY };
  r.orders.set(orderId(1), prolonged);
  await r.keys.make(orderId(4));
  r.orders.set(orderId(4), order(4, 1));
  r.changed.push(orderId(1), orderId(4), orderId(9));
  r.clock.atMs = dueOf(order(1, 1).endMs, RETENTION_MONTHS_MAX);
  await r.retention.sweep();
  t.same(
    r.done.filter((done) => done.startsWith('destroy')),
    ['destroy ORD-2', 'destroy ORD-3', 'destroy ORD-4'],
  );
  // nobody was told of this one: what stands in the ledger is asked again before anything goes
  r.orders.set(orderId(1), { ...prolonged, endMs: prolonged.endMs + 365 * DAY });
  r.clock.atMs = dueOf(prolonged.endMs, RETENTION_MONTHS_MAX);
  t.same(await r.retention.sweep(), []);
});

t.test('a retention longer than six years is refused, a shorter one holds', async (t) => {
  const r = await room();
  const parts = (r.retention as unknown as { p: ConstructorParameters<typeof RetentionClock>[0] }).p;
  t.throws(() => new RetentionClock({ ...parts, months: 73 }), /¶50/);
  t.throws(() => new RetentionClock({ ...parts, months: -1 }), RangeError);
  const short = new RetentionClock({ ...parts, months: 12 });
  t.equal(new Date((await short.rows())[0]?.dueMs ?? 0).getUTCFullYear(), 2027);
  t.equal(new Date(dueOf(Date.UTC(2028, 1, 29, 5), 12)).toISOString(), '2029-02-28T05:00:00.000Z');
});

t.test('keys that an older copy of the vault brings back are destroyed again', async (t) => {
  const r = await room();
  r.clock.atMs = after;
  t.match(await r.erasures.erase(officer, order(1, 1), request), { ok: true, value: { body: { state: 'done' } } });
  await r.keys.make(orderId(1));
  r.restart();
  t.equal(await r.destruction.again(), 1);
  t.equal(r.keys.sealsOf(orderId(1)), null);
  t.not(r.keys.sealsOf(orderId(2)), null, 'and nobody else’s');
  t.equal(await r.destruction.again(), 0);
});

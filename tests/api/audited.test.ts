// The log before the act and before the answer: an attempt that is not durable lets nothing happen, an outcome that is
// not durable lets nothing be seen. Swap "log, then answer" anywhere and one of these fails.
import { request as httpRequest } from 'node:http';
import t from 'tap';
import type { AuditEvent } from '../../src/domain/audit.js';
import { AuditUnavailable } from '../../src/ports/audit-log.js';
import type { Office } from '../../src/ports/office.js';
import { centre, harness, north, nowMs, orderJson } from './harness.js';

/** The log with a hand on it: each entry waits for `let`, or fails. */
class HeldLog {
  readonly waiting: { event: AuditEvent; go: () => void }[] = [];
  held = false;
  fails: (event: AuditEvent) => boolean = () => false;

  over(office: Office): Office {
    const { audit } = office;
    const append = async (event: AuditEvent): Promise<number> => {
      if (this.fails(event)) throw new AuditUnavailable('the disk is full');
      if (this.held) await new Promise<void>((go) => this.waiting.push({ event, go }));
      return audit.append(event);
    };
    return {
      ...office,
      audit: new Proxy(audit, {
        get(target, name) {
          if (name === 'append') return append;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
    };
  }

  async next(): Promise<{ event: AuditEvent; go: () => void }> {
    for (;;) {
      const first = this.waiting.shift();
      if (first !== undefined) return first;
      await new Promise((turn) => setImmediate(turn));
    }
  }
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise((turn) => setImmediate(turn));
};

t.test('nothing is done before the attempt is durable, and nothing is answered before the outcome is', async (t) => {
  const held = new HeldLog();
  const h = await harness({}, { office: (office) => held.over(office) });
  t.teardown(() => h.close());
  const headers = await h.as('administrator', centre, 'setup');
  held.held = true;
  let answered = false;
  const answer = h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', payload: orderJson(), headers });
  void answer.then(() => {
    answered = true;
  });
  const attempt = await held.next();
  t.match(attempt.event, { phase: 'attempt', action: 'orders.write', orderId: 'ORD-1', attempt: null });
  await settled();
  t.equal(h.commands.after(0).length, 0, 'the handler has not run');
  attempt.go();
  const outcome = await held.next();
  t.equal(h.commands.after(0).length, 1, 'the handler has run');
  t.match(outcome.event, { phase: 'allowed', attempt: 0, reason: null });
  await settled();
  t.notOk(answered, 'the answer waits for the log');
  outcome.go();
  t.equal((await answer).statusCode, 201);
});

t.test('while the log cannot be written nothing is done or shown', async (t) => {
  const held = new HeldLog();
  const h = await harness({}, { office: (office) => held.over(office) });
  t.teardown(() => h.close());
  const headers = await h.as('administrator', centre, 'setup');
  const put = () => h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', payload: orderJson(), headers });
  held.fails = () => true;
  t.match((await put()).json(), { status: 503, code: 'audit_unavailable' });
  t.equal(h.commands.after(0).length, 0);
  held.fails = () => false;
  t.equal((await put()).statusCode, 201);

  held.fails = ({ phase }) => phase !== 'attempt';
  const read = await h.app.inject({ url: '/v1/orders/ORD-1', headers });
  t.match(read.json(), { status: 503, code: 'audit_unavailable' });
  t.notMatch(read.body, 'SUB-1');
  t.equal(read.headers.etag, undefined, 'nor a trace of it in the headers');
  t.equal(h.counted.get('fairwatch_api_audit_failures_total'), 2 + 1);
});

t.test('a refusal too is in the log before it is told, with its reason', async (t) => {
  const held = new HeldLog();
  const h = await harness({}, { office: (office) => held.over(office) });
  t.teardown(() => h.close());
  const headers = await h.as('auditor', centre, 'ann');
  held.held = true;
  let answered = false;
  const answer = h.app.inject({ url: '/v1/alerts', headers });
  void answer.then(() => {
    answered = true;
  });
  (await held.next()).go();
  const outcome = await held.next();
  t.match(outcome.event, { phase: 'refused', reason: 'role_refused', actor: { user: 'ann', role: 'auditor' } });
  await settled();
  t.notOk(answered);
  outcome.go();
  t.equal((await answer).statusCode, 403);
});

t.test('each kind of refusal has its entry: a broken body, a thing that is not there, a contradiction', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const headers = await h.as('administrator', centre, 'setup');
  await h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', payload: orderJson(), headers });
  const put = (payload: unknown) =>
    h.app.inject({
      method: 'PUT',
      url: '/v1/orders/ORD-1',
      payload: payload as object,
      headers: { ...headers, 'content-type': 'application/json' },
    });
  const last = () => h.audit().slice(-2);
  await put('{"order_id":');
  t.match(last(), [{ phase: 'attempt' }, { phase: 'refused', reason: 'malformed_body', orderId: 'ORD-1' }]);
  await put(orderJson({ type: 'PARTY' }));
  t.match(last(), [{ phase: 'attempt' }, { phase: 'refused', reason: 'invalid' }]);
  await put(orderJson({ minor_max_min: 7 }));
  t.match(last(), [{ phase: 'attempt' }, { phase: 'refused', reason: 'revision_not_newer' }]);
  await h.app.inject({ url: '/v1/orders/ORD-77', headers });
  t.match(last(), [
    { phase: 'attempt' },
    { phase: 'refused', reason: 'not_found', detail: { order_id: /^[0-9a-f]{32}$/ } },
  ]);
});

t.test('a stream’s opening is in the log before its first byte, and again while it is open', async (t) => {
  const held = new HeldLog();
  const h = await harness({ limits: { heartbeatMs: 20, streamLogMs: 50 } }, { office: (office) => held.over(office) });
  t.teardown(() => h.close());
  await h.app.listen({ host: '127.0.0.1', port: 0 });
  const address = h.app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const headers = await h.as('supervising_officer', north, 'ann');
  const open = () => {
    const seen = { bytes: 0, closed: false };
    const request = httpRequest({ port, path: '/v1/alerts/stream', headers }, (response) => {
      response.on('data', (chunk: Buffer) => {
        seen.bytes += chunk.length;
      });
      response.on('close', () => {
        seen.closed = true;
      });
    });
    request.on('error', () => {});
    request.end();
    t.teardown(() => request.destroy());
    return seen;
  };
  held.held = true;
  const seen = open();
  (await held.next()).go();
  const opening = await held.next();
  t.match(opening.event, { action: 'alerts.stream', phase: 'allowed', purpose: 'compliance_monitoring' });
  await settled();
  t.equal(seen.bytes, 0);
  opening.go();
  const still = await held.next();
  t.match(still.event, { action: 'alerts.stream', phase: 'allowed' });
  t.ok(Number(still.event.detail.open_s) >= 0);
  t.ok(seen.bytes > 0);
  still.go();

  held.held = false;
  for (const { go } of held.waiting.splice(0)) go();
  held.fails = () => true;
  while (!seen.closed) await new Promise((turn) => setTimeout(turn, 10));
  t.pass('where it can no longer be logged, nothing more is shown');
});

t.test('one caller’s refused reads over the limit are told, once', async (t) => {
  const over: unknown[] = [];
  const h = await harness({ limits: { refusedReadsMax: 3 }, onRefusedReads: (one) => void over.push(one) });
  t.teardown(() => h.close());
  const ann = await h.as('supervising_officer', north, 'ann');
  const bob = await h.as('supervising_officer', north, 'bob');
  for (let i = 0; i < 6; i++) await h.app.inject({ url: `/v1/orders/ORD-${i}`, headers: ann });
  for (let i = 0; i < 3; i++) await h.app.inject({ url: `/v1/orders/ORD-${i}`, headers: bob });
  t.match(over, [{ actor: { user: 'ann' }, count: 4 }]);
  t.equal(over.length, 1);
});

t.test('a flood of strangers is counted in the log and does not fill it', async (t) => {
  let now = nowMs;
  const h = await harness({ clock: { nowMs: () => now }, limits: { strangersPerMinuteMax: 3 } });
  t.teardown(() => h.close());
  for (let i = 0; i < 50; i++) t.equal((await h.app.inject({ url: '/v1/orders/ORD-1' })).statusCode, 401);
  t.equal(h.audit().length, 2 * 3);
  now += 60_000;
  await h.app.inject({ url: '/v1/orders/ORD-1' });
  t.match(h.audit().slice(6), [
    { actor: { kind: 'stranger' }, phase: 'refused', reason: 'token_missing', detail: { unlisted: 47 } },
    { phase: 'attempt' },
    { phase: 'refused', reason: 'token_missing', attempt: 7 },
  ]);
  t.equal(
    (await h.app.inject({ url: '/v1/orders/ORD-1', headers: await h.as('auditor', centre, 'ann') })).statusCode,
    403,
  );
  t.match(h.audit().at(-1), { actor: { user: 'ann' } }, 'who has a name is always logged');
});

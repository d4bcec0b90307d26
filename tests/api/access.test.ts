// Tokens, refusals and what a development machine allows besides; the table of all routes is in access-table.test.
import t from 'tap';
import { noVerifier } from '../../src/api/access/tokens.js';
import { centre, harness, north, nowMs } from './harness.js';

t.test('on a development machine the administrator watches alerts and moves the clock; elsewhere not', async (t) => {
  const steppedClock = { nowMs: () => nowMs, advanceTo: async () => {} };
  for (const production of [false, true]) {
    const h = await harness({ steppedClock }, { production });
    t.teardown(() => h.close());
    const headers = await h.as('administrator', centre, 'setup');
    for (const url of ['/v1/alerts', '/v1/dev/clock', '/v1/subjects/SUB-0', '/v1/alerts/stream?cursor=none']) {
      const { statusCode } = await h.app.inject({ url, headers });
      t.equal(statusCode === 403, production, `${url}: ${statusCode}`);
    }
  }
});

t.test('without a development issuer the administrator sees no alert and no issuer lets anybody in', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const token = await h.token('administrator');
  const closed = await harness({ tokens: noVerifier() });
  t.teardown(() => closed.close());
  const answer = await closed.app.inject({ url: '/v1/alerts', headers: { authorization: `Bearer ${token}` } });
  t.equal(answer.statusCode, 401);
  t.match(answer.headers['www-authenticate'], /invalid_token/);
  t.match(closed.counted.get('fairwatch_api_refusals_total{"code":"token_refused"}'), 1);
});

t.test('refusals are counted and logged by code, without token, id or user', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const token = await h.token('auditor', north);
  await h.app.inject({ url: '/v1/alerts/A-77', headers: { authorization: `Bearer ${token}` } });
  await h.app.inject({ url: '/v1/orders/ORD-77', headers: { authorization: 'Bearer abc.def.ghi' } });
  t.equal(h.counted.get('fairwatch_api_refusals_total{"code":"role_refused"}'), 1);
  t.equal(h.counted.get('fairwatch_api_refusals_total{"code":"token_refused"}'), 1);
  const log = h.logged.join('\n');
  t.match(log, /access\.role_refused .*auditor/);
  t.match(log, /access\.token_refused .*malformed/);
  for (const secret of [token, 'A-77', 'ORD-77', 'tester', 'abc.def']) t.notMatch(log, secret);
});

t.test('a monitoring officer may ask for the alerts that no order stands behind', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  await h.tell(h.alert({ alertId: 'A-1' }), h.alert({ alertId: 'A-3', orderId: null }));
  const headers = { authorization: `Bearer ${await h.token('monitoring_officer', centre)}` };
  const mine = await h.app.inject({ url: '/v1/alerts?agency=monitoring-centre', headers });
  t.same(
    mine.json().events.map((event: { id: string }) => event.id),
    ['A-3.1'],
  );
});

t.test('while the issuer’s keys cannot be had nobody is told that their token is bad', async (t) => {
  const h = await harness({
    tokens: { development: false, verify: async () => ({ ok: false, fault: 'keys_unavailable' }) },
  });
  t.teardown(() => h.close());
  const answer = await h.app.inject({ url: '/v1/alerts', headers: { authorization: 'Bearer a.b.c' } });
  t.match(answer.json(), { status: 503, code: 'issuer_unavailable' });
  t.equal(answer.headers['www-authenticate'], undefined);
});

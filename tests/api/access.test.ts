// Every route, for every role, on a thing of its own agency and on one of another: the table is written by hand.
import type { InjectOptions } from 'fastify';
import t from 'tap';
import { noVerifier } from '../../src/api/access/tokens.js';
import { ROLES } from '../../src/domain/role.js';
import { centre, harness, north, nowMs, orderJson, south, zoneJson } from './harness.js';

type Row = readonly [route: string, request: InjectOptions, answers: string];

/**
 * Answers in the order of ROLES below, `own/other` for two roles who read their own agency's only:
 * monitoring officer, supervising officer, police liaison, data controller, auditor, device engineer, administrator.
 * The caller is of probation-north; ORD-1 and A-1 are north's, ORD-2 and A-2 south's. Development: the administrator
 * may watch alerts and move the clock.
 */
const table: readonly Row[] = [
  ['put own order', { method: 'PUT', url: '/v1/orders/ORD-1', payload: orderJson() }, '200 403 403 403 403 403 200'],
  ['get own order', { url: '/v1/orders/ORD-1' }, '200 200 403 200 403 403 200'],
  ['get other order', { url: '/v1/orders/ORD-2' }, '200 404 403 200 403 403 200'],
  ['get no order', { url: '/v1/orders/ORD-0' }, '404 404 403 404 403 403 404'],
  ['put zone', { method: 'PUT', url: '/v1/zones/Z-1', payload: zoneJson('Z-1') }, '200 403 403 403 403 403 200'],
  ['get zone', { url: '/v1/zones/Z-1' }, '200 403 403 200 403 403 200'],
  ['delete no zone', { method: 'DELETE', url: '/v1/zones/Z-0' }, '404 403 403 403 403 403 404'],
  ['list devices', { url: '/v1/devices' }, '200 403 403 403 403 200 200'],
  ['enrol', { method: 'POST', url: '/v1/devices', payload: {} }, '403 403 403 403 403 422 422'],
  ['disable', { method: 'POST', url: '/v1/devices/NONE/disable' }, '404 403 403 403 403 404 404'],
  ['own subject', { url: '/v1/subjects/SUB-1' }, '200 200 200 200 403 403 200'],
  ['other subject', { url: '/v1/subjects/SUB-2' }, '200 404 404 200 403 403 200'],
  ['list alerts', { url: '/v1/alerts' }, '200 200 200 200 403 403 200'],
  ['list own alerts', { url: '/v1/alerts?agency=probation-north' }, '200 200 200 200 403 403 200'],
  ['list other alerts', { url: '/v1/alerts?agency=probation-south' }, '200 403 403 200 403 403 200'],
  ['own alert', { url: '/v1/alerts/A-1' }, '200 200 200 200 403 403 200'],
  ['other alert', { url: '/v1/alerts/A-2' }, '200 404 404 200 403 403 200'],
  ['alert without an order', { url: '/v1/alerts/A-3' }, '200 404 404 200 403 403 200'],
  ['stream', { url: '/v1/alerts/stream?cursor=none' }, '410 410 410 403 403 403 410'],
  ['stream of another', { url: '/v1/alerts/stream?agency=probation-south&cursor=none' }, '410 403 403 403 403 403 410'],
  ['read the clock', { url: '/v1/dev/clock' }, '403 403 403 403 403 403 200'],
  ['move the clock', { method: 'POST', url: '/v1/dev/clock', payload: { to_ms: 1 } }, '403 403 403 403 403 403 200'],
];

t.test('every role gets from every route what the table says, on its own agency and on another', async (t) => {
  const steppedClock = { nowMs: () => nowMs, advanceTo: async () => {} };
  const h = await harness({ steppedClock });
  t.teardown(() => h.close());
  const administrator = { authorization: `Bearer ${await h.token('administrator')}` };
  const other = orderJson({
    order_id: 'ORD-2',
    subject_id: 'SUB-2',
    supervisor: 'probation-south',
    devices: [{ device_id: 'HU-2', kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' }],
  });
  for (const [url, payload] of [
    ['/v1/orders/ORD-1', orderJson()],
    ['/v1/orders/ORD-2', other],
    ['/v1/zones/Z-1', zoneJson('Z-1')],
  ] as const) {
    const put = await h.app.inject({ method: 'PUT', url, payload, headers: administrator });
    t.equal(put.statusCode, 201, `${url} ${put.body}`);
  }
  await h.tell(
    h.alert({ alertId: 'A-1' }),
    h.alert({ alertId: 'A-2', orderId: 'ORD-2', agency: south }),
    h.alert({ alertId: 'A-3', orderId: null }),
  );
  for (const [name, request, answers] of table) {
    const got: number[] = [];
    for (const role of ROLES) {
      const headers = { authorization: `Bearer ${await h.token(role, north)}` };
      got.push((await h.app.inject({ ...request, headers })).statusCode);
    }
    t.equal(got.join(' '), answers, `${name}: ${ROLES.join(' ')}`);
  }
});

t.test('every route that holds data is in the table, and asks for a token', async (t) => {
  const h = await harness({ steppedClock: { nowMs: () => nowMs, advanceTo: async () => {} } });
  t.teardown(() => h.close());
  const document = (await h.app.inject('/documentation/json')).json() as {
    paths: Record<string, Record<string, { security?: unknown[] }>>;
  };
  const open: string[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.security?.length === 0) open.push(`${method} ${path}`);
      else {
        const pattern = new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/?]+')}(\\?|$)`);
        const row = table.find(([, r]) => pattern.test(String(r.url)) && (r.method ?? 'GET').toLowerCase() === method);
        t.ok(row, `${method} ${path} is in the table`);
        const url = path.replace(/\{[^}]+\}/g, 'X');
        const answer = await h.app.inject({ method: method.toUpperCase() as 'GET', url });
        t.equal(answer.statusCode, 401, `${method} ${path} without a token`);
        t.equal(answer.headers['www-authenticate'], 'Bearer');
        t.match(answer.json(), { code: 'token_missing', status: 401, problems: [] });
      }
    }
  }
  t.same(open.sort(), ['get /livez', 'get /metrics', 'get /readyz']);
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

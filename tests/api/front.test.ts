// The front door: what is no decent request is refused with its reason, counted, and reaches nothing.
import type { InjectOptions } from 'fastify';
import t, { type Test } from 'tap';
import { FRONT_LIMITS } from '../../src/api/front/limits.js';
import { centre, type Harness, harness, orderJson, zoneJson } from './harness.js';

const json = { 'content-type': 'application/json' };

async function opened(t: Test) {
  const h = await harness();
  t.teardown(() => h.close());
  const admin = await h.as('administrator', centre, 'setup');
  const ask = (options: InjectOptions) => h.app.inject({ ...options, headers: { ...admin, ...options.headers } });
  const put = (payload: string | Buffer, headers: Record<string, string> = json, url = '/v1/orders/ORD-1') =>
    ask({ method: 'PUT', url, payload, headers });
  return { h, ask, put };
}
const refusals = (h: Harness, code: string) => h.counted.get(`fairwatch_api_refusals_total{"code":"${code}"}`) ?? 0;

t.test('a body is of a media type that its route takes, in UTF-8, and not packed', async (t) => {
  const { h, put } = await opened(t);
  const order = JSON.stringify(orderJson());
  const zone = JSON.stringify(zoneJson('Z-1'));
  const cases: [type: Record<string, string>, url: string, body: string, status: number][] = [
    [json, '/v1/orders/ORD-1', order, 201],
    [{ 'content-type': 'application/json; charset=utf-8' }, '/v1/orders/ORD-1', order, 200],
    [{ 'content-type': 'APPLICATION/JSON;charset="UTF-8"' }, '/v1/orders/ORD-1', order, 200],
    [{ 'content-type': 'application/geo+json' }, '/v1/zones/Z-1', zone, 201],
    [json, '/v1/zones/Z-1', zone, 200],
    [{ 'content-type': 'application/json; charset=utf-16' }, '/v1/orders/ORD-1', order, 415],
    [{ 'content-type': 'application/json; charset=iso-8859-1' }, '/v1/orders/ORD-1', order, 415],
    [{ 'content-type': 'application/geo+json' }, '/v1/orders/ORD-1', order, 415],
    [{ 'content-type': 'text/plain' }, '/v1/orders/ORD-1', order, 415],
    [{ 'content-type': 'text/json' }, '/v1/orders/ORD-1', order, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, '/v1/orders/ORD-1', 'a=1', 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, '/v1/orders/ORD-1', '--x', 415],
    [{ 'content-type': 'application/jsonp' }, '/v1/orders/ORD-1', order, 415],
    [{ 'content-type': 'application/json, text/plain' }, '/v1/orders/ORD-1', order, 415],
    [{ 'content-type': '' }, '/v1/orders/ORD-1', order, 415],
    [{ ...json, 'content-encoding': 'gzip' }, '/v1/orders/ORD-1', order, 415],
    [{ ...json, 'content-encoding': 'identity' }, '/v1/orders/ORD-1', order, 200],
  ];
  for (const [headers, url, body, status] of cases) {
    const answer = await put(body, headers, url);
    t.equal(answer.statusCode, status, `${JSON.stringify(headers)} ${url}`);
    if (status !== 415) continue;
    t.equal(answer.json().code, 'media_type_refused');
    t.match(answer.json().detail, /Send|UTF-8/, 'and says what is taken');
  }
  t.equal(refusals(h, 'media_type_refused'), cases.filter(([, , , status]) => status === 415).length);
  t.equal(h.ledger.orderRevisions('ORD-1' as never).length, 1);
});

t.test('a body that two readers could read differently is refused, and says why', async (t) => {
  const { h, put } = await opened(t);
  const order = JSON.stringify(orderJson());
  const cases: [name: string, body: string | Buffer, status: number, detail: RegExp][] = [
    [
      'restricted said twice',
      order.replace('"restricted":false', '"restricted":true,"restricted":false'),
      400,
      /two members/,
    ],
    ['no UTF-8', Buffer.concat([Buffer.from('{"order_id":"'), Buffer.from([0xff]), Buffer.from('"}')]), 400, /UTF-8/],
    ['a prototype', order.replace('{', '{"__proto__":{"restricted":true},'), 400, /prototype/],
    ['an escape for a terminal', order.replace('"SUB-1"', '"\\u001b]0;x"'), 400, /control characters/],
    ['33 deep', `${'['.repeat(33)}${']'.repeat(33)}`, 413, /deep/],
    ['too many members', `{${Array.from({ length: 1_001 }, (_, i) => `"${i}":0`)}}`, 413, /members/],
    ['too long a list', `[${Array(50_001).fill(0)}]`, 413, /elements/],
    ['too many bytes', `"${' '.repeat(4 * 1_048_576)}"`, 413, /4194304 bytes/],
    ['cut off', order.slice(0, -1), 400, /not JSON/],
    ['nothing, of type JSON', '', 400, /not JSON/],
  ];
  for (const [name, body, status, detail] of cases) {
    const answer = await put(body);
    t.equal(answer.statusCode, status, name);
    t.match(answer.json().detail, detail, name);
  }
  t.equal(h.ledger.orderRevisions('ORD-1' as never).length, 0);
  t.equal(({} as Record<string, unknown>).restricted, undefined);
});

t.test('what takes no order and no zone takes 128 KiB; what takes nothing takes nothing', async (t) => {
  const { h, ask } = await opened(t);
  const large = `{"device_id":"${'x'.repeat(FRONT_LIMITS.officeBodyBytesMax)}"}`;
  const enrol = await ask({ method: 'POST', url: '/v1/devices', payload: large, headers: json });
  t.match(enrol.json(), { status: 413, code: 'body_too_large', detail: /131072 bytes/ });
  const disable = (payload: string, headers: Record<string, string> = json) =>
    ask({ method: 'POST', url: '/v1/devices/HU-1/disable', payload, headers });
  t.match((await disable('{"until":"tomorrow"}')).json(), { status: 422, detail: /leave the body out/ });
  t.equal((await disable('{}')).statusCode, 404, 'an empty object is nothing');
  t.equal((await disable('now', { 'content-type': 'text/plain' })).statusCode, 415);
  t.equal((await ask({ method: 'POST', url: '/v1/devices/HU-1/disable' })).statusCode, 404);
  t.ok(
    h.audit().some(({ reason }) => reason === 'invalid'),
    'a known person’s refusal is in the log',
  );
});

t.test('a method that a path does not have is 405 and names those it has; no path is 404', async (t) => {
  const { h, ask } = await opened(t);
  const cases: [method: string, url: string, status: number, allow: string | undefined][] = [
    ['DELETE', '/v1/orders/ORD-1', 405, 'GET, HEAD, PUT'],
    ['POST', '/v1/alerts', 405, 'GET, HEAD'],
    ['PATCH', '/v1/zones/Z-1', 405, 'DELETE, GET, HEAD, PUT'],
    ['HEAD', '/v1/alerts/stream', 404, undefined],
    ['HEAD', '/v1/grants/G-1/fixes', 405, 'GET'],
    ['OPTIONS', '/v1/alerts', 405, 'GET, HEAD'],
    ['TRACE', '/v1/alerts', 405, 'GET, HEAD'],
    ['GET', '/v1/nothing', 404, undefined],
    ['OPTIONS', '*', 404, undefined],
    ['TRACE', '/', 404, undefined],
  ];
  for (const [method, url, status, allow] of cases) {
    const answer = await ask({ method: method as 'GET', url });
    t.equal(answer.statusCode, status, `${method} ${url}`);
    t.equal(answer.headers.allow, allow, `${method} ${url}`);
    if (method !== 'HEAD') t.match(answer.headers['content-type'], 'application/problem+json');
    t.notMatch(answer.body, /Bearer/, 'nothing that was sent is sent back');
  }
  t.equal((await h.app.inject({ method: 'HEAD', url: '/v1/alerts' })).statusCode, 401, 'HEAD passes the gate too');
  const head = await ask({ method: 'HEAD', url: '/v1/orders/ORD-1' });
  t.equal(head.statusCode, 404);
  t.equal(head.body, '');
});

t.test('forged forwarding changes nothing, and no answer repeats it', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const { authorization = '' } = await h.as('administrator', centre, 'setup');
  for (const forged of [
    'x-forwarded-user',
    'x-remote-user',
    'x-original-url',
    'x-rewrite-url',
    'x-http-method-override',
  ]) {
    const answer = await h.app.inject({ url: '/v1/devices', headers: { [forged]: '/livez' } });
    t.equal(answer.statusCode, 401, forged);
  }
  const evil = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-for': '6.6.6.6',
    'x-real-ip': '6.6.6.6',
    forwarded: 'for=6.6.6.6;host=evil.example',
    'x-forwarded-prefix': '/evil',
  };
  for (const url of [
    '/v1/devices',
    '/v1/nothing',
    '/v1/orders/%zz',
    '/documentation',
    '/documentation/json',
    '/readyz',
  ]) {
    for (const headers of [evil, { ...evil, authorization }]) {
      const answer = await h.app.inject({ url, headers });
      t.notMatch(answer.body + JSON.stringify(answer.headers), /evil|6\.6\.6\.6|gopher/, url);
    }
  }
});

t.test('no answer is kept by a cache unless it says so, sniffed, or framed', async (t) => {
  const { h, ask } = await opened(t);
  for (const url of ['/v1/devices', '/v1/nothing', '/livez', '/readyz']) {
    t.match((await ask({ url })).headers, {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  }
  t.equal((await h.app.inject('/v1/devices')).headers['cache-control'], 'no-store', 'a refusal too');
});

// Bytes on a real socket: what is no decent request is answered and counted, and holds up nobody else.
import { once } from 'node:events';
import { connect } from 'node:net';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import { boundAddresses, isProxy } from '../../src/api/front/addresses.js';
import { FRONT_LIMITS, type FrontLimits } from '../../src/api/front/limits.js';
import { buildHealthApp } from '../../src/api/health.js';
import { centre, type Harness, harness, orderJson } from './harness.js';
import { exchange, RawClient } from './raw-http.js';

async function opened(t: Test, front: Partial<FrontLimits> = {}) {
  const h = await harness({ front });
  t.teardown(() => h.close());
  const base = await h.app.listen({ host: '127.0.0.1', port: 0 });
  return { h, base, admin: await h.as('administrator', centre, 'setup') };
}
const refusals = (h: Harness, code: string) => h.counted.get(`fairwatch_api_refusals_total{"code":"${code}"}`) ?? 0;
const lines = (headers: Record<string, string>) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  `${method} ${url} HTTP/1.1\r\nhost: x\r\n${lines(headers).join('')}\r\n`;
/** The next client, who does nothing wrong. */
const served = async (base: string) => (await exchange(base, get('/livez'))).statuses;

t.test('no spelling of a path is another way in', async (t) => {
  const { h, base, admin } = await opened(t);
  await h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', headers: admin, payload: orderJson() });
  const officer = await h.as('monitoring_officer', centre, 'ann');
  const stranger: [url: string, status: number][] = [
    ['/v1/orders/ORD-1', 401],
    ['/v1/orders/%4fRD-1', 401],
    ['/v1/%6frders/ORD-1', 401],
    ['/v1//orders/ORD-1', 404],
    ['//v1/orders/ORD-1', 404],
    ['/v1/orders/ORD-1/', 404],
    ['/V1/ORDERS/ORD-1', 404],
    ['/v1/orders/ORD-1;x', 401],
    ['/documentation/../v1/orders/ORD-1', 404],
    ['/documentation/%2e%2e/v1/orders/ORD-1', 404],
    ['/documentation/static/../../v1/orders/ORD-1', 400],
    ['/documentation/static/..%2f..%2f..%2fpackage.json', 404],
    ['/documentation/static/%2e%2e%2f%2e%2e%2fpackage.json', 404],
    ['/documentation/static/..%5c..%5cpackage.json', 400],
    ['/livez/../v1/orders/ORD-1', 404],
    ['/livez%2f..%2fv1%2forders%2fORD-1', 404],
  ];
  for (const [url, status] of stranger) {
    const { text, statuses } = await exchange(base, get(url));
    t.same(statuses, [status], url);
    t.notMatch(text, /SUB-1|Apache-2\.0/, url);
  }
  const known: [url: string, status: number][] = [
    ['/v1/orders/..%2fORD-1', 422],
    ['/v1/orders/ORD-1%2f..%2fORD-2', 422],
    ['/v1/orders/ORD-1%00', 422],
    ['/v1/orders/ORD-1%0d%0aX:1', 422],
    ['/v1/orders/%zz', 400],
    ['/v1/orders/%', 400],
    ['/v1/orders/%c0%af', 400],
    ['/v1/orders/%ff', 400],
    [`/v1/orders/${'x'.repeat(65)}`, 422],
    [`/v1/orders/${'x'.repeat(257)}`, 414],
    [`/v1/orders/ORD-1?revision=${'1'.repeat(2_048)}`, 414],
    [`/v1/orders/ORD-1?${Array(33).fill('a=1').join('&')}`, 414],
    ['/v1/orders/ORD-1?revision=1&revision=2', 422],
    ['/v1/orders/ORD-1?revision[]=1', 422],
    ['/v1/orders/ORD-1?__proto__=1', 422],
    ['/v1/orders/ORD-1?revision=%ff', 422],
    ['/v1/orders/ORD-1?revision=1e9999', 422],
    ['/v1/orders/constructor', 422],
    ['/v1/orders/__proto__', 422],
    ['/v1/alerts?limit=1001', 422],
    ['/v1/devices?limit=10001', 422],
  ];
  for (const [url, status] of known) {
    const headers = url.startsWith('/v1/alerts') ? officer : admin;
    const { text, statuses } = await exchange(base, get(url, headers));
    t.same(statuses, [status], url.slice(0, 60));
    t.match(text, 'application/problem+json');
    t.notMatch(text, /^X:1/m);
  }
  t.ok(refusals(h, 'malformed_request') >= 4, 'addresses that are none are counted');
  t.ok(refusals(h, 'uri_too_long') >= 3);
});

t.test('what is no HTTP/1.1 request is answered once, counted, and the connection ended', async (t) => {
  const { h, base, admin } = await opened(t);
  const put = (more: string, body = '{}') =>
    `PUT /v1/orders/ORD-1 HTTP/1.1\r\nhost: x\r\n${lines(admin).join('')}content-type: application/json\r\n${more}\r\n${body}`;
  const cases: [name: string, bytes: string, status: number, code: string][] = [
    ['two lengths', put('content-length: 2\r\ncontent-length: 3\r\n'), 400, 'malformed_request'],
    ['two lengths that agree', put('content-length: 2\r\ncontent-length: 2\r\n'), 400, 'malformed_request'],
    ['length and chunks', put('content-length: 2\r\ntransfer-encoding: chunked\r\n'), 400, 'malformed_request'],
    ['chunks and length', put('transfer-encoding: chunked\r\ncontent-length: 2\r\n'), 400, 'malformed_request'],
    [
      'a coding behind chunked',
      put('transfer-encoding: chunked, identity\r\n', '2\r\n{}\r\n0\r\n\r\n'),
      400,
      'malformed_request',
    ],
    ['chunked, misspelt', put('transfer-encoding: xchunked\r\n', '2\r\n{}\r\n0\r\n\r\n'), 400, 'malformed_request'],
    ['a length with a sign', put('content-length: +2\r\n'), 400, 'malformed_request'],
    ['a negative length', put('content-length: -2\r\n'), 400, 'malformed_request'],
    ['a length in hex', put('content-length: 0x2\r\n'), 400, 'malformed_request'],
    ['a blank before the colon', put('content-length : 2\r\n'), 400, 'malformed_request'],
    ['a folded header', put('x-a: 1\r\n 2\r\ncontent-length: 2\r\n'), 400, 'malformed_request'],
    [
      'a chunk size that is none',
      put('transfer-encoding: chunked\r\n', 'zz\r\n{}\r\n0\r\n\r\n'),
      400,
      'malformed_request',
    ],
    [
      'a chunk longer than it says',
      put('transfer-encoding: chunked\r\n', '1\r\n{}\r\n0\r\n\r\n'),
      400,
      'malformed_request',
    ],
    [
      'a chunk size beyond 64 bits',
      put('transfer-encoding: chunked\r\n', `${'f'.repeat(17)}\r\n{}`),
      400,
      'malformed_request',
    ],
    ['NUL in a header', put('x-a: a\0b\r\ncontent-length: 2\r\n'), 400, 'malformed_request'],
    ['no name of a header', put(': 1\r\ncontent-length: 2\r\n'), 400, 'malformed_request'],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400, ''],
    ['HTTP/9.9', 'GET /livez HTTP/9.9\r\nhost: x\r\n\r\n', 400, 'malformed_request'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'malformed_request'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'malformed_request'],
    ['MQTT', '\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04HU-1', 400, 'malformed_request'],
    ['a method of nobody', 'STEAL /v1/orders HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'malformed_request'],
    ['a blank in the address', get('/v1/orders/ORD 1'), 400, 'malformed_request'],
    ['a NUL in the address', get('/v1/orders/ORD-1\0'), 400, 'malformed_request'],
    ['17 KiB of headers', get('/livez', { 'x-a': 'a'.repeat(17_000) }), 431, 'headers_too_large'],
    ['17 KiB of address', get(`/livez?${'a'.repeat(17_000)}`), 431, 'headers_too_large'],
    [
      '101 headers',
      get('/livez', Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x-${i}`, '1']))),
      431,
      'headers_too_large',
    ],
    ['3 KiB of address', get(`/livez?${'a'.repeat(3_000)}`), 414, 'uri_too_long'],
    ['two hosts', 'GET /livez HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n', 400, 'malformed_request'],
    ['two tokens', get('/v1/devices', { ...admin, Authorization: 'Bearer x' }), 400, 'malformed_request'],
    [
      'two purposes',
      get('/v1/devices', { ...admin, 'fairwatch-purpose': 'equipment', 'Fairwatch-Purpose': 'tagging' }),
      400,
      'malformed_request',
    ],
  ];
  for (const [name, bytes, status, code] of cases) {
    const before = refusals(h, code);
    const { statuses, text } = await exchange(base, bytes);
    t.same(statuses, [status], name);
    if (code === '') continue;
    t.equal(refusals(h, code), before + 1, `${name}: counted`);
    t.match(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)), { code, status }, `${name}: with a problem`);
  }
  t.same(await served(base), [200], 'the next client is served');
  t.equal(h.ledger.orderRevisions('ORD-1' as never).length, 0, 'nothing of it was an order');
});

t.test('a request in the body of another is a body', async (t) => {
  const { h, base, admin } = await opened(t);
  const inner = get('/v1/devices', admin);
  const cases = [
    // GET with a body, DELETE with one, a HEAD: the length counts, whatever the method
    `GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: ${inner.length}\r\n\r\n${inner}`,
    `HEAD /livez HTTP/1.1\r\nhost: x\r\ncontent-length: ${inner.length}\r\n\r\n${inner}`,
    `GET /livez HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
  ];
  for (const bytes of cases) {
    const client = await RawClient.open(base);
    client.send(bytes + get('/readyz'));
    await client.until(() => client.statuses.length === 2);
    t.same(client.statuses, [200, 200]);
    t.notMatch(client.text, /"devices"/);
    client.end();
  }
  t.notOk(
    h.audit().some(({ action }) => action === 'devices.list'),
    'and nobody listed devices',
  );
});

t.test('who sends slowly is told so in time, and holds up nobody', async (t) => {
  const { h, base, admin } = await opened(t, { headersMs: 150, requestMs: 300, checkEveryMs: 20 });
  const slow = await Promise.all(Array.from({ length: 50 }, () => RawClient.open(base)));
  // silent, in the first line, in the headers, in the body
  slow.forEach((client, i) => {
    const parts = [
      '',
      'GET /li',
      'GET /livez HTTP/1.1\r\nx-a: ',
      `POST /v1/devices HTTP/1.1\r\nhost: x\r\n${lines(admin).join('')}content-type: application/json\r\ncontent-length: 10\r\n\r\n{`,
    ];
    client.send(parts[i % 4] ?? '');
  });
  const drip = setInterval(() => {
    for (let i = 2; i < slow.length; i += 4) slow[i]?.send('a');
  }, 20);
  t.teardown(() => clearInterval(drip));
  t.same(await served(base), [200], 'others are served meanwhile');
  for (const client of slow) await client.until(() => false);
  t.ok(
    slow.every(({ closed }) => closed),
    'all are cut off',
  );
  t.ok(slow.every(({ text }) => text === '' || /^HTTP\/1\.1 408 /.test(text)));
  t.ok(refusals(h, 'request_timeout') >= 37, `${refusals(h, 'request_timeout')} counted`);
  t.same(await served(base), [200]);
});

t.test('one connection more than the limit is dropped and counted; places that are freed are taken', async (t) => {
  const { h, base } = await opened(t, { connectionsMax: 3 });
  const held = await Promise.all(Array.from({ length: 3 }, () => RawClient.open(base)));
  for (const client of held) client.send(get('/livez'));
  for (const client of held) await client.until(() => client.statuses.length === 1);
  const late = await RawClient.open(base);
  late.send(get('/livez'));
  await late.until(() => late.statuses.length === 1);
  t.ok(late.closed);
  t.equal(refusals(h, 'connection_dropped'), 1);
  for (const client of held) client.end();
  let again = await served(base);
  while (again.length === 0) again = await served(base);
  t.same(again, [200]);
});

t.test(
  'a thousand requests in one write: so many are worked on at once, the rest is refused with the connection',
  async (t) => {
    const { h, base, admin } = await opened(t, { requestsPerConnectionMax: 8 });
    const client = await RawClient.open(base);
    client.send(get('/v1/devices', admin).repeat(1_000));
    await client.until(() => false);
    t.ok(client.statuses.filter((status) => status === 200).length <= 16, `${client.statuses.length} answers`);
    t.equal(client.statuses.at(-1), 429);
    t.ok(refusals(h, 'rate_limited') >= 1);
    t.same(await served(base), [200]);
    const patient = await RawClient.open(base);
    for (let i = 1; i <= 30; i++) {
      patient.send(get('/v1/devices', admin));
      await patient.until(() => patient.statuses.length === i);
    }
    t.same(new Set(patient.statuses), new Set([200]), 'one after the other is no crowd');
    patient.end();
  },
);

t.test('what is no request does not stand in the answer to the one before', async (t) => {
  const { h, base } = await opened(t);
  const { authorization = '' } = await h.as('monitoring_officer', centre, 'ann');
  const client = await RawClient.open(base);
  client.send(get('/v1/alerts/stream', { authorization }));
  await client.until(() => client.text.includes(': open'));
  client.send('\0\0\0\r\n\r\n');
  await client.until(() => false);
  t.same(client.statuses, [200]);
  t.notMatch(client.text, /problem/);
});

t.test('the port of a process without an API answers health, and what is no request, and nothing else', async (t) => {
  const ready = () => ({ ready: false, reasons: ['stopping'], degraded: [] });
  const app = buildHealthApp({ ready, metrics: { contentType: 'text/plain', metrics: async () => 'up 1\n' } });
  t.teardown(() => app.close());
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const cases: [bytes: string, status: number][] = [
    [get('/livez'), 200],
    [get('/readyz'), 503],
    [get('/metrics'), 200],
    [get('/v1/alerts'), 404],
    ['\0\r\n\r\n', 400],
    [get('/livez', { 'x-a': 'a'.repeat(17_000) }), 431],
  ];
  for (const [bytes, status] of cases) t.same((await exchange(base, bytes)).statuses, [status]);
  t.equal(app.server.requestTimeout, FRONT_LIMITS.requestMs);
});

t.test(
  'valid requests with bytes changed, cut, doubled and put in: each is answered or cut off, and the next is served',
  async (t) => {
    const { h, base, admin } = await opened(t, { headersMs: 200, requestMs: 400, checkEveryMs: 20 });
    const seed = Number(process.env.SEED ?? 23);
    t.comment(`seed ${seed}`);
    let state = seed;
    const below = (n: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % n;
    };
    const body = JSON.stringify(orderJson());
    const put = `PUT /v1/orders/ORD-1 HTTP/1.1\r\nhost: x\r\n${lines(admin).join('')}content-type: application/json\r\n`;
    const whole = [
      get('/v1/devices?limit=3', admin),
      `${put}content-length: ${body.length}\r\n\r\n${body}`,
      `${put}transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ];
    const odd = [
      '\0',
      '\r',
      '\n',
      '\r\n\r\n',
      ' ',
      ':',
      '%',
      '"',
      '\xff',
      '\x80',
      '{',
      '[',
      '/../',
      'Transfer-Encoding: chunked\r\n',
    ];
    const mutated = (bytes: string): string => {
      const at = below(bytes.length);
      switch (below(4)) {
        case 0:
          return bytes.slice(0, at) + String.fromCharCode(below(256)) + bytes.slice(at + 1);
        case 1:
          return bytes.slice(0, at) + bytes.slice(at + 1 + below(20));
        case 2:
          return bytes.slice(0, at) + (odd[below(odd.length)] ?? '') + bytes.slice(at);
        default:
          return bytes.slice(0, at) + bytes.slice(at - below(at + 1));
      }
    };
    const statuses = new Map<number, number>();
    for (let round = 0; round < 15; round++) {
      const clients = await Promise.all(
        Array.from({ length: 20 }, async () => {
          let bytes = whole[below(whole.length)] ?? '';
          for (let n = 1 + below(3); n > 0; n--) bytes = mutated(bytes);
          return exchange(base, bytes);
        }),
      );
      for (const client of clients) {
        const [status = 0] = client.statuses;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        t.notMatch(client.text, /node_modules|at \w+ \(|Error:/, 'nothing of our inside');
      }
    }
    t.comment(JSON.stringify([...statuses]));
    t.notOk(statuses.has(500), 'none of it is our failure');
    const further = [...statuses.keys()].some((status) => ![0, 400, 401, 408].includes(status));
    t.ok((statuses.get(400) ?? 0) > 50 && further, 'some were requests, many were none');
    t.same(await served(base), [200]);
    t.equal(h.counted.get('fairwatch_api_refusals_total{"code":"internal"}'), undefined);
  },
);

t.test('no address holds so many connections that others find no room, but a proxy may', async (t) => {
  const counted: string[] = [];
  const app = Fastify();
  app.get('/livez', async () => 'ok');
  const count = (_: string, labels?: Readonly<Record<string, string>>) => void counted.push(labels?.code ?? '');
  boundAddresses(app, 2, (address) => address !== '127.0.0.1', { count });
  t.teardown(() => app.close());
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const held = [await RawClient.open(base), await RawClient.open(base)];
  for (const client of held) {
    client.send(get('/livez'));
    await client.until(() => client.statuses.length === 1);
  }
  const third = await RawClient.open(base);
  await third.until(() => false);
  t.same(counted, ['address_full']);
  const proxy = connect({ host: '127.0.0.1', port: Number(new URL(base).port), localAddress: '127.0.0.2' });
  t.teardown(() => proxy.destroy());
  proxy.write(get('/livez'));
  t.match(String((await once(proxy, 'data'))[0]), /200 OK/, 'a proxy');
  for (const client of held) client.end();
  let again = await served(base);
  while (again.length === 0) again = await served(base);
  t.same(again, [200]);
  t.ok(isProxy('127.0.0.1') && isProxy('::1') && isProxy('::ffff:127.0.0.1') && isProxy('10.0.0.1', ['10.0.0.1']));
  t.ok(isProxy('::ffff:10.0.0.1', ['10.0.0.1']));
  t.notOk(isProxy('10.0.0.1') || isProxy('10.0.0.2', ['10.0.0.1']) || isProxy(''));
});

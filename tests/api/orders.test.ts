// Orders and zones over HTTP: what is stored, what is refused with which problems, and imports done twice.
import t, { type Test } from 'tap';
import { harness, orderJson, zoneJson } from './harness.js';

async function opened(t: Test, limits = {}) {
  const h = await harness({ limits });
  t.teardown(() => h.close());
  const headers = { authorization: `Bearer ${await h.token('administrator')}` };
  const put = (url: string, payload: unknown) =>
    h.app.inject({ method: 'PUT', url, payload: payload as Record<string, unknown>, headers });
  const get = (url: string, more = {}) => h.app.inject({ url, headers: { ...headers, ...more } });
  return { h, put, get, headers };
}

t.test('an order is created, replaced by a higher revision, and given back with its history', async (t) => {
  const { put, get } = await opened(t);
  const first = await put('/v1/orders/ORD-1', orderJson());
  t.equal(first.statusCode, 201);
  t.same(first.json(), { id: 'ORD-1', revision: 1, outcome: 'created' });
  const second = await put('/v1/orders/ORD-1', orderJson({ revision: 2, minor_max_min: 15 }));
  t.equal(second.statusCode, 200);
  t.equal(second.json().outcome, 'replaced');
  const newest = await get('/v1/orders/ORD-1');
  t.match(newest.json(), { order_id: 'ORD-1', revision: 2, minor_max_min: 15 });
  t.equal(newest.headers.etag, '"2"');
  t.match((await get('/v1/orders/ORD-1?revision=1')).json(), { revision: 1 });
  t.equal((await get('/v1/orders/ORD-1?revision=9')).statusCode, 404);
  t.equal((await get('/v1/orders/ORD-1?revision=x')).statusCode, 422);
  t.equal((await get('/v1/orders/ORD-1', { 'if-none-match': '"2"' })).statusCode, 304);
});

t.test('what GET gives can be put again as it is', async (t) => {
  const { put, get } = await opened(t);
  await put('/v1/orders/ORD-1', orderJson());
  const again = await put('/v1/orders/ORD-1', (await get('/v1/orders/ORD-1')).json());
  t.equal(again.statusCode, 200);
  t.equal(again.json().outcome, 'unchanged');
});

t.test('the same revision again changes nothing; a different one under its number is refused', async (t) => {
  const { h, put } = await opened(t);
  await put('/v1/orders/ORD-1', orderJson());
  await put('/v1/orders/ORD-1', orderJson({ revision: 2, minor_max_min: 15 }));
  const logged = h.commands.after(0).length;
  for (const body of [orderJson(), orderJson({ revision: 2, minor_max_min: 15 })]) {
    const again = await put('/v1/orders/ORD-1', body);
    t.equal(again.statusCode, 200);
    t.equal(again.json().outcome, 'unchanged');
  }
  t.equal(h.commands.after(0).length, logged, 'nothing more was logged');
  const other = await put('/v1/orders/ORD-1', orderJson({ revision: 2, minor_max_min: 20 }));
  t.equal(other.statusCode, 409);
  t.match(other.json(), { code: 'revision_not_newer', problems: [{ path: 'revision', expected: 'higher than 2' }] });
});

t.test('every problem of a body is named, and nothing is stored', async (t) => {
  const { h, put } = await opened(t);
  const answer = await put('/v1/orders/ORD-1', orderJson({ type: 'PARTY', end: '2025-01-01T00:00:00Z', extra: 1 }));
  t.equal(answer.statusCode, 422);
  t.match(answer.headers['content-type'], 'application/problem+json');
  const body = answer.json() as { type: string; problems: { path: string; expected: string; got: string }[] };
  t.equal(body.type, 'urn:fairwatch:problem:invalid');
  const paths = body.problems.map(({ path }) => path);
  t.ok(paths.includes('type') && paths.includes('extra'), paths.join());
  for (const problem of body.problems) t.ok(problem.expected.length > 0 && problem.got.length > 0);
  t.equal(h.commands.after(0).length, 0);
});

t.test('the id in the path is the order’s own', async (t) => {
  const { put } = await opened(t);
  t.match((await put('/v1/orders/ORD-9', orderJson())).json(), { code: 'invalid', problems: [{ path: 'order_id' }] });
  t.equal((await put('/v1/orders/a%20b', orderJson())).statusCode, 422);
});

t.test('an order that names an unknown zone is refused before it is logged', async (t) => {
  const { h, put } = await opened(t);
  const conditions = [{ condition_id: 'C1', kind: 'exclusion_zone', zone_ref: 'Z-1' }];
  const refused = await put('/v1/orders/ORD-1', orderJson({ conditions }));
  t.equal(refused.statusCode, 422);
  t.match(refused.json().problems[0].path, /zone_ref/);
  t.equal(h.commands.after(0).length, 0);
  t.equal((await put('/v1/zones/Z-1', zoneJson('Z-1'))).statusCode, 201);
  t.equal((await put('/v1/orders/ORD-1', orderJson({ conditions }))).statusCode, 201);
});

t.test('what the engine refuses comes back with its problems; what it has not settled is 202', async (t) => {
  const { h, put } = await opened(t, { settleMs: 50 });
  const problems = [{ path: 'devices[0]', expected: 'a device that is free', got: 'HU-1' }];
  h.refuse = { ok: false, code: 'invalid', problems };
  t.match((await put('/v1/orders/ORD-1', orderJson())).json(), { status: 422, problems });
  h.refuse = { ok: false, code: 'conflict', problems };
  t.match((await put('/v1/orders/ORD-1', orderJson())).json(), { status: 409, code: 'conflict', problems });
  h.refuse = null;
  const pending = await put('/v1/orders/ORD-1', orderJson());
  t.equal(pending.statusCode, 202);
  t.equal(pending.json().outcome, 'logged');
});

t.test('bodies that are no JSON, too large or of another type are refused as problems', async (t) => {
  const { h, headers } = await opened(t, { bodyBytesMax: 2_000 });
  const send = (payload: string, type = 'application/json') =>
    h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', payload, headers: { ...headers, 'content-type': type } });
  t.match((await send('{')).json(), { status: 400, code: 'malformed_body' });
  t.match((await send('')).json(), { status: 400, code: 'malformed_body' });
  t.match((await send('{"__proto__":{"a":1}}')).json(), { status: 400, code: 'malformed_body' });
  t.match((await send(`"${'x'.repeat(3_000)}"`)).json(), { status: 413, code: 'body_too_large' });
  t.match((await send('a: 1', 'text/yaml')).json(), { status: 415, code: 'media_type_refused' });
  t.match((await h.app.inject('/v2/nothing')).json(), { status: 404, code: 'not_found' });
});

t.test('a fault of ours says nothing of its inside', async (t) => {
  const { h, get } = await opened(t);
  h.ledger.orderRevisions = () => {
    throw new Error('position 53.8 of SUB-1');
  };
  const answer = await get('/v1/orders/ORD-1');
  t.equal(answer.statusCode, 500);
  t.notMatch(answer.body, /53\.8|SUB-1/);
  t.notMatch(h.logged.join(), /53\.8|SUB-1/);
  t.match(h.logged.join(), /api\.internal/);
});

t.test('a zone is stored, unchanged, replaced, and deleted once no order names it', async (t) => {
  const { h, put, get, headers } = await opened(t);
  t.same((await put('/v1/zones/Z-1', zoneJson('Z-1'))).json(), { id: 'Z-1', revision: 1, outcome: 'created' });
  t.same((await put('/v1/zones/Z-1', zoneJson('Z-1'))).json(), { id: 'Z-1', revision: 1, outcome: 'unchanged' });
  t.same((await put('/v1/zones/Z-1', zoneJson('Z-1', -1.52))).json(), { id: 'Z-1', revision: 2, outcome: 'replaced' });
  t.match((await get('/v1/zones/Z-1')).json(), { id: 'Z-1', type: 'Feature' });
  t.equal((await put('/v1/zones/Z-2', zoneJson('Z-1'))).statusCode, 422);
  const geo = { ...headers, 'content-type': 'application/geo+json' };
  const payload = JSON.stringify(zoneJson('Z-3'));
  t.equal((await h.app.inject({ method: 'PUT', url: '/v1/zones/Z-3', payload, headers: geo })).statusCode, 201);

  const conditions = [{ condition_id: 'C1', kind: 'exclusion_zone', zone_ref: 'Z-1' }];
  await put('/v1/orders/ORD-1', orderJson({ conditions }));
  const del = () => h.app.inject({ method: 'DELETE', url: '/v1/zones/Z-1', headers });
  t.match((await del()).json(), { status: 409, code: 'zone_in_use' });
  await put('/v1/orders/ORD-1', orderJson({ revision: 2 }));
  t.match((await del()).json(), { id: 'Z-1', outcome: 'deleted' });
  t.equal((await get('/v1/zones/Z-1')).statusCode, 404);
  t.equal((await del()).statusCode, 404);
});

t.test('a self-crossing zone is refused', async (t) => {
  const { put } = await opened(t);
  const bow = zoneJson('Z-1');
  bow.geometry.coordinates = [[[-1.55, 53.79], [-1.53, 53.8], [-1.53, 53.79], [-1.55, 53.8], [-1.55, 53.79]]]; // biome-ignore format: a bow tie
  const answer = await put('/v1/zones/Z-1', bow);
  t.equal(answer.statusCode, 422);
  t.match(answer.json().problems[0].path, /geometry/);
});

t.test('the status of a person shows orders, devices and open alerts, and no position or presence', async (t) => {
  const { h, put, get } = await opened(t);
  await put('/v1/orders/ORD-1', orderJson());
  await h.tell(h.alert({ alertId: 'A-1' }), h.alert({ alertId: 'A-2', state: 'withdrawn', version: 1 }));
  const answer = await get('/v1/subjects/SUB-1');
  t.match(answer.json(), {
    subject_id: 'SUB-1',
    orders: [{ order_id: 'ORD-1', in_force: true, open: [{ alert_id: 'A-1' }], open_more: false }],
  });
  t.equal(answer.json().orders[0].open.length, 1);
  t.notMatch(answer.body, /53\.8|presence|position/);
  await put('/v1/orders/ORD-1', orderJson({ revision: 2, subject_id: 'SUB-9' }));
  t.equal((await get('/v1/subjects/SUB-1')).statusCode, 404, 'an order that was corrected to another person');
  t.equal((await get('/v1/subjects/SUB-9')).statusCode, 200);
});

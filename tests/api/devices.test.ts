// Enrolment: credentials that work, given once; an import done twice; a disabled device.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { parseDeviceId } from '../../src/domain/ids.js';
import { harness, sure } from './harness.js';

async function opened(t: Test) {
  const h = await harness();
  t.teardown(() => h.close());
  const headers = { authorization: `Bearer ${await h.token('device_engineer')}` };
  const post = (payload: Record<string, unknown>, url = '/v1/devices') =>
    h.app.inject({ method: 'POST', url, payload, headers });
  return { h, post, get: (url: string) => h.app.inject({ url, headers }) };
}
const unit = sure(parseDeviceId('HU-1'));
const key = () => randomBytes(32).toString('base64url');

t.test('what is not given is generated, and only hashes and wrapped keys are kept', async (t) => {
  const { h, post, get } = await opened(t);
  const answer = await post({ device_id: 'HU-1', kind: 'home_unit' });
  t.equal(answer.statusCode, 201);
  t.equal(answer.headers['cache-control'], 'no-store');
  const given = answer.json() as Record<string, string>;
  t.match(given, {
    device_id: 'HU-1',
    kind: 'home_unit',
    cipher: 'A256GCM',
    key_id: 1,
    topic_up: 'em/v1/d/HU-1/up',
    topic_down: 'em/v1/d/HU-1/down',
  });
  for (const secret of ['password', 'session_key', 'wrapping_key']) t.match(given[secret], /^[A-Za-z0-9_-]{43}$/);
  const kept = h.registry.get(unit);
  t.equal(
    kept?.passwordHash,
    createHash('sha256')
      .update(given.password ?? '')
      .digest('base64url'),
  );
  const text = JSON.stringify(kept);
  for (const secret of ['password', 'session_key', 'wrapping_key']) t.notOk(text.includes(given[secret] ?? ''), secret);
  const list = (await get('/v1/devices')).json();
  t.match(list, { devices: [{ device_id: 'HU-1', cipher: 'A256GCM', key_id: 1, disabled: null }], more: false });
  t.notMatch(JSON.stringify(list), /jwe|hash|eyJ/i);
});

t.test('an import done twice is no fault; anything else about an enrolled device is', async (t) => {
  const { h, post } = await opened(t);
  const body = { device_id: 'HU-1', kind: 'home_unit', cipher: 'C20P', session_key: key(), password: key() };
  t.equal((await post(body)).statusCode, 201);
  const again = await post(body);
  t.equal(again.statusCode, 200);
  t.match(again.json(), { password: body.password, session_key: body.session_key, cipher: 'C20P' });
  const { password: _, ...withoutPassword } = body;
  for (const other of [
    { ...body, password: key() },
    { ...body, session_key: key() },
    { ...body, kind: 'tag' },
    { ...body, cipher: 'A256GCM' },
    withoutPassword,
    { device_id: 'HU-1', kind: 'home_unit' },
  ]) {
    t.match((await post(other)).json(), { status: 409, code: 'already_enrolled' });
  }
  t.equal((await post({}, '/v1/devices/HU-1/disable')).statusCode, 200);
  t.equal((await post(body)).statusCode, 409, 'a disabled device is not revived by an import');
  t.type(h.registry.get(unit)?.disabledMs, 'number');
});

t.test('two enrolments of one device at once: one gets credentials, the other is told', async (t) => {
  const { h, post } = await opened(t);
  const answers = await Promise.all([1, 2, 3].map(() => post({ device_id: 'HU-1', kind: 'home_unit' })));
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [201, 409, 409]);
  const password = answers.find(({ statusCode }) => statusCode === 201)?.json().password as string;
  t.equal(h.registry.get(unit)?.passwordHash, createHash('sha256').update(password).digest('base64url'));
});

t.test('an identity key must be a public point on P-256', async (t) => {
  const { h, post } = await opened(t);
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' });
  const made = await post({ device_id: 'HU-1', kind: 'home_unit', identity_jwk: { kty, crv, x, y } });
  t.equal(made.statusCode, 201);
  t.equal(made.json().wrapping_key, undefined);
  t.equal(h.registry.get(unit)?.wrappingJwe, null);
  const off = { kty, crv, x, y: x };
  t.match((await post({ device_id: 'HU-2', kind: 'home_unit', identity_jwk: off })).json(), {
    status: 422,
    problems: [{ path: 'identity_jwk' }],
  });
  const secret = pair.privateKey.export({ format: 'jwk' });
  const leaked = await post({ device_id: 'HU-2', kind: 'home_unit', identity_jwk: secret });
  t.equal(leaked.statusCode, 422);
  t.notOk(leaked.body.includes(String(secret.d)), 'a secret is not echoed');
});

t.test('a bad enrolment names every problem and echoes no secret', async (t) => {
  const { post } = await opened(t);
  const answer = await post({ device_id: 'a b', kind: 'phone', session_key: 'not-a-key', color: 'red' });
  const paths = (answer.json().problems as { path: string }[]).map(({ path }) => path).sort();
  t.same(paths, ['color', 'device_id', 'kind', 'session_key']);
  t.notMatch(answer.body, /not-a-key/);
  t.equal((await post({ device_id: 'constructor', kind: 'tag' })).statusCode, 422);
});

t.test('disabling is done once and kept; an unknown device is 404', async (t) => {
  const { post, get } = await opened(t);
  await post({ device_id: 'HU-1', kind: 'home_unit' });
  await post({ device_id: 'HU-2', kind: 'home_unit' });
  const first = await post({}, '/v1/devices/HU-1/disable');
  t.same((await post({}, '/v1/devices/HU-1/disable')).json(), first.json());
  t.equal((await post({}, '/v1/devices/HU-9/disable')).statusCode, 404);
  const page = (await get('/v1/devices?limit=1')).json();
  t.equal(page.devices.length, 1);
  t.equal(page.more, true);
  const rest = (await get(`/v1/devices?after=${page.devices[0].device_id}`)).json();
  t.equal(rest.devices.length, 1);
  t.equal(rest.more, false);
});

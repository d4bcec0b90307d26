/** New keys, intervals and notices: what people want of a device goes into its row, and no key into an answer. */
import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { parseDeviceId } from '../../src/domain/ids.js';
import type { EnrolledDevice } from '../../src/ports/device-registry.js';
import { harness, nowMs, sure } from './harness.js';

const unit = sure(parseDeviceId('HU-1'));
type Method = 'POST' | 'PUT';

async function opened(t: Test, limits = { settleMs: 50 }) {
  const h = await harness({ limits });
  t.teardown(() => h.close());
  const ask = async (
    method: Method,
    url: string,
    payload?: Record<string, unknown>,
    role: 'device_engineer' | 'monitoring_officer' | 'supervising_officer' = 'device_engineer',
  ) => {
    const headers = { authorization: `Bearer ${await h.token(role)}` };
    const answer = await h.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, json: answer.json() as Record<string, unknown>, text: answer.body };
  };
  t.equal((await ask('POST', '/v1/devices', { device_id: 'HU-1', kind: 'home_unit' })).status, 201);
  return { h, ask };
}

/** What the ingest makes of it. */
const madeBy = (device: EnrolledDevice): EnrolledDevice => ({
  ...device,
  keys: [
    { ...device.keys[0]!, notAfterMs: nowMs + 60_000 },
    { ...device.keys[0]!, keyId: 2, notBeforeMs: nowMs },
  ],
  offered: { keyId: 2, jwe: 'a.b.c.d.e', offeredMs: nowMs, patient: false },
  rotation: null,
});

t.test('a new key is asked for; the answer says when the old one ends and shows neither', async (t) => {
  const { h, ask } = await opened(t, { settleMs: 5_000 });
  h.registry.onChange(() => {
    const device = h.registry.get(unit);
    if (device?.rotation != null) void h.registry.update(unit, madeBy);
  });
  const made = await ask('POST', '/v1/devices/HU-1/keys', { overlap_s: 60 });
  t.equal(made.status, 201);
  t.same(made.json, {
    device_id: 'HU-1',
    outcome: 'offered',
    key_id: 2,
    not_before: new Date(nowMs).toISOString(),
    old_key_id: 1,
    old_not_after: new Date(nowMs + 60_000).toISOString(),
  });
  const headers = { authorization: `Bearer ${await h.token('device_engineer')}` };
  t.match((await h.app.inject({ url: '/v1/devices', headers })).json(), {
    devices: [{ key_id: 2, offered_key_id: 2, replaceable: true, key_since: new Date(nowMs).toISOString() }],
  });
});

t.test('while the ingest is away the wish is kept', async (t) => {
  const { h, ask } = await opened(t);
  const logged = await ask('POST', '/v1/devices/HU-1/keys');
  t.equal(logged.status, 202);
  t.match(logged.json, { outcome: 'logged', key_id: null, old_key_id: 1 });
  t.same(h.registry.get(unit)?.rotation, { askedMs: nowMs, overlapMs: null });
});

t.test('a device that no key can be sent to must be enrolled anew', async (t) => {
  const { h, ask } = await opened(t);
  await h.registry.update(unit, (device) => ({ ...device, wrappingJwe: null }));
  t.match(await ask('POST', '/v1/devices/HU-1/keys'), { status: 409, json: { code: 'needs_enrolment' } });
  t.equal(h.registry.get(unit)?.rotation ?? null, null);
});

t.test('intervals are set one by one, notices one after the other; each wish is a newer version', async (t) => {
  const { h, ask } = await opened(t);
  const config = (payload: Record<string, unknown>) =>
    ask('PUT', '/v1/devices/HU-1/config', payload, 'monitoring_officer');
  t.same((await config({ report_interval_s: 60, heartbeat_s: 3_600 })).json, { device_id: 'HU-1', version: 1 });
  t.same(await config({ violation_interval_s: 15 }), {
    status: 202,
    json: { device_id: 'HU-1', version: 2 },
    text: '{"device_id":"HU-1","version":2}',
  });
  t.same(h.registry.get(unit)?.config, {
    version: 2,
    value: { reportIntervalS: 60, violationIntervalS: 15, heartbeatS: 3_600 },
  });
  const notice = (name: string) => ask('POST', '/v1/devices/HU-1/notice', { notice: name }, 'monitoring_officer');
  t.equal((await notice('CHARGE_BATTERY')).status, 202);
  t.match((await notice('LEAVE_ZONE')).json, { version: 2 });
  t.same(h.registry.get(unit)?.notice, { version: 2, value: 'LEAVE_ZONE' });
});

t.test('what is wrong is refused, field by field; a disabled or unknown device is told nothing', async (t) => {
  const { ask } = await opened(t);
  const refused: [Method, string, Record<string, unknown>, string][] = [
    ['PUT', 'config', {}, ''],
    ['PUT', 'config', { report_interval_s: 0 }, 'report_interval_s'],
    ['PUT', 'config', { heartbeat_s: 86_401 }, 'heartbeat_s'],
    ['PUT', 'config', { report_interval_s: 1.5 }, 'report_interval_s'],
    ['PUT', 'config', { volume: 3, heartbeat_s: 1 }, 'volume'],
    ['POST', 'notice', { notice: 'DANCE' }, 'notice'],
    ['POST', 'notice', {}, 'notice'],
    ['POST', 'keys', { overlap_s: 59 }, 'overlap_s'],
    ['POST', 'keys', { session_key: randomBytes(32).toString('base64url') }, 'session_key'],
  ];
  for (const [method, what, body, path] of refused) {
    const answer = await ask(
      method,
      `/v1/devices/HU-1/${what}`,
      body,
      what === 'keys' ? 'device_engineer' : 'monitoring_officer',
    );
    t.match(
      answer,
      { status: 422, json: { code: 'invalid', problems: [{ path }] } },
      `${what} ${JSON.stringify(body)}`,
    );
  }
  for (const what of ['keys', 'notice']) {
    const body = what === 'keys' ? {} : { notice: 'LEAVE_ZONE' };
    t.equal((await ask('POST', `/v1/devices/HU-9/${what}`, body)).status, 404);
  }
  t.equal((await ask('POST', '/v1/devices/HU-1/disable', {})).status, 200);
  t.match(await ask('POST', '/v1/devices/HU-1/keys'), { status: 409, json: { code: 'device_disabled' } });
  t.equal((await ask('POST', '/v1/devices/HU-1/keys', {}, 'supervising_officer')).status, 403);
});

// One story through every operation: what is asked here is what the API document shows.
import { parseConditionId, parseDeviceId } from '../../../src/domain/ids.js';
import { archived, recently } from '../evidence.js';
import { type Harness, nowMs, sure } from '../harness.js';
import { endMs, HOUR, order, records, startMs, zone } from './north-sea.js';
import type { Answer, Recorder } from './recorder.js';

export interface Stage {
  readonly r: Recorder;
  readonly h: Harness;
  /** The gateway's time. */
  readonly clock: { atMs: number };
}

const ORD = { order_id: 'ORD-1' };

/** Orders, zones and devices as they are set up. */
export async function setUp({ r, h, clock }: Stage): Promise<void> {
  const z = { path: { zone_id: 'Z-1' } };
  await r.ask('administrator', 'PUT /v1/zones/{zone_id}', { ...z, body: zone('Z-1') }, 201);
  await r.ask('administrator', 'PUT /v1/zones/{zone_id}', { ...z, body: zone('Z-1', 500) }, 200);
  await r.ask('administrator', 'GET /v1/zones/{zone_id}', z, 200);
  const put = 'PUT /v1/orders/{order_id}';
  for (const n of [1, 2, 3]) {
    await r.ask('administrator', put, { path: { order_id: `ORD-${n}` }, body: order(n) }, 201);
  }
  const second = { path: ORD, body: order(1, { revision: 2, end: '2026-10-01T00:00:00Z' }) };
  await r.ask('administrator', put, second, 200);
  await r.ask('administrator', put, { path: ORD, body: order(1, { revision: 2, end: '2026-11-01T00:00:00Z' }) }, 409);
  await r.ask('officer', 'GET /v1/orders/{order_id}', { path: ORD }, 200);
  await r.ask('administrator', 'DELETE /v1/zones/{zone_id}', z, 409);
  await r.ask('administrator', 'PUT /v1/zones/{zone_id}', { path: { zone_id: 'Z-2' }, body: zone('Z-2') }, 201);
  await r.ask('administrator', 'DELETE /v1/zones/{zone_id}', { path: { zone_id: 'Z-2' } }, 200);

  const restriction = { path: ORD, body: { users: ['kim@probation-north'], reason: 'is a sister of the person' } };
  await r.ask('controller', 'PUT /v1/orders/{order_id}/restriction', restriction, 200);
  await r.ask('controller', 'GET /v1/orders/{order_id}/restriction', { path: ORD }, 200);
  await atOnce(h, () => r.ask('controller', 'PUT /v1/orders/{order_id}/restriction', restriction));

  const device = { device_id: 'HU-1', kind: 'home_unit' };
  await r.ask('engineer', 'POST /v1/devices', { body: device }, 201);
  // their order is that of their pseudonyms, which are others each time: one is enough
  await r.ask('engineer', 'GET /v1/devices', { query: { limit: '2' } }, 200);
  await r.ask('engineer', 'POST /v1/devices', { body: device }, 409);
  const secret = (n: number) => Buffer.alloc(32, n).toString('base64url');
  const tag = { device_id: 'TAG-1', kind: 'tag', password: secret(7), session_key: secret(8) };
  await r.ask('engineer', 'POST /v1/devices', { body: tag }, 201);
  await r.ask('engineer', 'POST /v1/devices', { body: tag }, 200);
  await r.ask('engineer', 'POST /v1/devices', { body: { device_id: 'TAG-9', kind: 'tag' } }, 201);
  const hu = { path: { device_id: 'HU-1' } };
  const unit = sure(parseDeviceId('HU-1'));
  // what the tier that takes in does when it sees the wish
  const stop = h.registry.onChange(() => {
    const wished = h.registry.get(unit);
    const [first] = wished?.keys ?? [];
    if (wished?.rotation == null || first === undefined) return;
    const second = { ...first, keyId: 2, notBeforeMs: clock.atMs };
    const keys = [{ ...first, notAfterMs: clock.atMs + 300_000 }, second];
    void h.registry.update(unit, (now) => ({ ...now, keys, rotation: null }));
  });
  await r.ask('engineer', 'POST /v1/devices/{device_id}/keys', { ...hu, body: { overlap_s: 300 } }, 201);
  stop();
  const config = { report_interval_s: 60, heartbeat_s: 3_600 };
  await r.ask('officer', 'PUT /v1/devices/{device_id}/config', { ...hu, body: config }, 202);
  await r.ask('officer', 'POST /v1/devices/{device_id}/notice', { ...hu, body: { notice: 'CHARGE_BATTERY' } }, 202);
  const lost = { path: { device_id: 'TAG-9' } };
  const found = sure(parseDeviceId('TAG-9'));
  await h.registry.update(found, (now) => ({ ...now, wrappingJwe: null }));
  await r.ask('engineer', 'POST /v1/devices/{device_id}/keys', { ...lost, body: {} }, 409);
  await r.ask('engineer', 'POST /v1/devices/{device_id}/disable', lost, 200);
  await r.ask('engineer', 'POST /v1/devices/{device_id}/keys', { ...lost, body: {} }, 409);
  await r.ask('officer', 'PUT /v1/devices/{device_id}/config', { ...lost, body: config }, 409);
  await r.ask('officer', 'POST /v1/devices/{device_id}/notice', { ...lost, body: { notice: 'CHARGE_BATTERY' } }, 409);

  const kept = { deviceId: sure(parseDeviceId('TAG-8')), receivedMs: nowMs - HOUR, bytes: Buffer.alloc(212) };
  await h.quarantine.keep([{ ...kept, position: 4_711, reason: 'unknown_key' }]);
  await r.ask('engineer', 'GET /v1/quarantine', {}, 200);
  // the engine of the tests knows no quarantine
  h.refuse = { ok: true, created: true };
  await r.ask('engineer', 'POST /v1/quarantine/retry', { body: { positions: [4_711, 4_712] } }, 200);
  h.refuse = undefined;
}

/** What the rules found, and what people make of it. */
export async function watch({ r, h }: Stage): Promise<void> {
  const record = { deviceId: sure(parseDeviceId('TAG-1')), timeMs: startMs, hash: 'c'.repeat(32) };
  const found = {
    type: 'exclusion' as const,
    conditionId: sure(parseConditionId('C2')),
    deviceId: sure(parseDeviceId('TAG-1')),
    eventMs: startMs,
    startMs,
    endMs,
    endedBy: 'return' as const,
    codes: [],
    confidence: 'certain' as const,
    marginM: 41,
    mechanism: 'GNSS' as const,
    cause: 'record' as const,
    records: [record],
    derivedMs: startMs + 14_000,
    policyRevision: 2,
  };
  const curfew = { conditionId: sure(parseConditionId('C1')), startMs: nowMs - HOUR, endMs: nowMs - HOUR + 600_000 };
  await h.tell(
    h.alert({ alertId: 'ALERT-1', ...found }),
    h.alert({ alertId: 'ALERT-2', ...curfew }),
    h.alert({ alertId: 'ALERT-3', ...curfew, state: 'withdrawn' }),
    h.alert({ alertId: 'ALERT-4', ...found }),
    h.alert({ alertId: 'ALERT-4', ...found, version: 2, startMs: startMs - 60_000 }),
  );
  const one = { path: { alert_id: 'ALERT-1' } };
  const two = { path: { alert_id: 'ALERT-2' } };
  const decide = 'POST /v1/alerts/{alert_id}/decide';
  const reconsider = 'POST /v1/alerts/{alert_id}/reconsider';
  const confirmed = { decision: 'confirmed', reason: 'The fixes show the tag inside for ten minutes.' };
  await r.ask('probation', 'GET /v1/alerts', { query: { limit: '2' } }, 200);
  await r.ask('probation', 'GET /v1/alerts', { query: { cursor: 'not-a-cursor' } }, 410);
  await r.ask('probation', reconsider, { ...two, body: { version: 1, on_behalf_of: 'wearer', reason: 'Asks.' } }, 409);
  const seen = { version: 1, reason: 'Rang the home; no answer yet.' };
  await r.ask('officer', 'POST /v1/alerts/{alert_id}/acknowledge', { ...one, body: seen }, 200);
  const gone = { path: { alert_id: 'ALERT-3' }, body: { version: 1 } };
  await r.ask('officer', 'POST /v1/alerts/{alert_id}/acknowledge', gone, 409);
  await r.ask('probation', decide, { path: gone.path, body: { version: 1, ...confirmed } }, 409);
  await r.ask('probation', decide, { ...one, body: { version: 2, ...confirmed } }, 200);
  await r.ask('probation', decide, { ...one, body: { version: 3, ...confirmed, reason: 'Once more.' } }, 409);
  const anew = { version: 3, decision: 'false_alert', reason: 'The ward’s letter was not looked at before.' };
  await r.ask('probation', reconsider, { ...one, body: anew }, 403);
  await r.ask('police', reconsider, { ...one, body: anew }, 200);
  const four = { path: { alert_id: 'ALERT-4' } };
  await r.ask('probation', decide, { ...four, body: { version: 1, ...confirmed } }, 409);
  await r.ask('officer', decide, { ...four, body: { version: 2, ...confirmed } }, 403);
  await r.ask('probation', decide, { ...four, body: { version: 2, ...confirmed, decision: 'not_confirmed' } }, 422);
  await r.ask('probation', 'GET /v1/alerts', { query: { agency: 'probation-south' } }, 403);
  await r.ask('probation', 'GET /v1/alerts/stream', { query: { agency: 'probation-south' } }, 403);
  await r.ask('probation', 'GET /v1/alerts/{alert_id}', one, 200);
  await r.ask('probation', 'GET /v1/subjects/{subject_id}', { path: { subject_id: 'SUB-1' } }, 200);
}

/** Looks at where somebody was. */
export async function look({ r, h }: Stage): Promise<void> {
  await archived(h, 'ORD-1', records.slice(0, 4));
  recently(h, 'ORD-1', records.slice(4));
  const purpose = 'compliance_monitoring';
  const body = {
    trigger: 'standing_alert',
    subject_id: 'SUB-1',
    alert_id: 'ALERT-1',
    legal_basis: 'Community order, exclusion requirement: whether the zone was entered; nothing less would show it.',
  };
  const asked = await r.ask('probation', 'POST /v1/grants', { body, purpose }, 201);
  const trail = { trigger: 'trail', subject_id: 'SUB-1', legal_basis: body.legal_basis };
  await r.ask('probation', 'POST /v1/grants', { body: trail, purpose }, 403);
  const path = { grant_id: asked.json.grant_id as string };
  const approve = 'POST /v1/grants/{grant_id}/approve';
  const fixes = 'GET /v1/grants/{grant_id}/fixes';
  await r.ask('probation', fixes, { path, purpose }, 403);
  await r.ask('probation', approve, { path }, 403);
  await atOnce(h, () => r.ask('officer', approve, { path }));
  await r.ask('officer', approve, { path }, 403);
  await r.ask('probation', fixes, { path, purpose }, 200);
  await r.ask('probation', 'GET /v1/grants/{grant_id}/records', { path, purpose }, 200);
  await r.ask('officer', fixes, { path, purpose }, 403);

  const life = { trigger: 'safeguarding_life', subject_id: 'SUB-1', legal_basis: 'Threatened to end his life today.' };
  const opened = await r.ask('probation', 'POST /v1/grants', { body: life, purpose: 'safeguarding' }, 201);
  const grant = { path: { grant_id: opened.json.grant_id as string } };
  const review = 'POST /v1/grants/{grant_id}/review';
  const note = { justified: true, note: 'The call of 18:40 is on file; he was found and is safe.' };
  await r.ask('probation', review, { ...grant, body: note }, 403);
  await atOnce(h, () => r.ask('officer', review, { ...grant, body: note }));
  await r.ask('officer', review, { ...grant, body: note }, 403);
  const revoke = 'POST /v1/grants/{grant_id}/revoke';
  const reason = 'The person was found; no more need be looked at.';
  await atOnce(h, () => r.ask('officer', revoke, { ...grant, body: { reason } }));
  await r.ask('officer', revoke, { ...grant, body: { reason } }, 403);
  await r.ask('probation', 'GET /v1/grants', { query: { limit: '2' } }, 200);
  await r.ask('probation', 'GET /v1/grants/{grant_id}', { path }, 200);
}

/** Two people change the same document at once: both have read it before either has written. */
async function atOnce(h: Harness, ask: () => Promise<Answer>): Promise<void> {
  const { register } = h.office;
  const put = register.put.bind(register);
  const waiting: (() => void)[] = [];
  register.put = async (document) => {
    await new Promise<void>((go) => {
      waiting.push(go);
      if (waiting.length === 2) for (const one of waiting) one();
    });
    return put(document);
  };
  const statuses = (await Promise.all([ask(), ask()])).map(({ status }) => status).sort();
  register.put = put;
  if (statuses.join() !== '200,409') throw new Error(`two at once were answered ${statuses.join()}`);
}

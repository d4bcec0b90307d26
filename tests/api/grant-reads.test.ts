// A look at stored records from the request to the last byte: who, what for, which minutes, and what the log says of it.
import t, { type Test } from 'tap';
import { parseOrderId } from '../../src/domain/ids.js';
import type { Purpose } from '../../src/domain/purpose.js';
import type { Role } from '../../src/domain/role.js';
import { archived, fix, reading, recently, said } from './evidence.js';
import { centre, type Harness, harness, north, nowMs, orderJson, south, sure } from './harness.js';

const MINUTE = 60_000;
const H = 60 * MINUTE;
/** Monday 9 March, 17:00 to 17:10; nothing of a curfew, which begins at 19:00. */
const startMs = nowMs - 2 * H;
const endMs = startMs + 10 * MINUTE;

async function opened(t: Test, order: Record<string, unknown> = {}): Promise<Harness> {
  let position = nowMs;
  const h = await harness({ clock: { nowMs: () => position++ } });
  t.teardown(() => h.close());
  const put = await h.app.inject({
    method: 'PUT',
    url: '/v1/orders/ORD-1',
    payload: orderJson(order),
    headers: await h.as('administrator', centre, 'setup'),
  });
  if (put.statusCode !== 201) throw new Error(put.body);
  await h.tell(h.alert({ alertId: 'A-1', type: 'exclusion', startMs, endMs }));
  return h;
}

const caller =
  (h: Harness, role: Role, agency: typeof north, user: string) =>
  async (method: 'GET' | 'POST', url: string, purpose?: Purpose, payload?: object, accept?: string) => {
    const headers = await h.as(role, agency, user, purpose);
    return h.app.inject({
      method,
      url,
      headers: accept === undefined ? headers : { ...headers, accept },
      ...(payload === undefined ? {} : { payload }),
    });
  };
const alertGrant = { trigger: 'standing_alert', subject_id: 'SUB-1', alert_id: 'A-1', legal_basis: 'licence 5(ii)' };
const compliance: Purpose = 'compliance_monitoring';

t.test('an officer is refused, asks, another approves, and the minutes of that alert alone open', async (t) => {
  const h = await opened(t);
  const fixes = Array.from({ length: 200 }, (_, i) => fix('TAG-1', startMs - 100 * MINUTE + i * MINUTE, i));
  await archived(h, 'ORD-1', fixes.slice(0, 120));
  // some lie in both: compaction was under way
  recently(h, 'ORD-1', [...fixes.slice(100), fix('TAG-OTHER', startMs, 999)]);
  const ann = caller(h, 'supervising_officer', north, 'ann');
  const ben = caller(h, 'monitoring_officer', centre, 'ben');

  t.equal((await ann('GET', '/v1/grants/G-none/fixes', compliance)).statusCode, 404);
  const asked = await ann('POST', '/v1/grants', compliance, alertGrant);
  t.equal(asked.statusCode, 201);
  const { grant_id: grantId, state } = asked.json();
  t.equal(state, 'requested');
  const url = `/v1/grants/${grantId}/fixes`;
  t.match((await ann('GET', url, compliance)).json(), { status: 403, code: 'grant_not_open' });
  t.match((await ann('POST', `/v1/grants/${grantId}/approve`)).json(), { code: 'second_person_needed' });
  t.match((await ben('POST', `/v1/grants/${grantId}/approve`)).json(), { state: 'open', approved_by: { user: 'ben' } });

  const before = h.office.audit.size;
  const read = await ann('GET', url, compliance);
  t.equal(read.headers['content-type'], 'application/geo+json');
  const features = read.json().features as { properties: { time: string }; geometry: { coordinates: number[] } }[];
  const wanted = fixes.filter(
    ({ record }) => record.timeMs >= startMs - 30 * MINUTE && record.timeMs < endMs + 30 * MINUTE,
  );
  t.same(
    features.map(({ properties }) => Date.parse(properties.time)),
    wanted.map(({ record }) => record.timeMs),
    'half an hour on either side, each once, in order, of the order’s own tag',
  );
  t.same(features[0]?.geometry.coordinates, [-1.540007, 53.800007]);
  const entries = h.audit().slice(before);
  t.match(entries, [
    { phase: 'attempt', action: 'grants.fixes', purpose: compliance, orderId: 'ORD-1', subjectId: 'SUB-1' },
    { phase: 'allowed', attempt: before, detail: { grant_id: grantId, trigger: 'standing_alert' } },
    { phase: 'allowed', attempt: before, detail: { records: wanted.length, whole: true } },
  ]);

  const lines = await ann('GET', url, compliance, undefined, 'application/x-ndjson');
  t.equal(lines.headers['content-type'], 'application/x-ndjson');
  t.same(
    lines.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    features,
  );
  const part = `${url}?from=${new Date(startMs).toISOString()}&to=${new Date(startMs + MINUTE).toISOString()}`;
  t.equal((await ann('GET', part, compliance)).json().features.length, 1);
  const wider = `${url}?from=${new Date(startMs - H).toISOString()}`;
  t.match((await ann('GET', wider, compliance)).json(), { code: 'outside_grant' });
  t.match((await ann('GET', url, 'safeguarding')).json(), { code: 'outside_grant' });
  t.match((await caller(h, 'supervising_officer', north, 'eve')('GET', url, compliance)).json(), {
    code: 'outside_grant',
  });
  t.match((await ben('GET', url, compliance)).json(), { code: 'outside_grant' });
  t.equal((await caller(h, 'supervising_officer', south, 'ann')('GET', url, compliance)).statusCode, 404);
  t.match(
    h.audit().at(-1),
    { phase: 'refused', reason: 'not_found', orderId: 'ORD-1' },
    'and it is in the log of that person',
  );

  await h.tell(h.alert({ alertId: 'A-1', version: 2, state: 'withdrawn', type: 'exclusion', startMs, endMs }));
  t.match((await ann('GET', url, compliance)).json(), { code: 'grant_not_open' }, 'the reason has gone');
});

t.test('the log has the look before its first byte leaves', async (t) => {
  const h = await harness({}, { office: (office) => ({ ...office, evidence: watched(office.evidence) }) });
  t.teardown(() => h.close());
  let sizeAtFirstByte = -1;
  function watched(evidence: Harness['office']['evidence']): Harness['office']['evidence'] {
    return {
      ...evidence,
      async *fixes(orderId, sight) {
        // the log is asked at the moment at which the first plaintext is made
        sizeAtFirstByte = h
          .audit()
          .filter(({ phase, action }) => action === 'grants.fixes' && phase === 'allowed').length;
        yield* evidence.fixes(orderId, sight);
      },
    };
  }
  const headers = await h.as('administrator', centre, 'setup');
  await h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', payload: orderJson(), headers });
  await h.tell(h.alert({ alertId: 'A-1', startMs, endMs }));
  recently(h, 'ORD-1', [fix('TAG-1', startMs, 1)]);
  const ann = caller(h, 'supervising_officer', north, 'ann');
  const { grant_id: id } = (await ann('POST', '/v1/grants', compliance, alertGrant)).json();
  await caller(h, 'monitoring_officer', centre, 'ben')('POST', `/v1/grants/${id}/approve`);
  t.equal((await ann('GET', `/v1/grants/${id}/fixes`, compliance)).json().features.length, 1);
  t.equal(sizeAtFirstByte, 1);
});

t.test('for the sake of a life: at once, the last minutes included, and an overdue review is known', async (t) => {
  const h = await opened(t);
  const now = fix('TAG-1', nowMs - 1_000, 7);
  recently(h, 'ORD-1', [now]);
  const cy = caller(h, 'police_liaison', south, 'cy');
  const body = { trigger: 'safeguarding_life', subject_id: 'SUB-1', legal_basis: 'said to be on a bridge' };
  const asked = await cy('POST', '/v1/grants', 'safeguarding', body);
  t.match(asked.json(), { state: 'open', approved_by: null });
  const url = `/v1/grants/${asked.json().grant_id}`;
  t.equal((await cy('GET', `${url}/fixes`, 'safeguarding')).json().features.length, 1);
  recently(h, 'ORD-1', [fix('TAG-1', nowMs + 30_000, 8)]);
  t.equal((await cy('GET', `${url}/fixes`, 'safeguarding')).json().features.length, 2, 'what has come since');
  t.same(h.office.grants.overdueReviews(nowMs + 23 * H), []);
  t.equal(h.office.grants.overdueReviews(nowMs + 25 * H).length, 1);
  const di = caller(h, 'data_controller', centre, 'di');
  t.equal((await di('POST', `${url}/review`, undefined, { justified: true, note: 'was found' })).statusCode, 200);
  t.same(h.office.grants.overdueReviews(nowMs + 25 * H), []);
});

t.test('a trail is read without asking, by the supervising agency, and each look is logged', async (t) => {
  const conditions = [...(orderJson().conditions as object[]), { condition_id: 'C5', kind: 'trail' }];
  const h = await opened(t, { conditions });
  recently(h, 'ORD-1', [
    fix('TAG-1', startMs, 1),
    fix('TAG-1', startMs + 5 * H, 2),
    reading('HU-1', 'TAG-1', startMs, -50),
  ]);
  const ann = caller(h, 'supervising_officer', north, 'ann');
  const url = '/v1/grants/trail.ORD-1';
  t.equal((await ann('GET', `${url}/fixes`, 'location_monitoring')).json().features.length, 2);
  t.match(h.audit().at(-1), { detail: { records: 2 }, orderId: 'ORD-1', purpose: 'location_monitoring' });
  t.match(
    (await ann('GET', `${url}/records`, 'location_monitoring')).json(),
    { code: 'outside_grant' },
    'location only',
  );
  t.match((await ann('GET', url)).json().grant, { trigger: 'trail', requested_by: null, state: 'open' });
  const ben = caller(h, 'monitoring_officer', centre, 'ben');
  t.match((await ben('GET', `${url}/fixes`, 'location_monitoring')).json(), { code: 'outside_grant' });
  const none = await opened(t);
  t.equal(
    (await caller(none, 'supervising_officer', north, 'ann')('GET', `${url}/fixes`, 'location_monitoring')).statusCode,
    404,
  );
});

t.test('equipment is examined without a position and without anybody’s presence', async (t) => {
  const h = await opened(t);
  recently(h, 'ORD-1', [
    fix('TAG-1', startMs, 1),
    reading('HU-1', 'TAG-1', startMs, -50),
    said('TAG-1', startMs, { kind: 'tag', batteryPct: 7, flags: ['CASE_OPEN_START'] }),
  ]);
  const eve = caller(h, 'device_engineer', centre, 'eve');
  const body = { trigger: 'equipment_forensics', subject_id: 'SUB-1', legal_basis: 'damage', case_reference: 'EQ-1' };
  const { grant_id: id } = (await eve('POST', '/v1/grants', 'equipment', body)).json();
  await caller(h, 'monitoring_officer', centre, 'ben')('POST', `/v1/grants/${id}/approve`);
  const lines = (await eve('GET', `/v1/grants/${id}/records`, 'equipment')).body.trim().split('\n');
  t.equal(lines.length, 1);
  t.match(JSON.parse(lines[0] ?? ''), { device_id: 'TAG-1', tag: { battery_pct: 7, flags: ['CASE_OPEN_START'] } });
});

t.test(
  'a segment that does not open breaks the answer off instead of leaving a hole, and the log says so',
  async (t) => {
    const h = await opened(t);
    await archived(h, 'ORD-1', [fix('TAG-1', startMs, 1)]);
    const { office, keys } = h;
    const ann = caller(h, 'supervising_officer', north, 'ann');
    const { grant_id: id } = (await ann('POST', '/v1/grants', compliance, alertGrant)).json();
    await caller(h, 'monitoring_officer', centre, 'ben')('POST', `/v1/grants/${id}/approve`);
    t.equal((await ann('GET', `/v1/grants/${id}/fixes`, compliance)).json().features.length, 1);
    const other = sure(parseOrderId('ORD-2'));
    await keys.make(other);
    const wrong = keys.archivePrivateKey(other);
    Object.assign(keys, { archivePrivateKey: () => wrong });
    const broken = await ann('GET', `/v1/grants/${id}/fixes`, compliance);
    t.match(broken.json(), { status: 500, code: 'internal' });
    await new Promise((turn) => setImmediate(turn));
    t.match(office.audit.read(office.audit.size - 1, 1)[0]?.event, { detail: { records: 0, whole: false } });
  },
);

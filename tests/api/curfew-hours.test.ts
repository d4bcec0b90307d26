// ¶19: radio outside curfew hours and sightings by others' units are shown by no route, no role and no stream without a
// grant that says so. Each such record carries a signal strength of its own, which is then looked for in every answer.
import { request as httpRequest } from 'node:http';
import t from 'tap';
import { POLICY } from '../../src/api/access/policy.js';
import type { Purpose } from '../../src/domain/purpose.js';
import { ROLES } from '../../src/domain/role.js';
import { archived, fix, reading, recently, said } from './evidence.js';
import { centre, type Harness, harness, north, nowMs, orderJson } from './harness.js';

const H = 3_600_000;
/** Sunday 8 March 2026; the order's curfew is Mondays, 19:00 to 07:00. */
const sunday = nowMs - 24 * H;
const INSIDE = -61;
const OUTSIDE = [-72_001, -72_002, -72_003, -72_004];

async function opened(): Promise<Harness> {
  const h = await harness({ limits: { heartbeatMs: 20 } }, { production: true });
  const headers = await h.as('administrator', centre, 'setup');
  const put = (order: Record<string, unknown>) =>
    h.app.inject({ method: 'PUT', url: `/v1/orders/${String(order.order_id)}`, payload: order, headers });
  const trail = [...(orderJson().conditions as object[]), { condition_id: 'C5', kind: 'trail' }];
  const one = await put(orderJson({ conditions: trail }));
  const two = await put(
    orderJson({
      order_id: 'ORD-2',
      subject_id: 'SUB-2',
      devices: [{ device_id: 'HU-2', kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' }],
    }),
  );
  if (one.statusCode !== 201 || two.statusCode !== 201) throw new Error(one.body + two.body);
  await archived(h, 'ORD-1', [reading('HU-1', 'TAG-1', sunday, OUTSIDE[0] ?? 0), fix('TAG-1', sunday, 5)]);
  recently(h, 'ORD-1', [
    reading('HU-1', 'TAG-1', nowMs - 60_000, OUTSIDE[1] ?? 0),
    reading('HU-1', 'TAG-1', nowMs + 60_000, INSIDE),
    // the neighbour's unit saw the tag: outside curfew hours, and inside
    reading('HU-2', 'TAG-1', sunday + H, OUTSIDE[2] ?? 0),
    reading('HU-2', 'TAG-1', nowMs + 120_000, OUTSIDE[3] ?? 0),
    said('HU-1', sunday, { kind: 'unit', flags: ['MAINS_LOST'], batteryPct: 80 }),
  ]);
  await h.tell(h.alert({ alertId: 'A-1', startMs: nowMs, endMs: nowMs + 2 * H }));
  return h;
}

const signs = (text: string): number[] => OUTSIDE.filter((rssi) => text.includes(String(rssi)));

/** A grant with that trigger, approved; asked for by whoever may. */
async function granted(
  h: Harness,
  trigger: string,
  purpose: Purpose,
  o: { role?: (typeof ROLES)[number]; beyond?: boolean } = {},
): Promise<{ status: number; url: string; headers: Record<string, string> }> {
  const role = o.role ?? 'supervising_officer';
  const headers = await h.as(role, role === 'supervising_officer' ? north : centre, 'ann', purpose);
  const payload = {
    trigger,
    subject_id: 'SUB-1',
    legal_basis: 'necessary',
    case_reference: 'CASE-1',
    ...(trigger === 'standing_alert' ? { alert_id: 'A-1' } : {}),
    ...(o.beyond === undefined ? {} : { beyond_curfew: o.beyond }),
  };
  const asked = await h.app.inject({ method: 'POST', url: '/v1/grants', payload, headers });
  const url = `/v1/grants/${asked.json().grant_id}`;
  const second = await h.as('data_controller', centre, 'di');
  if (asked.statusCode === 201) await h.app.inject({ method: 'POST', url: `${url}/approve`, headers: second });
  return { status: asked.statusCode, url, headers };
}

t.test('no route shows them to any role, whatever is asked', async (t) => {
  const h = await opened();
  t.teardown(() => h.close());
  const document = (await h.app.inject('/documentation/json')).json() as {
    paths: Record<string, Record<string, unknown>>;
  };
  const reads = Object.entries(document.paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []));
  let answers = 0;
  for (const path of reads) {
    const url = path
      .replace('{order_id}', 'ORD-1')
      .replace('{subject_id}', 'SUB-1')
      .replace('{alert_id}', 'A-1')
      .replace('{grant_id}', 'trail.ORD-1')
      .replace(/\{[^}]+\}/g, 'X');
    for (const role of ROLES) {
      for (const purpose of [undefined, POLICY[role]['grants.records']?.purposes[1]]) {
        const agency = role === 'supervising_officer' || role === 'police_liaison' ? north : centre;
        const headers = await h.as(role, agency, 'ann', purpose);
        const ask = url === '/v1/alerts/stream' ? `${url}?cursor=none` : url;
        const answer = await h.app.inject({ url: ask, headers });
        if (answer.statusCode < 400) answers++;
        if (signs(answer.body).length > 0) t.fail(`${role} sees them at ${url}`);
      }
    }
  }
  t.ok(answers > 100, `${answers} answers were looked at`);
});

t.test('no stream tells of them', async (t) => {
  const h = await opened();
  t.teardown(() => h.close());
  await h.app.listen({ host: '127.0.0.1', port: 0 });
  const address = h.app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const role of ['monitoring_officer', 'supervising_officer', 'police_liaison'] as const) {
    const headers = await h.as(role, role === 'monitoring_officer' ? centre : north, 'ann');
    let text = '';
    const stream = httpRequest({ port, path: '/v1/alerts/stream?from=start', headers }, (response) => {
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    });
    stream.on('error', () => {});
    stream.end();
    while (!text.includes('"A-1"') || !text.includes(':\n\n')) await new Promise((turn) => setTimeout(turn, 5));
    stream.destroy();
    t.same(signs(text), [], role);
  }
});

t.test('of grants only those that say so, and only where the trigger allows it', async (t) => {
  const h = await opened();
  t.teardown(() => h.close());
  const seen = async (one: { url: string; headers: Record<string, string> }) => {
    const records = await h.app.inject({ url: `${one.url}/records`, headers: one.headers });
    const fixes = await h.app.inject({ url: `${one.url}/fixes`, headers: one.headers });
    t.same(signs(fixes.body), []);
    return { outside: signs(records.body), inside: records.body.includes(String(INSIDE)), body: records.body };
  };
  const inWindow = { outside: [] as number[], inside: true };
  const without = async (trigger: string, purpose: Purpose, o: Parameters<typeof granted>[3] = {}) => {
    const { outside, inside } = await seen(await granted(h, trigger, purpose, o));
    return { outside, inside };
  };
  const officer = { role: 'monitoring_officer' } as const;
  const controller = { role: 'data_controller' } as const;
  // the half hour before the curfew is in the window, and is not shown
  t.same(await without('standing_alert', 'compliance_monitoring'), inWindow);
  t.equal((await granted(h, 'standing_alert', 'compliance_monitoring', { beyond: true })).status, 403);
  t.same(await without('contact_lost', 'compliance_monitoring'), inWindow);
  t.equal((await granted(h, 'contact_lost', 'compliance_monitoring', { beyond: true })).status, 403);
  t.same((await without('police_request', 'criminal_justice_enquiry', officer)).outside, []);
  t.same(await without('safeguarding_life', 'safeguarding'), inWindow);
  const life = await seen(await granted(h, 'safeguarding_life', 'safeguarding', { beyond: true }));
  t.same(life.outside, OUTSIDE, 'asked for by itself, for the sake of a life');
  t.match(life.body, 'HU-2', 'and where it was seen');
  const enquiry = await granted(h, 'police_request', 'criminal_justice_enquiry', { ...officer, beyond: true });
  t.same((await seen(enquiry)).outside, OUTSIDE.slice(0, 3), 'up to when it was asked for');
  const access = await seen(await granted(h, 'subject_access', 'subject_access', { ...controller, beyond: true }));
  t.same(access.outside, OUTSIDE.slice(0, 3));
  t.notMatch(access.body, 'HU-2', 'whose unit it was is somebody else’s data (¶31)');
  const damage = await seen(await granted(h, 'equipment_forensics', 'equipment', { role: 'device_engineer' }));
  t.same([damage.outside, damage.inside], [[], false]);
  t.match(damage.body, 'MAINS_LOST');
});

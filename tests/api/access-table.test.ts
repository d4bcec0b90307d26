// Every route, for every role, on a thing of its own agency and on another's: allowed or refused, written by hand from
// the Code of Practice (the paragraph stands beside each row) and never from the policy. Every cell is in the log.
import type { InjectOptions } from 'fastify';
import t from 'tap';
import type { AgencyId } from '../../src/domain/ids.js';
import type { Purpose } from '../../src/domain/purpose.js';
import { ROLES, type Role } from '../../src/domain/role.js';
import { dutyRows } from './access-duties.js';
import { post, put, type Row } from './access-row.js';
import { centre, type Harness, harness, north, nowMs, orderJson, south, zoneJson } from './harness.js';

const order = (id: string, over: Record<string, unknown> = {}) =>
  orderJson({
    order_id: `ORD-${id}`,
    subject_id: `SUB-${id}`,
    supervisor: id === '2' ? south : north,
    devices: [{ device_id: `HU-${id}`, kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' }],
    ...over,
  });
const basis = 'what it rests on, and why it is necessary';
const asking = (id: string, over: Record<string, unknown>) =>
  post('/v1/grants', { subject_id: `SUB-${id}`, legal_basis: basis, ...over });

/** A grant that waits, or stands, on the order of that id; asked for by an officer of the agency that supervises. */
async function grant(
  h: Harness,
  id: '1' | '2',
  approved: boolean,
  over: Record<string, unknown> = {},
): Promise<string> {
  const agency = id === '1' ? north : south;
  const headers = await h.as('supervising_officer', agency, 'asker', 'compliance_monitoring');
  const payload = {
    subject_id: `SUB-${id}`,
    trigger: 'standing_alert',
    alert_id: `A-${id}`,
    legal_basis: basis,
    ...over,
  };
  const asked = await h.app.inject({ method: 'POST', url: '/v1/grants', headers, payload });
  if (asked.statusCode !== 201) throw new Error(asked.body);
  const { grant_id: grantId } = asked.json();
  if (!approved) return grantId;
  const second = await h.as('monitoring_officer', centre, 'approver');
  await h.app.inject({ method: 'POST', url: `/v1/grants/${grantId}/approve`, headers: second });
  return grantId;
}
async function lifeGrant(h: Harness, id: '1' | '2'): Promise<string> {
  const headers = await h.as('supervising_officer', id === '1' ? north : south, 'asker', 'safeguarding');
  const payload = { subject_id: `SUB-${id}`, trigger: 'safeguarding_life', legal_basis: basis };
  return (await h.app.inject({ method: 'POST', url: '/v1/grants', headers, payload })).json().grant_id;
}
/** A grant whose readers are all those who ask here: what then refuses is the role. */
const readable = (h: Harness, id: '1' | '2') => grant(h, id, true, { readers: ROLES.map((role) => `${role}-1`) });

const table: readonly Row[] = [
  {
    route: 'PUT /v1/orders/:order_id',
    why: '¶14, ¶26: the monitoring centre takes orders in; whoever sets the gateway up may import them',
    own: 'y n n n n n y',
    other: 'y n n n n n y',
    ask: (_, id) => put(`/v1/orders/ORD-${id}`, order(id)),
  },
  {
    route: 'GET /v1/orders/:order_id',
    why: '¶26: to the agency that supervises this order; ¶51: the controller; police hold their own papers (¶16)',
    own: 'y y n y n n y',
    other: 'y n n y n n y',
    ask: (_, id) => ({ url: `/v1/orders/ORD-${id}` }),
  },
  {
    route: 'PUT /v1/orders/:order_id/restriction',
    why: '¶47: access by legitimate need only; ¶51: it is the controller who exercises control',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    ask: (_, id) => put(`/v1/orders/ORD-${id}/restriction`, { users: ['kin'], reason: 'knows the person' }),
  },
  {
    route: 'GET /v1/orders/:order_id/restriction',
    why: '¶47, ¶51: as above; whoever is on the list need not know it',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    ask: (_, id) => ({ url: `/v1/orders/ORD-${id}/restriction` }),
  },
  {
    route: 'PUT /v1/zones/:zone_id',
    why: '¶15: the centre monitors the conditions; a zone is often a victim’s home (¶46)',
    own: 'y n n n n n y',
    ask: () => put('/v1/zones/Z-1', zoneJson('Z-1')),
  },
  {
    route: 'GET /v1/zones/:zone_id',
    why: '¶15, ¶46: the centre and the controller; nobody else needs the geometry',
    own: 'y n n y n n y',
    ask: () => ({ url: '/v1/zones/Z-1' }),
  },
  {
    route: 'DELETE /v1/zones/:zone_id',
    why: '¶15',
    own: 'y n n n n n y',
    ask: async (h) => {
      const headers = await h.as('administrator', centre, 'setup');
      await h.app.inject({ ...put('/v1/zones/Z-9', zoneJson('Z-9')), headers });
      return { method: 'DELETE', url: '/v1/zones/Z-9' };
    },
  },
  {
    route: 'GET /v1/devices',
    why: '¶14: field services; no person is named there',
    own: 'y n n n n y y',
    ask: () => ({ url: '/v1/devices' }),
  },
  {
    route: 'POST /v1/devices',
    why: '¶14, ¶15: equipment is enrolled by those who work on it',
    own: 'n n n n n y y',
    ask: () => post('/v1/devices', {}),
  },
  {
    route: 'POST /v1/devices/:device_id/disable',
    why: '¶14, ¶38: a device that is compromised is stopped by whoever notices first',
    own: 'y n n n n y y',
    ask: () => post('/v1/devices/HU-1/disable'),
  },
  {
    route: 'GET /v1/subjects/:subject_id',
    why: '¶26: "for that subject on that particular order"; ¶31: the controller answers the person',
    own: 'y y y y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/subjects/SUB-${id}` }),
  },
  {
    route: 'GET /v1/alerts',
    why: '¶26: breaches go to who supervises; naming another agency is refused',
    own: 'y y y y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/alerts?agency=${id === '1' ? north : south}` }),
  },
  {
    route: 'GET /v1/alerts/:alert_id',
    why: '¶26',
    own: 'y y y y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/alerts/A-${id}` }),
  },
  {
    route: 'GET /v1/alerts/:alert_id',
    why: '¶14: what no order stands behind is the centre’s own',
    own: 'y n n y n n n',
    ask: () => ({ url: '/v1/alerts/A-3' }),
  },
  {
    route: 'GET /v1/alerts/stream',
    why: '¶26, ¶33; the controller answers requests and watches nobody live (¶17)',
    own: 'y y y n n n n',
    other: 'y n n n n n n',
    // an unknown cursor is answered at once (410) by those who may
    ask: (_, id) => ({ url: `/v1/alerts/stream?cursor=none&agency=${id === '1' ? north : south}` }),
  },
  {
    route: 'POST /v1/grants',
    why: '¶17: following a breach, by those who monitor or supervise',
    own: 'y y y n n n n',
    other: 'y n n n n n n',
    purpose: 'compliance_monitoring',
    ask: (_, id) => asking(id, { trigger: 'standing_alert', alert_id: `A-${id}` }),
  },
  {
    route: 'POST /v1/grants',
    why: '¶26: police enquire about anybody, with a case reference; the centre on their behalf',
    own: 'y n y n n n n',
    other: 'y n y n n n n',
    purpose: 'criminal_justice_enquiry',
    ask: (_, id) => asking(id, { trigger: 'police_request', case_reference: 'CASE-1' }),
  },
  {
    route: 'POST /v1/grants',
    why: '¶26: to locate an individual for the purposes of safeguarding life',
    own: 'y y y n n n n',
    other: 'y n y n n n n',
    purpose: 'safeguarding',
    ask: (_, id) => asking(id, { trigger: 'safeguarding_life' }),
  },
  {
    route: 'POST /v1/grants',
    why: '¶31, ¶51: the controller answers a subject access request',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    purpose: 'subject_access',
    ask: (_, id) => asking(id, { trigger: 'subject_access', case_reference: 'SAR-1' }),
  },
  {
    route: 'POST /v1/grants',
    why: '¶29: a court directs; the centre, who supervises, or the controller carries it out',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    purpose: 'court_direction',
    ask: (_, id) => asking(id, { trigger: 'court_direction', case_reference: 'T2026-1' }),
  },
  {
    route: 'POST /v1/grants',
    why: '¶26: forensic experts determine the cause of damage to equipment',
    own: 'n n n n n y n',
    other: 'n n n n n y n',
    purpose: 'equipment',
    ask: (_, id) => asking(id, { trigger: 'equipment_forensics', case_reference: 'EQ-1' }),
  },
  {
    route: 'GET /v1/grants',
    why: '¶47: whose business it is; the auditor reads the log, never the data',
    own: 'y y y y n y n',
    ask: () => ({ url: '/v1/grants' }),
  },
  {
    route: 'GET /v1/grants/:grant_id',
    why: '¶47: who supervises and the centre know; an engineer knows of equipment only',
    own: 'y y y y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) => ({ url: `/v1/grants/${await grant(h, id, false)}` }),
  },
  {
    route: 'POST /v1/grants/:grant_id/approve',
    why: '¶16, ¶57: another person of the centre, the supervising agency or the controller; police never approve',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) => post(`/v1/grants/${await grant(h, id, false)}/approve`),
  },
  {
    route: 'POST /v1/grants/:grant_id/review',
    why: '¶16, ¶26: what opened for the sake of a life is looked at by another person',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) =>
      post(`/v1/grants/${await lifeGrant(h, id)}/review`, { justified: true, note: 'was in danger' }),
  },
  {
    route: 'POST /v1/grants/:grant_id/revoke',
    why: '¶16: those who might have approved end it; police and engineers only what they asked for themselves',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) => post(`/v1/grants/${await grant(h, id, true)}/revoke`, { reason: 'no longer needed' }),
  },
  {
    route: 'GET /v1/grants/:grant_id/fixes',
    why: '¶17: nobody but those whom the grant names, of the agency that asked (here officer and police of north)',
    own: 'n y y n n n n',
    other: 'n n n n n n n',
    purpose: 'compliance_monitoring',
    ask: async (h, id) => ({ url: `/v1/grants/${await readable(h, id)}/fixes` }),
  },
  {
    route: 'GET /v1/grants/:grant_id/fixes',
    why: '¶18: a trail may be evaluated by the agency responsible for supervising, and by no other',
    own: 'n y n n n n n',
    other: 'n n n n n n n',
    purpose: 'location_monitoring',
    ask: (_, id) => ({ url: `/v1/grants/trail.ORD-${id}/fixes` }),
  },
  {
    route: 'GET /v1/grants/:grant_id/records',
    why: '¶19: radio too is for those whom the grant names, of the agency that asked',
    own: 'n y y n n n n',
    other: 'n n n n n n n',
    purpose: 'compliance_monitoring',
    ask: async (h, id) => ({ url: `/v1/grants/${await readable(h, id)}/records` }),
  },
  {
    route: 'GET /v1/audit',
    why: '¶47, ¶51: who oversees, and the controller; those whose looks are logged do not read the log',
    own: 'n n n y y n n',
    ask: () => ({ url: '/v1/audit?limit=5' }),
  },
  {
    route: 'GET /v1/audit/heads',
    why: '¶47: as the log itself; a witness is given them by one who may',
    own: 'n n n y y n n',
    ask: () => ({ url: '/v1/audit/heads' }),
  },
  {
    route: 'GET /v1/audit/proof',
    why: '¶47: as the log itself',
    own: 'n n n y y n n',
    ask: () => ({ url: '/v1/audit/proof?entry=0' }),
  },
  {
    route: 'GET /v1/dev/clock',
    why: 'a development machine only, with synthetic people',
    own: 'n n n n n n n',
    ask: () => ({ url: '/v1/dev/clock' }),
  },
  {
    route: 'POST /v1/dev/clock',
    why: 'a development machine only, with synthetic people',
    own: 'n n n n n n n',
    ask: () => post('/v1/dev/clock', { to_ms: 1 }),
  },
  ...dutyRows,
];

const trail = { conditions: [...(orderJson().conditions as object[]), { condition_id: 'C9', kind: 'trail' }] };
const steppedClock = { nowMs: () => nowMs, advanceTo: async () => {} };

async function opened(): Promise<Harness> {
  const h = await harness({ steppedClock, limits: { settleMs: 100 } }, { production: true });
  const headers = await h.as('administrator', centre, 'setup');
  for (const id of ['1', '2']) {
    const answer = await h.app.inject({ ...put(`/v1/orders/ORD-${id}`, order(id, trail)), headers });
    if (answer.statusCode !== 201) throw new Error(answer.body);
  }
  await h.app.inject({ ...put('/v1/zones/Z-1', zoneJson('Z-1')), headers });
  const engineer = await h.as('device_engineer', centre, 'setup');
  await h.app.inject({ ...post('/v1/devices', { device_id: 'HU-1', kind: 'home_unit' }), headers: engineer });
  const ends = { startMs: nowMs - 7_200_000, endMs: nowMs - 3_600_000 };
  await h.tell(
    h.alert({ alertId: 'A-1', ...ends }),
    h.alert({ alertId: 'A-2', orderId: 'ORD-2', agency: south, ...ends }),
    h.alert({ alertId: 'A-3', orderId: null }),
  );
  return h;
}

const agencyOf = (role: Role): AgencyId =>
  role === 'supervising_officer' || role === 'police_liaison' ? north : centre;

t.test(
  'every role gets from every route what the Code says, on its own agency and on another, and all is logged',
  async (t) => {
    const h = await opened();
    t.teardown(() => h.close());
    for (const row of table) {
      for (const [id, expected] of [['1', row.own] as const, ['2', row.other] as const]) {
        if (expected === undefined) continue;
        const got: string[] = [];
        const notes: string[] = [];
        for (const role of ROLES) {
          const request = await row.ask(h, id, role);
          const headers = await h.as(role, agencyOf(role), `${role}-1`, row.purpose);
          const before = h.office.audit.size;
          const answer = await h.app.inject({ ...request, headers });
          const refused = answer.statusCode === 403 || answer.statusCode === 404;
          got.push(refused ? 'n' : 'y');
          if (answer.statusCode >= 500 || answer.statusCode === 401) notes.push(`${role}: ${answer.statusCode}`);
          // the attempt, then the outcome; a stream says at its end how much was read
          const entries = h.office.audit.read(before, 50).map(({ event }) => event);
          const [attempt] = entries;
          const outcome = entries.find((entry) => entry.attempt === before);
          const phase = answer.statusCode < 400 ? 'allowed' : 'refused';
          const told =
            attempt?.phase === 'attempt' &&
            outcome?.phase === phase &&
            outcome.actor.kind === 'person' &&
            outcome.actor.user === `${role}-1` &&
            (phase === 'allowed') === (outcome.reason === null);
          if (!told) notes.push(`${role}: logged ${attempt?.phase}, ${outcome?.phase} ${outcome?.reason}`);
        }
        t.equal(got.join(' '), expected, `${row.route} on ${id === '1' ? 'its own' : 'another'}: ${row.why}`);
        t.same(notes, [], `${row.route} on ${id}`);
      }
    }
  },
);

t.test('every route that holds data is in the table, and asks for a token', async (t) => {
  const h = await opened();
  t.teardown(() => h.close());
  const document = (await h.app.inject('/documentation/json')).json() as {
    paths: Record<string, Record<string, { security?: unknown[] }>>;
  };
  const open: string[] = [];
  const rows = new Set(table.map(({ route }) => route));
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const route = `${method.toUpperCase()} ${path.replace(/\{([^}]+)\}/g, ':$1')}`;
      if (operation.security?.length === 0) {
        open.push(route);
        continue;
      }
      t.ok(rows.delete(route) || table.some((row) => row.route === route), `${route} is in the table`);
      const before = h.office.audit.size;
      const url = path.replace(/\{[^}]+\}/g, 'X');
      const answer = await h.app.inject({ method: method.toUpperCase() as 'GET', url });
      t.equal(answer.statusCode, 401, `${route} without a token`);
      t.equal(answer.headers['www-authenticate'], 'Bearer');
      t.match(answer.json(), { code: 'token_missing', status: 401, problems: [] });
      t.match(
        h.office.audit.read(before, 2).map(({ event }) => event),
        [
          { phase: 'attempt', actor: { kind: 'stranger' } },
          { phase: 'refused', reason: 'token_missing', attempt: before },
        ],
        `${route}: the stranger is in the log`,
      );
    }
  }
  t.same([...rows], [], 'no row is of a route that is not there');
  t.same(open.sort(), ['GET /livez', 'GET /metrics', 'GET /readyz']);
});

t.test('a purpose is the role’s, and must be said where more than one is meant', async (t) => {
  const h = await opened();
  t.teardown(() => h.close());
  const ask = async (purpose: Purpose | undefined, request: InjectOptions) => {
    const headers = await h.as('supervising_officer', north, 'ann', purpose);
    const answer = await h.app.inject({ ...request, headers });
    return { status: answer.statusCode, code: answer.statusCode < 400 ? null : answer.json().code };
  };
  const order1 = { url: '/v1/orders/ORD-1' };
  t.same(await ask(undefined, order1), { status: 200, code: null });
  t.match(h.audit().at(-1), { purpose: 'compliance_monitoring', action: 'orders.read', orderId: 'ORD-1' });
  t.same(await ask('safeguarding', order1), { status: 200, code: null });
  t.match(h.audit().at(-1), { purpose: 'safeguarding', subjectId: 'SUB-1' });
  t.same(await ask('statistics', order1), { status: 403, code: 'purpose_refused' });
  t.same(await ask('curiosity' as Purpose, order1), { status: 403, code: 'purpose_refused' });
  t.match(h.audit().at(-1), { phase: 'refused', reason: 'purpose_refused', purpose: null });
  const asked = asking('1', { trigger: 'standing_alert', alert_id: 'A-1' });
  t.same(await ask(undefined, asked), { status: 400, code: 'purpose_missing' });
  t.same(await ask('court_direction', asked), { status: 403, code: 'trigger_refused' });
  t.same(await ask('compliance_monitoring', asked), { status: 201, code: null });
});

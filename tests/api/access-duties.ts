// The rows of the table of access for decisions, devices and the duties of the office, by hand from the Code.

import { post, put, type Row } from './access-row.js';
import { centre, type Harness } from './harness.js';

const at = '2026-03-09T17:00:00Z';
const reason = 'what it rests on';

/** Makes something as the controller, for a row that asks about it; returns its id. */
async function made(h: Harness, url: string, payload: object): Promise<string> {
  const headers = await h.as('data_controller', centre, 'maker');
  const answer = await h.app.inject({ method: 'POST', url, payload, headers });
  if (answer.statusCode >= 300) throw new Error(answer.body);
  return answer.json().id;
}
const hold = (id: string) => ({ order_id: `ORD-${id}`, reason_class: 'appeal', legal_basis: reason, reason });
const rectification = (id: string) => ({
  order_id: `ORD-${id}`,
  target: { kind: 'order' },
  requested_by: 'subject',
  inaccuracy: 'the address',
});
const disclosure = (id: string) => ({
  order_id: `ORD-${id}`,
  recipient: 'West Yorkshire Police',
  onward_controller: 'Chief Constable of West Yorkshire Police',
  legal_basis: 'offender_management_act_2007_s14',
  necessity: reason,
  means: 'portal',
  what: 'alerts',
  from: '2026-03-09T16:00:00Z',
  to: at,
});
const erasure = (id: string) => ({ order_id: `ORD-${id}`, ground: 'subject_request', reason });
const incident = { kind: 'loss', summary: 'a list was left on a train' };
const everybody = 'y y y y y y y';

export const dutyRows: readonly Row[] = [
  {
    route: 'POST /v1/alerts/:alert_id/acknowledge',
    why: '¶26, ¶57: a person of the centre or of who supervises; the controller watches nobody live',
    own: 'y y y n n n n',
    other: 'y n n n n n n',
    ask: (_, id) => post(`/v1/alerts/A-${id}/acknowledge`, { version: 1 }),
  },
  {
    route: 'POST /v1/alerts/:alert_id/decide',
    why: '¶57: only a person decides; ¶60: of a community order who supervises, the contractor of its own alone (¶59, ¶62)',
    own: 'n y y n n n n',
    other: 'n n n n n n n',
    ask: (_, id) => post(`/v1/alerts/A-${id}/decide`, { version: 1, decision: 'no_further_action', reason }),
  },
  {
    route: 'POST /v1/alerts/:alert_id/reconsider',
    why: '¶57, DPA 2018 s.50: the person asks the controller, the centre or who supervises',
    own: 'y y y y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => post(`/v1/alerts/A-${id}/reconsider`, { version: 1, on_behalf_of: 'wearer', reason }),
  },
  {
    route: 'POST /v1/devices/:device_id/keys',
    why: '¶33: keys are turned over by those who work on equipment',
    own: 'n n n n n y y',
    ask: () => post('/v1/devices/HU-1/keys', {}),
  },
  {
    route: 'PUT /v1/devices/:device_id/config',
    why: '¶14: field services and the centre that monitors',
    own: 'y n n n n y y',
    ask: () => put('/v1/devices/HU-1/config', { report_interval_s: 60 }),
  },
  {
    route: 'POST /v1/devices/:device_id/notice',
    why: '¶14: "charge your tag" is said by the centre or field services',
    own: 'y n n n n y y',
    ask: () => post('/v1/devices/HU-1/notice', { notice: 'CHARGE_BATTERY' }),
  },
  {
    route: 'GET /v1/quarantine',
    why: '¶14, ¶36: what equipment sent and nobody understood; labels, never the payload',
    own: 'y n n n n y y',
    ask: () => ({ url: '/v1/quarantine' }),
  },
  {
    route: 'POST /v1/quarantine/retry',
    why: '¶14: a matter of equipment',
    own: 'n n n n n y y',
    ask: () => post('/v1/quarantine/retry', { positions: [1] }),
  },
  {
    route: 'GET /v1/audit',
    why: 'DPA 2018 s.62, ¶55: the auditor and the controller read the log',
    own: 'n n n y y n n',
    ask: () => ({ url: '/v1/audit?limit=1' }),
  },
  {
    route: 'GET /v1/audit/heads',
    why: 'DPA 2018 s.62, ¶55',
    own: 'n n n y y n n',
    ask: () => ({ url: '/v1/audit/heads' }),
  },
  {
    route: 'GET /v1/audit/proof',
    why: 'DPA 2018 s.62, ¶55',
    own: 'n n n y y n n',
    ask: (h) => ({ url: `/v1/audit/proof?index=0&size=${h.office.audit.size}` }),
  },
  {
    route: 'GET /v1/orders/:order_id/notice',
    why: '¶21: given on induction by the centre or who supervises; the controller answers for it',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/orders/ORD-${id}/notice` }),
  },
  {
    route: 'POST /v1/subjects/:subject_id/export',
    why: '¶31: the controller answers a subject access request',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    purpose: 'subject_access',
    ask: (_, id) => post(`/v1/subjects/SUB-${id}/export`),
  },
  { route: 'GET /v1/exports', why: '¶31', own: 'n n n y n n n', ask: () => ({ url: '/v1/exports' }) },
  {
    route: 'POST /v1/holds',
    why: '¶44, ¶50: the controller decides what is kept longer',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    ask: (_, id) => post('/v1/holds', hold(id)),
  },
  {
    route: 'GET /v1/holds',
    why: '¶50: who holds the data must know; police and auditors need not',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/holds?order_id=ORD-${id}` }),
  },
  {
    route: 'GET /v1/holds/:hold_id',
    why: '¶50',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) => ({ url: `/v1/holds/${await made(h, '/v1/holds', hold(id))}` }),
  },
  {
    route: 'POST /v1/holds/:hold_id/lift',
    why: '¶50: whoever may place it',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    ask: async (h, id) => post(`/v1/holds/${await made(h, '/v1/holds', hold(id))}/lift`, { reason }),
  },
  {
    route: 'POST /v1/disclosures',
    why: '¶26, ¶30: the centre and who supervises share, the controller answers for it; police receive',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    purpose: 'court_direction',
    ask: (_, id) => post('/v1/disclosures', disclosure(id)),
  },
  {
    route: 'GET /v1/disclosures',
    why: '¶22: what was shared is known to who shared it and to the controller',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/disclosures?order_id=ORD-${id}` }),
  },
  {
    route: 'GET /v1/disclosures/:disclosure_id',
    why: '¶22',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) => {
      const headers = await h.as('data_controller', centre, 'maker', 'court_direction');
      const answer = await h.app.inject({ ...post('/v1/disclosures', disclosure(id)), headers });
      const listed = await h.app.inject({ url: `/v1/disclosures?order_id=ORD-${id}`, headers });
      if (answer.statusCode >= 300) throw new Error(answer.body);
      return { url: `/v1/disclosures/${listed.json().disclosures.at(-1).id}` };
    },
  },
  {
    route: 'POST /v1/warnings',
    why: '¶59: the contractor may warn and authorise an absence; ¶60: who supervises the conditions',
    own: 'y y n n n n n',
    other: 'y n n n n n n',
    ask: (_, id) =>
      post('/v1/warnings', {
        order_id: `ORD-${id}`,
        kind: 'authorised_absence',
        basis: 'licence condition 5(v)',
        reason,
        from: '2026-03-12T18:00:00Z',
        to: '2026-03-12T20:00:00Z',
      }),
  },
  {
    route: 'GET /v1/warnings',
    why: '¶59, ¶60; ¶51: the controller',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/warnings?order_id=ORD-${id}` }),
  },
  {
    route: 'POST /v1/rectifications',
    why: '¶43: stakeholders who become aware of it take steps to rectify',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => post('/v1/rectifications', rectification(id)),
  },
  {
    route: 'GET /v1/rectifications',
    why: '¶43, ¶45',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: (_, id) => ({ url: `/v1/rectifications?order_id=ORD-${id}` }),
  },
  {
    route: 'POST /v1/rectifications/:rectification_id/decide',
    why: '¶45: the relevant party responds',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) =>
      post(`/v1/rectifications/${await made(h, '/v1/rectifications', rectification(id))}/decide`, {
        outcome: 'refused',
        reason,
      }),
  },
  {
    route: 'POST /v1/rectifications/:rectification_id/told',
    why: '¶45: and tells the person',
    own: 'y y n y n n n',
    other: 'y n n y n n n',
    ask: async (h, id) => post(`/v1/rectifications/${await made(h, '/v1/rectifications', rectification(id))}/told`),
  },
  {
    route: 'POST /v1/erasures',
    why: '¶44: the data controller considers erasure',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    // the orders run: whoever may ask is refused for that (409)
    ask: (_, id) => post('/v1/erasures', erasure(id)),
  },
  { route: 'GET /v1/erasures', why: '¶44', own: 'n n n y n n n', ask: () => ({ url: '/v1/erasures' }) },
  {
    route: 'GET /v1/erasures/:erasure_id',
    why: '¶44, ¶45',
    own: 'n n n y n n n',
    other: 'n n n y n n n',
    ask: async (h, id) => {
      const headers = await h.as('data_controller', centre, 'maker');
      await h.app.inject({ ...post('/v1/erasures', erasure(id)), headers });
      const listed = (await h.app.inject({ url: '/v1/erasures', headers })).json().erasures as {
        id: string;
        order_id: string;
      }[];
      return { url: `/v1/erasures/${listed.find((one) => one.order_id === `ORD-${id}`)?.id}` };
    },
  },
  {
    route: 'GET /v1/certificates',
    why: '¶50: that it was securely destroyed is for who answers for it and who checks',
    own: 'y n n y y n n',
    ask: () => ({ url: '/v1/certificates' }),
  },
  {
    route: 'GET /v1/certificates/:certificate_id',
    why: '¶50',
    own: 'y n n y y n n',
    ask: async (h) => {
      if (h.office.register.get('certificate', 'C-1') === null) {
        await h.office.register.put({
          kind: 'certificate',
          id: 'C-1',
          version: 1,
          orderId: null,
          subjectId: null,
          agency: null,
          atMs: 0,
          by: 'gateway',
          body: { certificate: {}, jws: 'x', jwk: {} },
        });
      }
      return { url: '/v1/certificates/C-1' };
    },
  },
  {
    route: 'GET /v1/retention',
    why: '¶49, ¶50: the contractor holds, the controller answers for it',
    own: 'y n n y n n n',
    ask: () => ({ url: '/v1/retention' }),
  },
  {
    route: 'POST /v1/retention/run',
    why: '¶50, ¶51: destruction is the controller’s',
    own: 'n n n y n n n',
    ask: () => post('/v1/retention/run'),
  },
  {
    route: 'POST /v1/incidents',
    why: '¶36: every staff member, irrespective of role, grade or location, is required to report',
    own: everybody,
    ask: () => post('/v1/incidents', incident),
  },
  {
    route: 'GET /v1/incidents',
    why: '¶39–42: the contract line, the controller, who oversees',
    own: 'y n n y y n n',
    ask: () => ({ url: '/v1/incidents' }),
  },
  {
    route: 'GET /v1/incidents/:incident_id',
    why: '¶39–42',
    own: 'y n n y y n n',
    ask: async (h) => ({ url: `/v1/incidents/${await made(h, '/v1/incidents', incident)}` }),
  },
  {
    route: 'POST /v1/incidents/:incident_id/update',
    why: '¶40–42: the controller decides, the contractor reports',
    own: 'y n n y n n n',
    ask: async (h) =>
      post(`/v1/incidents/${await made(h, '/v1/incidents', incident)}/update`, { findings: 'it was found' }),
  },
  {
    route: 'GET /v1/statistics',
    why: '¶32: contractors provide what the Department needs to respond; it names nobody',
    own: 'y n n y y n y',
    ask: () => ({ url: '/v1/statistics' }),
  },
];

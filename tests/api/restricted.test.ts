// A restricted order: who supervises it, the centre's own officers and the controller may look, save those on its list;
// for everybody else it does not exist, and a topic says no more of it than that there is something.

import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import t, { type Test } from 'tap';
import { AlertTopics, type AlertTopicsOptions } from '../../src/api/alert-topics.js';
import { OrderIndex } from '../../src/api/order-index.js';
import { AgencyKey } from '../../src/crypto/agency-key.js';
import type { AgencyId } from '../../src/domain/ids.js';
import type { Purpose } from '../../src/domain/purpose.js';
import type { Role } from '../../src/domain/role.js';
import { archived, fix } from './evidence.js';
import { centre, type Harness, harness, north, nowMs, orderJson, south } from './harness.js';

async function opened(t: Test): Promise<Harness> {
  const h = await harness({}, { production: true });
  t.teardown(() => h.close());
  const headers = await h.as('administrator', centre, 'setup');
  const payload = orderJson({ restricted: true });
  const put = await h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1', payload, headers });
  if (put.statusCode !== 201) throw new Error(put.body);
  const controller = await h.as('data_controller', centre, 'di');
  const list = { users: ['kin', 'kin@centre'], reason: 'related to the person' };
  const listed = await h.app.inject({
    method: 'PUT',
    url: '/v1/orders/ORD-1/restriction',
    payload: list,
    headers: controller,
  });
  if (listed.statusCode !== 200) throw new Error(listed.body);
  await h.tell(h.alert({ alertId: 'A-1', startMs: nowMs - 7_200_000, endMs: nowMs - 3_600_000 }));
  return h;
}

const get = (h: Harness) => async (role: Role, agency: AgencyId, user: string, url: string, purpose?: Purpose) =>
  h.app.inject({ url, headers: await h.as(role, agency, user, purpose) });

t.test('it is seen by those who may and are not on its list, by every way in', async (t) => {
  const h = await opened(t);
  const ask = get(h);
  const who: readonly (readonly [Role, AgencyId, string, boolean])[] = [
    ['monitoring_officer', centre, 'ben', true],
    ['monitoring_officer', centre, 'kin@centre', false],
    ['monitoring_officer', south, 'far', false],
    ['supervising_officer', north, 'ann', true],
    ['supervising_officer', north, 'kin', false],
    ['supervising_officer', south, 'bob', false],
    ['data_controller', centre, 'di', true],
    ['administrator', centre, 'setup', false],
  ];
  for (const [role, agency, user, sees] of who) {
    const name = `${role} ${user} of ${agency}`;
    const order = await ask(role, agency, user, '/v1/orders/ORD-1');
    t.equal(order.statusCode, sees ? 200 : 404, `${name}: the order`);
    if (role === 'administrator') continue;
    t.equal((await ask(role, agency, user, '/v1/subjects/SUB-1')).statusCode, sees ? 200 : 404, `${name}: the person`);
    t.equal((await ask(role, agency, user, '/v1/alerts/A-1')).statusCode, sees ? 200 : 404, `${name}: the alert`);
    const listed = (await ask(role, agency, user, '/v1/alerts')).json().events as unknown[];
    t.equal(listed.length, sees ? 1 : 0, `${name}: the list`);
  }
  const body = (await ask('data_controller', centre, 'di', '/v1/orders/ORD-1/restriction')).json();
  t.same(body, { order_id: 'ORD-1', restricted: true, users: ['kin', 'kin@centre'], reason: 'related to the person' });
});

t.test('nobody gets round it by a grant, and one that was given closes to whoever is put on the list', async (t) => {
  const h = await opened(t);
  await archived(h, 'ORD-1', [fix('TAG-1', nowMs - 5_400_000, 1)]);
  const post = async (role: Role, agency: AgencyId, user: string, url: string, payload: object, purpose?: Purpose) =>
    h.app.inject({ method: 'POST', url, payload, headers: await h.as(role, agency, user, purpose) });
  const asking = { subject_id: 'SUB-1', legal_basis: 'necessary', case_reference: 'CASE-1' };
  const standing = { ...asking, trigger: 'standing_alert', alert_id: 'A-1' };
  const purpose = 'compliance_monitoring';
  t.equal((await post('supervising_officer', north, 'kin', '/v1/grants', standing, purpose)).statusCode, 404);
  const enquiry = { ...asking, trigger: 'police_request' };
  const police = await post('police_liaison', south, 'cy', '/v1/grants', enquiry, 'criminal_justice_enquiry');
  t.equal(police.statusCode, 404, 'an enquiry about it goes by the centre');
  const life = { ...asking, trigger: 'safeguarding_life' };
  t.equal((await post('police_liaison', south, 'cy', '/v1/grants', life, 'safeguarding')).statusCode, 404);

  const asked = await post('supervising_officer', north, 'ann', '/v1/grants', standing, purpose);
  t.equal(asked.statusCode, 201);
  const url = `/v1/grants/${asked.json().grant_id}`;
  t.equal((await post('monitoring_officer', centre, 'kin@centre', `${url}/approve`, {})).statusCode, 404);
  t.equal((await post('monitoring_officer', centre, 'ben', `${url}/approve`, {})).statusCode, 200);
  const read = () => get(h)('supervising_officer', north, 'ann', `${url}/fixes`, purpose);
  t.equal((await read()).json().features.length, 1);
  const headers = await h.as('data_controller', centre, 'di');
  const payload = { users: ['ann'], reason: 'knows the person after all' };
  await h.app.inject({ method: 'PUT', url: '/v1/orders/ORD-1/restriction', payload, headers });
  t.equal((await read()).statusCode, 404);
  t.match(h.audit().at(-1), { phase: 'refused', action: 'grants.fixes', orderId: 'ORD-1', actor: { user: 'ann' } });
});

type Event = Readonly<Record<string, unknown>> & { readonly data: Readonly<Record<string, unknown>> | string };

/** What is published of A-1, whose order is restricted, and of A-2, whose order is not: `agency alert` → event. */
async function published(
  t: Test,
  o: Pick<AlertTopicsOptions, 'keys' | 'throughBroker'>,
): Promise<ReadonlyMap<string, Event>> {
  const h = await opened(t);
  await h.tell(h.alert({ alertId: 'A-2', orderId: 'ORD-2', agency: south }));
  const orders = new OrderIndex(h.ledger, h.commands);
  const told = new Map<string, Event>();
  const topics = new AlertTopics({
    ...o,
    ledger: h.ledger,
    endpoint: {
      publish: async (topic, payload) => {
        const event = JSON.parse(Buffer.from(payload).toString()) as Event & { readonly id: string };
        told.set(`${topic.replace('em/v1/alerts/', '')} ${event.id.split('.')[0]}`, event);
        return true;
      },
    },
    bookmark: { read: async () => 0, write: async () => {} },
    monitoringAgency: centre,
    restricted: (orderId) => orderId !== null && orders.restricted(orderId) !== null,
    source: '/test',
    onError: (error) => void t.fail(String(error)),
  });
  await topics.start();
  while (told.size < 4) await new Promise((turn) => setImmediate(turn));
  await topics.stop();
  return told;
}

const BARE = ['specversion', 'id', 'source', 'type', 'cursor', 'data'];

t.test('a topic carries id and type of its alerts, and nothing of the person', async (t) => {
  const told = await published(t, { keys: new Map(), throughBroker: false });
  for (const to of [north, centre]) {
    const event = told.get(`${to} A-1`) as Event;
    t.same(Object.keys(event), BARE);
    t.same(event.data, { alert_id: 'A-1', version: 1, type: 'curfew' });
  }
  t.match(told.get(`${south} A-2`), { data: { subject_id: 'SUB-1' } }, 'of others all of it is told');
});

t.test('through a broker an alert is sealed to the agency that has a key; the others learn id and type', async (t) => {
  const pair = await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256', extractable: true });
  const { kty, crv, x, y } = await exportJWK(pair.publicKey);
  const key = await AgencyKey.read({ kty, crv, x, y, kid: 'south-2026' });
  if (!key.ok) throw new Error(key.fault);
  for (const throughBroker of [true, false]) {
    const told = await published(t, { keys: new Map([[south, key.value]]), throughBroker });
    const sealed = told.get(`${south} A-2`) as Event;
    t.same(Object.keys(sealed), ['specversion', 'id', 'source', 'type', 'cursor', 'datacontenttype', 'data']);
    t.equal(sealed.datacontenttype, 'application/jose');
    const { plaintext, protectedHeader } = await compactDecrypt(sealed.data as string, pair.privateKey);
    t.match(protectedHeader, { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: 'south-2026' });
    const data = JSON.parse(Buffer.from(plaintext).toString());
    t.match(data, { alert_id: 'A-2', version: 1, order_id: 'ORD-2', subject_id: 'SUB-1', agency: south });
    t.notMatch(JSON.stringify(sealed), /ORD-2|SUB-1|curfew/);

    const open = told.get(`${centre} A-2`) as Event;
    if (throughBroker) t.same(Object.keys(open), BARE, 'the centre has no key');
    else t.match(open, { data: { subject_id: 'SUB-1' } });
    t.same(Object.keys(told.get(`${north} A-1`) as Event), BARE, 'a restricted order is sealed to nobody');
  }
});

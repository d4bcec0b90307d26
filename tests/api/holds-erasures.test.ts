/** Over HTTP: holds, erasure, retention and certificates (¶44–45, ¶49–50). */
import t from 'tap';
import { parseOrderId } from '../../src/domain/ids.js';
import { verifyCertificate } from '../../src/lawful/certificate.js';
import { orderJson, sure } from './harness.js';
import { officePeople } from './office-people.js';

const hold = {
  order_id: 'ORD-1',
  reason_class: 'investigation',
  legal_basis: 'Criminal Procedure and Investigations Act 1996',
  reason: 'asked for by the police',
  case_reference: 'CASE-9',
};
const request = { order_id: 'ORD-1', ground: 'subject_request', reason: 'the person asks' };
const orderId = sure(parseOrderId('ORD-1'));
const afterEnd = Date.UTC(2026, 8, 2);

t.test('a hold refuses an erasure with a text for the person, and it is done when the hold is lifted', async (t) => {
  const { h, clock, ask } = await officePeople(t);
  clock.atMs = afterEnd;
  await h.tell(h.alert({ alertId: 'A-1' }), h.alert({ alertId: 'A-2' }));
  const placed = await ask('controller', 'POST', '/v1/holds', hold);
  t.equal(placed.status, 201, placed.text);
  t.match(placed.json, { state: 'standing', by: 'controller-1', order_id: 'ORD-1', subject_id: 'SUB-1' });
  const refused = await ask('controller', 'POST', '/v1/erasures', request);
  t.match(refused, { status: 409, json: { code: 'held' } });
  t.match(String(refused.json.to_the_person), /investigation.*Information Commissioner.*court/s);
  t.match((await ask('controller', 'GET', '/v1/erasures')).json, { erasures: [{ state: 'refused' }] });
  t.equal((await ask('probation', 'GET', '/v1/holds?order_id=ORD-1')).json.holds.length, 1);
  t.equal((await ask('stranger', 'GET', '/v1/holds?order_id=ORD-1')).status, 404);
  t.equal((await ask('stranger', 'GET', `/v1/holds/${placed.json.id}`)).status, 404);
  t.equal((await ask('officer', 'POST', '/v1/holds', hold)).status, 403, 'the controller alone places holds');

  const lifted = await ask('controller', 'POST', `/v1/holds/${placed.json.id}/lift`, { reason: 'no charges' });
  t.match(lifted, { status: 200, json: { state: 'lifted', version: 2 } });
  t.equal((await ask('controller', 'POST', `/v1/holds/${placed.json.id}/lift`, { reason: 'x' })).status, 409);

  const erased = await ask('controller', 'POST', '/v1/erasures', request);
  t.match(erased, { status: 200, json: { state: 'done' } }, erased.text);
  t.equal(h.keys.sealsOf(orderId), null);
  t.equal((await ask('controller', 'GET', '/v1/orders/ORD-1')).status, 404);
  t.same(h.ledger.orderRevisions(orderId), []);
  const proof = await ask('auditor', 'GET', `/v1/certificates/${erased.json.certificate_id}`);
  const { jws, jwk, certificate } = proof.json as { jws: string; jwk: object; certificate: object };
  t.match(await verifyCertificate(jws, jwk), { ok: true, value: { certificate } });
  t.match(certificate, { destroyed: { alerts: 2, order_revisions: 1, register_documents: 3 }, by: 'controller-1' });
  t.notMatch(proof.text, /ORD-1|SUB-1|CASE-9/);
});

t.test('the attempt is in the log before the keys go, and the outcome names nobody', async (t) => {
  const { h, clock, ask } = await officePeople(t);
  clock.atMs = afterEnd;
  const { destroy } = h.keys;
  let before: unknown[] = [];
  h.keys.destroy = async (id) => {
    before = h.audit().filter(({ action }) => action === 'erasures.make');
    await destroy.call(h.keys, id);
  };
  t.equal((await ask('controller', 'POST', '/v1/erasures', request)).status, 200);
  t.match(before, [{ phase: 'attempt', orderId: 'ORD-1' }]);
  const after = h.audit().filter(({ action }) => action === 'erasures.make');
  t.match(after[1], { phase: 'allowed', orderId: null, subjectId: null });
  t.notMatch(JSON.stringify(after[1]), /ORD-1|SUB-1/);
});

t.test('who may not look at a restricted order does not find it among the due ones', async (t) => {
  const { ask } = await officePeople(t, { restricted: true });
  const orders = async () => (await ask('officer', 'GET', '/v1/retention')).json.orders.length;
  t.equal(await orders(), 1);
  const body = { users: ['officer-1'], reason: 'related to the person' };
  const put = await ask('controller', 'PUT', '/v1/orders/ORD-1/restriction', body);
  t.equal(put.status, 200, put.text);
  t.equal(await orders(), 0);
});

t.test('an id that was erased is never used again', async (t) => {
  const { h, clock, ask } = await officePeople(t);
  clock.atMs = afterEnd;
  t.equal((await ask('controller', 'POST', '/v1/erasures', request)).status, 200);
  const again = await ask('administrator', 'PUT', '/v1/orders/ORD-1', orderJson({ revision: 9 }));
  t.match(again, { status: 409, json: { code: 'erased' } });
  t.equal(h.keys.sealsOf(orderId), null, 'no key was made');
  const log = await ask('auditor', 'GET', '/v1/audit');
  t.equal(log.status, 200, 'the log of what was done to it is still read');
});

t.test('an import beside an erasure is there before it and gone with it, or refused', async (t) => {
  const { h, clock, ask } = await officePeople(t);
  clock.atMs = afterEnd;
  const [put, erased] = await Promise.all([
    ask('administrator', 'PUT', '/v1/orders/ORD-1', orderJson({ revision: 2 })),
    ask('controller', 'POST', '/v1/erasures', request),
  ]);
  t.equal(erased.status, 200, erased.text);
  t.ok(put.status === 200 || put.status === 409, put.text);
  t.equal(h.keys.sealsOf(orderId), null);
  t.same(h.ledger.orderRevisions(orderId), []);
});

t.test('an order in force is erased for unlawful processing alone', async (t) => {
  const { ask } = await officePeople(t);
  t.match(await ask('controller', 'POST', '/v1/erasures', request), { status: 409, json: { code: 'order_in_force' } });
  const unlawful = { ...request, ground: 'unlawful_processing' };
  t.match(await ask('controller', 'POST', '/v1/erasures', unlawful), { status: 200, json: { state: 'done' } });
});

t.test('while the engine does not settle, the keys are gone and the answer says that it goes on', async (t) => {
  const { h, clock, ask } = await officePeople(t);
  clock.atMs = afterEnd;
  h.commands.awaitOutcome = async () => null;
  h.refuse = null;
  t.match(await ask('controller', 'POST', '/v1/erasures', request), { status: 202, json: { state: 'under_way' } });
  t.equal(h.keys.sealsOf(orderId), null);
  t.match((await ask('controller', 'POST', '/v1/holds', hold)).status, 404, 'a hold comes too late');
});

t.test('what is due is listed and destroyed by the sweep, six years after the end', async (t) => {
  const { h, clock, ask } = await officePeople(t);
  const due = '2032-09-01T00:00:00.000Z';
  t.match((await ask('controller', 'GET', '/v1/retention')).json, {
    orders: [{ order_id: 'ORD-1', due, state: 'running' }],
  });
  t.same((await ask('controller', 'POST', '/v1/retention/run')).json, { erasures: [] });
  clock.atMs = Date.parse(due);
  t.match((await ask('controller', 'GET', '/v1/retention?state=due')).json, { orders: [{ state: 'due' }] });
  t.equal((await ask('officer', 'POST', '/v1/retention/run')).status, 403);
  await h.office.duties.sweep();
  t.equal(h.keys.sealsOf(orderId), null);
  t.match((await ask('controller', 'GET', '/v1/retention')).json, { orders: [], more: false });
  const { certificates } = (await ask('controller', 'GET', '/v1/certificates')).json;
  t.match(certificates, [{ certificate: { cause: 'retention', by: 'gateway' } }]);
});

t.test('lists come in pages, each document once, and an id that is none of them is refused', async (t) => {
  const { ask } = await officePeople(t);
  const made: string[] = [];
  for (let n = 0; n < 5; n++) {
    const opened = await ask('controller', 'POST', '/v1/incidents', { kind: 'loss', summary: `list ${n} was lost` });
    t.equal(opened.status, 201, opened.text);
    made.push(opened.json.id);
  }
  const found: string[] = [];
  for (let after = '', more = true; more; ) {
    const { json } = await ask('controller', 'GET', `/v1/incidents?limit=2${after}`);
    t.ok(json.incidents.length <= 2);
    found.push(...json.incidents.map(({ id }: { id: string }) => id));
    after = `&after=${found.at(-1)}`;
    ({ more } = json);
  }
  t.same([...found].sort(), [...made].sort());
  t.match((await ask('controller', 'GET', '/v1/incidents')).json, { more: false });
  for (const list of ['incidents', 'holds', 'erasures', 'certificates']) {
    const strange = await ask('controller', 'GET', `/v1/${list}?after=X-none`);
    t.match(strange, { status: 422, json: { problems: [{ path: 'after' }] } }, list);
    t.equal((await ask('controller', 'GET', `/v1/${list}?limit=1001`)).status, 422, list);
  }
});

// Ways round the gate that somebody tried: a list that is changed by whom it names, a name in other letters, a query that
// moves the log's entry to another person, a download that outlives its grant.
import t from 'tap';
import { OrderIndex } from '../../src/api/order-index.js';
import type { Grant } from '../../src/domain/grant.js';
import { parseOrderId } from '../../src/domain/ids.js';
import { archived, fix } from './evidence.js';
import { centre, type Harness, harness, north, nowMs, orderJson, south, sure } from './harness.js';

const startMs = nowMs - 7_200_000;
const ORDER = sure(parseOrderId('ORD-1'));

async function put(h: Harness, order: Record<string, unknown>, headers: Record<string, string>) {
  const id = String(order.order_id ?? 'ORD-1');
  return h.app.inject({ method: 'PUT', url: `/v1/orders/${id}`, payload: orderJson(order), headers });
}

t.test(
  'who may not look at a restricted order neither opens it to themselves nor takes themselves off its list',
  async (t) => {
    const h = await harness({}, { production: true });
    t.teardown(() => h.close());
    const setup = await h.as('administrator', centre, 'setup');
    t.equal((await put(h, { restricted: true }, setup)).statusCode, 201);
    const list = { users: ['kin', 'dot'], reason: 'related to the person' };
    const url = '/v1/orders/ORD-1/restriction';
    const di = await h.as('data_controller', centre, 'di');
    t.equal((await h.app.inject({ method: 'PUT', url, payload: list, headers: di })).statusCode, 200);

    const kin = await h.as('monitoring_officer', centre, 'kin');
    t.equal((await put(h, { restricted: false, revision: 2 }, kin)).statusCode, 404, 'the restriction is not lifted');
    t.equal((await put(h, { restricted: true, revision: 2 }, kin)).statusCode, 404, 'nor the order changed');
    t.equal((await put(h, { restricted: false, revision: 2 }, setup)).statusCode, 404, 'an import opens nothing');
    t.equal(h.ledger.orderRevisions(ORDER).length, 1);
    t.equal((await put(h, { restricted: true, revision: 2 }, setup)).statusCode, 200, 'but it keeps orders up to date');
    for (const user of ['Kin', 'ki\u200bn', 'ｋｉｎ']) {
      const headers = await h.as('monitoring_officer', centre, user);
      t.equal((await h.app.inject({ url: '/v1/orders/ORD-1', headers })).statusCode, 404, `${user} is kin`);
    }

    const dot = await h.as('data_controller', centre, 'dot');
    const free = { users: [], reason: 'no more' };
    t.equal((await h.app.inject({ method: 'PUT', url, payload: free, headers: dot })).statusCode, 404);
    t.equal((await h.app.inject({ url, headers: dot })).statusCode, 404);
    t.equal(
      (await h.app.inject({ method: 'PUT', url, payload: free, headers: di })).statusCode,
      200,
      'another one may',
    );

    const ben = await h.as('monitoring_officer', centre, 'ben');
    t.equal((await put(h, { restricted: false, revision: 3 }, ben)).statusCode, 200, 'who sees it may lift it');
  },
);

t.test('a look is logged under the person whom the path names, whatever the query says', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const setup = await h.as('administrator', centre, 'setup');
  await put(h, {}, setup);
  const from = '2026-03-01T00:00:00Z';
  const devices = [
    { device_id: 'TAG-2', kind: 'tag', from },
    { device_id: 'HU-2', kind: 'home_unit', address: 'primary', from },
  ];
  const other = await put(h, { order_id: 'ORD-2', subject_id: 'SUB-2', devices }, setup);
  t.equal(other.statusCode, 201, other.body);
  await h.tell(h.alert({ alertId: 'A-1', startMs, endMs: startMs + 1 }));
  const ann = await h.as('supervising_officer', north, 'ann');
  for (const path of ['/v1/alerts/A-1', '/v1/subjects/SUB-1', '/v1/orders/ORD-1']) {
    const before = h.office.audit.size;
    await h.app.inject({ url: `${path}?order_id=ORD-2&alert_id=A-9&subject_id=SUB-2`, headers: ann });
    const entries = h.audit().slice(before);
    t.ok(entries.length > 0);
    for (const { orderId, subjectId } of entries) t.same([orderId, subjectId], ['ORD-1', 'SUB-1'], path);
  }
});

t.test('a grant is not approved by its requester under the same name in other letters', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  await put(h, {}, await h.as('administrator', centre, 'setup'));
  await h.tell(h.alert({ alertId: 'A-1', startMs, endMs: startMs + 600_000 }));
  const payload = { trigger: 'standing_alert', subject_id: 'SUB-1', alert_id: 'A-1', legal_basis: 'licence 5(ii)' };
  const headers = await h.as('supervising_officer', north, 'ann', 'compliance_monitoring');
  const asked = await h.app.inject({ method: 'POST', url: '/v1/grants', payload, headers });
  const url = `/v1/grants/${asked.json().grant_id}/approve`;
  for (const user of ['ann', 'ANN', 'a\u00adnn', 'ａｎｎ', 'an\u200bn']) {
    const again = await h.as('monitoring_officer', centre, user);
    t.equal((await h.app.inject({ method: 'POST', url, headers: again })).json().code, 'second_person_needed', user);
  }
  const ben = await h.as('monitoring_officer', centre, 'ben');
  t.equal((await h.app.inject({ method: 'POST', url, headers: ben })).statusCode, 200);
});

t.test('a download ends with its grant, however slowly it is read', async (t) => {
  let revoke: (() => Promise<unknown>) | null = null;
  let made = 0;
  const h = await harness(
    {},
    {
      office: (office) => ({
        ...office,
        evidence: {
          records: (order, sight) => office.evidence.records(order, sight),
          async *fixes(order, sight) {
            for await (const one of office.evidence.fixes(order, sight)) {
              if (++made === 400) await revoke?.();
              yield one;
            }
          },
        },
      }),
    },
  );
  t.teardown(() => h.close());
  await put(h, {}, await h.as('administrator', centre, 'setup'));
  await h.tell(h.alert({ alertId: 'A-1', type: 'exclusion', startMs, endMs: startMs + 600_000 }));
  const fixes = Array.from({ length: 1_000 }, (_, i) => fix('TAG-1', startMs + i * 500, i));
  await archived(h, 'ORD-1', fixes);
  const ann = await h.as('supervising_officer', north, 'ann', 'compliance_monitoring');
  const payload = { trigger: 'standing_alert', subject_id: 'SUB-1', alert_id: 'A-1', legal_basis: 'licence 5(ii)' };
  const asked = await h.app.inject({ method: 'POST', url: '/v1/grants', payload, headers: ann });
  const { grant_id } = asked.json() as { grant_id: Grant['grantId'] };
  const ben = await h.as('monitoring_officer', centre, 'ben');
  await h.app.inject({ method: 'POST', url: `/v1/grants/${grant_id}/approve`, headers: ben });
  const url = `/v1/grants/${grant_id}/fixes`;
  const whole = await h.app.inject({ url, headers: { ...ann, accept: 'application/x-ndjson' } });
  t.equal(whole.body.trim().split('\n').length, 1_000, 'all of it while it stands');

  made = 0;
  revoke = () =>
    h.app.inject({
      method: 'POST',
      url: `/v1/grants/${grant_id}/revoke`,
      payload: { reason: 'in error' },
      headers: ben,
    });
  const cut = await h.app.inject({ url, headers: { ...ann, accept: 'application/x-ndjson' } }).then(
    ({ body }) => body,
    () => '',
  );
  t.ok(cut.trim().split('\n').length < 400, 'no more after it was revoked');
  t.match(h.audit().at(-1), { action: 'grants.fixes', detail: { whole: false } }, 'and the log says that it broke off');
});

t.test('what the log has of an order from before its keys names nobody when they are gone', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  t.equal((await put(h, {}, await h.as('administrator', centre, 'setup'))).statusCode, 201);
  const di = await h.as('data_controller', centre, 'di', 'data_rights');
  const payload = { order_id: 'ORD-1', ground: 'unlawful_processing', reason: 'collected without a basis' };
  const erased = await h.app.inject({ method: 'POST', url: '/v1/erasures', payload, headers: di });
  t.equal(erased.statusCode, 200, erased.body);
  const left = await h.app.inject({ url: '/v1/audit', headers: await h.as('auditor', centre, 'aud') });
  const whole = await h.app.inject({ url: '/v1/audit', headers: await h.as('data_controller', centre, 'di') });
  for (const { body } of [left, whole]) for (const id of ['ORD-1', 'SUB-1']) t.notMatch(body, id);
});

t.test('an order that passes to another agency takes its alerts along', async (t) => {
  const h = await harness();
  t.teardown(() => h.close());
  const setup = await h.as('administrator', centre, 'setup');
  await put(h, {}, setup);
  await h.tell(h.alert({ alertId: 'A-1', startMs, endMs: startMs + 600_000 }));
  const ann = await h.as('supervising_officer', north, 'ann');
  const bob = await h.as('supervising_officer', south, 'bob');
  const seen = async (headers: Record<string, string>) =>
    (await h.app.inject({ url: '/v1/alerts/A-1', headers })).statusCode;
  const acknowledged = (headers: Record<string, string>) =>
    h.app.inject({ method: 'POST', url: '/v1/alerts/A-1/acknowledge', payload: { version: 1 }, headers });
  t.same([await seen(ann), await seen(bob)], [200, 404]);
  t.equal((await put(h, { revision: 2, supervisor: south }, setup)).statusCode, 200);
  t.same([await seen(ann), await seen(bob)], [404, 200]);
  t.same((await h.app.inject({ url: '/v1/alerts', headers: ann })).json().events, []);
  const listed = async (url = '/v1/alerts') => (await h.app.inject({ url, headers: bob })).json();
  t.match(
    (await listed()).events,
    [{ subject: 'ORD-1', data: { alert_id: 'A-1' } }],
    'and the new one’s list has them',
  );
  await h.tell(
    h.alert({ alertId: 'A-3', orderId: 'ORD-3', agency: south, startMs, endMs: startMs }),
    h.alert({ alertId: 'A-4', startMs, endMs: startMs, agency: south }),
    h.alert({ alertId: 'A-5', orderId: 'ORD-3', agency: south, startMs, endMs: startMs }),
  );
  const all = ['A-1', 'A-3', 'A-4', 'A-5'];
  const named = ({ events }: { events: { data: { alert_id: string } }[] }) => events.map(({ data }) => data.alert_id);
  t.same(named(await listed()), all, 'each once, in the order in which they were told');
  const paged: string[] = [];
  for (let cursor = '', more = true; more; ) {
    const page = await listed(`/v1/alerts?limit=1${cursor}`);
    paged.push(...named(page));
    cursor = `&cursor=${page.cursor}`;
    ({ more } = page);
  }
  t.same(paged, all, 'also page by page');
  const later = new OrderIndex(h.ledger, h.commands);
  t.same(
    [later.inherited(south), later.inherited(north)],
    [['ORD-1'], []],
    'after a start it is known from the revisions',
  );
  t.equal((await acknowledged(ann)).statusCode, 404, 'and decides nothing about them');
  t.equal((await acknowledged(bob)).statusCode, 200);
});

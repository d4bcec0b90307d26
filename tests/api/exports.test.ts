/** Over HTTP: subject access (¶31) and rectification (¶43, ¶45). */
import t, { type Test } from 'tap';
import { parseConditionId, parseDeviceId, parseOrderId, streamOfOrder } from '../../src/domain/ids.js';
import { nowMs, orderJson, sure } from './harness.js';
import { type OfficePeople, officePeople } from './office-people.js';

/** A home that must not be given away, and a place where the wearer was. */
const victim = [-1.5123456, 53.7654321] as const;
const zone = {
  type: 'Polygon',
  coordinates: [
    [
      [victim[0], victim[1]],
      [-1.51, victim[1]],
      [-1.51, 53.77],
      [victim[0], 53.77],
      [victim[0], victim[1]],
    ],
  ],
};
const conditions = [
  ...(orderJson().conditions as object[]),
  { condition_id: 'C-EX', kind: 'exclusion_zone', zone, buffer_m: 250 },
  { condition_id: 'C-SHARED', kind: 'exclusion_zone', zone_ref: 'SECRET-ZONE' },
];

async function withHistory(t: Test): Promise<OfficePeople> {
  const people = await officePeople(t, { conditions: conditions.slice(0, 2) });
  const { h } = people;
  const orderId = sure(parseOrderId('ORD-1'));
  await h.tell(
    h.alert({
      alertId: 'A-EX',
      type: 'exclusion',
      conditionId: sure(parseConditionId('C-EX')),
      marginM: 123.25,
      endedBy: 'return',
    }),
    h.alert({ alertId: 'A-OTHER', orderId: 'ORD-2' }),
  );
  h.recent.push({
    position: 1,
    entry: {
      kind: 'upload',
      stream: streamOfOrder(orderId),
      receivedMs: nowMs - 60_000,
      deviceId: sure(parseDeviceId('TAG-1')),
      sequence: 1n,
      index: 0,
      digest: 'x',
      records: [
        {
          timeMs: nowMs - 61_000,
          hash: 'h1',
          body: {
            kind: 'fix',
            latE7: 538_011_111,
            lonE7: -15_422_222,
            accuracyDm: 50,
            speedCmS: 0,
            headingCdeg: 0,
            satellites: 9,
            hdopCenti: 0,
            mechanism: 'GNSS',
            altitudeDm: 0,
          },
        },
        { timeMs: nowMs - 62_000, hash: 'h2', body: { kind: 'tag', batteryPct: 80, flags: [] } },
      ],
    },
  });
  return people;
}

const exportOf = (people: OfficePeople, format = 'ndjson') =>
  people.ask('controller', 'POST', `/v1/subjects/SUB-1/export?format=${format}`, undefined, 'subject_access');
interface Line {
  readonly section: string;
  readonly order_id: string | null;
  readonly item: Record<string, unknown>;
}
const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

t.test('a person gets everything that is held, section by section, and who looked at it', async (t) => {
  const people = await withHistory(t);
  const { ask } = people;
  await ask('probation', 'GET', '/v1/orders/ORD-1');
  await ask('stranger', 'GET', '/v1/orders/ORD-1');
  const hold = {
    order_id: 'ORD-1',
    reason_class: 'complaint',
    legal_basis: 'law',
    reason: 'a <script>alert(1)</script>',
  };
  t.equal((await ask('controller', 'POST', '/v1/holds', hold)).status, 201);

  const answer = await exportOf(people);
  t.equal(answer.status, 200, answer.text);
  const lines = linesOf(answer.text);
  const sections = [...new Set(lines.map(({ section }) => section))];
  t.same(sections, ['about', 'orders', 'alerts', 'positions', 'records', 'documents', 'readers', 'left_out']);
  const items = (section: string) => lines.filter((line) => line.section === section).map(({ item }) => item);
  t.match(items('orders'), [{ order_id: 'ORD-1', subject_id: 'SUB-1' }]);
  t.match(items('alerts'), [{ alert_id: 'A-EX', ended_by: 'return' }]);
  t.match(items('positions'), [{ fix: { lat_e7: 538_011_111, lon_e7: -15_422_222 }, device_id: 'TAG-1' }]);
  t.match(items('records'), [{ tag: { battery_pct: 80 } }]);
  t.match(items('documents'), [{ kind: 'hold', reason_class: 'complaint' }, { kind: 'export' }]);
  const readers = items('readers');
  const read = { action: 'orders.read', outcome: 'allowed', role: 'supervising_officer', agency: 'probation-north' };
  t.ok(readers.some((reader) => Object.entries(read).every(([name, value]) => reader[name] === value)));
  t.ok(
    readers.some(({ outcome, agency }) => outcome === 'refused' && agency === 'probation-south'),
    'who tried is told too',
  );
  t.notMatch(answer.text, /A-OTHER|ORD-2/, "nothing of another's order");
});

t.test('what is about others is left out: where exclusion zones lie, and names of staff', async (t) => {
  const people = await withHistory(t);
  await people.ask('probation', 'GET', '/v1/orders/ORD-1');
  const hold = { order_id: 'ORD-1', reason_class: 'complaint', legal_basis: 'law', reason: 'asked for' };
  t.equal((await people.ask('controller', 'POST', '/v1/holds', hold)).status, 201);
  const grant = { trigger: 'standing_alert', subject_id: 'SUB-1', alert_id: 'A-EX', legal_basis: 'licence 5(ii)' };
  const asked = await people.ask('probation', 'POST', '/v1/grants', grant, 'compliance_monitoring');
  t.equal((await people.ask('officer', 'POST', `/v1/grants/${asked.json.grant_id}/approve`)).status, 200);
  const shared = orderJson({ revision: 2, conditions });
  const zonePut = await people.ask('administrator', 'PUT', '/v1/zones/SECRET-ZONE', {
    type: 'Feature',
    id: 'SECRET-ZONE',
    properties: {},
    geometry: zone,
  });
  t.ok(zonePut.status < 300, zonePut.text);
  const put = await people.ask('administrator', 'PUT', '/v1/orders/ORD-1', shared);
  t.ok(put.status < 300, put.text);
  for (const format of ['ndjson', 'html']) {
    const { status, text } = await exportOf(people, format);
    t.equal(status, 200);
    t.notMatch(text, /1\.5123456|53\.7654321|53\.77|buffer_m|SECRET-ZONE/, `${format}: no geometry`);
    t.notMatch(text, /123\.25/, `${format}: no distance into the zone`);
    t.notMatch(text, /probation-1|controller-1|administrator-1|officer-1/, `${format}: no name of staff`);
    t.match(text, /standing_alert[\s\S]*monitoring_officer/, `${format}: but what they did, and for whom`);
    t.match(text, /Where exclusion zones lie/, `${format}: and it is said that it is left out`);
    t.match(text, /-1\.54/, `${format}: the person's own address is theirs`);
  }
});

t.test('the page needs nothing else and runs nothing that somebody wrote into it', async (t) => {
  const people = await withHistory(t);
  const reason = '<img src=x onerror=alert(1)> & "quoted"';
  await people.ask('controller', 'POST', '/v1/holds', {
    order_id: 'ORD-1',
    reason_class: 'complaint',
    legal_basis: 'law',
    reason,
  });
  const { text } = await exportOf(people, 'html');
  t.match(text, /^<!doctype html>/);
  t.ok(text.includes('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quoted&quot;'));
  t.notMatch(text, /<img|<script|<link|https?:\/\/|src=["']/);
  t.match(text, /default-src 'none'/);
  t.match(text, /break-before:page/, 'each section begins a page');
});

t.test('what must not be told yet is left out, and so is who enquired', async (t) => {
  const people = await withHistory(t);
  const { ask } = people;
  const secret = {
    order_id: 'ORD-1',
    reason_class: 'investigation',
    legal_basis: 'law',
    reason: 'covert',
    case_reference: 'CASE-SECRET',
    withhold: true,
  };
  const held = await ask('controller', 'POST', '/v1/holds', secret, 'criminal_justice_enquiry');
  t.equal(held.status, 201, held.text);
  const before = (await exportOf(people)).text;
  t.notMatch(before, /CASE-SECRET|covert|criminal_justice_enquiry/);
  await ask('controller', 'POST', `/v1/holds/${held.json.id}/lift`, { reason: 'charged' });
  t.match((await exportOf(people)).text, /criminal_justice_enquiry/, 'afterwards it is told');
});

t.test('an export is recorded under the order before its first byte, and refused where that fails', async (t) => {
  const people = await withHistory(t);
  const { h, ask } = people;
  t.match(await ask('controller', 'POST', '/v1/subjects/SUB-1/export'), {
    status: 400,
    json: { code: 'purpose_missing' },
  });
  t.equal((await ask('officer', 'POST', '/v1/subjects/SUB-1/export', undefined, 'subject_access')).status, 403);
  t.equal((await ask('controller', 'POST', '/v1/subjects/SUB-9/export', undefined, 'subject_access')).status, 404);
  t.equal((await exportOf(people)).status, 200);
  t.match((await ask('controller', 'GET', '/v1/exports?order_id=ORD-1', undefined, 'subject_access')).json, {
    exports: [{ purpose: 'subject_access', by: 'controller-1' }],
  });
  const logged = h.audit().filter(({ action, orderId }) => action === 'exports.make' && orderId === 'ORD-1');
  t.ok(logged.some(({ category, phase }) => category === 'disclosure' && phase === 'allowed'));
  h.office.register.put = async () => {
    throw new Error('the disk is full');
  };
  const failed = await exportOf(people);
  t.equal(failed.status, 500);
  t.notMatch(failed.text, /538011111/);
});

const wrong = (target: object) => ({
  order_id: 'ORD-1',
  target,
  requested_by: 'subject',
  inaccuracy: 'that is not so',
});

t.test('a correction of an order points to its new revision, and the person is told', async (t) => {
  const { ask } = await withHistory(t);
  const asked = await ask('probation', 'POST', '/v1/rectifications', wrong({ kind: 'order' }));
  t.match(asked, { status: 201, json: { state: 'requested' } }, asked.text);
  const url = `/v1/rectifications/${asked.json.id}`;
  t.equal((await ask('probation', 'POST', `${url}/told`)).status, 409, 'there is nothing to tell yet');
  const accept = { outcome: 'accepted', reason: 'the court confirms it', revision: 2 };
  t.match(await ask('controller', 'POST', `${url}/decide`, accept), { status: 422 }, 'there is no revision 2 yet');
  await ask('administrator', 'PUT', '/v1/orders/ORD-1', orderJson({ revision: 2 }));
  const decided = await ask('controller', 'POST', `${url}/decide`, accept);
  t.match(decided, { status: 200, json: { state: 'accepted', corrected_in: 2, version: 2 } }, decided.text);
  t.match(await ask('controller', 'POST', `${url}/decide`, accept), { status: 409 });
  const told = await ask('probation', 'POST', `${url}/told`);
  t.match(told.json, { told: new Date(nowMs).toISOString(), version: 3 });
  t.equal((await ask('stranger', 'POST', `${url}/told`)).status, 404);
});

t.test('a correction of a document is a new version with its reason, and the old one stands', async (t) => {
  const { h, ask } = await withHistory(t);
  const hold = { order_id: 'ORD-1', reason_class: 'appeal', legal_basis: 'law', reason: 'he was caned' };
  const { id } = (await ask('controller', 'POST', '/v1/holds', hold)).json;
  const target = { kind: 'document', document_kind: 'hold', document_id: id };
  const asked = await ask('controller', 'POST', '/v1/rectifications', wrong(target));
  const url = `/v1/rectifications/${asked.json.id}/decide`;
  const set = { reason: 'he was called' };
  const words = { outcome: 'accepted', reason: 'a slip' };
  t.match(
    await ask('controller', 'POST', url, { ...words, set: { state: 'lifted' } }),
    { status: 422 },
    'words, not acts',
  );
  t.match(await ask('controller', 'POST', url, { ...words, set }), { status: 200, json: { corrected_in: 2 } });
  t.match(h.office.register.history('hold', id), [
    { version: 1, body: { reason: 'he was caned' } },
    { version: 2, body: { reason: 'he was called', state: 'standing', corrections: [{ reason: 'a slip' }] } },
  ]);
});

t.test('a disputed alert is not changed; the dispute stands beside it; a refusal tells the rights', async (t) => {
  const { h, ask } = await withHistory(t);
  const before = h.ledger.head();
  const asked = await ask('probation', 'POST', '/v1/rectifications', wrong({ kind: 'alert', alert_id: 'A-EX' }));
  const url = `/v1/rectifications/${asked.json.id}/decide`;
  const refused = await ask('controller', 'POST', url, { outcome: 'refused', reason: 'three fixes show it.' });
  t.match(refused.json, { state: 'refused', corrected_in: null });
  t.match(refused.json.to_the_person, /three fixes show it\..*Information Commissioner.*court/s);
  t.equal(h.ledger.head(), before);
  t.match((await ask('controller', 'GET', '/v1/rectifications?order_id=ORD-1')).json, {
    rectifications: [{ target: { kind: 'alert', alert_id: 'A-EX' } }],
  });
  const other = wrong({ kind: 'alert', alert_id: 'A-OTHER' });
  t.equal((await ask('controller', 'POST', '/v1/rectifications', other)).status, 404, "another order's alert");
});

/** Over HTTP: disclosures, warnings, notices, incidents and statistics (¶21–32, ¶36–42, ¶59). */
import t from 'tap';
import { fix, recently } from './evidence.js';
import { nowMs, orderJson } from './harness.js';
import { officePeople } from './office-people.js';

const disclosure = {
  order_id: 'ORD-1',
  recipient: 'West Yorkshire Police',
  onward_controller: 'Chief Constable of West Yorkshire Police',
  legal_basis: 'data_protection_act_2018_s36',
  necessity: 'investigation of a burglary that evening',
  case_reference: 'CASE-1',
  means: 'secure_email',
  what: 'alerts',
  from: '2026-03-09T00:00:00Z',
  to: '2026-03-10T00:00:00Z',
};

t.test('a disclosure is recorded before anything leaves, with the onward controller', async (t) => {
  const { h, ask } = await officePeople(t);
  await h.tell(
    h.alert({ alertId: 'A-IN' }),
    h.alert({ alertId: 'A-BEFORE', startMs: nowMs - 5 * 86_400_000, endMs: nowMs - 4 * 86_400_000 }),
  );
  t.match(await ask('controller', 'POST', '/v1/disclosures', disclosure), {
    status: 400,
    json: { code: 'purpose_missing' },
  });
  const made = await ask('controller', 'POST', '/v1/disclosures', disclosure, 'criminal_justice_enquiry');
  t.equal(made.status, 201, made.text);
  t.match(made.json, {
    record: {
      purpose: 'criminal_justice_enquiry',
      onward_controller: disclosure.onward_controller,
      by: 'controller-1',
    },
    alerts: [{ alert_id: 'A-IN' }],
  });
  t.equal(made.json.alerts.length, 1);
  t.notOk('margin_m' in made.json.alerts[0] || 'handling' in made.json.alerts[0], 'no more than is needed (¶22)');
  t.equal((await ask('probation', 'GET', '/v1/disclosures?order_id=ORD-1')).json.disclosures.length, 1);
  t.equal((await ask('stranger', 'GET', '/v1/disclosures?order_id=ORD-1')).status, 404);
});

t.test('its record says who decides, who collects, and who answers for the data from then on', async (t) => {
  const { ask } = await officePeople(t);
  const made = await ask('controller', 'POST', '/v1/disclosures', disclosure, 'criminal_justice_enquiry');
  const { controller, processor, onward_controller } = made.json.record;
  t.ok(controller !== '' && processor !== '' && controller !== processor);
  t.equal(onward_controller, disclosure.onward_controller);
  const kept = await ask('controller', 'GET', `/v1/disclosures/${made.json.record.id}`);
  t.match(kept.json, { controller, processor, onward_controller }, 'and says so later');
});

t.test('where the record cannot be kept, nothing leaves', async (t) => {
  const { h, ask } = await officePeople(t);
  await h.tell(h.alert({ alertId: 'A-IN' }));
  h.office.register.put = async () => {
    throw new Error('the disk is full');
  };
  const made = await ask('controller', 'POST', '/v1/disclosures', disclosure, 'criminal_justice_enquiry');
  t.equal(made.status, 500);
  t.notMatch(made.text, /A-IN/);
});

t.test('positions leave under a grant alone', async (t) => {
  const { h, ask } = await officePeople(t);
  const fixes = { ...disclosure, what: 'fixes' };
  const purpose = 'criminal_justice_enquiry';
  t.match(await ask('controller', 'POST', '/v1/disclosures', fixes, purpose), {
    status: 403,
    json: { code: 'grant_needed' },
  });
  const unknown = { ...fixes, grant_id: 'G-none' };
  t.match(await ask('controller', 'POST', '/v1/disclosures', unknown, purpose), { status: 403 });
  t.same([...h.office.register.list('disclosure')], [], 'what was refused is no disclosure');
});

t.test('under an open grant the fixes of its window leave, after the record, which names the grant', async (t) => {
  const { h, ask } = await officePeople(t);
  const startMs = nowMs - 3 * 3_600_000;
  await h.tell(h.alert({ alertId: 'A-1', type: 'exclusion', startMs, endMs: startMs + 600_000 }));
  const fixes = Array.from({ length: 300 }, (_, n) => fix('TAG-1', startMs - 100 * 60_000 + n * 60_000, n));
  recently(h, 'ORD-1', fixes);
  const grant = { trigger: 'standing_alert', subject_id: 'SUB-1', alert_id: 'A-1', legal_basis: 'licence 5(ii)' };
  const purpose = 'compliance_monitoring';
  const { grant_id } = (await ask('probation', 'POST', '/v1/grants', grant, purpose)).json;
  const window = {
    from: new Date(startMs - 30 * 60_000).toISOString(),
    to: new Date(startMs + 40 * 60_000).toISOString(),
  };
  const asked = { ...disclosure, what: 'fixes', grant_id, ...window };
  const early = await ask('probation', 'POST', '/v1/disclosures', asked, purpose);
  t.match(early, { status: 403, json: { code: 'grant_needed' } }, 'nobody has approved');
  t.equal((await ask('officer', 'POST', `/v1/grants/${grant_id}/approve`)).status, 200);
  const other = await ask('probation', 'POST', '/v1/disclosures', asked, 'safeguarding');
  t.match(other, { status: 403, json: { code: 'grant_needed' } }, 'for another purpose than the grant');
  const wide = await ask('probation', 'POST', '/v1/disclosures', { ...asked, from: disclosure.from }, purpose);
  t.match(wide, { status: 403, json: { code: 'grant_needed' } }, 'more than the grant opens');
  const second = orderJson({
    order_id: 'ORD-2',
    subject_id: 'SUB-2',
    devices: [{ device_id: 'HU-2', kind: 'home_unit', address: 'primary', from: '2026-03-01T09:00:00Z' }],
  });
  const put2 = await ask('administrator', 'PUT', '/v1/orders/ORD-2', second);
  t.equal(put2.status, 201, put2.text);
  const another = await ask('probation', 'POST', '/v1/disclosures', { ...asked, order_id: 'ORD-2' }, purpose);
  t.match(another, { status: 403, json: { code: 'grant_needed' } }, "a grant of another's order");
  const { put } = h.office.register;
  const order: string[] = [];
  h.office.register.put = async (document) => {
    await put.call(h.office.register, document);
    order.push('recorded');
  };
  const made = await ask('probation', 'POST', '/v1/disclosures', asked, purpose);
  t.equal(made.status, 201, made.text);
  t.same(order, ['recorded']);
  const [record, ...features] = made.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(record, { record: { grant_id, recipient: 'West Yorkshire Police' } });
  const times = features.map(({ properties }) => Date.parse(properties.time));
  t.equal(times.length, 70, 'ten minutes, and half an hour on either side');
  t.ok(times.every((time) => time >= startMs - 30 * 60_000 && time < startMs + 40 * 60_000));
});

const away = { alertId: 'A-1', startMs: nowMs - 3_600_000, type: 'curfew' } as const;
const letter = {
  order_id: 'ORD-1',
  alert_id: 'A-1',
  kind: 'warning_letter',
  text: 'You were late.',
  sent: '2026-03-09T19:00:00Z',
};

t.test('a warning letter answers a minor curfew breach of home detention curfew, and nothing else', async (t) => {
  const hdc = { type: 'POST_RELEASE', hdc: true, minor_max_min: 15 };
  const { h, ask } = await officePeople(t, hdc);
  await h.tell(
    h.alert({ ...away, endMs: away.startMs + 10 * 60_000 }),
    h.alert({ ...away, alertId: 'A-LONG', endMs: away.startMs + 16 * 60_000 }),
    h.alert({ ...away, alertId: 'A-OPEN' }),
    h.alert({ ...away, alertId: 'A-STRAP', type: 'tamper.strap', endMs: away.startMs + 60_000 }),
  );
  t.match(await ask('officer', 'POST', '/v1/warnings', letter), { status: 201, json: { kind: 'warning_letter' } });
  for (const alert_id of ['A-LONG', 'A-OPEN', 'A-STRAP']) {
    const refused = await ask('officer', 'POST', '/v1/warnings', { ...letter, alert_id });
    t.match(refused, { status: 409, json: { code: 'not_minor' } }, alert_id);
  }
  const { alert_id: _, ...bare } = letter;
  t.equal((await ask('officer', 'POST', '/v1/warnings', bare)).status, 422, 'a letter names its alert');
  const absence = {
    order_id: 'ORD-1',
    kind: 'authorised_absence',
    basis: 'Licence 5(v)',
    reason: 'hospital',
    from: '2026-03-09T20:00:00Z',
    to: '2026-03-09T23:00:00Z',
  };
  t.equal((await ask('officer', 'POST', '/v1/warnings', absence)).status, 201);
  t.equal((await ask('officer', 'POST', '/v1/warnings', { ...absence, to: absence.from })).status, 422);
  t.equal((await ask('officer', 'GET', '/v1/warnings?order_id=ORD-1')).json.warnings.length, 2);
});

t.test('a child is warned by nobody over the head of the youth offending team', async (t) => {
  const { h, ask } = await officePeople(t, { type: 'POST_RELEASE', hdc: true, under_18: true, minor_max_min: 15 });
  await h.tell(h.alert({ ...away, endMs: away.startMs + 60_000 }));
  const refused = await ask('officer', 'POST', '/v1/warnings', letter);
  t.match(refused, { status: 409, json: { code: 'not_minor' } });
  t.match(String(refused.json.detail), /yot/);
});

t.test('a notice says what is collected under this order, as JSON, text and page', async (t) => {
  const { ask } = await officePeople(t);
  const json = await ask('officer', 'GET', '/v1/orders/ORD-1/notice');
  t.match(json, { status: 200, json: { order_id: 'ORD-1', revision: 1 } });
  t.match((await ask('probation', 'GET', '/v1/orders/ORD-1/notice?format=text')).text, /You have a curfew/);
  t.match((await ask('officer', 'GET', '/v1/orders/ORD-1/notice?format=html')).text, /<!doctype html>/);
  t.equal((await ask('stranger', 'GET', '/v1/orders/ORD-1/notice')).status, 404);
});

t.test('an incident counts down to its 24 h and 72 h, and is closed when both are met', async (t) => {
  const { clock, ask } = await officePeople(t);
  const report = { kind: 'loss', summary: 'a list was left on a train' };
  const opened = await ask('stranger', 'POST', '/v1/incidents', report);
  t.match(opened, { status: 201, json: { state: 'open', directorate_left_s: 86_400, commissioner_left_s: 259_200 } });
  const url = `/v1/incidents/${opened.json.id}`;
  t.equal((await ask('stranger', 'GET', url)).status, 403, 'everybody reports, few read');
  clock.atMs += 25 * 3_600_000;
  t.match((await ask('auditor', 'GET', url)).json, { directorate_left_s: -3_600, commissioner_left_s: 47 * 3_600 });
  const update = (body: object) => ask('controller', 'POST', `${url}/update`, body);
  t.match(await update({ close: true }), { status: 409 });
  t.match(await update({ directorate_told: '2026-03-10T20:00:00Z' }), {
    status: 200,
    json: { directorate_left_s: null },
  });
  t.match(await update({ close: true }), { status: 409 }, 'the Commissioner: notified, or why not (¶41)');
  t.match(
    await update({ commissioner: { decision: 'not_notified' } }),
    { status: 422 },
    'a decision not to has its reasons',
  );
  const reasons = 'it was encrypted, and came back unopened';
  t.match(await update({ commissioner: { decision: 'not_notified', reasons } }), {
    status: 200,
    json: { commissioner_left_s: null },
  });
  t.match(await update({ close: true, findings: 'lists are not printed any more' }), {
    status: 200,
    json: { state: 'closed' },
  });
  t.match(await update({ mitigation: 'more' }), { status: 409 });
});

t.test('statistics give months that are over, and no small number', async (t) => {
  const { h, clock, ask } = await officePeople(t);
  const many = Array.from({ length: 40 }, (_, n) =>
    h.alert({ alertId: `A-${n}`, type: n < 30 ? 'curfew' : 'exclusion' }),
  );
  await h.tell(
    ...many,
    h.alert({ alertId: 'B-1', type: 'tamper.strap' }),
    h.alert({ alertId: 'W', state: 'withdrawn' }),
  );
  t.match((await ask('auditor', 'GET', '/v1/statistics?year=2026')).json.tables, [{ cells: [] }], 'March is not over');
  clock.atMs = Date.UTC(2026, 3, 1);
  const april = await ask('auditor', 'GET', '/v1/statistics?year=2026');
  t.same(april.json.tables, [
    {
      name: 'alerts by type and month',
      dimensions: ['alert_type', 'month'],
      cells: [
        { key: ['curfew', '2026-03'], count: 30 },
        { key: ['exclusion', '2026-03'], count: null },
        { key: ['tamper.strap', '2026-03'], count: null },
      ],
      published: 30,
    },
  ]);
  clock.atMs = Date.UTC(2027, 0, 1);
  const names = ((await ask('auditor', 'GET', '/v1/statistics?year=2026')).json.tables as { name: string }[]).map(
    ({ name }) => name,
  );
  t.equal(names.length, 4, 'a year that is over is counted by order and condition too');
  t.equal((await ask('probation', 'GET', '/v1/statistics?year=2026')).status, 403);
});

// The rest of the story: what is shared, corrected, held, destroyed, reported, overseen and counted.
import { nowMs } from '../harness.js';
import { HOUR, order, zone } from './north-sea.js';
import type { Stage } from './scenario.js';

const ORD = { order_id: 'ORD-1' };
const idOf = (answer: { readonly json: { id: string } }): string => answer.json.id;

/** What is shared about a person, and with themselves. */
export async function share({ r }: Stage): Promise<void> {
  const disclosure = {
    ...ORD,
    recipient: 'North Sea Police',
    onward_controller: 'Chief Constable of North Sea Police',
    legal_basis: 'data_protection_act_2018_s36',
    necessity: 'Investigation of a burglary that evening; nothing less would show it.',
    case_reference: 'CASE-1',
    means: 'secure_email',
    what: 'alerts',
    from: '2026-03-09T00:00:00Z',
    to: '2026-03-10T00:00:00Z',
  };
  const purpose = 'criminal_justice_enquiry';
  const make = 'POST /v1/disclosures';
  const made = await r.ask('controller', make, { body: disclosure, purpose }, 201);
  await r.ask('controller', make, { body: { ...disclosure, what: 'fixes' }, purpose }, 403);
  await r.ask('probation', 'GET /v1/disclosures', { query: ORD }, 200);
  const one = { path: { disclosure_id: made.json.record.id as string } };
  await r.ask('probation', 'GET /v1/disclosures/{disclosure_id}', one, 200);

  const absence = {
    ...ORD,
    kind: 'authorised_absence',
    basis: 'Licence condition 5(v): medical appointments',
    reason: 'A scan at the hospital.',
    from: '2026-03-16T18:00:00Z',
    to: '2026-03-16T21:00:00Z',
  };
  const letter = {
    ...ORD,
    kind: 'warning_letter',
    alert_id: 'ALERT-1',
    text: 'You were.',
    sent: '2026-03-09T18:30:00Z',
  };
  await r.ask('officer', 'POST /v1/warnings', { body: absence }, 201);
  await r.ask('officer', 'POST /v1/warnings', { body: letter }, 409);
  await r.ask('officer', 'GET /v1/warnings', { query: ORD }, 200);
  await r.ask('probation', 'GET /v1/orders/{order_id}/notice', { path: ORD }, 200);

  const exporting = 'POST /v1/subjects/{subject_id}/export';
  // of somebody of whom little is held: what an export says of the rest is in its own sections
  await r.ask('controller', exporting, { path: { subject_id: 'SUB-1' }, purpose: 'subject_access' }, 200);
  await r.ask('controller', 'GET /v1/exports', { query: ORD, purpose: 'subject_access' }, 200);
}

/** What is wrong, and what is kept or destroyed. */
export async function putRight({ r, h, clock }: Stage): Promise<void> {
  const wrong = {
    ...ORD,
    target: { kind: 'order' },
    requested_by: 'subject',
    inaccuracy: 'The flat is my former one.',
  };
  const made = await r.ask('probation', 'POST /v1/rectifications', { body: wrong }, 201);
  const path = { rectification_id: idOf(made) };
  await r.ask('probation', 'GET /v1/rectifications', { query: ORD }, 200);
  await r.ask('probation', 'POST /v1/rectifications/{rectification_id}/told', { path }, 409);
  const decide = 'POST /v1/rectifications/{rectification_id}/decide';
  const body = { outcome: 'refused', reason: 'The tenancy that was shown names this flat.' };
  await r.ask('probation', decide, { path, body }, 200);
  await r.ask('probation', decide, { path, body }, 409);
  await r.ask('probation', 'POST /v1/rectifications/{rectification_id}/told', { path }, 200);

  const hold = {
    ...ORD,
    reason_class: 'investigation',
    legal_basis: 'Criminal Procedure and Investigations Act 1996',
    reason: 'Asked for by the investigating officer.',
    case_reference: 'CASE-1',
  };
  const held = await r.ask('controller', 'POST /v1/holds', { body: hold }, 201);
  const one = { path: { hold_id: idOf(held) } };
  await r.ask('probation', 'GET /v1/holds', { query: ORD }, 200);
  await r.ask('probation', 'GET /v1/holds/{hold_id}', one, 200);
  const ask = { ...ORD, ground: 'subject_request', reason: 'The person asks for it.' };
  await r.ask('controller', 'POST /v1/erasures', { body: ask }, 409);
  await r.ask('controller', 'POST /v1/erasures', { body: { ...ask, order_id: 'ORD-2' } }, 409);
  const lift = 'POST /v1/holds/{hold_id}/lift';
  await r.ask('controller', lift, { ...one, body: { reason: 'No charge was brought.' } }, 200);
  await r.ask('controller', lift, { ...one, body: { reason: 'Once more.' } }, 409);
  await r.ask('officer', 'GET /v1/retention', {}, 200);

  // an order that is over; a hold that comes while its keys are being destroyed comes too late
  clock.atMs = Date.UTC(2026, 8, 2);
  const destroy = h.keys.destroy.bind(h.keys);
  let late: Promise<unknown> = Promise.resolve();
  h.keys.destroy = async (orderId) => {
    const places = () =>
      h.audit().filter(({ action, phase }) => action === 'holds.place' && phase === 'attempt').length;
    const before = places();
    late = r.ask('controller', 'POST /v1/holds', { body: { ...hold, order_id: 'ORD-3' } }, 409);
    while (places() === before) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await destroy(orderId);
  };
  const erased = await r.ask('controller', 'POST /v1/erasures', { body: { ...ask, order_id: 'ORD-3' } }, 200);
  await late;
  await r.ask('administrator', 'PUT /v1/orders/{order_id}', { path: { order_id: 'ORD-3' }, body: order(3) }, 409);
  const erasure = { path: { erasure_id: idOf(erased) } };
  await r.ask('controller', 'GET /v1/erasures', {}, 200);
  await r.ask('controller', 'GET /v1/erasures/{erasure_id}', erasure, 200);
  await r.ask('auditor', 'GET /v1/certificates', {}, 200);
  const certificate = { path: { certificate_id: erased.json.certificate_id as string } };
  await r.ask('auditor', 'GET /v1/certificates/{certificate_id}', certificate, 200);
  await r.ask('controller', 'POST /v1/retention/run', {}, 200);
  clock.atMs = nowMs;
}

/** What went wrong, who looked, and how it all counts up. */
export async function oversee({ r, clock }: Stage): Promise<void> {
  const report = {
    kind: 'loss',
    summary: 'A laptop with a list of alerts was left on a train.',
    factors: {
      nature_of_information: 'alerts of a week',
      records_involved: 40,
      possible_impact: 'names are not in it',
    },
  };
  const opened = await r.ask('officer', 'POST /v1/incidents', { body: report }, 201);
  const path = { incident_id: idOf(opened) };
  const update = 'POST /v1/incidents/{incident_id}/update';
  await r.ask('officer', update, { path, body: { close: true } }, 409);
  clock.atMs += 3_600_000;
  const told = {
    directorate_told: '2026-03-09T19:30:00Z',
    commissioner: { decision: 'notified', at: '2026-03-09T19:45:00Z' },
    findings: 'The laptop was found at lost property; its disk is sealed.',
  };
  await r.ask('controller', update, { path, body: told }, 200);
  await r.ask('auditor', 'GET /v1/incidents', {}, 200);
  await r.ask('auditor', 'GET /v1/incidents/{incident_id}', { path }, 200);

  await r.ask('controller', 'GET /v1/audit', { query: { ...ORD, from: '20', limit: '2' } }, 200);
  await r.ask('auditor', 'GET /v1/audit/heads', { query: { limit: '2' } }, 200);
  await r.ask('auditor', 'GET /v1/audit/proof', { query: { entry: '20' } }, 200);
  await r.ask('auditor', 'GET /v1/audit/proof', { query: { entry: '999999' } }, 404);
  await r.ask('auditor', 'GET /v1/statistics', { query: { year: '2026' } }, 200);
  await r.ask('nobody', 'GET /livez', {}, 200);
  await r.ask('nobody', 'GET /metrics', {}, 200);
  await r.ask('administrator', 'GET /v1/dev/clock', {}, 200);
  await r.ask('administrator', 'POST /v1/dev/clock', { body: { to_ms: clock.atMs + 60_000 } }, 200);
}

/** Commands that the engine has not followed yet when the answer is due. */
export async function slowEngine({ r, h, clock }: Stage): Promise<void> {
  const found = { startMs: clock.atMs - HOUR, endMs: clock.atMs - HOUR + 600_000 };
  await h.tell(...[5, 6, 7].map((n) => h.alert({ alertId: `ALERT-${n}`, ...found })));
  const decision = { version: 1, decision: 'confirmed', reason: 'Nobody was home; the family says so.' };
  const one = (n: number) => ({ path: { alert_id: `ALERT-${n}` } });
  await r.ask('probation', 'POST /v1/alerts/{alert_id}/decide', { ...one(7), body: decision }, 200);
  await r.ask('administrator', 'PUT /v1/zones/{zone_id}', { path: { zone_id: 'Z-4' }, body: zone('Z-4') }, 201);
  h.refuse = null;
  const again = { ...one(7), body: { version: 2, on_behalf_of: 'wearer', reason: 'Says that he was at the ward.' } };
  await Promise.all([
    r.ask('administrator', 'PUT /v1/orders/{order_id}', { path: { order_id: 'ORD-5' }, body: order(5) }, 202),
    r.ask('administrator', 'PUT /v1/zones/{zone_id}', { path: { zone_id: 'Z-5' }, body: zone('Z-5') }, 202),
    r.ask('administrator', 'DELETE /v1/zones/{zone_id}', { path: { zone_id: 'Z-4' } }, 202),
    r.ask('officer', 'POST /v1/alerts/{alert_id}/acknowledge', { ...one(5), body: { version: 1 } }, 202),
    r.ask('probation', 'POST /v1/alerts/{alert_id}/decide', { ...one(6), body: decision }, 202),
    r.ask('probation', 'POST /v1/alerts/{alert_id}/reconsider', again, 202),
    r.ask('engineer', 'POST /v1/devices/{device_id}/keys', { path: { device_id: 'TAG-1' }, body: {} }, 202),
  ]);
  h.refuse = undefined;
  await r.ask('administrator', 'PUT /v1/zones/{zone_id}', { path: { zone_id: 'Z-6' }, body: zone('Z-6') });
}

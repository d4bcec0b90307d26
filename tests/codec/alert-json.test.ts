/** Alerts as clients see them. */
import t from 'tap';
import { alertToJson, cloudEvent } from '../../src/codec/alert-json.js';
import type { AlertState, AlertVersion } from '../../src/domain/alert.js';
import type { AgencyId, AlertId, ConditionId, DeviceId, OrderId, SubjectId } from '../../src/domain/ids.js';

const startMs = Date.UTC(2026, 2, 1, 19, 0, 0, 7);
const running: AlertVersion = {
  alertId: '01HX' as AlertId,
  version: 1,
  state: 'open',
  kind: 'violation',
  type: 'curfew',
  orderId: 'ORD-1' as OrderId,
  subjectId: 'SUB-1' as SubjectId,
  agency: 'probation-north' as AgencyId,
  conditionId: 'C1' as ConditionId,
  deviceId: null,
  eventMs: startMs + 300_000,
  derivedMs: startMs + 301_234,
  startMs,
  endMs: null,
  endedBy: null,
  codes: ['AL08'],
  confidence: null,
  marginM: null,
  mechanism: null,
  count: 1,
  cause: 'timer',
  policyRevision: 3,
  rulesVersion: 1,
  records: [{ deviceId: 'HU-1' as DeviceId, timeMs: startMs - 1, hash: 'abc' }],
};
const returned: AlertVersion = {
  ...running,
  version: 2,
  eventMs: startMs + 750_000,
  endMs: startMs + 750_000,
  endedBy: 'return',
  codes: ['AL08', 'AL09'],
  cause: 'record',
};

t.test('a running violation has no end, no minutes, and the code it was raised with', async (t) => {
  t.strictSame(alertToJson(running), {
    alert_id: '01HX',
    version: 1,
    state: 'open',
    kind: 'violation',
    type: 'curfew',
    order_id: 'ORD-1',
    subject_id: 'SUB-1',
    agency: 'probation-north',
    condition_id: 'C1',
    device_id: null,
    start: '2026-03-01T19:00:00.007Z',
    end: null,
    event_time: '2026-03-01T19:05:00.007Z',
    derived_time: '2026-03-01T19:05:01.241Z',
    ended_by: null,
    minutes: null,
    codes: ['AL08'],
    code: 'AL08',
    confidence: null,
    margin_m: null,
    mechanism: null,
    count: 1,
    cause: 'timer',
    policy_revision: 3,
    rules_version: 1,
    records: [{ device_id: 'HU-1', time_ms: startMs - 1, hash: 'abc' }],
    event_ms: startMs + 300_000,
    derived_ms: startMs + 301_234,
    route: [],
    minor: false,
    handling: null,
  });
});

t.test('one that ended has its minutes, and the newest code', async (t) => {
  t.match(alertToJson(returned), {
    end: '2026-03-01T19:12:30.007Z',
    minutes: 12.5,
    ended_by: 'return',
    codes: ['AL08', 'AL09'],
    code: 'AL09',
  });
  t.match(alertToJson({ ...running, codes: [] }), { codes: [], code: null });
  t.match(alertToJson({ ...returned, endMs: startMs }), { minutes: 0 });
});

const event = (version: AlertVersion) => cloudEvent({ version, cursor: 'L1.42', source: '/fairwatch/north' });

t.test('the first version of an alert is a raised event of CloudEvents 1.0', async (t) => {
  const { data, ...attributes } = event(running);
  t.strictSame(attributes, {
    specversion: '1.0',
    id: '01HX.1',
    source: '/fairwatch/north',
    type: 'uk.fairwatch.alert.raised',
    subject: 'ORD-1',
    time: '2026-03-01T19:05:00.007Z',
    datacontenttype: 'application/json',
    cursor: 'L1.42',
  });
  t.strictSame(data, alertToJson(running));
});

t.test('a later version of an open alert is an updated event', async (t) => {
  t.match(event(returned), { id: '01HX.2', type: 'uk.fairwatch.alert.updated' });
});

for (const state of ['withdrawn', 'acknowledged', 'decided'] satisfies AlertState[]) {
  t.test(`an alert that is ${state} is a ${state} event, whatever its version`, async (t) => {
    for (const version of [1, 2, 9]) {
      t.match(event({ ...returned, state, version }), { type: `uk.fairwatch.alert.${state}`, id: `01HX.${version}` });
    }
  });
}

t.test('an alert of a device that no order has is about the device', async (t) => {
  const stray: AlertVersion = {
    ...running,
    kind: 'alert',
    type: 'integrity.unassigned_record',
    orderId: null,
    subjectId: null,
    agency: null,
    conditionId: null,
    deviceId: 'TAG-7' as DeviceId,
  };
  t.match(event(stray), { subject: 'TAG-7', data: { order_id: null, agency: null, device_id: 'TAG-7' } });
});

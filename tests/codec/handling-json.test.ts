// What people have done about an alert, as clients see it, and what each version is told as.
import t from 'tap';
import { eventOf, handlingJson } from '../../src/codec/handling-json.js';
import type { AlertVersion, Handling } from '../../src/domain/alert.js';
import type { Person } from '../../src/domain/grant.js';
import type { AgencyId } from '../../src/domain/ids.js';
import { UNHANDLED } from '../../src/rules/handling.js';

const atMs = Date.UTC(2026, 2, 1, 20);
const kim: Person = { user: 'kim', role: 'supervising_officer', agency: 'probation-north' as AgencyId };
const act = { by: kim, atMs, reason: 'seen' };
const decision: NonNullable<Handling['decision']> = {
  ...act,
  reason: 'in hospital',
  kind: 'reasonable_excuse',
  referredTo: null,
  seen: { version: 2, startMs: 0, endMs: 1, endedBy: 'return', codes: [], confidence: null, marginM: null, count: 1 },
  reconsidered: false,
};
const told = (change: Partial<AlertVersion>): string =>
  eventOf({ version: 4, state: 'open', cause: 'decision', derivedMs: atMs, ...change } as AlertVersion);

t.test('nobody has done anything: null; else who, when, why, and what it does', async (t) => {
  t.equal(handlingJson(undefined), null);
  t.strictSame(handlingJson({ ...UNHANDLED, acknowledged: act, decision, escalation: { level: 2, atMs } }), {
    acknowledged: { by: kim, at: '2026-03-01T20:00:00.000Z', reason: 'seen' },
    decision: {
      by: kim,
      at: '2026-03-01T20:00:00.000Z',
      reason: 'in hospital',
      kind: 'reasonable_excuse',
      referred_to: null,
      seen_version: 2,
      reconsidered: false,
      significant: true,
      excuses: true,
    },
    reconsideration: null,
    escalation: { level: 2, at: '2026-03-01T20:00:00.000Z' },
    superseded_evidence: false,
  });
});

t.test('what somebody did is told by its name, what follows of it as an update', async (t) => {
  const acknowledged: Handling = { ...UNHANDLED, acknowledged: act };
  t.equal(told({ state: 'acknowledged', handling: acknowledged }), 'acknowledged');
  t.equal(told({ state: 'acknowledged', handling: acknowledged, cause: 'late_data' }), 'updated');
  t.equal(told({ state: 'acknowledged', handling: acknowledged, derivedMs: atMs + 1 }), 'updated', 'the sum moved it');
  const decided: Handling = { ...acknowledged, decision };
  t.equal(told({ state: 'decided', handling: decided }), 'decided');
  t.equal(told({ state: 'decided', handling: decided, cause: 'record' }), 'updated');
  t.equal(told({ state: 'withdrawn', handling: decided, cause: 'late_data' }), 'withdrawn');
  const asked: Handling = { ...decided, reconsideration: { ...act, atMs: atMs + 5, onBehalfOf: 'wearer' } };
  t.equal(told({ state: 'decided', handling: asked, derivedMs: atMs + 5 }), 'updated');
  t.equal(told({ handling: { ...UNHANDLED, escalation: { level: 1, atMs } } }), 'updated');
  t.equal(told({ version: 1 }), 'raised', 'a sum that passed for what a decision put back');
});

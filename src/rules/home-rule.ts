/** The rule of the home: what its units say, the curfews that rest on it, and how much of them was violated. */
import type { Cause } from '../domain/alert.js';
import { attendAtHome } from './attendance-rule.js';
import { atvDueMs, countedMs, endedViolations, judgeAtv, reviseAtv, type UsedUp } from './atv.js';
import type { OrderPolicy } from './compile.js';
import { unsettled } from './contradiction-rule.js';
import { closeCurfew, curfewDueMs, initialCurfew, judgeCurfew, noteCurfew, reviseCurfew } from './curfew.js';
import type { Draft } from './draft.js';
import type { Moment } from './machine.js';
import { hearUnit, initialUnit, presenceAt, presenceDueMs } from './presence.js';
import { NOTHING, type Rule, type Sighting } from './rule.js';

export const homeRule: Rule = {
  show: (draft, policy, sighting) =>
    sighting.sender.kind === 'home_unit'
      ? [{ part: 'home', take: () => takePresence(draft, policy, sighting) }, ...unsettled(draft, policy, sighting)]
      : NOTHING,
  dueMs: homeDueMs,
  fire: fireHome,
  revise: reviseHome,
};

function takePresence(draft: Draft, policy: OrderPolicy, sighting: Sighting): void {
  attendAtHome(draft, policy, sighting);
  const { state } = draft;
  const { sender, record, ref } = sighting;
  const unitId = sender.deviceId;
  const heard = hearUnit(policy.presence, unitId, state.units[unitId] ?? initialUnit(), record);
  state.units = { ...state.units, [unitId]: heard.unit };
  for (const curfew of policy.curfews) {
    const before = state.curfews[curfew.conditionId];
    if (before === undefined) continue;
    const after = noteCurfew(curfew, before, heard, ref);
    if (after !== before) state.curfews = { ...state.curfews, [curfew.conditionId]: after };
  }
}

function homeDueMs(draft: Draft, policy: OrderPolicy): number {
  const { state } = draft;
  const firedMs = draft.opensMs('home') - 1;
  const { running } = draft;
  let dueMs = atvDueMs(policy, usedUp(draft), running, firedMs) ?? Infinity;
  let inWindow = false;
  for (const curfew of policy.curfews) {
    const curfewState = state.curfews[curfew.conditionId] ?? initialCurfew();
    dueMs = Math.min(dueMs, curfewDueMs(curfew, curfewState, running, firedMs) ?? Infinity);
    inWindow ||= curfewState.window !== null;
  }
  return inWindow ? Math.min(dueMs, presenceDueMs(policy.presence, state.units, firedMs) ?? Infinity) : dueMs;
}

function fireHome(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  if (homeDueMs(draft, policy) > atMs) return;
  const { state } = draft;
  const moment = draft.moment(atMs, cause, null);
  const first = draft.findings.length;
  const presenceFor = (addresses: readonly string[]) => presenceAt(policy.presence, state.units, addresses, atMs);
  for (const curfew of policy.curfews) {
    const before = state.curfews[curfew.conditionId] ?? initialCurfew();
    const after = judgeCurfew(curfew, before, presenceFor, moment);
    if (after !== before) state.curfews = { ...state.curfews, [curfew.conditionId]: after };
  }
  noteEnded(draft, first);
  judgeAtv(policy, usedUp(draft), moment);
  draft.judged('home', atMs, true);
}

function reviseHome(draft: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  const { state } = draft;
  const first = draft.findings.length;
  for (const curfew of former.curfews) {
    const before = state.curfews[curfew.conditionId] ?? initialCurfew();
    const successor = next.curfews.find(({ conditionId }) => conditionId === curfew.conditionId);
    const after =
      successor === undefined
        ? closeCurfew(curfew, before, moment, 'ORDER_REVISED')
        : reviseCurfew(curfew, successor, before, moment);
    state.curfews = { ...state.curfews, [curfew.conditionId]: after };
  }
  noteEnded(draft, first);
  reviseAtv(next, usedUp(draft), moment);
}

const usedUp = ({ state }: Draft): UsedUp => ({ endedMs: state.violationMs, excuses: state.excuses });

/** The violations that are over with the findings from `first` on: how much of them counts, and what they were. */
function noteEnded(draft: Draft, first: number): void {
  const { state, findings } = draft;
  if (findings.length === first) return;
  const ended = endedViolations(findings, first, state.open);
  if (ended.length === 0) return;
  state.violations = [...state.violations, ...ended];
  for (const violation of ended) state.violationMs += countedMs(state.excuses, violation);
}

/** The rules of the engine, in the order in which they look at a moment, and what all of them together do. */
import type { Cause } from '../domain/alert.js';
import type { Assignment } from '../domain/order.js';
import type { DeviceRecord } from '../domain/record.js';
import { alcoholRule } from './alcohol-rule.js';
import { attendanceRule } from './attendance-rule.js';
import { assignmentAt, type OrderPolicy } from './compile.js';
import { contradictionRule } from './contradiction-rule.js';
import type { Draft } from './draft.js';
import { equipmentRule } from './equipment-rule.js';
import { homeRule } from './home-rule.js';
import type { Moment } from './machine.js';
import type { Rule, Sighting } from './rule.js';
import { zonesRule } from './zones-rule.js';

/**
 * Of one moment the home is judged first, then where the person is, then what rests on both, then the readings of alcohol,
 * then what the devices say of themselves.
 */
const OF_PERSONS: readonly Rule[] = [homeRule, zonesRule, attendanceRule, contradictionRule, alcoholRule];
const RULES: readonly Rule[] = [...OF_PERSONS, equipmentRule];

/**
 * Shows a record to every rule. Timers due before it have fired; `policy` is the edition in force at its time, `sender`
 * the device that speaks for the order in it. False: a part that it concerns has judged beyond it already and did not
 * take it; the others did.
 */
export function takeRecord(draft: Draft, policy: OrderPolicy, sender: Assignment, record: DeviceRecord): boolean {
  const { body, timeMs } = record;
  const ref = { deviceId: sender.deviceId, timeMs, hash: record.hash };
  const seen = body.kind === 'rf' ? assignmentAt(policy, body.tagId, timeMs) : null;
  const sighting: Sighting = { sender, seen, record, ref, moment: draft.moment(timeMs, 'record', ref) };
  let inOrder = true;
  for (const rule of RULES) {
    for (const { part, opensMs, take } of rule.show(draft, policy, sighting)) {
      if (timeMs < (opensMs ?? draft.opensMs(part))) inOrder = false;
      else {
        take();
        draft.judged(part, timeMs, false);
      }
    }
  }
  return inOrder;
}

/** The earliest due time that has not fired; Infinity: nothing is due ever. */
export function nextDueMs(draft: Draft): number {
  return Math.min(dueOfPersonMs(draft), surelyDueMs(draft));
}

/** Of the rules that are about the person: by most of their timers nothing is found. */
export function dueOfPersonMs(draft: Draft): number {
  const { policy } = draft;
  let dueMs = Infinity;
  if (policy !== null) for (const rule of OF_PERSONS) dueMs = Math.min(dueMs, rule.dueMs(draft, policy));
  return dueMs;
}

/**
 * Of the rule that is about the devices. These timers must be on time whatever is found by then: a silence is always told,
 * and nothing is kept of a device whose assignment ends.
 */
export function surelyDueMs(draft: Draft): number {
  return draft.policy === null ? Infinity : equipmentRule.dueMs(draft, draft.policy);
}

/** Judges everything that is due at `atMs`, the moment whose records are all in. */
export function fireTimers(draft: Draft, atMs: number, cause: Cause): void {
  const { policy } = draft;
  if (policy === null) throw new Error('a stream without a policy has a due time');
  for (const rule of RULES) rule.fire(draft, policy, atMs, cause);
  draft.passTo(atMs, true);
}

/** `next` takes over from `former` at this moment. */
export function reviseAll(draft: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  for (const rule of RULES) rule.revise(draft, former, next, moment);
}

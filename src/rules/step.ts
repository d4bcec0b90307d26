/**
 * One step of one stream: `(editions, state, input) → state', findings`. Pure: time, policy and records are data, so the
 * live gateway, an offline replay and the simulator run the same function.
 *
 * Event time moves on in order. Before a record at `t` is looked at, every timer due before `t` fires at its own time;
 * a tick at `t` fires those due at `t` too. So records come before timers of the same moment, and it makes no
 * difference to what is found whether a tick or the next record lets a due time pass.
 */
import type { Cause, Finding, IntegrityType } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import type { DeviceRecord } from '../domain/record.js';
import { unreachable } from '../domain/result.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { OrderPolicy } from './compile.js';
import { Draft, WHOLE } from './draft.js';
import { policyInForce, switchEdition } from './edition.js';
import { countIntegrity } from './equipment.js';
import { takeRecord } from './take-record.js';
import { fireTimers, nextDueMs } from './timers.js';

/** Changes whenever the same entries would lead to other findings. */
export const RULES_VERSION = 1;

export type StepInput =
  | { readonly kind: 'record'; readonly deviceId: DeviceId; readonly receivedMs: number; readonly record: DeviceRecord }
  | { readonly kind: 'tick'; readonly atMs: number; readonly cause: Extract<Cause, 'timer' | 'gateway_outage'> }
  /** What the gateway itself saw, at its own time; it moves no event time on. */
  | { readonly kind: 'integrity'; readonly atMs: number; readonly deviceId: DeviceId; readonly type: IntegrityType }
  /** There is a new edition; each takes over at its own time. */
  | { readonly kind: 'revised' };

export interface Stepped {
  readonly state: SubjectState;
  readonly findings: readonly Finding[];
  /** The record is older than what a rule that it concerns has judged already, and was not used by that rule. */
  readonly late: boolean;
}

export function initialState(): SubjectState {
  return {
    position: 0,
    atMs: null,
    firedMs: null,
    opens: {},
    policyRevision: 0,
    edition: 0,
    units: {},
    curfews: {},
    visits: {},
    equipment: {},
    open: {},
    dueMs: null,
  };
}

/**
 * `editions`: the order's, ascending by edition and by time, from the one in force on; empty on a device's own stream.
 * Never throws on any record that a codec can give.
 */
export function step(editions: readonly OrderPolicy[], state: SubjectState, input: StepInput): Stepped {
  const draft = new Draft(state, policyInForce(editions, state));
  switch (input.kind) {
    case 'record':
      return stepRecord(editions, draft, input);
    case 'tick':
      advance(editions, draft, input.atMs, input.cause);
      return finish(editions, draft);
    case 'integrity':
      countIntegrity(draft.moment(input.atMs, 'gateway', null), input.type, input.deviceId);
      return { state: draft.state, findings: draft.findings, late: false };
    case 'revised':
      // Its time becomes a due time: records of before it that are on their way come first.
      return finish(editions, draft);
    default:
      return unreachable(input);
  }
}

function stepRecord(
  editions: readonly OrderPolicy[],
  draft: Draft,
  input: Extract<StepInput, { kind: 'record' }>,
): Stepped {
  const { deviceId, receivedMs, record } = input;
  const numbers = draft.policy?.numbers ?? editions[0]?.numbers ?? null;
  const refused = numbers === null ? 'integrity.unassigned_record' : timeFault(record.timeMs, receivedMs, numbers);
  if (refused !== null) {
    const ref = { deviceId, timeMs: record.timeMs, hash: record.hash };
    countIntegrity(draft.moment(receivedMs, 'gateway', ref), refused, deviceId);
    return { state: draft.state, findings: draft.findings, late: false };
  }
  const { timeMs } = record;
  const passedMs = draft.firedMs;
  advance(editions, draft, timeMs - 1, 'timer');
  switchDue(editions, draft, timeMs);
  // Older than the edition in force (or than the first): for a re-run, should one reach back so far.
  if (draft.policy === null || timeMs < draft.opensMs(WHOLE)) {
    return { state: draft.state, findings: draft.findings, late: true };
  }
  const late = !takeRecord(draft, draft.policy, deviceId, record, receivedMs);
  draft.passTo(timeMs, false);
  // What it has made due in time that had passed for the other parts.
  if (timeMs <= passedMs) advance(editions, draft, passedMs, 'timer');
  return { ...finish(editions, draft), late };
}

/** A record too far from its arrival is kept, and used by no rule (§1). */
function timeFault(
  timeMs: number,
  receivedMs: number,
  numbers: { readonly clockAheadS: number; readonly amendHorizonS: number },
): IntegrityType | null {
  if (timeMs - receivedMs > numbers.clockAheadS * 1000) return 'integrity.clock_ahead';
  if (receivedMs - timeMs > numbers.amendHorizonS * 1000) return 'integrity.beyond_horizon';
  return null;
}

/** Lets event time pass up to and including `toMs`: timers fire, editions take over, each at its own time. */
function advance(editions: readonly OrderPolicy[], draft: Draft, toMs: number, cause: Cause): void {
  for (;;) {
    const switchMs = nextSwitchMs(editions, draft);
    const dueMs = nextDueMs(draft);
    if (switchMs !== null && switchMs <= toMs && (dueMs === null || switchMs <= dueMs)) {
      switchDue(editions, draft, switchMs);
      continue;
    }
    if (dueMs === null || dueMs > toMs) break;
    fireTimers(draft, dueMs, cause);
  }
  if (draft.policy !== null) draft.passTo(toMs, true);
}

function nextSwitchMs(editions: readonly OrderPolicy[], draft: Draft): number | null {
  const next = editions.find(({ edition }) => edition > draft.state.edition);
  return next === undefined ? null : Math.max(next.effectiveMs, draft.state.atMs ?? 0);
}

function switchDue(editions: readonly OrderPolicy[], draft: Draft, atMs: number): void {
  for (const next of editions) {
    if (next.edition > draft.state.edition && next.effectiveMs <= atMs) switchEdition(draft, next, atMs);
  }
}

function finish(editions: readonly OrderPolicy[], draft: Draft): Stepped {
  const due = [nextDueMs(draft), nextSwitchMs(editions, draft)].filter((ms): ms is number => ms !== null);
  draft.state.dueMs = due.length === 0 ? null : Math.min(...due);
  return { state: draft.state, findings: draft.findings, late: false };
}

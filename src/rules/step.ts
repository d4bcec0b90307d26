/**
 * One step of one stream: `(editions, state, input) → state', findings`. Pure: time, policy and records are data, so the
 * live gateway, an offline replay and the simulator run the same function.
 *
 * Event time moves on in order. Before a record at `t` is looked at, every timer due before `t` fires at its own time;
 * a tick at `t` fires those due at `t` too. So records come before timers of the same moment, and it makes no
 * difference to what is found whether a tick or the next record lets a due time pass.
 */
import type { Cause, IntegrityType } from '../domain/alert.js';
import type { DeviceId } from '../domain/ids.js';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.js';
import type { DeviceRecord } from '../domain/record.js';
import { unreachable } from '../domain/result.js';
import type { SubjectState } from '../domain/subject-state.js';
import { assignmentAt, type OrderPolicy } from './compile.js';
import { NOTHING_COMPARED } from './contradiction.js';
import { Draft, type Stepped } from './draft.js';
import { coming, policyInForce, switchEdition } from './edition.js';
import { countIntegrity } from './equipment.js';
import { timersOf } from './look-ahead.js';
import { WHOLE } from './part.js';
import { fireTimers, nextDueMs, takeRecord } from './rules.js';

/** Changes whenever the same entries would lead to other findings. */
export const RULES_VERSION = 1;

export type StepInput =
  | { readonly kind: 'record'; readonly deviceId: DeviceId; readonly receivedMs: number; readonly record: DeviceRecord }
  | { readonly kind: 'tick'; readonly atMs: number; readonly cause: Extract<Cause, 'timer' | 'gateway_outage'> }
  /** What the gateway itself saw, at its own time; it moves no event time on. */
  | { readonly kind: 'integrity'; readonly atMs: number; readonly deviceId: DeviceId; readonly type: IntegrityType }
  /** There is a new edition; each takes over at its own time. */
  | { readonly kind: 'revised' };

export type { Stepped } from './draft.js';

export function initialState(): SubjectState {
  return {
    position: 0,
    atMs: null,
    firedMs: null,
    opens: {},
    policyRevision: 0,
    edition: '',
    units: {},
    curfews: {},
    violationMs: 0,
    violations: [],
    excuses: [],
    visits: {},
    approaches: {},
    contradiction: NOTHING_COMPARED,
    equipment: {},
    alcohol: {},
    attendance: {},
    open: {},
    settled: [],
    late: null,
    dueMs: null,
  };
}

/**
 * `editions`: the order's, ascending by time, the one in force among them; empty on a device's own stream.
 * Never throws on any record that a codec can give.
 */
export function step(editions: readonly OrderPolicy[], state: SubjectState, input: StepInput): Stepped {
  const draft = new Draft(state, policyInForce(editions, state));
  switch (input.kind) {
    case 'record':
      return stepRecord(editions, draft, input);
    case 'tick':
      advance(editions, draft, input.atMs, input.cause);
      return finish(editions, draft, false);
    case 'integrity':
      countIntegrity(draft.moment(input.atMs, 'gateway', null), input.type, input.deviceId);
      return unchanged(draft, false);
    case 'revised':
      // Its time becomes a due time: records of before it that are on their way come first.
      return finish(editions, draft, false);
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
  const { timeMs, body } = record;
  const policy = policyAt(editions, draft, timeMs);
  const asked = policy ?? editions[0] ?? null;
  const sender = asked === null ? null : assignmentAt(asked, deviceId, timeMs);
  // A foreign sighting (another's home unit has seen this order's tag, or this order's unit one that is not its own)
  // changes nothing, not even the time, and is told to nobody (¶19).
  if (asked !== null && body.kind === 'rf' && (sender === null || assignmentAt(asked, body.tagId, timeMs) === null)) {
    return unchanged(draft, false);
  }
  const refused = timeFault(timeMs, receivedMs, numbersAt(editions, timeMs));
  // Older than the edition in force (or than the first): for a re-run, should one reach back so far.
  const old = asked !== null && (policy === null || timeMs < draft.opensMs(WHOLE));
  if (refused === null && old) return unchanged(draft, true);
  if (refused !== null || sender === null) {
    const ref = { deviceId, timeMs, hash: record.hash };
    countIntegrity(draft.moment(receivedMs, 'gateway', ref), refused ?? 'integrity.unassigned_record', deviceId);
    return unchanged(draft, false);
  }
  const passedMs = draft.firedMs;
  advance(editions, draft, timeMs - 1, 'timer');
  switchDue(editions, draft, timeMs);
  if (draft.policy === null) throw new Error(`no edition is in force at ${timeMs}, though one was`);
  const late = !takeRecord(draft, draft.policy, sender, record);
  draft.passTo(timeMs, false);
  // What it has made due in time that had passed for the other parts.
  if (timeMs <= passedMs) advance(editions, draft, passedMs, 'timer');
  return finish(editions, draft, late);
}

/** No event time has passed. What was put down, if anything, is the gateway's own. */
const unchanged = (draft: Draft, late: boolean): Stepped => draft.stepped(late);

/** The edition that will be in force when the time has come to `atMs`; null: none will. */
function policyAt(editions: readonly OrderPolicy[], draft: Draft, atMs: number): OrderPolicy | null {
  const next = coming(editions, draft.state);
  return next.length === 0 ? draft.policy : (next.findLast((one) => switchMs(draft, one) <= atMs) ?? draft.policy);
}

/** The numbers that hold at an event time, wherever the stream has come to. */
export function numbersAt(editions: readonly OrderPolicy[], atMs: number): Policy {
  return (editions.findLast(({ effectiveMs }) => effectiveMs <= atMs) ?? editions[0])?.numbers ?? DEFAULT_POLICY;
}

/** A record too far from its arrival is kept, and used by no rule (§1). */
export function timeFault(
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
    const nextMs = nextSwitchMs(editions, draft);
    const dueMs = nextDueMs(draft);
    if (nextMs <= toMs && nextMs <= dueMs) {
      switchDue(editions, draft, nextMs);
      continue;
    }
    if (dueMs > toMs) break;
    fireTimers(draft, dueMs, cause);
  }
  if (draft.policy !== null) draft.passTo(toMs, true);
}

/** When an edition takes over: at its own time, but never in a past that has been judged. */
function switchMs({ state }: Draft, { effectiveMs }: OrderPolicy): number {
  return Math.max(effectiveMs, state.atMs ?? effectiveMs);
}

function nextSwitchMs(editions: readonly OrderPolicy[], draft: Draft): number {
  const next = coming(editions, draft.state)[0];
  return next === undefined ? Infinity : switchMs(draft, next);
}

function switchDue(editions: readonly OrderPolicy[], draft: Draft, atMs: number): void {
  for (const next of coming(editions, draft.state)) {
    if (switchMs(draft, next) > atMs) return;
    switchEdition(draft, next, atMs);
  }
}

function finish(editions: readonly OrderPolicy[], draft: Draft, late: boolean): Stepped {
  const nextMs = nextSwitchMs(editions, draft);
  const waitingMs = draft.state.late?.waiting?.dueMs ?? Infinity;
  const dueMs = Math.min(timersOf(draft, nextMs).foundMs, nextMs, waitingMs);
  draft.state.dueMs = dueMs === Infinity ? null : dueMs;
  return draft.stepped(late);
}

/** When the next timer fires or the next edition takes over, whatever comes of it; Infinity: never. */
export function timerMs(editions: readonly OrderPolicy[], state: SubjectState): number {
  const draft = new Draft(state, policyInForce(editions, state));
  return Math.min(nextDueMs(draft), nextSwitchMs(editions, draft));
}

/**
 * Curfews: absences inside effective windows, and stretches of a window in which nobody can tell.
 *
 * Presence is judged by moments, not by records, so that two units that speak in the same millisecond give one answer
 * whichever is heard first. With a record of a home unit at t: `hearUnit`, then `noteCurfew` for each curfew. With the
 * timers of t: `judgeCurfew` for each curfew. Due next: the earliest of `curfewDueMs` and, while a curfew is in a
 * window, of `presenceDueMs`.
 */
import type { AlertCode, EndedBy } from '../domain/alert.js';
import type { ConditionId } from '../domain/ids.js';
import type { CurfewCondition, Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { RecordRef } from '../domain/record.js';
import type { CurfewState, CurfewStretch, Presence, PresenceNote } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';
import { close, type Moment, open } from './machine.js';
import type { Heard } from './presence.js';
import { orderWindows, type Windows } from './windows.js';

export interface CompiledCurfew {
  readonly conditionId: ConditionId;
  readonly windows: Windows;
  readonly toleranceMs: number;
  readonly unverifiedMs: number;
  /** Of the time before the gateway was told of the order that nothing is known says nothing. */
  readonly toldMs: number;
}

/** Presence at the addresses at the moment that is judged, its own records and silences included. */
export type PresenceFor = (addresses: readonly string[]) => Presence;

export function compileCurfew(
  condition: CurfewCondition,
  order: Pick<Order, 'timeZone' | 'startMs' | 'endMs'>,
  numbers: Pick<Policy, 'toleranceS' | 'unverifiedS'>,
  toldMs = -Infinity,
): CompiledCurfew {
  return {
    conditionId: condition.conditionId,
    windows: orderWindows(condition.timetable, order),
    toleranceMs: (condition.toleranceS ?? numbers.toleranceS) * 1000,
    unverifiedMs: numbers.unverifiedS * 1000,
    toldMs,
  };
}

export function initialCurfew(): CurfewState {
  return { window: null, stretch: null, pending: null };
}

/** Notes what a unit's record changed. Outside the windows, and for addresses that are not the window's, nothing is (¶19). */
export function noteCurfew(curfew: CompiledCurfew, state: CurfewState, heard: Heard, ref: RecordRef): CurfewState {
  if (heard.changedTo === null || heard.address === null) return state;
  const window = curfew.windows.windowAt(ref.timeMs);
  if (!window?.addresses.includes(heard.address)) return state;
  const { pending } = state;
  if (pending !== null && pending.atMs !== ref.timeMs) throw new Error('a moment was left before its timers had fired');
  const others = pending?.notes.filter((note) => note.ref.deviceId !== ref.deviceId) ?? [];
  return { ...state, pending: { atMs: ref.timeMs, notes: [...others, { presence: heard.changedTo, ref }] } };
}

/**
 * Judges one moment: for a timer, when every record of the moment is in. Called at each `curfewDueMs` and whenever
 * `presenceAt` may have changed; called more often, it changes nothing.
 */
export function judgeCurfew(
  curfew: CompiledCurfew,
  before: CurfewState,
  presenceFor: PresenceFor,
  moment: Moment,
): CurfewState {
  const { atMs } = moment;
  const now = curfew.windows.windowAt(atMs);
  let { window, stretch } = before;
  if (window !== null && (now === null || atMs >= window.endMs)) {
    endStretch(curfew, before, moment, { endMs: Math.min(window.endMs, atMs), by: 'window' });
    window = null;
    stretch = null;
  }
  if (now === null) return before.window === null && before.pending === null ? before : initialCurfew();

  // it is entered at its start; later only where the order itself took effect in its midst, and is judged from then on
  window ??= { startMs: atMs, endMs: now.endMs };
  const presence = presenceFor(now.addresses);
  const notes = before.pending?.notes ?? [];
  if (stretch?.presence !== presence) {
    const reading = decisive(notes, presence);
    const by = presence === 'present' ? 'return' : 'unknown';
    if (stretch !== null) endStretch(curfew, before, moment, { endMs: atMs, by, reading });
    const sinceMs = presence === 'unknown' ? Math.max(atMs, curfew.toldMs) : atMs;
    stretch = { presence, sinceMs, reading };
  }
  raise(curfew, stretch, window, moment);
  const unchanged = window === before.window && stretch === before.stretch && before.pending === null;
  return unchanged ? before : { window, stretch, pending: null };
}

/**
 * When this curfew must be judged next; null: never again. `firedMs`: timers due at or before it have fired (after a
 * tick at t: t; after a record at t: t − 1, for the timers of t are still to come).
 */
export function curfewDueMs(
  curfew: CompiledCurfew,
  state: CurfewState,
  running: Moment['running'],
  firedMs: number,
): number | null {
  const { window, stretch, pending } = state;
  if (pending !== null) return pending.atMs;
  if (window === null) {
    const next = curfew.windows.firstEndingAfter(firedMs);
    return next === null ? null : Math.max(next.startMs, firedMs + 1);
  }
  if (stretch === null) return Math.max(window.startMs, firedMs + 1);
  const allowed = allowance(curfew, stretch.presence);
  if (allowed === null || running(allowed.type, curfew.conditionId, null) !== null) return window.endMs;
  return Math.min(stretch.sinceMs + allowed.ms, window.endMs);
}

/** Ends what runs, at this moment, because the order was changed or ended; the window's own end goes before it. */
export function closeCurfew(
  curfew: CompiledCurfew,
  state: CurfewState,
  moment: Moment,
  reason: 'ORDER_REVISED' | 'ORDER_ENDED',
): CurfewState {
  const over = state.window !== null && moment.atMs >= state.window.endMs;
  const endMs = over ? (state.window?.endMs ?? moment.atMs) : moment.atMs;
  endStretch(curfew, state, moment, { endMs, by: over ? 'window' : reason });
  return initialCurfew();
}

/**
 * A new revision takes effect at this moment. Where the window, its addresses and the allowances are what they were,
 * all goes on (only the end may move); otherwise what runs is closed and the window is judged anew from this moment:
 * the new revision accuses nobody of what they did under the old one.
 */
export function reviseCurfew(
  from: CompiledCurfew,
  to: CompiledCurfew,
  state: CurfewState,
  moment: Moment,
): CurfewState {
  const { atMs } = moment;
  const now = to.windows.windowAt(atMs);
  const { window } = state;
  if (window !== null && now !== null && atMs < window.endMs && goesOn(from, to, atMs)) {
    // judged at once, for the revision may have changed who speaks for the order
    return { ...state, window: { ...window, endMs: now.endMs }, pending: state.pending ?? { atMs, notes: [] } };
  }
  closeCurfew(from, state, moment, 'ORDER_REVISED');
  if (now === null) return initialCurfew();
  return { window: { startMs: Math.max(now.startMs, atMs), endMs: now.endMs }, stretch: null, pending: null };
}

function goesOn(from: CompiledCurfew, to: CompiledCurfew, atMs: number): boolean {
  const [before, after] = [from.windows.windowAt(atMs), to.windows.windowAt(atMs)];
  return (
    before !== null &&
    after !== null &&
    before.startMs === after.startMs &&
    before.addresses.join('\n') === after.addresses.join('\n') &&
    from.toleranceMs === to.toleranceMs &&
    from.unverifiedMs === to.unverifiedMs
  );
}

/** How long a stretch may last before people are told, and of what; null: for ever. */
function allowance(curfew: CompiledCurfew, presence: Presence) {
  if (presence === 'absent') return { type: 'curfew', kind: 'violation', ms: curfew.toleranceMs } as const;
  if (presence === 'unknown') return { type: 'curfew.unverified', kind: 'alert', ms: curfew.unverifiedMs } as const;
  return null;
}

/** Still so when the allowance is used up and every record of that moment is in: it is longer than allowed. */
function raise(curfew: CompiledCurfew, stretch: CurfewStretch, window: Interval, moment: Moment): void {
  const allowed = allowance(curfew, stretch.presence);
  if (allowed === null || moment.atMs < stretch.sinceMs + allowed.ms) return;
  if (moment.running(allowed.type, curfew.conditionId, null) !== null) return;
  const { sinceMs: startMs, reading } = stretch;
  open(moment, {
    ...allowed,
    conditionId: curfew.conditionId,
    startMs,
    records: reading === null ? [] : [reading],
    ...(allowed.kind === 'violation' ? { code: startMs === window.startMs ? 'AL08' : 'AL10' } : {}),
  });
}

interface Ending {
  readonly endMs: number;
  readonly by: EndedBy;
  readonly reading?: RecordRef | null;
}

/** Closes what was raised of the stretch that runs. */
function endStretch(curfew: CompiledCurfew, state: CurfewState, moment: Moment, ending: Ending): void {
  const { window, stretch, pending } = state;
  if (window === null || stretch === null) return;
  const allowed = allowance(curfew, stretch.presence);
  const running = allowed && moment.running(allowed.type, curfew.conditionId, null);
  if (!allowed || !running) return;

  const { endMs, by, reading = null } = ending;
  // a reading ends it, though the moment's timer says so
  const cause = by !== 'window' && pending !== null && pending.notes.length > 0 ? 'record' : moment.cause;
  const records = reading === null ? running.records : [...running.records, reading];
  if (allowed.kind === 'violation') {
    close(moment, running, endMs, by, endCode(by, stretch.sinceMs === window.startMs), { cause, records });
  } else {
    // how an alert's stretch ended is told apart only where the window or the order ended it
    close(moment, running, endMs, by === 'return' || by === 'unknown' ? null : by, null, { cause, records });
  }
}

function endCode(by: EndedBy, sinceStart: boolean): AlertCode | null {
  if (by === 'return') return sinceStart ? 'AL09' : null;
  if (by === 'window') return sinceStart ? 'AL12' : 'AL11';
  return null;
}

/** The record that made it so: of several units in one moment the first by id, whichever was heard first. */
function decisive(notes: readonly PresenceNote[], presence: Presence): RecordRef | null {
  let first: RecordRef | null = null;
  for (const { presence: said, ref } of notes) {
    if (said === presence && (first === null || ref.deviceId < first.deviceId)) first = ref;
  }
  return first;
}

/** The rule of appointments: how long the person was there is added up as units and fixes tell, and judged at the end. */
import type { Cause } from '../domain/alert.js';
import type { ConditionId } from '../domain/ids.js';
import type { LocationFix } from '../domain/record.js';
import type { AttendanceState, AttendedTime, SubjectState } from '../domain/subject-state.js';
import {
  attended,
  type CompiledAttendance,
  initialAttendance,
  nextToEnd,
  sameRecord,
  tellAttendance,
  timeOf,
  underWay,
  withoutTime,
  withTime,
  witnessed,
} from './attendance.js';
import { type KnownStretch, lostMs, openSinceMs, sideOf, stepStay } from './attendance-stay.js';
import type { OrderPolicy } from './compile.js';
import { type Draft, WHOLE } from './draft.js';
import type { Moment } from './machine.js';
import { presenceAt, presenceDueMs } from './presence.js';
import type { Rule, Sighting } from './rule.js';

/** Comes after the home and the zones. What a home unit says reaches it by `accountAtHome`. */
export const attendanceRule: Rule = {
  show: (draft, policy, sighting) => {
    const { body } = sighting.record;
    return policy.attendance.length > 0 && sighting.sender.kind === 'tag' && body.kind === 'fix'
      ? [{ part: 'fixes', take: () => takeFix(draft, policy, body, sighting) }]
      : [];
  },
  dueMs: attendanceDueMs,
  fire: fireAttendance,
  revise: reviseAttendance,
};

/** Called before a home unit's record is taken: until it, what the units had said held. */
export function accountAtHome({ state }: Draft, policy: OrderPolicy, { sender, seen, record, ref }: Sighting): void {
  for (const condition of policy.attendance) {
    if (condition.at.kind !== 'address') continue;
    const { address } = condition.at;
    const before = attendanceOf(state, condition.conditionId);
    const speaks = sender.address === address && (seen !== null || record.body.kind === 'unit');
    let { appointments } = before;
    for (const appointment of underWay(condition, before.pastMs, record.timeMs)) {
      const time = accountTo(state, policy, address, timeOf(before, appointment), record.timeMs);
      appointments = withTime(appointments, speaks ? witnessed(time, ref) : time);
    }
    if (appointments !== before.appointments) keep(state, condition, { ...before, appointments });
  }
}

function takeFix({ state }: Draft, policy: OrderPolicy, fix: LocationFix, { sender, ref, moment }: Sighting): void {
  // The rule of the zones has judged it: after an implausible one the last good fix is another.
  const good = state.equipment[sender.deviceId]?.lastFix;
  if (good?.timeMs !== ref.timeMs || good.hash !== ref.hash) return;
  for (const condition of policy.attendance) {
    if (condition.at.kind !== 'zone') continue;
    const { zone } = condition.at;
    const before = attendanceOf(state, condition.conditionId);
    // The same fix again, under another sequence: it must not count twice among the k that lean (§7).
    if (before.stay !== null && sameRecord(before.stay.lastFix, ref)) continue;
    const sided = sideOf(zone, fix.lonE7 / 1e7, fix.latE7 / 1e7, good.radiusM, ref);
    if (sided === null || isOver(condition, before)) continue;
    const { stay, known } = stepStay(zone, before.stay, sided);
    const times = [
      ...before.appointments.filter(({ endMs }) => endMs <= before.pastMs),
      ...underWay(condition, before.pastMs, ref.timeMs).map((appointment) => timeOf(before, appointment)),
    ];
    const appointments = times.map((time) => witnessed(withStretches(time, known), ref));
    keep(state, condition, settled(condition, { ...before, stay, appointments }, moment).state);
  }
}

function attendanceDueMs({ state }: Draft, policy: OrderPolicy): number {
  let dueMs = Infinity;
  for (const condition of policy.attendance) {
    const { pastMs, appointments, stay } = attendanceOf(state, condition.conditionId);
    dueMs = Math.min(dueMs, nextToEnd(condition, pastMs)?.endMs ?? Infinity);
    if (condition.at.kind === 'zone' && stay !== null && appointments.some(({ endMs }) => endMs <= pastMs)) {
      dueMs = Math.min(dueMs, lostMs(condition.at.zone, stay));
    }
  }
  return dueMs;
}

function fireAttendance(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  if (attendanceDueMs(draft, policy) > atMs) return;
  const { state } = draft;
  const moment = draft.moment(atMs, cause, null);
  for (const condition of policy.attendance) {
    const before = attendanceOf(state, condition.conditionId);
    const ends = (nextToEnd(condition, before.pastMs)?.endMs ?? Infinity) <= atMs;
    const ended = ends ? passedTo(state, policy, condition, atMs) : before;
    const { state: after, silent } = settled(condition, ended, moment);
    keep(state, condition, after);
    // At home what was said last holds until the end, so whatever was found rests on there being nothing after it.
    if (condition.at.kind === 'address' && ends) draft.judged('home', atMs, true);
    if (condition.at.kind === 'zone' && silent) draft.judged('fixes', atMs, true);
  }
}

/** What has ended is judged as it was ordered; what is under way goes on as far as the new edition has it. */
function reviseAttendance({ state }: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  const { atMs } = moment;
  const kept = new Map<ConditionId, Kept>();
  for (const condition of former.attendance) {
    const { conditionId, place } = condition;
    const samePlace = next.attendance.some((other) => other.conditionId === conditionId && other.place === place);
    const passed = passedTo(state, former, condition, atMs);
    const { state: told } = settled(condition, samePlace ? passed : { ...passed, stay: null }, moment);
    kept.set(conditionId, { told, samePlace });
  }
  state.attendance = {};
  for (const condition of next.attendance) {
    keep(state, condition, takenOver(condition, kept.get(condition.conditionId) ?? null, atMs));
  }
}

interface Kept {
  readonly told: AttendanceState;
  readonly samePlace: boolean;
}

/**
 * What is known of an appointment that begins when it did is kept; but having been away from what was another place
 * accuses nobody. Of an appointment that is new in its midst the time before is unknown.
 */
function takenOver(condition: CompiledAttendance, kept: Kept | null, atMs: number): AttendanceState {
  const { told, samePlace } = kept ?? { told: initialAttendance(atMs), samePlace: true };
  let appointments: readonly AttendedTime[] = told.appointments.filter(({ endMs }) => endMs <= told.pastMs);
  for (const appointment of underWay(condition, atMs, atMs)) {
    const known = told.appointments.find((time) => time.startMs === appointment.startMs && time.endMs > told.pastMs);
    const time = { ...(known ?? timeOf(initialAttendance(atMs), appointment)), ...appointment };
    const anew = known === undefined ? { sinceMs: atMs } : samePlace ? {} : { sinceMs: atMs, absentMs: 0 };
    appointments = withTime(appointments, { ...time, ...anew });
  }
  return { pastMs: atMs, appointments, stay: told.stay };
}

function attendanceOf(state: SubjectState, conditionId: ConditionId): AttendanceState {
  return state.attendance[conditionId] ?? initialAttendance(state.opens[WHOLE] ?? 0);
}

/** Of a condition whose appointments are all over no place is kept. */
function keep(state: Draft['state'], condition: CompiledAttendance, next: AttendanceState): void {
  const after = next.stay !== null && isOver(condition, next) ? { ...next, stay: null } : next;
  if (after !== state.attendance[condition.conditionId]) {
    state.attendance = { ...state.attendance, [condition.conditionId]: after };
  }
}

const isOver = (condition: CompiledAttendance, { pastMs, appointments }: AttendanceState): boolean =>
  appointments.length === 0 && nextToEnd(condition, pastMs) === null;

/** Time has come to `atMs`: appointments that have ended are past, and stay in the list until they are told. */
function passedTo(
  state: SubjectState,
  policy: OrderPolicy,
  condition: CompiledAttendance,
  atMs: number,
): AttendanceState {
  const { at, conditionId } = condition;
  const before = attendanceOf(state, conditionId);
  let { pastMs, appointments } = before;
  for (const appointment of underWay(condition, before.pastMs, atMs)) {
    const time = timeOf(before, appointment);
    appointments = withTime(
      appointments,
      at.kind === 'address' ? accountTo(state, policy, at.address, time, atMs) : time,
    );
    if (appointment.endMs <= atMs) pastMs = Math.max(pastMs, appointment.endMs);
  }
  return { ...before, pastMs, appointments };
}

/** Tells of what is past, once no more can become known of it. `silent`: that rests on there being no fix. */
function settled(
  condition: CompiledAttendance,
  before: AttendanceState,
  moment: Moment,
): { readonly state: AttendanceState; readonly silent: boolean } {
  const { at } = condition;
  const { pastMs, stay } = before;
  let { appointments } = before;
  let silent = false;
  for (const time of before.appointments) {
    if (time.endMs > pastMs) continue;
    const result = attended(time);
    const waits =
      at.kind === 'zone' && stay !== null && openSinceMs(stay) < time.endMs && moment.atMs < lostMs(at.zone, stay);
    if (result === 'open' && waits) continue;
    silent ||= result === 'open';
    tellAttendance(condition, time, moment);
    appointments = withoutTime(appointments, time);
  }
  return { state: appointments === before.appointments ? before : { ...before, appointments }, silent };
}

/** Adds what the home units say of the time up to `toMs`: nothing that they have said since has been taken in. */
function accountTo(
  state: SubjectState,
  { presence: plan }: OrderPolicy,
  address: string,
  time: AttendedTime,
  toMs: number,
): AttendedTime {
  let { sinceMs, presentMs, absentMs } = time;
  const endMs = Math.min(toMs, time.endMs);
  while (sinceMs < endMs) {
    const presence = presenceAt(plan, state.units, [address], sinceMs);
    const untilMs = Math.min(endMs, presenceDueMs(plan, state.units, sinceMs) ?? endMs);
    if (presence === 'present') presentMs += untilMs - sinceMs;
    else if (presence === 'absent') absentMs += untilMs - sinceMs;
    sinceMs = untilMs;
  }
  return { ...time, sinceMs, presentMs, absentMs };
}

function withStretches(before: AttendedTime, known: readonly KnownStretch[]): AttendedTime {
  let { presentMs, absentMs } = before;
  for (const { side, startMs, endMs } of known) {
    const ms = Math.max(0, Math.min(endMs, before.endMs) - Math.max(startMs, before.sinceMs));
    if (side === 'in') presentMs += ms;
    else absentMs += ms;
  }
  return { ...before, presentMs, absentMs };
}

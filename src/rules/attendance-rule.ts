/** The rule of appointments: how long the person was there is added up as units and fixes tell, and judged at the end. */
import type { Cause } from '../domain/alert.js';
import type { ConditionId } from '../domain/ids.js';
import type { AttendanceState, AttendedTime, SubjectState } from '../domain/subject-state.js';
import {
  attended,
  type CompiledAttendance,
  initialAttendance,
  nextEndMs,
  tellAttendance,
  timeOf,
  underWay,
  withoutTime,
  withTime,
  witnessed,
} from './attendance.js';
import { type KnownStretch, sideOf, stepStay } from './attendance-stay.js';
import type { OrderPolicy } from './compile.js';
import type { PlacedFix } from './crossing.js';
import type { Draft } from './draft.js';
import type { Moment } from './machine.js';
import { WHOLE } from './part.js';
import { presenceAt, presenceDueMs } from './presence.js';
import { NOTHING, type Rule, type Sighting } from './rule.js';

/** Records come by the rules of the home and of the zones: `attendAtHome` and `attendInZones`. */
export const attendanceRule: Rule = {
  show: () => NOTHING,
  dueMs: attendanceDueMs,
  fire: fireAttendance,
  revise: reviseAttendance,
};

/** Called before a home unit's record is taken: until it, what the units had said held. */
export function attendAtHome(draft: Draft, policy: OrderPolicy, { sender, seen, record, ref }: Sighting): void {
  for (const condition of policy.attendance) {
    if (condition.at.kind !== 'address') continue;
    const { address } = condition.at;
    const before = attendanceOf(draft, condition.conditionId);
    const speaks = sender.address === address && (seen !== null || record.body.kind === 'unit');
    let { appointments } = before;
    for (const appointment of underWay(condition, before.pastMs, ref.timeMs)) {
      const time = accountTo(draft, policy, address, timeOf(before, appointment), ref.timeMs);
      appointments = withTime(appointments, speaks ? witnessed(time, ref) : time);
    }
    if (appointments !== before.appointments) keep(draft, condition, { ...before, appointments });
  }
}

/** Called with each plausible fix of the order's tags. */
export function attendInZones(draft: Draft, policy: OrderPolicy, fix: PlacedFix, moment: Moment): void {
  for (const condition of policy.attendance) {
    if (condition.at.kind !== 'zone') continue;
    const { zone } = condition.at;
    const before = attendanceOf(draft, condition.conditionId);
    const sided = sideOf(zone, fix);
    if (sided === null || isOver(condition, before)) continue;
    const { stay, known } = stepStay(zone, before.stay, sided);
    let times = before.appointments;
    for (const appointment of underWay(condition, before.pastMs, fix.timeMs)) {
      times = withTime(times, timeOf(before, appointment));
    }
    const appointments = times.map((time) => witnessed(withStretches(time, known), fix.ref));
    keep(draft, condition, settled(condition, { ...before, stay, appointments }, moment).state);
  }
}

/** Fixes mean nothing to appointments any more. */
export function noZoneAppointmentToCome(policy: OrderPolicy, state: SubjectState): boolean {
  return policy.attendance.every((condition) => {
    const before = state.attendance[condition.conditionId];
    return condition.at.kind === 'address' || (before !== undefined && isOver(condition, before));
  });
}

function attendanceDueMs(draft: Draft, policy: OrderPolicy): number {
  let dueMs = Infinity;
  for (const condition of policy.attendance) {
    const { pastMs, appointments, stay } = attendanceOf(draft, condition.conditionId);
    dueMs = Math.min(dueMs, nextEndMs(condition, pastMs));
    if (stay !== null && appointments.some(({ endMs }) => endMs <= pastMs)) dueMs = Math.min(dueMs, stay.lostMs);
  }
  return dueMs;
}

function fireAttendance(draft: Draft, policy: OrderPolicy, atMs: number, cause: Cause): void {
  const moment = draft.moment(atMs, cause, null);
  for (const condition of policy.attendance) {
    const before = attendanceOf(draft, condition.conditionId);
    const ends = nextEndMs(condition, before.pastMs) <= atMs;
    const { state, silent } = settled(condition, ends ? passedTo(draft, policy, condition, atMs) : before, moment);
    if (state !== before) keep(draft, condition, state);
    // At home what was said last holds until the end, so whatever was found rests on there being nothing after it.
    const atHome = condition.at.kind === 'address';
    if (atHome ? ends : silent) draft.judged(atHome ? 'home' : 'fixes', atMs, true);
  }
}

/** What has ended is judged as it was ordered; what is under way goes on as far as the new edition has it. */
function reviseAttendance(draft: Draft, former: OrderPolicy, next: OrderPolicy, moment: Moment): void {
  const { atMs } = moment;
  const told = new Map<ConditionId, AttendanceState>();
  const isKept = ({ conditionId, place }: CompiledAttendance): boolean =>
    next.attendance.some((other) => other.conditionId === conditionId && other.place === place);
  for (const condition of former.attendance) {
    const passed = passedTo(draft, former, condition, atMs);
    const { state } = settled(condition, isKept(condition) ? passed : { ...passed, stay: null }, moment);
    told.set(condition.conditionId, isKept(condition) ? state : elsewhere(state, atMs));
  }
  draft.state.attendance = {};
  for (const condition of next.attendance) {
    keep(draft, condition, takenOver(condition, told.get(condition.conditionId) ?? initialAttendance(atMs), atMs));
  }
}

/** Having been away from what was another place accuses nobody. */
function elsewhere(state: AttendanceState, atMs: number): AttendanceState {
  return { ...state, appointments: state.appointments.map((time) => ({ ...time, absentMs: 0, sinceMs: atMs })) };
}

/** What is known of an appointment that began when it does is kept; of one that is new in its midst the past is unknown. */
function takenOver(condition: CompiledAttendance, former: AttendanceState, atMs: number): AttendanceState {
  let appointments: readonly AttendedTime[] = former.appointments.filter(({ endMs }) => endMs <= former.pastMs);
  for (const appointment of underWay(condition, atMs, atMs)) {
    const known = former.appointments.findLast(({ startMs }) => startMs === appointment.startMs);
    const time = known ?? { ...timeOf(former, appointment), sinceMs: atMs };
    appointments = withTime(appointments, { ...time, ...appointment });
  }
  return { ...former, pastMs: atMs, appointments };
}

function attendanceOf(draft: Draft, conditionId: ConditionId): AttendanceState {
  return draft.state.attendance[conditionId] ?? initialAttendance(draft.opensMs(WHOLE));
}

/** Of a condition whose appointments are all over no place is kept. */
function keep({ state }: Draft, condition: CompiledAttendance, next: AttendanceState): void {
  const after = isOver(condition, next) ? { ...next, stay: null } : next;
  state.attendance = { ...state.attendance, [condition.conditionId]: after };
}

const isOver = (condition: CompiledAttendance, { pastMs, appointments }: AttendanceState): boolean =>
  appointments.length === 0 && nextEndMs(condition, pastMs) === Infinity;

/** Time has come to `atMs`: appointments that have ended are past, and stay in the list until they are told. */
function passedTo(draft: Draft, policy: OrderPolicy, condition: CompiledAttendance, atMs: number): AttendanceState {
  const { at, conditionId } = condition;
  const before = attendanceOf(draft, conditionId);
  let { pastMs, appointments } = before;
  for (const appointment of underWay(condition, before.pastMs, atMs)) {
    const known = timeOf(before, appointment);
    const time = at.kind === 'address' ? accountTo(draft, policy, at.address, known, atMs) : known;
    appointments = withTime(appointments, time);
    if (appointment.endMs <= atMs) pastMs = appointment.endMs;
  }
  return { ...before, pastMs, appointments };
}

/** Tells of what is past, once no more can become known of it. `silent`: that rests on there being no fix. */
function settled(
  condition: CompiledAttendance,
  before: AttendanceState,
  moment: Moment,
): { readonly state: AttendanceState; readonly silent: boolean } {
  const { pastMs, stay } = before;
  let state = before;
  let silent = false;
  for (const time of before.appointments) {
    const result = attended(time);
    const waits = stay !== null && stay.openMs < time.endMs && moment.atMs < stay.lostMs;
    if (time.endMs > pastMs || (result === 'open' && waits)) continue;
    silent ||= result === 'open';
    tellAttendance(condition, time, moment);
    state = { ...state, appointments: withoutTime(state.appointments, time) };
  }
  return { state, silent };
}

/** Adds what the home units say of the time up to `toMs`: nothing that they have said since has been taken in. */
function accountTo(
  { state: { units } }: Draft,
  { presence: plan }: OrderPolicy,
  address: string,
  time: AttendedTime,
  toMs: number,
): AttendedTime {
  let { sinceMs, presentMs, absentMs } = time;
  const endMs = Math.min(toMs, time.endMs);
  while (sinceMs < endMs) {
    const presence = presenceAt(plan, units, [address], sinceMs);
    const untilMs = Math.min(endMs, presenceDueMs(plan, units, sinceMs) ?? Infinity);
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

/**
 * Attendance (§4): how much of an appointment the person is known to have been there, how much not, and what that means
 * at its end. Whatever is not known is unknown, and unknown time accuses nobody: an appointment is missed only where
 * being there for all of it would not have been enough.
 *
 * An appointment is its own window: nothing is kept or told of the time outside it (¶19).
 */
import type { ConditionId, ZoneId } from '../domain/ids.js';
import type { AttendanceCondition, Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { RecordRef } from '../domain/record.js';
import type { AttendanceState, AttendedTime } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';
import type { ZoneShape } from '../domain/zone.js';
import { type CompiledShape, compileShape } from './geometry.js';
import { close, type Moment, open } from './machine.js';

/** As far as it lies in the order; being there for `requiredMs` of it is enough. */
export interface CompiledAppointment extends Interval {
  readonly requiredMs: number;
}

export interface AttendedZone {
  /** Null: the zone it names is not known, so nobody can tell who is in it. */
  readonly shape: CompiledShape | null;
  readonly k: number;
  readonly gapMs: number;
}

export interface CompiledAttendance {
  readonly conditionId: ConditionId;
  readonly at:
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'zone'; readonly zone: AttendedZone };
  /** Tells places apart: in two editions the same place has the same name. */
  readonly place: string;
  /** Of an appointment that had begun when the gateway was told of the order, unknown time says nothing. */
  readonly toldMs: number;
  /** By end; each `[start, end)` once. */
  readonly appointments: readonly CompiledAppointment[];
  /** Length of the longest. */
  readonly longestMs: number;
}

export function compileAttendance(
  { conditionId, at, appointments }: AttendanceCondition,
  order: Pick<Order, 'startMs' | 'endMs'>,
  numbers: Pick<Policy, 'k' | 'gapS'>,
  shapeOf: (zoneId: ZoneId) => ZoneShape | null,
  toldMs = -Infinity,
): CompiledAttendance {
  const clipped = clippedTo(order, appointments);
  const common = {
    conditionId,
    toldMs,
    appointments: clipped,
    longestMs: Math.max(0, ...clipped.map(({ startMs, endMs }) => endMs - startMs)),
  };
  if (at.kind === 'address') return { ...common, at, place: JSON.stringify(at.address) };
  const shape = at.zone.kind === 'own' ? at.zone.shape : shapeOf(at.zone.zoneId);
  const [k, gapMs] = [numbers.k, numbers.gapS * 1000];
  return {
    ...common,
    at: { kind: 'zone', zone: { shape: shape === null ? null : compileShape(shape), k, gapMs } },
    place: JSON.stringify([shape, k, gapMs]),
  };
}

/**
 * What of an appointment lies outside the order counts as if the person had been there: nobody may say what they did
 * then, and who would have been there long enough in all must not be accused.
 */
function clippedTo(order: Interval, appointments: AttendanceCondition['appointments']): CompiledAppointment[] {
  const byInterval = new Map<string, CompiledAppointment>();
  for (const { startMs: fromMs, endMs: toMs, attendMin } of appointments) {
    const [startMs, endMs] = [Math.max(fromMs, order.startMs), Math.min(toMs, order.endMs)];
    const outsideMs = toMs - fromMs - (endMs - startMs);
    const requiredMs = Math.round(attendMin * 60_000) - outsideMs;
    if (endMs <= startMs || requiredMs <= 0) continue;
    const name = `${startMs} ${endMs}`;
    const same = byInterval.get(name);
    byInterval.set(name, { startMs, endMs, requiredMs: Math.max(requiredMs, same?.requiredMs ?? 0) });
  }
  return [...byInterval.values()].sort(byEnd);
}

const byEnd = (a: Interval, b: Interval): number => a.endMs - b.endMs || a.startMs - b.startMs;

/** Nothing is known yet; what ended by `pastMs`, when this edition of the order took over, is not judged. */
export function initialAttendance(pastMs: number): AttendanceState {
  return { pastMs, appointments: [], stay: null };
}

/** The appointment that ends next; null: none does. */
export function nextToEnd(condition: CompiledAttendance, pastMs: number): CompiledAppointment | null {
  return condition.appointments[firstEndingAfter(condition, pastMs)] ?? null;
}

/** The appointments that have begun by `atMs` and are not past, by end. */
export function underWay(condition: CompiledAttendance, pastMs: number, atMs: number): readonly CompiledAppointment[] {
  const { appointments, longestMs } = condition;
  const begun: CompiledAppointment[] = [];
  for (let i = firstEndingAfter(condition, pastMs); i < appointments.length; i += 1) {
    const appointment = appointments[i] as CompiledAppointment;
    if (appointment.endMs > atMs + longestMs) break;
    if (appointment.startMs <= atMs) begun.push(appointment);
  }
  return begun;
}

function firstEndingAfter({ appointments }: CompiledAttendance, pastMs: number): number {
  let [low, high] = [0, appointments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((appointments[middle] as CompiledAppointment).endMs > pastMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What is known of an appointment so far: at first, nothing. */
export function timeOf(state: AttendanceState, appointment: CompiledAppointment): AttendedTime {
  const { startMs, endMs, requiredMs } = appointment;
  return (
    state.appointments.find((time) => time.startMs === startMs && time.endMs === endMs) ?? {
      startMs,
      endMs,
      requiredMs,
      sinceMs: startMs,
      presentMs: 0,
      absentMs: 0,
      first: null,
      last: null,
    }
  );
}

/** The same with `time` in the place of what was known of that appointment; kept by end, so that equals are equal. */
export function withTime(times: readonly AttendedTime[], time: AttendedTime): readonly AttendedTime[] {
  return [...withoutTime(times, time), time].sort(byEnd);
}

export function withoutTime(times: readonly AttendedTime[], time: Interval): readonly AttendedTime[] {
  return times.filter(({ startMs, endMs }) => startMs !== time.startMs || endMs !== time.endMs);
}

/** A record of the appointment that says something of it. */
export function witnessed(time: AttendedTime, ref: RecordRef): AttendedTime {
  if (ref.timeMs < time.startMs || ref.timeMs >= time.endMs) return time;
  return { ...time, first: time.first ?? ref, last: ref };
}

export type Attended = 'enough' | 'missed' | 'open';

/** What can be said already, whatever the rest of the time turns out to be. */
export function attended({ startMs, endMs, requiredMs, presentMs, absentMs }: AttendedTime): Attended {
  if (presentMs >= requiredMs) return 'enough';
  return endMs - startMs - absentMs < requiredMs ? 'missed' : 'open';
}

/** The appointment is over, and nothing more will be known of it. */
export function tellAttendance(
  { conditionId, toldMs }: Pick<CompiledAttendance, 'conditionId' | 'toldMs'>,
  time: AttendedTime,
  moment: Moment,
): void {
  const result = attended(time);
  const { startMs, endMs, first, last } = time;
  if (result === 'enough' || (result === 'open' && startMs < toldMs)) return;
  const records = first === null || last === null ? [] : sameRecord(first, last) ? [first] : [first, last];
  // It is told once, when it is over, so the first version says so already; the fix that showed it may be a later one.
  const over = { eventMs: endMs, endMs, endedBy: 'window', records } as const;
  const types =
    result === 'missed'
      ? ([
          ['violation', 'attendance'],
          ['alert', 'attendance.missed'],
        ] as const)
      : ([['alert', 'attendance.unverified']] as const);
  for (const [kind, type] of types) {
    open(moment, { kind, type, conditionId, startMs }, over);
    const running = moment.running(type, conditionId, null);
    if (running === null) throw new Error(`${type} of ${conditionId} does not run though it was opened`);
    close(moment, running, endMs, 'window', null, over);
  }
}

export const sameRecord = (a: RecordRef, b: RecordRef): boolean =>
  a.deviceId === b.deviceId && a.timeMs === b.timeMs && a.hash === b.hash;

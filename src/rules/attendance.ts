/**
 * Attendance (§4): how much of an appointment the person is known to have been there, how much not, and what that means
 * at its end. Whatever is not known is unknown, and unknown time accuses nobody: an appointment is missed only where
 * being there for all of it would not have been enough.
 *
 * An appointment is its own window: nothing is kept or told of the time outside it (¶19).
 */
import type { Finding } from '../domain/alert.js';
import type { ConditionId, ZoneId } from '../domain/ids.js';
import type { AttendanceCondition, Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { RecordRef } from '../domain/record.js';
import type { AttendanceState, AttendedTime } from '../domain/subject-state.js';
import type { Interval } from '../domain/timetable.js';
import type { ZoneShape } from '../domain/zone.js';
import { type CompiledShape, compileShape } from './geometry.js';
import type { Moment } from './machine.js';

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
}

/** `toldMs`: when the gateway was told of the order. */
export function compileAttendance(
  { conditionId, at, appointments }: AttendanceCondition,
  order: Pick<Order, 'startMs' | 'endMs'>,
  numbers: Pick<Policy, 'k' | 'gapS'>,
  shapeOf: (zoneId: ZoneId) => ZoneShape | null,
  toldMs: number,
): CompiledAttendance {
  const common = { conditionId, toldMs, appointments: clippedTo(order, appointments) };
  if (at.kind === 'address') return { ...common, at, place: at.address };
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
    if (endMs <= startMs) continue;
    const outsideMs = toMs - fromMs - (endMs - startMs);
    const requiredMs = Math.round(attendMin * 60_000) - outsideMs;
    const name = `${startMs} ${endMs}`;
    const same = byInterval.get(name);
    if (same === undefined || same.requiredMs < requiredMs) byInterval.set(name, { startMs, endMs, requiredMs });
  }
  return [...byInterval.values()].sort(byEnd);
}

const byEnd = (a: Interval, b: Interval): number => a.endMs - b.endMs || a.startMs - b.startMs;

/** Nothing is known yet; what ended by `pastMs`, when this edition of the order took over, is not judged. */
export function initialAttendance(pastMs: number): AttendanceState {
  return { pastMs, appointments: [], stay: null };
}

/** When the next appointment ends; Infinity: none does. */
export function nextEndMs({ appointments }: CompiledAttendance, pastMs: number): number {
  return appointments[firstEndingAfter(appointments, pastMs)]?.endMs ?? Infinity;
}

/** The appointments that have begun by `atMs` and are not past, by end. */
export function underWay(
  { appointments }: CompiledAttendance,
  pastMs: number,
  atMs: number,
): readonly CompiledAppointment[] {
  return appointments.slice(firstEndingAfter(appointments, pastMs)).filter(({ startMs }) => startMs <= atMs);
}

/** Halving: an order may have 2,000 appointments, and this is on the way of every record. */
function firstEndingAfter(appointments: readonly CompiledAppointment[], pastMs: number): number {
  let [low, high] = [0, appointments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((appointments[middle] as CompiledAppointment).endMs > pastMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What is known of an appointment so far: at first, nothing. */
export function timeOf({ appointments }: AttendanceState, appointment: CompiledAppointment): AttendedTime {
  const { startMs, endMs } = appointment;
  const known = appointments.find((time) => time.startMs === startMs && time.endMs === endMs);
  return known ?? { ...appointment, sinceMs: startMs, presentMs: 0, absentMs: 0, records: [] };
}

/** The same with `time` in the place of what was known of that appointment; by end, so that equals are equal. */
export function withTime(times: readonly AttendedTime[], time: AttendedTime): readonly AttendedTime[] {
  return [...withoutTime(times, time), time].sort(byEnd);
}

export function withoutTime(times: readonly AttendedTime[], time: Interval): readonly AttendedTime[] {
  return times.filter(({ startMs, endMs }) => startMs !== time.startMs || endMs !== time.endMs);
}

/** A record since its beginning that says something of it; one of after its end is not named (¶19). */
export function witnessed(time: AttendedTime, ref: RecordRef): AttendedTime {
  const [first] = time.records;
  if (ref.timeMs >= time.endMs) return time;
  const records = first === undefined || sameRecord(first, ref) ? [ref] : [first, ref];
  return { ...time, records };
}

const sameRecord = (a: RecordRef, b: RecordRef): boolean =>
  a.deviceId === b.deviceId && a.timeMs === b.timeMs && a.hash === b.hash;

export type Attended = 'enough' | 'missed' | 'open';

/** What can be said already, whatever the rest of the time turns out to be. */
export function attended({ startMs, endMs, requiredMs, presentMs, absentMs }: AttendedTime): Attended {
  if (presentMs >= requiredMs) return 'enough';
  return endMs - startMs - absentMs < requiredMs ? 'missed' : 'open';
}

/**
 * The appointment is over, and nothing more will be known of it. It is told once, at its end; so what begins is over
 * already, and the fix that showed it, which may be a later one, is not named.
 */
export function tellAttendance(
  { conditionId, toldMs }: Pick<CompiledAttendance, 'conditionId' | 'toldMs'>,
  time: AttendedTime,
  moment: Moment,
): void {
  const result = attended(time);
  const { startMs, endMs, records } = time;
  if (result === 'enough' || (result === 'open' && startMs < toldMs)) return;
  const types =
    result === 'open'
      ? ([['alert', 'attendance.unverified']] as const)
      : ([
          ['violation', 'attendance'],
          ['alert', 'attendance.missed'],
        ] as const);
  for (const [kind, type] of types) {
    const over: Omit<Finding, 'op'> = {
      kind,
      type,
      conditionId,
      deviceId: null,
      eventMs: endMs,
      startMs,
      endMs,
      endedBy: 'window',
      codes: [],
      confidence: null,
      marginM: null,
      mechanism: null,
      count: 1,
      cause: moment.cause,
      records,
    };
    moment.put({ ...over, op: 'open' });
    moment.put({ ...over, op: 'close' });
  }
}

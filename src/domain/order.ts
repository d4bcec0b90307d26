/** A court order or licence, as the engine is told it. No names, dates of birth or street addresses. */
import type { AgencyId, ConditionId, DeviceId, OrderId, SubjectId, ZoneId } from './ids.js';
import type { Policy } from './policy.js';
import type { Interval, Timetable } from './timetable.js';
import type { Position, ZoneShape } from './zone.js';

/** HMPPS's order types. */
export const ORDER_TYPES = [
  'CIVIL',
  'COMMUNITY',
  'IMMIGRATION',
  'POST_RELEASE',
  'PRE_TRIAL',
  'SPECIAL',
  'BAIL',
] as const;
export type OrderType = (typeof ORDER_TYPES)[number];

/** `tag`: location and RF; `rf_tag`: RF only, it never talks MQTT itself. */
export const DEVICE_KINDS = ['tag', 'rf_tag', 'home_unit', 'alcohol_tag'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];

/** A device speaks for an order during `[fromMs, toMs)`, by event time, however late its records arrive. */
export interface Assignment {
  readonly deviceId: DeviceId;
  readonly kind: DeviceKind;
  /** The address a home unit stands at; null for tags. */
  readonly address: string | null;
  readonly fromMs: number;
  /** The order's end where the order gives none. */
  readonly toMs: number;
}

interface ConditionBase {
  readonly conditionId: ConditionId;
}

export interface CurfewCondition extends ConditionBase {
  readonly kind: 'curfew';
  /** Null: the policy's. */
  readonly toleranceS: number | null;
  readonly timetable: Timetable;
}

export type ZoneSource =
  | { readonly kind: 'own'; readonly shape: ZoneShape }
  | { readonly kind: 'shared'; readonly zoneId: ZoneId };

export interface ZoneCondition extends ConditionBase {
  readonly kind: 'exclusion_zone' | 'inclusion_zone';
  readonly zone: ZoneSource;
  readonly timetable: Timetable;
  /** Metres around an exclusion zone in which an approach is reported; 0 = none. */
  readonly bufferM: number;
  /** Inclusion zones only; null: the policy's. */
  readonly toleranceS: number | null;
}

export interface TrailCondition extends ConditionBase {
  readonly kind: 'trail';
}

export interface Appointment extends Interval {
  readonly attendMin: number;
}

export interface AttendanceCondition extends ConditionBase {
  readonly kind: 'attendance';
  readonly at:
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'zone'; readonly zone: ZoneSource };
  readonly appointments: readonly Appointment[];
}

export interface AlcoholCondition extends ConditionBase {
  readonly kind: 'alcohol_abstinence' | 'alcohol_level';
  readonly thresholdUgL: number;
  readonly consecutive: number;
}

export type Condition = CurfewCondition | ZoneCondition | TrailCondition | AttendanceCondition | AlcoholCondition;

export interface Order {
  readonly orderId: OrderId;
  readonly subjectId: SubjectId;
  readonly revision: number;
  /** When this revision takes effect; null: on arrival. */
  readonly effectiveMs: number | null;
  readonly type: OrderType;
  readonly curfewOnly: boolean;
  readonly hdc: boolean;
  readonly under18: boolean;
  readonly restricted: boolean;
  /** The supervising agency: its officers see the alerts of this order. */
  readonly supervisor: AgencyId;
  /** IANA name. */
  readonly timeZone: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly atvAllowanceMin: number | null;
  readonly minorMaxMin: number | null;
  readonly devices: readonly Assignment[];
  /** Name → position, or null where the order gives none (only the RF/GPS contradiction needs it). */
  readonly addresses: Readonly<Record<string, Position | null>>;
  readonly conditions: readonly Condition[];
  readonly policy: Partial<Policy>;
}

/** The assignments as far as they lie within the order: what a device says outside it has no basis in it (¶16). */
export function assignmentsWithin({
  devices,
  startMs,
  endMs,
}: Pick<Order, 'devices' | 'startMs' | 'endMs'>): Assignment[] {
  return devices
    .map((device) => ({ ...device, fromMs: Math.max(device.fromMs, startMs), toMs: Math.min(device.toMs, endMs) }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}

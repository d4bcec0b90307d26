/** What the engine tells people: findings of the rules, and the alert versions that they become. */
import type { Person } from './grant.js';
import type { AgencyId, AlertId, ConditionId, DeviceId, OrderId, SubjectId } from './ids.js';
import type { Mechanism, RecordRef } from './record.js';

/** Breaches of a condition, by the kind of condition. The engine derives violations; a person declares a breach (¶57). */
export const VIOLATION_TYPES = ['curfew', 'exclusion', 'inclusion', 'attendance'] as const;
export type ViolationType = (typeof VIOLATION_TYPES)[number];

/** Raised by the gateway about what a device sends; one open alert per device and kind, with a count. */
export const INTEGRITY_TYPES = [
  'integrity.replayed',
  'integrity.bad_seal',
  'integrity.sequence_gap',
  'integrity.clock_ahead',
  'integrity.beyond_horizon',
  'integrity.unassigned_record',
  'integrity.location_jump',
  'integrity.double_session',
  'integrity.malformed',
  'integrity.unknown_key',
] as const;
export type IntegrityType = (typeof INTEGRITY_TYPES)[number];

export const ALERT_TYPES = [
  'tamper.strap',
  'tamper.case',
  'tamper.unit_case',
  'tamper.shielding',
  'tamper.jamming',
  'unit.power_off',
  'unit.moved',
  'battery.low',
  'battery.critical',
  'battery.dead',
  'device.silent',
  'device.no_fix',
  'device.fault',
  'curfew.unverified',
  'curfew.atv_exceeded',
  'zone.approach',
  'zone.crossing_inferred',
  'attendance.missed',
  'attendance.unverified',
  'alcohol.suspected',
  'alcohol.tamper',
  'integrity.contradiction',
  ...INTEGRITY_TYPES,
] as const;
export type AlertType = (typeof ALERT_TYPES)[number];

/** The codes that UK monitoring centres use. */
export type AlertCode = 'AL04' | 'AL05' | 'AL08' | 'AL09' | 'AL10' | 'AL11' | 'AL12' | 'AL21' | 'AL23' | 'AL24';

/** `return`…`unknown` end an episode by what was seen; the capitals by what was changed (an edit, the order's end). */
export type EndedBy = 'return' | 'window' | 'gap' | 'unknown' | 'ORDER_ENDED' | 'ORDER_REVISED' | 'ZONE_EDITED';

export type Confidence = 'certain' | 'probable';

/** Why a version exists. */
export type Cause = 'record' | 'timer' | 'gateway' | 'gateway_outage' | 'order_revised' | 'late_data' | 'decision';

/**
 * One episode as the rules see it now: a whole picture each time, not a difference.
 * (`type`, `conditionId`, `deviceId`) names it while it runs; at most one of that name is open.
 */
export interface Finding {
  /** `withdraw`: what has come since shows that it never was; nothing of it stands. */
  readonly op: 'open' | 'amend' | 'close' | 'withdraw';
  readonly kind: 'alert' | 'violation';
  readonly type: AlertType | ViolationType;
  readonly conditionId: ConditionId | null;
  readonly deviceId: DeviceId | null;
  /** Event time at which this became true (for a timer, when it was due). */
  readonly eventMs: number;
  readonly startMs: number;
  /** Null while it runs. */
  readonly endMs: number | null;
  readonly endedBy: EndedBy | null;
  /** In the order they were raised. */
  readonly codes: readonly AlertCode[];
  readonly confidence: Confidence | null;
  /** The deepest distance beyond the boundary, metres (zones). */
  readonly marginM: number | null;
  readonly mechanism: Mechanism | null;
  /** How often, for alerts that count; else 1. */
  readonly count: number;
  readonly cause: Cause;
  /** The records it rests on: the first and the last that matter. */
  readonly records: readonly RecordRef[];
}

/** Handling by people: `open → acknowledged → decided`; `withdrawn` by the engine alone. */
export type AlertState = 'open' | 'acknowledged' | 'decided' | 'withdrawn';

export const DECISION_KINDS = [
  'reasonable_excuse',
  'authorised_absence',
  'equipment_fault',
  'false_alert',
  'confirmed',
  'not_confirmed',
  'warning_issued',
  'referred',
  'no_further_action',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** What of an alert a person had before them. */
export interface SeenPicture
  extends Pick<Finding, 'startMs' | 'endMs' | 'endedBy' | 'codes' | 'confidence' | 'marginM' | 'count'> {
  readonly version: number;
}

export interface HandlingAct {
  readonly by: Person;
  readonly atMs: number;
  readonly reason: string | null;
}

export interface AlertDecision extends HandlingAct {
  readonly kind: DecisionKind;
  readonly reason: string;
  /** To whom it was handed over; null unless it was. */
  readonly referredTo: string | null;
  readonly seen: SeenPicture;
  /** Taken again by another person than the one who decided first (¶57). */
  readonly reconsidered: boolean;
}

/** For whom a decision is to be taken again: the person concerned has a right to it (¶57). */
export type OnBehalfOf = 'wearer' | 'victim' | 'agency';

/** What people have done about an alert, as it stands now; every version before says how it stood then. */
export interface Handling {
  readonly acknowledged: HandlingAct | null;
  readonly decision: AlertDecision | null;
  /** Asked for, and not answered yet. */
  readonly reconsideration: (HandlingAct & { readonly onBehalfOf: OnBehalfOf }) | null;
  /** Nobody acknowledged it in time: how often its limit has passed since. */
  readonly escalation: { readonly level: number; readonly atMs: number } | null;
  /** It is no more what the person who decided saw; the decision stands all the same. */
  readonly supersededEvidence: boolean;
}

/** What somebody does about an alert; `escalate` is the gateway's own, and decides nothing. */
export type AlertAct =
  | { readonly action: 'acknowledge'; readonly by: Person; readonly reason: string | null }
  | {
      readonly action: 'decide' | 'reconsider';
      readonly by: Person;
      readonly kind: DecisionKind;
      readonly reason: string;
      readonly referredTo: string | null;
      readonly seen: SeenPicture;
    }
  | {
      readonly action: 'request_reconsideration';
      readonly by: Person;
      readonly reason: string;
      readonly onBehalfOf: OnBehalfOf;
    }
  | { readonly action: 'escalate'; readonly level: number };

/** As it is asked for: what the person saw is looked up under the version that they name. */
export type AskedAct =
  | Extract<AlertAct, { action: 'acknowledge' | 'request_reconsideration' }>
  | Omit<Extract<AlertAct, { action: 'decide' | 'reconsider' }>, 'seen'>;

/** To whom an alert goes, and what for (¶59–62). */
export const ROUTE_BODIES = ['yot', 'ppcs', 'probation', 'supervisor', 'contractor'] as const;
export type RouteBody = (typeof ROUTE_BODIES)[number];
export type RouteDuty = 'consider_enforcement' | 'consider_recall' | 'decide' | 'may_warn' | 'repair' | 'inform';
export interface RouteStep {
  readonly to: RouteBody;
  readonly duty: RouteDuty;
}

/** One version of an alert, complete in itself; versions start at 1 and are never edited. No position, no name. */
export interface AlertVersion extends Omit<Finding, 'op'> {
  readonly alertId: AlertId;
  readonly version: number;
  readonly state: AlertState;
  /** Null when a device speaks for no order at that time. */
  readonly orderId: OrderId | null;
  readonly subjectId: SubjectId | null;
  /** The supervising agency; null where there is no order: the monitoring centre's own. */
  readonly agency: AgencyId | null;
  /** When the journal entry that led to it arrived. */
  readonly derivedMs: number;
  readonly policyRevision: number;
  readonly rulesVersion: number;
  /** Absent while nobody has done anything about it. */
  readonly handling?: Handling;
  /** To whom it goes, first things first, as the order stood; absent in versions of before there were routes. */
  readonly route?: readonly RouteStep[];
  /** Whether the order's own policy calls it minor (§8). */
  readonly minor?: boolean;
}

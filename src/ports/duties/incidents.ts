/** Loss or compromise of data (¶36–42): what happened, the two clocks that run, and what was decided. */
import type { Person } from '../../domain/grant.js';
import type { RegisterDocument } from '../register.js';
import type { Duty } from './duty.js';

/** ¶37, ¶38, and what Part 3 of the Act calls a personal data breach besides. */
export const INCIDENT_KINDS = ['loss', 'compromise', 'damage', 'unlawful_processing', 'suspected'] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Who or what noticed. */
export const INCIDENT_CAUSES = [
  'reported',
  'bad_seal',
  'replayed',
  'audit_broken',
  'refused_reads',
  'safeguarding_review_overdue',
] as const;
export type IncidentCause = (typeof INCIDENT_CAUSES)[number];

/** ¶40: what decides whether it is significant. */
export interface IncidentFactors {
  readonly natureOfInformation: string;
  readonly recordsInvolved: number | null;
  readonly possibleImpact: string;
}

/** ¶39: 24 h; ¶41: 72 h; both from when it was identified. */
export interface DirectorateClock {
  readonly dueMs: number;
  readonly toldMs: number | null;
  readonly toldBy: string | null;
}
export interface CommissionerClock {
  readonly dueMs: number;
  /** Null while nobody has decided. ¶41: a decision not to notify has its reasons. */
  readonly decision: 'notified' | 'not_notified' | null;
  readonly decidedMs: number | null;
  readonly decidedBy: string | null;
  readonly reasons: string | null;
}

export interface IncidentBody {
  readonly state: 'open' | 'closed';
  readonly kind: IncidentKind;
  readonly cause: IncidentCause;
  readonly summary: string;
  readonly identifiedMs: number;
  /** What it was raised about: alerts' ids; at most 200 are named. */
  readonly alerts: readonly string[];
  readonly alertCount: number;
  readonly factors: IncidentFactors | null;
  readonly significant: boolean | null;
  readonly directorate: DirectorateClock;
  readonly commissioner: CommissionerClock;
  /** ¶42. */
  readonly seniorOfficialMs: number | null;
  readonly personsToldMs: number | null;
  readonly mitigation: readonly string[];
  readonly findings: string | null;
}
export type IncidentDocument = RegisterDocument<IncidentBody>;

export interface IncidentReport {
  readonly kind: IncidentKind;
  readonly summary: string;
  /** Null: now. */
  readonly identifiedMs: number | null;
  readonly factors: IncidentFactors | null;
}

/** What people add; each leaves the others as they are. */
export interface IncidentUpdate {
  readonly factors?: IncidentFactors;
  readonly significant?: boolean;
  readonly directorateToldMs?: number;
  readonly commissioner?:
    | { readonly decision: 'notified'; readonly atMs: number }
    | { readonly decision: 'not_notified'; readonly reasons: string };
  readonly seniorOfficialMs?: number;
  readonly personsToldMs?: number;
  readonly mitigation?: string;
  readonly findings?: string;
  readonly close?: true;
}

/** What the gateway noticed. The same `key` is the same incident, however often it is raised. */
export interface Noticed {
  readonly cause: Exclude<IncidentCause, 'reported'>;
  readonly key: string;
  readonly summary: string;
  readonly alertId?: string;
}

export interface IncidentClocks {
  /** Milliseconds until each is due; negative: overdue; null: met. */
  readonly directorateLeftMs: number | null;
  readonly commissionerLeftMs: number | null;
}

export interface Incidents {
  report(by: Person, report: IncidentReport): Duty<IncidentDocument>;
  update(by: Person, id: string, update: IncidentUpdate): Duty<IncidentDocument>;
  /** Opened by the gateway, or added to the one of this key. Durable when it resolves. */
  notice(noticed: Noticed): Promise<void>;
  get(id: string): IncidentDocument | null;
  list(): IncidentDocument[];
  clocks(incident: IncidentDocument): IncidentClocks;
  /** Open incidents with a clock that is not met and ends within six hours, or has ended. */
  nearDeadline(): number;
}

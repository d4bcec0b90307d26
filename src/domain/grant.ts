/** A grant: who may review which of a person's records, for what, on which basis, and until when (¶17–19). */
import type { AgencyId, AlertId, OrderId, SubjectId } from './ids.js';
import type { Purpose } from './purpose.js';
import type { Role } from './role.js';
import type { Interval } from './timetable.js';

/** The lawful reasons for which stored records may be looked at. */
export const TRIGGERS = [
  'standing_alert',
  'trail',
  'contact_lost',
  'police_request',
  'safeguarding_life',
  'court_direction',
  'subject_access',
  'equipment_forensics',
  'legal_hold_review',
] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** A person as their token names them. */
export interface Person {
  readonly user: string;
  readonly role: Role;
  readonly agency: AgencyId;
}

/** What a person did about a grant, and when. */
export interface Act {
  readonly by: Person;
  readonly atMs: number;
}

/** One version of a grant; each is a whole picture. */
export interface Grant {
  readonly grantId: string;
  readonly orderId: OrderId;
  readonly subjectId: SubjectId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly purpose: Purpose;
  /** In words: the power, the reason, why it is necessary and proportionate. */
  readonly legalBasis: string;
  readonly trigger: Trigger;
  readonly alertId: AlertId | null;
  /** The enquiry, direction or hold that it answers to. */
  readonly caseReference: string | null;
  /** ¶19: radio readings outside curfew hours and sightings by others' units too; it must be asked for by itself. */
  readonly beyondCurfew: boolean;
  readonly requested: Act;
  /** Users of the requester's agency who may read. */
  readonly readers: readonly string[];
  readonly approved: Act | null;
  /** What was asked for (null: as long as can be) until somebody approves; then until when it can be read under. */
  readonly expiresMs: number | null;
  /** Opened before anybody approved: another person must have looked at it by then. Null: no review is due. */
  readonly reviewDueMs: number | null;
  readonly reviewed: (Act & { readonly justified: boolean; readonly note: string }) | null;
  readonly revoked: (Act & { readonly reason: string }) | null;
}

/** What a person asks for; what is left out follows from the trigger. */
export interface GrantRequest {
  readonly trigger: Trigger;
  readonly orderId: OrderId;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly legalBasis: string;
  readonly alertId: AlertId | null;
  readonly caseReference: string | null;
  readonly beyondCurfew: boolean;
  readonly readers: readonly string[];
  readonly expiresMs: number | null;
}

/** `requested`: waits for approval. `closed`: its reason has gone (the alert was withdrawn, the hold lifted). */
export type GrantState = 'requested' | 'open' | 'expired' | 'revoked' | 'closed';

/** What a reader may see under a grant at one moment. */
export interface Sight {
  /** By time, apart from each other. */
  readonly intervals: readonly Interval[];
  readonly fixes: boolean;
  /** `equipment`: what devices say of themselves. */
  readonly records: 'all' | 'equipment' | 'none';
  readonly beyondCurfew: boolean;
  /** False: a home unit that is somebody else's is not named (¶31: third parties' data are left out). */
  readonly namesOthers: boolean;
}

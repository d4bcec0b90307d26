/** What the audit log keeps of one act: who did or tried what, for which purpose, to whose data, and how it ended. */
import type { AgencyId, OrderId, SubjectId } from './ids.js';

/** DPA 2018 s.62(1) names what must be logged; `access` are refusals and sign-ins, `administration` what moves no personal data. */
export const AUDIT_CATEGORIES = [
  'collection',
  'alteration',
  'consultation',
  'disclosure',
  'combination',
  'erasure',
  'access',
  'administration',
] as const;
export type AuditCategory = (typeof AUDIT_CATEGORIES)[number];

/** A person with a role in an agency, or the gateway itself. */
export type Actor =
  | { readonly kind: 'person'; readonly user: string; readonly role: string; readonly agency: AgencyId }
  | { readonly kind: 'gateway' }
  /** No token, or one that is not valid: nobody whom we could name. */
  | { readonly kind: 'stranger' };

/** `attempt` comes first and is durable before anything happens; its outcome names it. */
export const AUDIT_PHASES = ['attempt', 'allowed', 'refused', 'failed'] as const;
export type AuditPhase = (typeof AUDIT_PHASES)[number];

export interface AuditEvent {
  readonly atMs: number;
  readonly actor: Actor;
  /** The policy's action (`grants.read`), or the gateway's own (`retention.destroy`). */
  readonly action: string;
  readonly category: AuditCategory;
  readonly phase: AuditPhase;
  /** Index of the attempt that this is the outcome of; null for an attempt. */
  readonly attempt: number | null;
  readonly purpose: string | null;
  /** A fault's code where it was refused or failed. */
  readonly reason: string | null;
  /** Whose data it concerns; null: nobody's in particular. These and `detail` are sealed under the order's audit key. */
  readonly orderId: OrderId | null;
  readonly subjectId: SubjectId | null;
  /** What exactly (a grant's id, a window, a count): JSON values, never a position. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

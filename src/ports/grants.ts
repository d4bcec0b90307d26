/** Grants: asked for by one person, approved by another, and the one way to a position (¶17–19). */
import type { Grant, GrantRequest, GrantState, Person, Sight, Trigger } from '../domain/grant.js';
import type { OrderId } from '../domain/ids.js';
import type { Problem } from '../domain/problem.js';
import type { Purpose } from '../domain/purpose.js';
import type { Result } from '../domain/result.js';
import type { Role, Scope } from '../domain/role.js';

export type GrantRefusalCode =
  /** The trigger is not for this role, agency or purpose. */
  | 'trigger_refused'
  /** What was asked contradicts what is stored, or lacks something. */
  | 'invalid'
  /** The same person may not ask and approve. */
  | 'second_person_needed'
  /** It is not in a state in which that can be done. */
  | 'grant_not_open'
  /** Outside the grant's window, purpose, readers or contents. */
  | 'outside_grant'
  | 'conflict';

export interface GrantRefusal {
  readonly code: GrantRefusalCode;
  /** For the person: why, and what to do. */
  readonly detail: string;
  readonly problems?: readonly Problem[];
}

type Answer<T> = Result<T, GrantRefusal>;

export interface Grants {
  /** Of whose orders a role may ask for this; null: it may not. */
  reachOf(trigger: Trigger, role: Role): Scope | null;
  /** Durable when it resolves; some triggers open at once. */
  request(asked: GrantRequest, purpose: Purpose, by: Person, nowMs: number): Promise<Answer<Grant>>;
  approve(grantId: string, by: Person, nowMs: number): Promise<Answer<Grant>>;
  /** Of one that opened before anybody approved; one that was not justified is closed herewith. */
  review(
    grantId: string,
    finding: { readonly justified: boolean; readonly note: string },
    by: Person,
    nowMs: number,
  ): Promise<Answer<Grant>>;
  revoke(grantId: string, reason: string, by: Person, nowMs: number): Promise<Answer<Grant>>;
  /** Null: there is none, or its order's keys are destroyed. `trail.ORDER` names the standing grant of a trail condition. */
  get(grantId: string): Grant | null;
  history(grantId: string): readonly Grant[];
  /** In the order they were asked for; standing trail grants are derived, and not among them. */
  list(orderId?: OrderId): Iterable<Grant>;
  stateOf(grant: Grant, nowMs: number): GrantState;
  /** What this person may see now, for this purpose; `asked` narrows the window. */
  sightOf(
    grant: Grant,
    reader: Person,
    purpose: Purpose,
    asked: { readonly fromMs: number | null; readonly toMs: number | null },
    nowMs: number,
  ): Answer<Sight>;
  /** Grants that opened by themselves and that nobody has reviewed in time. */
  overdueReviews(nowMs: number): readonly Grant[];
}

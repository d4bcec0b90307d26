/** What becomes of a grant when somebody asks, approves, reviews or revokes: pure, on the table of grant-policy. */
import type { AlertVersion } from '../domain/alert.js';
import type { Grant, GrantRequest, GrantState, Person } from '../domain/grant.js';
import type { Order } from '../domain/order.js';
import type { Problem } from '../domain/problem.js';
import type { Purpose } from '../domain/purpose.js';
import { bad, ok, type Result } from '../domain/result.js';
import { isSameUser } from '../domain/same-user.js';
import type { Interval } from '../domain/timetable.js';
import type { GrantRefusal, GrantRefusalCode } from '../ports/grants.js';
import { ALERT_MARGIN_MS, GRANT_POLICY, type Reach, type TriggerRule } from './grant-policy.js';

type Decision = Result<Grant, GrantRefusal>;

/** What a decision rests on besides the grant itself. */
export interface Grounds {
  readonly order: Order;
  /** The newest version of the alert that is named; null: none is, or it is unknown. */
  readonly alert: AlertVersion | null;
  /** Whether the hold that the case reference names stands for this order. */
  readonly held: boolean;
  readonly nowMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A request that nobody has approved by then is to be made anew: its reason was of its day. */
const WAITS_MS = 7 * DAY_MS;

export const refusal = (
  code: GrantRefusalCode,
  detail: string,
  problems?: readonly Problem[],
): { readonly ok: false; readonly fault: GrantRefusal } =>
  bad({ code, detail, ...(problems === undefined ? {} : { problems }) });

const lacking = (path: string, expected: string, got: string) =>
  refusal('invalid', 'The request is refused; see problems.', [{ path, expected, got }]);

/** Does the table give this person's role, and agency, a part in it? */
export function within(reach: Reach, person: Person, order: Order): boolean {
  const scope = reach[person.role];
  return scope === 'all' || (scope === 'own' && person.agency === order.supervisor);
}

export function decideRequest(
  grantId: string,
  asked: GrantRequest,
  purpose: Purpose,
  by: Person,
  grounds: Grounds,
): Decision {
  const { order, nowMs } = grounds;
  const rule = GRANT_POLICY[asked.trigger];
  if (asked.trigger === 'trail') {
    return refusal('trigger_refused', `Nobody asks for a trail: the supervising agency reads trail.${order.orderId}.`);
  }
  if (!within(rule.request, by, order)) {
    return refusal('trigger_refused', `${asked.trigger} is not for ${by.role} of this agency to ask for.`);
  }
  if (!rule.purposes.includes(purpose)) {
    return refusal('trigger_refused', `${asked.trigger} is for the purposes ${rule.purposes.join(', ')}.`);
  }
  if (asked.beyondCurfew && !rule.beyondCurfew) {
    return refusal('trigger_refused', `${asked.trigger} opens nothing outside curfew hours: leave beyond_curfew out.`);
  }
  const missing = missingNeed(asked, rule, grounds);
  if (missing !== null) return missing;
  const window = windowOf(asked, rule, grounds);
  if (!window.ok) return window;
  if (asked.expiresMs !== null && asked.expiresMs <= nowMs) return lacking('expires', 'a time to come', 'one past');
  const requested = { by, atMs: nowMs };
  const opensAtOnce = rule.reviewWithinH !== null;
  return ok({
    grantId,
    orderId: order.orderId,
    subjectId: order.subjectId,
    fromMs: window.value.startMs,
    toMs: window.value.endMs,
    purpose,
    legalBasis: asked.legalBasis,
    trigger: asked.trigger,
    alertId: asked.alertId,
    caseReference: asked.caseReference,
    beyondCurfew: asked.beyondCurfew,
    requested,
    readers: asked.readers.length === 0 ? [by.user] : asked.readers,
    approved: null,
    expiresMs: opensAtOnce ? expiryOf(asked.expiresMs, rule, nowMs) : asked.expiresMs,
    reviewDueMs: rule.reviewWithinH === null ? null : nowMs + rule.reviewWithinH * HOUR_MS,
    reviewed: null,
    revoked: null,
  });
}

export function decideApproval(grant: Grant, by: Person, grounds: Grounds): Decision {
  const rule = GRANT_POLICY[grant.trigger];
  if (grantState(grant, grounds) !== 'requested') {
    return refusal('grant_not_open', 'Only a request that still waits can be approved.');
  }
  if (rule.approve === null || !within(rule.approve, by, grounds.order)) {
    return refusal('trigger_refused', `${grant.trigger} is not for ${by.role} of this agency to approve.`);
  }
  if (isSameUser(by.user, grant.requested.by.user)) {
    return refusal('second_person_needed', 'Who asked may not approve: another person must.');
  }
  const approved = { by, atMs: grounds.nowMs };
  return ok({ ...grant, approved, expiresMs: expiryOf(grant.expiresMs, rule, grounds.nowMs) });
}

/** The look of another person at a grant that opened by itself. Late is better than never: it can be done at any time. */
export function decideReview(
  grant: Grant,
  finding: { readonly justified: boolean; readonly note: string },
  by: Person,
  { order, nowMs }: Grounds,
): Decision {
  const rule = GRANT_POLICY[grant.trigger];
  if (grant.reviewDueMs === null || grant.reviewed !== null) {
    return refusal('grant_not_open', 'No review of this grant is due.');
  }
  if (rule.approve === null || !within(rule.approve, by, order)) {
    return refusal('trigger_refused', `${grant.trigger} is not for ${by.role} of this agency to review.`);
  }
  if ([grant.requested.by.user, ...grant.readers].some((user) => isSameUser(by.user, user))) {
    return refusal('second_person_needed', 'Who asked or may read does not review: another person must.');
  }
  return ok({ ...grant, reviewed: { by, atMs: nowMs, ...finding } });
}

/** Whoever asked, or might have approved, may end it. */
export function decideRevocation(grant: Grant, reason: string, by: Person, grounds: Grounds): Decision {
  const state = grantState(grant, grounds);
  if (state !== 'open' && state !== 'requested') return refusal('grant_not_open', `The grant is ${state} already.`);
  const rule = GRANT_POLICY[grant.trigger];
  const asked = by.user === grant.requested.by.user && by.agency === grant.requested.by.agency;
  if (grant.trigger === 'trail') return refusal('trigger_refused', 'A trail ends by a revision of the order.');
  if (!asked && !(rule.approve !== null && within(rule.approve, by, grounds.order))) {
    return refusal('trigger_refused', `${grant.trigger} is not for ${by.role} of this agency to revoke.`);
  }
  return ok({ ...grant, revoked: { by, atMs: grounds.nowMs, reason } });
}

export function grantState(grant: Grant, { alert, held, nowMs }: Grounds): GrantState {
  if (grant.revoked !== null) return 'revoked';
  if (grant.reviewed?.justified === false) return 'closed';
  // the reason has gone, and the grant with it
  if (grant.trigger === 'standing_alert' && (alert === null || alert.state === 'withdrawn')) return 'closed';
  if (grant.trigger === 'legal_hold_review' && !held) return 'closed';
  if (grant.approved === null && grant.reviewDueMs === null) {
    return nowMs >= grant.requested.atMs + WAITS_MS ? 'expired' : 'requested';
  }
  return grant.expiresMs === null || nowMs >= grant.expiresMs ? 'expired' : 'open';
}

/** The alert and the half hours around it; one that still runs goes up to half an hour from now. */
export function alertWindow({ startMs, endMs }: AlertVersion, nowMs: number): Interval {
  return { startMs: startMs - ALERT_MARGIN_MS, endMs: (endMs ?? nowMs) + ALERT_MARGIN_MS };
}

function missingNeed(asked: GrantRequest, rule: TriggerRule, { order, alert, held }: Grounds): Decision | null {
  if (rule.needs.includes('alert_id')) {
    if (alert === null || alert.orderId !== order.orderId) {
      return lacking('alert_id', 'an alert of this order', asked.alertId ?? 'nothing');
    }
    if (alert.state === 'withdrawn') return lacking('alert_id', 'an alert that stands', 'one that is withdrawn');
  }
  if (rule.needs.includes('case_reference') && asked.caseReference === null) {
    return lacking('case_reference', 'the reference of the enquiry, direction, request or hold', 'nothing');
  }
  if (asked.trigger === 'legal_hold_review' && !held) {
    return lacking('case_reference', 'the id of a hold that stands on this order', asked.caseReference ?? 'nothing');
  }
  return null;
}

function windowOf(asked: GrantRequest, rule: TriggerRule, { order, alert, nowMs }: Grounds) {
  const { startMs, endMs } = order;
  if (rule.needs.includes('alert_id') && alert !== null) {
    const around = alertWindow(alert, nowMs);
    // while the alert runs the window grows with it: each read clips it anew
    const latestMs = alert.endMs === null ? nowMs + rule.lastsHMax * HOUR_MS : around.endMs;
    return clipped(asked, { startMs: Math.max(startMs, around.startMs), endMs: Math.min(endMs, latestMs) });
  }
  const aheadMs = nowMs + rule.aheadHMax * HOUR_MS;
  const usual: Interval =
    rule.windowHMax === null
      ? { startMs, endMs: Math.min(endMs, aheadMs) }
      : { startMs: nowMs - Math.min(rule.windowHMax * HOUR_MS, DAY_MS), endMs: aheadMs };
  const fromMs = asked.fromMs ?? usual.startMs;
  const toMs = asked.toMs ?? usual.endMs;
  if (toMs > aheadMs) return lacking('to', `${rule.aheadHMax} h from now at the latest`, new Date(toMs).toISOString());
  if (rule.windowHMax !== null && toMs - fromMs > rule.windowHMax * HOUR_MS + rule.aheadHMax * HOUR_MS) {
    return lacking('from', `a window of at most ${rule.windowHMax} h`, `${Math.ceil((toMs - fromMs) / HOUR_MS)} h`);
  }
  return clipped({ fromMs, toMs }, { startMs, endMs });
}

function clipped(asked: Pick<GrantRequest, 'fromMs' | 'toMs'>, bounds: Interval) {
  const startMs = Math.max(asked.fromMs ?? bounds.startMs, bounds.startMs);
  const endMs = Math.min(asked.toMs ?? bounds.endMs, bounds.endMs);
  if (startMs < endMs) return ok({ startMs, endMs });
  const between = `${new Date(bounds.startMs).toISOString()} and ${new Date(bounds.endMs).toISOString()}`;
  return lacking('from', `a window between ${between}`, 'nothing of it');
}

const expiryOf = (askedMs: number | null, { lastsHMax }: TriggerRule, openMs: number): number =>
  Math.min(askedMs ?? Number.POSITIVE_INFINITY, openMs + lastsHMax * HOUR_MS);

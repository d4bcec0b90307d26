/** Whether a person may do this about an alert: who they are, what they saw, and what others have done since (§7, §8, ¶57–62). */
import type { AlertVersion, AskedAct, DecisionKind } from '../domain/alert.js';
import type { Person } from '../domain/grant.js';
import type { Problem } from '../domain/problem.js';
import { isSameUser } from '../domain/same-user.js';
import { DECISIONS, groupOf } from './decision-kinds.js';
import { bearsOut, pictureOf } from './handling.js';
import { contractorDecides, mayWarn } from './routing.js';

export type ActRefusalCode =
  /** The engine has taken it back: nothing of it stands. */
  | 'alert_withdrawn'
  /** It is no more what the person saw. */
  | 'alert_moved_on'
  /** Somebody has decided: what is left is to have it reconsidered. */
  | 'alert_decided'
  | 'alert_not_decided'
  /** Who decided before may not reconsider. */
  | 'second_person_needed'
  /** That is no decision about an alert of this type. */
  | 'decision_not_applicable'
  /** The route leaves it to others. */
  | 'decision_not_yours';

export interface ActRefusal {
  readonly code: ActRefusalCode;
  readonly problems: readonly Problem[];
}

/** For whom a person speaks: the monitoring centre is the contractor, others are of an agency that supervises; null: neither. */
function sideOf({ role }: Person): 'contractor' | 'supervisor' | null {
  if (role === 'monitoring_officer') return 'contractor';
  return role === 'supervising_officer' || role === 'police_liaison' ? 'supervisor' : null;
}

/** `versions`: all of the alert, oldest first. Null: nothing stands against it. */
export function actRefused(versions: readonly AlertVersion[], seenVersion: number, act: AskedAct): ActRefusal | null {
  const newest = versions.at(-1);
  const seen = versions.find(({ version }) => version === seenVersion);
  if (newest === undefined || seen === undefined) throw new Error(`no version ${seenVersion} of the alert`);
  if (newest.state === 'withdrawn') {
    return refusal(
      'alert_withdrawn',
      'state',
      'an alert that stands',
      'withdrawn: later data showed that it never was',
    );
  }
  if (act.action === 'acknowledge') return null;
  const decision = newest.handling?.decision ?? null;
  if (act.action !== 'decide') {
    if (decision === null) return refusal('alert_not_decided', 'state', 'an alert that is decided', newest.state);
    if (act.action === 'request_reconsideration') return null;
    const deciders = versions.flatMap(({ handling }) => handling?.decision?.by.user ?? []);
    if (deciders.some((user) => isSameUser(user, act.by.user))) {
      return refusal('second_person_needed', 'by', 'a person who has not decided on it before', 'one who has');
    }
  } else if (decision !== null && !mayDecideAnew(newest)) {
    return refusal(
      'alert_decided',
      'state',
      'an alert that nobody has decided on; ask to have it reconsidered',
      'decided',
    );
  }
  return movedOn(seen, newest) ?? notFor(newest, act.kind, act.referredTo) ?? notYours(newest, act.kind, act.by);
}

/** The same act of the same person once more, its answer lost on the way: it stands already. */
export function standsAlready(newest: AlertVersion, seenVersion: number, act: AskedAct): boolean {
  const { handling } = newest;
  if (handling === undefined) return false;
  switch (act.action) {
    case 'acknowledge':
      return handling.acknowledged !== null;
    case 'request_reconsideration':
      return handling.reconsideration?.by.user === act.by.user && handling.reconsideration.reason === act.reason;
    default: {
      const { decision } = handling;
      return (
        decision !== null &&
        decision.by.user === act.by.user &&
        decision.kind === act.kind &&
        decision.reason === act.reason &&
        decision.referredTo === act.referredTo &&
        decision.reconsidered === (act.action === 'reconsider') &&
        decision.seen.version === seenVersion
      );
    }
  }
}

/** A decision on what has turned out otherwise, or by whom it was handed over to, is a new one and no reconsideration. */
function mayDecideAnew({ handling }: AlertVersion): boolean {
  return handling?.supersededEvidence === true || handling?.decision?.kind === 'referred';
}

/** That one which ran has ended is no news to who decides; that anything else is other than they saw is. */
function movedOn(seen: AlertVersion, newest: AlertVersion): ActRefusal | null {
  const problems: Problem[] = [];
  const told = (path: string, a: unknown, b: unknown): void => {
    if (JSON.stringify(a) === JSON.stringify(b)) return;
    problems.push({ path, expected: `as in version ${seen.version}: ${JSON.stringify(a)}`, got: JSON.stringify(b) });
  };
  const decisionOf = ({ handling }: AlertVersion): unknown => {
    const decision = handling?.decision ?? null;
    return decision === null ? null : { kind: decision.kind, at: new Date(decision.atMs).toISOString() };
  };
  told('decision', decisionOf(seen), decisionOf(newest));
  if (!bearsOut(pictureOf(seen), -Infinity, newest)) {
    const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
    told('start', time(seen.startMs), time(newest.startMs));
    if (seen.endMs !== null) told('end', time(seen.endMs), time(newest.endMs));
    if (seen.endMs !== null) told('ended_by', seen.endedBy, newest.endedBy);
    told('codes', seen.codes, newest.codes);
    told('confidence', seen.confidence, newest.confidence);
    told('margin_m', seen.marginM, newest.marginM);
    told('count', seen.count, newest.count);
  }
  return problems.length === 0 ? null : { code: 'alert_moved_on', problems };
}

function notFor({ type }: AlertVersion, kind: DecisionKind, referredTo: string | null): ActRefusal | null {
  const rule = DECISIONS[kind];
  if (!rule.groups.includes(groupOf(type))) {
    return refusal('decision_not_applicable', 'decision', `a decision that can be taken about ${type}`, kind);
  }
  if (rule.refers === true && referredTo === null) {
    return refusal('decision_not_applicable', 'referred_to', 'to whom it is referred', 'nothing');
  }
  if (rule.refers !== true && referredTo !== null) {
    return refusal('decision_not_applicable', 'referred_to', `nothing beside ${kind}`, referredTo);
  }
  return null;
}

function notYours(newest: AlertVersion, kind: DecisionKind, by: Person): ActRefusal | null {
  const rule = DECISIONS[kind];
  const side = sideOf(by);
  if (side === null) {
    // A data controller asks on behalf of the person concerned (¶57), and decides nothing.
    return refusal('decision_not_yours', 'by', 'an officer of the monitoring centre or of the agency', by.role);
  }
  if (rule.warns === true && !mayWarn(newest, side)) {
    const expected = 'a minor curfew violation of which the route lets you warn';
    return refusal('decision_not_yours', 'decision', expected, kind);
  }
  if (side === 'supervisor' || rule.contractor === 'always') return null;
  const own = newest.agency === null || newest.agency === by.agency;
  if (rule.contractor === 'responsible' && (own || contractorDecides(newest))) return null;
  const to = newest.route?.map((step) => step.to).find((body) => body !== 'contractor') ?? 'the supervising agency';
  return refusal('decision_not_yours', 'decision', `a decision that is not for ${to} to take; refer it`, kind);
}

function refusal(code: ActRefusalCode, path: string, expected: string, got: string): ActRefusal {
  return { code, problems: [{ path, expected, got }] };
}

/** What people have done about an alert, as clients see it. */
import type { AlertVersion, Handling, HandlingAct } from '../domain/alert.js';
import { DECISIONS } from '../rules/decision-kinds.js';
import { rfc3339 } from './rfc3339.js';

interface ActJson {
  readonly by: { readonly user: string; readonly role: string; readonly agency: string };
  readonly at: string;
  readonly reason: string | null;
}

export interface HandlingJson {
  readonly acknowledged: ActJson | null;
  readonly decision:
    | (ActJson & {
        readonly kind: string;
        readonly referred_to: string | null;
        /** The version that the person saw. */
        readonly seen_version: number;
        /** Taken again by another person (¶57). */
        readonly reconsidered: boolean;
        /** Affects the person concerned, who may ask to have it reconsidered (¶57). */
        readonly significant: boolean;
        /** The minutes of a curfew violation do not count (ATV). */
        readonly excuses: boolean;
      })
    | null;
  readonly reconsideration: (ActJson & { readonly on_behalf_of: string }) | null;
  readonly escalation: { readonly level: number; readonly at: string } | null;
  /** The alert is no more what the person saw who decided; the decision stands. */
  readonly superseded_evidence: boolean;
}

export function handlingJson(handling: Handling | undefined): HandlingJson | null {
  if (handling === undefined) return null;
  const { acknowledged, decision, reconsideration, escalation } = handling;
  return {
    acknowledged: acknowledged && actJson(acknowledged),
    decision: decision && {
      ...actJson(decision),
      kind: decision.kind,
      referred_to: decision.referredTo,
      seen_version: decision.seen.version,
      reconsidered: decision.reconsidered,
      significant: DECISIONS[decision.kind].significant,
      excuses: DECISIONS[decision.kind].excuses,
    },
    reconsideration: reconsideration && { ...actJson(reconsideration), on_behalf_of: reconsideration.onBehalfOf },
    escalation: escalation && { level: escalation.level, at: rfc3339(escalation.atMs) },
    superseded_evidence: handling.supersededEvidence,
  };
}

/** What this version is told as: what somebody did makes it, or it is news of the alert itself. */
export function eventOf(version: AlertVersion): 'raised' | 'updated' | 'withdrawn' | 'acknowledged' | 'decided' {
  const { state, handling, cause, derivedMs } = version;
  if (state === 'withdrawn' || (state !== 'open' && handling === undefined)) return state;
  if (cause === 'decision' && handling?.reconsideration?.atMs !== derivedMs) {
    if (handling?.decision?.atMs === derivedMs) return 'decided';
    if (handling?.acknowledged?.atMs === derivedMs) return 'acknowledged';
  }
  return version.version === 1 ? 'raised' : 'updated';
}

const actJson = ({ by: { user, role, agency }, atMs, reason }: HandlingAct): ActJson => ({
  by: { user, role, agency },
  at: rfc3339(atMs),
  reason,
});

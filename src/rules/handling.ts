/** What people have done about an alert, and what their acts and later findings make of it (§7, §8, ¶57). */
import type { AlertAct, AlertState, AlertVersion, Finding, Handling, SeenPicture } from '../domain/alert.js';
import { unreachable } from '../domain/result.js';

export const UNHANDLED: Handling = {
  acknowledged: null,
  decision: null,
  reconsideration: null,
  escalation: null,
  supersededEvidence: false,
};

/** `open → acknowledged → decided`; `withdrawn` by the engine alone, whatever people have said of it. */
export function stateUnder(handling: Handling | undefined, withdrawn: boolean): AlertState {
  if (withdrawn) return 'withdrawn';
  if (handling === undefined) return 'open';
  if (handling.decision !== null) return 'decided';
  return handling.acknowledged === null ? 'open' : 'acknowledged';
}

/** The picture that a version shows, as a decision keeps it. */
export function pictureOf({
  version,
  startMs,
  endMs,
  endedBy,
  codes,
  confidence,
  marginM,
  count,
}: AlertVersion): SeenPicture {
  return { version, startMs, endMs, endedBy, codes, confidence, marginM, count };
}

/** The handling after an act at `atMs`. Whoever decides or asks has seen it. */
export function handledBy(former: Handling | undefined, act: AlertAct, atMs: number): Handling {
  const before = former ?? UNHANDLED;
  if (act.action === 'escalate') return { ...before, escalation: { level: act.level, atMs } };
  const { by, reason } = act;
  const acknowledged = before.acknowledged ?? { by, atMs, reason: act.action === 'acknowledge' ? reason : null };
  switch (act.action) {
    case 'acknowledge':
      return { ...before, acknowledged };
    case 'request_reconsideration':
      return { ...before, acknowledged, reconsideration: { by, atMs, reason: act.reason, onBehalfOf: act.onBehalfOf } };
    case 'decide':
    case 'reconsider': {
      const { kind, referredTo, seen } = act;
      const reconsidered = act.action === 'reconsider';
      const decision = { by, atMs, kind, reason: act.reason, referredTo, seen, reconsidered };
      // What was asked for is answered by a reconsideration alone.
      const reconsideration = reconsidered ? null : before.reconsideration;
      return { ...before, acknowledged, decision, reconsideration, supersededEvidence: false };
    }
    default:
      return unreachable(act);
  }
}

/** The handling beside what was found since. A decision is never undone: it is flagged where it rests on what is no more so. */
export function handlingBeside(
  handling: Handling | undefined,
  finding: Finding,
  withdrawn: boolean,
): { readonly handling?: Handling } {
  if (handling === undefined) return {};
  const { decision } = handling;
  const supersededEvidence = decision !== null && (withdrawn || !bearsOut(decision.seen, decision.atMs, finding));
  return {
    handling: supersededEvidence === handling.supersededEvidence ? handling : { ...handling, supersededEvidence },
  };
}

/**
 * Whether an alert is still what a person saw. One that ran may have gone on and ended as time passed; of one that was over
 * nothing may be other than it was.
 */
export function bearsOut(seen: SeenPicture, decidedMs: number, found: Finding | AlertVersion): boolean {
  if (found.startMs !== seen.startMs) return false;
  if (seen.endMs === null) {
    // Of a visit that ran no more is known than up to its last fix: so it ends where a gap follows (§4).
    const ranThen = found.endMs === null || found.endMs >= decidedMs || found.endedBy === 'gap';
    return ranThen && seen.codes.every((code, i) => found.codes[i] === code);
  }
  return (
    found.endMs === seen.endMs &&
    found.endedBy === seen.endedBy &&
    found.codes.join() === seen.codes.join() &&
    found.confidence === seen.confidence &&
    found.marginM === seen.marginM &&
    found.count === seen.count
  );
}

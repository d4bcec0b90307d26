/** Curfew violations, unverified presence and accumulated time, straight from the definitions of rules.md §3. */
import type { CurfewJson } from './contract.js';
import type { Case } from './evidence.js';
import type { FoundAlert, FoundViolation } from './lines.js';
import { presenceAt, presenceMoments } from './presence.js';
import { isLonger, type Stretch, stretchesOf } from './stretches.js';
import { effectiveWindows, type Window } from './windows.js';

/** A violation with the moment from which it is known to be one. */
interface Counted extends FoundViolation {
  readonly raisedMs: number;
}

export interface CurfewFindings {
  readonly violations: readonly FoundViolation[];
  readonly alerts: readonly FoundAlert[];
}

export function curfewFindings(c: Case): CurfewFindings {
  const curfews = c.order.conditions.filter((condition) => condition.kind === 'curfew');
  const moments = presenceMoments(c);
  const violations: Counted[] = [];
  const alerts: FoundAlert[] = [];
  for (const curfew of curfews) {
    const toleranceMs = (curfew.tolerance_s ?? c.policy.toleranceS) * 1_000;
    for (const window of effectiveWindows(c.order, curfew)) {
      const valueAt = (atMs: number) => presenceAt(c, window.addresses, atMs);
      for (const stretch of stretchesOf(window, moments, valueAt, c.untilMs)) {
        if (stretch.value === 'absent' && isLonger(stretch, toleranceMs, c.untilMs))
          violations.push(violation(curfew, window, stretch, toleranceMs));
        if (stretch.value === 'unknown' && isLonger(stretch, c.policy.unverifiedS * 1_000, c.untilMs))
          alerts.push({
            type: 'curfew.unverified',
            conditionId: curfew.condition_id,
            fromMs: stretch.fromMs,
            toMs: stretch.toMs,
          });
      }
    }
  }
  const exceededMs = allowancePassed(c, violations);
  const overMs = c.untilMs >= c.toMs ? c.toMs : null;
  if (exceededMs !== null) alerts.push({ type: 'curfew.atv_exceeded', fromMs: exceededMs, toMs: overMs });
  return { violations, alerts };
}

function violation(curfew: CurfewJson, window: Window, stretch: Stretch<string>, toleranceMs: number): Counted {
  const { fromMs, toMs, next } = stretch;
  const fromStart = fromMs === window.fromMs;
  const codes = [fromStart ? 'AL08' : 'AL10'];
  if (toMs === window.toMs) codes.push(fromStart ? 'AL12' : 'AL11');
  else if (next === 'present' && fromStart) codes.push('AL09');
  const endedBy = toMs === null ? null : toMs === window.toMs ? 'window' : next === 'present' ? 'return' : 'unknown';
  return {
    type: 'curfew',
    conditionId: curfew.condition_id,
    fromMs,
    toMs,
    endedBy,
    codes,
    confidence: null,
    raisedMs: fromMs + toleranceMs,
  };
}

/** The instant at which the minutes of all violations, as far as they were raised by then, pass the allowance. */
function allowancePassed(c: Case, violations: readonly Counted[]): number | null {
  if (c.order.atv_allowance_min === undefined) return null;
  const allowanceMs = c.order.atv_allowance_min * 60_000;
  const sumAt = (atMs: number) =>
    violations
      .filter((v) => v.raisedMs <= atMs)
      .reduce((sum, v) => sum + Math.min(v.toMs ?? Number.POSITIVE_INFINITY, atMs) - v.fromMs, 0);
  const runningAt = (atMs: number) =>
    violations.filter((v) => v.raisedMs <= atMs && atMs < (v.toMs ?? Number.POSITIVE_INFINITY)).length;
  const points = violations.flatMap((v) => [v.raisedMs, ...(v.toMs === null ? [] : [v.toMs])]);
  const sorted = [...new Set([...points, c.untilMs])].filter((t) => t <= c.untilMs).sort((a, b) => a - b);
  for (const [i, atMs] of sorted.entries()) {
    const sum = sumAt(atMs);
    const running = runningAt(atMs);
    // at the allowance itself it passes it in this instant if a violation runs
    if (sum > allowanceMs || (sum === allowanceMs && running > 0)) return atMs;
    const next = sorted[i + 1];
    if (next === undefined || running === 0) continue;
    const passesMs = atMs + Math.ceil((allowanceMs - sum) / running);
    if (passesMs < next) return passesMs;
  }
  return null;
}

/** Attendance at appointments, straight from rules.md §4: minutes there against minutes that nobody knows of. */
import type { AttendanceJson } from './contract.js';
import { signedDistance } from './earth.js';
import type { Case } from './evidence.js';
import type { Fix } from './fixes.js';
import type { FoundAlert, FoundViolation } from './lines.js';
import { presenceAt, presenceMoments } from './presence.js';
import { stretchesOf } from './stretches.js';
import { Undecidable } from './undecidable.js';
import { type Seen, visitsOf } from './visits.js';
import type { Span } from './windows.js';
import { mustBeDecidable } from './zones.js';

export interface AttendanceFindings {
  readonly violations: readonly FoundViolation[];
  readonly alerts: readonly FoundAlert[];
}

export function attendanceFindings(c: Case, fixes: readonly Fix[]): AttendanceFindings {
  const alerts: FoundAlert[] = [];
  const violations: FoundViolation[] = [];
  for (const condition of c.order.conditions) {
    if (condition.kind !== 'attendance') continue;
    for (const { from, to, attend_min } of condition.appointments) {
      const span = { fromMs: Date.parse(from), toMs: Date.parse(to) };
      if (c.untilMs < span.toMs) continue;
      const { there, unknown } = timesOf(c, condition, span, fixes);
      const due = attend_min * 60_000;
      if (there >= due) continue;
      const type = there + unknown >= due ? 'attendance.unverified' : 'attendance.missed';
      const conditionId = condition.condition_id;
      alerts.push({ type, conditionId, ...span });
      // one that was missed is both: the alert that is raised, and the violation that is derived
      if (type === 'attendance.missed')
        violations.push({ type: 'attendance', conditionId, ...span, endedBy: 'window', codes: [], confidence: null });
    }
  }
  return { violations, alerts };
}

/** Milliseconds of the span. */
function timesOf(c: Case, condition: AttendanceJson, span: Span, fixes: readonly Fix[]) {
  const { address, zone } = condition;
  if (address !== undefined) {
    const stretches = stretchesOf(span, presenceMoments(c), (t) => presenceAt(c, [address], t), c.untilMs);
    const total = (value: string) =>
      stretches.filter((s) => s.value === value).reduce((ms, s) => ms + (s.toMs as number) - s.fromMs, 0);
    return { there: total('present'), unknown: total('unknown') };
  }
  if (zone === undefined) throw new Error(`${condition.condition_id}: neither address nor zone`);
  const gapMs = c.policy.gapS * 1_000;
  // until the gap has passed, what comes next may tell where the person was at the end
  if (c.untilMs < span.toMs + gapMs) throw new Undecidable('an appointment that has only just ended');
  const visits = (exchanged: boolean): Span[] => {
    const seen = fixes.map((fix): Seen => {
      const d = signedDistance(zone, fix.at);
      mustBeDecidable(d, fix.radiusM, d);
      const inside = d <= -fix.radiusM;
      const outside = !inside && d >= fix.radiusM;
      const leansIn = inside || (!outside && d <= 0);
      return exchanged
        ? { timeMs: fix.timeMs, surely: outside, surelyNot: inside, leans: !leansIn }
        : { timeMs: fix.timeMs, surely: inside, surelyNot: outside, leans: leansIn };
    });
    return visitsOf(seen, c.policy.k, gapMs, c.untilMs).map((visit) => {
      return { fromMs: visit.fromMs, toMs: visit.end?.atMs ?? (visit.fixes.at(-1) as Seen).timeMs };
    });
  };
  const total = (spans: readonly Span[]) => spans.reduce((ms, one) => ms + overlap(one, span), 0);
  const [there, away] = [total(visits(false)), total(visits(true))];
  return { there, unknown: span.toMs - span.fromMs - there - away };
}

const overlap = (a: Span, b: Span): number => Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));

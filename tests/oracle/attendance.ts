/** Attendance at appointments, straight from rules.md §4: minutes there against minutes that nobody knows of. */
import type { AttendanceJson } from './contract.js';
import { signedDistance } from './earth.js';
import type { Case } from './evidence.js';
import type { Fix } from './fixes.js';
import type { FoundAlert, FoundViolation } from './lines.js';
import { presenceAt, presenceMoments } from './presence.js';
import { stretchesOf } from './stretches.js';
import { type Seen, visitsOf } from './visits.js';
import type { Span } from './windows.js';
import { mustBeDecidable } from './zones.js';

export interface AttendanceFindings {
  readonly violations: readonly FoundViolation[];
  readonly alerts: readonly FoundAlert[];
}

export function attendanceFindings(c: Case, fixes: readonly Fix[]): AttendanceFindings {
  const alerts: FoundAlert[] = [];
  for (const condition of c.order.conditions) {
    if (condition.kind !== 'attendance') continue;
    for (const { from, to, attend_min } of condition.appointments) {
      const span = { fromMs: Date.parse(from), toMs: Date.parse(to) };
      if (c.untilMs < span.toMs) continue;
      const { there, unknown } = timesOf(c, condition, span, fixes);
      const due = attend_min * 60_000;
      if (there >= due) continue;
      const type = there + unknown >= due ? 'attendance.unverified' : 'attendance.missed';
      alerts.push({ type, conditionId: condition.condition_id, ...span });
    }
  }
  return { violations: [], alerts };
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
  const seen = fixes.map((fix): Seen => {
    const d = signedDistance(zone, fix.at);
    mustBeDecidable(d, fix.radiusM, d);
    const inside = d <= -fix.radiusM;
    const outside = !inside && d >= fix.radiusM;
    return { timeMs: fix.timeMs, surely: inside, surelyNot: outside, leans: inside || (!outside && d <= 0) };
  });
  const visits = visitsOf(seen, c.policy.k, gapMs, c.untilMs).map((visit): Span => {
    return { fromMs: visit.fromMs, toMs: visit.end?.atMs ?? (visit.fixes.at(-1) as Seen).timeMs };
  });
  const there = visits.reduce((ms, visit) => ms + overlap(visit, span), 0);
  // known is what lies between two fixes without a gap
  let known = 0;
  for (let i = 1; i < seen.length; i++) {
    const between = { fromMs: (seen[i - 1] as Seen).timeMs, toMs: (seen[i] as Seen).timeMs };
    if (between.toMs - between.fromMs <= gapMs) known += overlap(between, span);
  }
  return { there, unknown: span.toMs - span.fromMs - known };
}

const overlap = (a: Span, b: Span): number => Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));

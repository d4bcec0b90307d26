/** Visits to exclusion zones and the violations they are, read from the whole series of fixes. */
import type { Interval } from '../domain/timetable.js';
import { signedDistance } from './ground.js';
import type { ZoneShapeJson } from './order-plan.js';
import type { Report } from './report.js';
import type { TruthItem } from './truth.js';

/** `in`, `out`: certain; `leans-in`, `leans-out`: the boundary lies within the accuracy radius. */
export type Side = 'in' | 'leans-in' | 'leans-out' | 'out';

export interface SidedFix {
  readonly atMs: number;
  readonly side: Side;
}

interface Visit {
  readonly startMs: number;
  /** Null while it runs. */
  readonly endMs: number | null;
  readonly endedBy: 'return' | 'gap' | null;
  /** Of the fix that showed it. */
  readonly shownMs: number;
  /** Of a running visit no more is known than up to here. */
  readonly lastInMs: number;
  readonly leaningIn: readonly number[];
}

export interface ZoneFacts {
  readonly orderId: string;
  readonly conditionId: string;
  readonly windows: readonly Interval[];
  readonly fixes: readonly SidedFix[];
  readonly k: number;
  readonly gapMs: number;
  readonly atMs: number;
}

export function sideOf(distanceM: number, radiusM: number): Side {
  if (distanceM <= -radiusM) return 'in';
  if (distanceM >= radiusM) return 'out';
  return distanceM <= 0 ? 'leans-in' : 'leans-out';
}

/** The fixes in these reports against one zone. */
export function sidedFixes(reports: readonly Report[], shape: ZoneShapeJson): SidedFix[] {
  return reports.flatMap((report) =>
    report.bodies.flatMap((body) => {
      if (body.kind !== 'fix') return [];
      if (body.accuracyDm === 0) throw new Error('the simulated devices always give an accuracy');
      const distance = signedDistance(shape, body.lonE7 / 1e7, body.latE7 / 1e7);
      return [{ atMs: report.timeMs, side: sideOf(distance, body.accuracyDm / 10) }];
    }),
  );
}

export function exclusionTruth(facts: ZoneFacts): TruthItem[] {
  return visits(facts).flatMap((visit) =>
    facts.windows.flatMap((window) => {
      const inWindow = visit.leaningIn.filter((at) => window.startMs <= at && at < window.endMs);
      if (inWindow.length === 0) return [];
      const reachesEnd = (visit.endMs ?? visit.lastInMs) >= window.endMs;
      const endMs = reachesEnd ? window.endMs : visit.endMs;
      return [
        {
          orderId: facts.orderId,
          kind: 'violation' as const,
          type: 'exclusion',
          conditionId: facts.conditionId,
          deviceId: null,
          startMs: Math.max(visit.startMs, window.startMs),
          endMs,
          codes: [],
          endedBy: endMs === null ? null : reachesEnd ? 'window' : visit.endedBy,
          dueMs: Math.max(visit.shownMs, inWindow[0] ?? 0),
        },
      ];
    }),
  );
}

/** Each stretch without a gap is judged by itself: after a gap all counting starts anew. */
function visits(facts: ZoneFacts): Visit[] {
  const stretches: SidedFix[][] = [];
  for (const fix of facts.fixes) {
    const last = stretches.at(-1)?.at(-1);
    if (last === undefined || fix.atMs - last.atMs > facts.gapMs) stretches.push([fix]);
    else stretches.at(-1)?.push(fix);
  }
  return stretches.flatMap((fixes) => visitsIn(fixes, facts));
}

function visitsIn(fixes: readonly SidedFix[], facts: ZoneFacts): Visit[] {
  const found: Visit[] = [];
  let from = 0;
  for (;;) {
    const beginning = firstChange(fixes, from, facts.k, 'in');
    if (beginning === null) return found;
    const ending = firstChange(fixes, beginning.shownAt + 1, facts.k, 'out');
    const startMs = (fixes[beginning.at] as SidedFix).atMs;
    const shownMs = (fixes[beginning.shownAt] as SidedFix).atMs;
    const until = ending === null ? fixes.length : ending.at;
    const leaningIn = fixes.slice(beginning.at, until).flatMap((fix) => (leansIn(fix) ? [fix.atMs] : []));
    const lastInMs = leaningIn.at(-1) ?? startMs;
    const base = { startMs, lastInMs, shownMs, leaningIn };
    if (ending === null) {
      const silent = facts.atMs - (fixes.at(-1) as SidedFix).atMs >= facts.gapMs;
      const gapFollows = silent || facts.fixes.at(-1) !== fixes.at(-1);
      found.push({ ...base, endMs: gapFollows ? lastInMs : null, endedBy: gapFollows ? 'gap' : null });
      return found;
    }
    found.push({ ...base, endMs: (fixes[ending.at] as SidedFix).atMs, endedBy: 'return' });
    from = ending.shownAt + 1;
  }
}

const leansIn = (fix: SidedFix): boolean => fix.side === 'in' || fix.side === 'leans-in';

/**
 * The first change of side from `from` on: a certain fix of the other side, or `k` in a row that lean there. `at`: the
 * fix it counts from; `shownAt`: the fix that showed it. Both at one fix: the shorter visit, so a beginning counts from
 * the certain fix and an end from the first of the k.
 */
function firstChange(
  fixes: readonly SidedFix[],
  from: number,
  k: number,
  to: 'in' | 'out',
): { at: number; shownAt: number } | null {
  for (let i = from; i < fixes.length; i++) {
    const certain = fixes[i]?.side === to;
    const row = fixes.slice(Math.max(from, i - k + 1), i + 1);
    const leaning = row.length === k && row.every((fix) => leansIn(fix) === (to === 'in'));
    if (leaning && !(certain && to === 'in')) return { at: i - k + 1, shownAt: i };
    if (certain) return { at: i, shownAt: i };
  }
  return null;
}

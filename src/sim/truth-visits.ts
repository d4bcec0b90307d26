/** Visits to a zone, read from the whole series of fixes. */

/** `in`, `out`: certain; `leans-in`, `leans-out`: the boundary lies within the accuracy radius. */
export type Side = 'in' | 'leans-in' | 'leans-out' | 'out';

export interface SidedFix {
  readonly atMs: number;
  readonly side: Side;
}

export interface Visit {
  readonly startMs: number;
  /** Null while it runs. */
  readonly endMs: number | null;
  readonly endedBy: 'return' | 'gap' | null;
  /** Of the fix that showed it, and of what showed its end; null while it runs. */
  readonly shownMs: number;
  readonly endShownMs: number | null;
  /** Of a running visit no more is known than up to here. */
  readonly lastInMs: number;
  /** Its fixes that lean in, by their place in the series, and the first place that is no more of it. */
  readonly leaningIn: readonly number[];
  readonly until: number;
}

export interface SeriesFacts {
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

const OTHER: Readonly<Record<Side, Side>> = { in: 'out', out: 'in', 'leans-in': 'leans-out', 'leans-out': 'leans-in' };

/** For an inclusion zone in and out are exchanged everywhere. */
export const exchangedSides = (fixes: readonly SidedFix[]): SidedFix[] =>
  fixes.map(({ atMs, side }) => ({ atMs, side: OTHER[side] }));

/** Each stretch without a gap is judged by itself: after a gap all counting starts anew. */
export function visitsOf(facts: SeriesFacts): Visit[] {
  const { fixes, gapMs } = facts;
  const found: Visit[] = [];
  let from = 0;
  for (let i = 1; i <= fixes.length; i++) {
    const next = fixes[i];
    if (next !== undefined && next.atMs - (fixes[i - 1] as SidedFix).atMs <= gapMs) continue;
    const overMs = (fixes[i - 1] as SidedFix).atMs + gapMs;
    found.push(...visitsBetween(facts, from, i, next !== undefined || facts.atMs >= overMs ? overMs : null));
    from = i;
  }
  return found;
}

/** `overMs`: when the gap after the stretch had passed; null: it has not. */
function visitsBetween(facts: SeriesFacts, first: number, end: number, overMs: number | null): Visit[] {
  const { fixes, k } = facts;
  const timeOf = (place: number): number => (fixes[place] as SidedFix).atMs;
  const found: Visit[] = [];
  let from = first;
  for (;;) {
    const beginning = firstChange(fixes, from, end, k, 'in');
    if (beginning === null) return found;
    const ending = firstChange(fixes, beginning.shownAt + 1, end, k, 'out');
    const leaningIn: number[] = [];
    for (let i = beginning.at; i < (ending?.at ?? end); i++) if (leansIn(fixes[i] as SidedFix)) leaningIn.push(i);
    const last = leaningIn.at(-1) ?? beginning.at;
    const base = {
      startMs: timeOf(beginning.at),
      shownMs: timeOf(beginning.shownAt),
      lastInMs: timeOf(last),
      leaningIn,
    };
    if (ending === null) {
      const ended = overMs === null ? null : timeOf(last);
      const until = overMs === null ? Number.POSITIVE_INFINITY : last + 1;
      found.push({ ...base, endMs: ended, endedBy: ended === null ? null : 'gap', endShownMs: overMs, until });
      return found;
    }
    const [endMs, endShownMs] = [timeOf(ending.at), timeOf(ending.shownAt)];
    found.push({ ...base, endMs, endedBy: 'return', endShownMs, until: ending.at });
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
  end: number,
  k: number,
  to: 'in' | 'out',
): { at: number; shownAt: number } | null {
  for (let i = from; i < end; i++) {
    const certain = fixes[i]?.side === to;
    const row = fixes.slice(Math.max(from, i - k + 1), i + 1);
    const leaning = row.length === k && row.every((fix) => leansIn(fix) === (to === 'in'));
    if (leaning && !(certain && to === 'in')) return { at: i - k + 1, shownAt: i };
    if (certain) return { at: i, shownAt: i };
  }
  return null;
}

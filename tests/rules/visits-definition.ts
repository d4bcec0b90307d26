/** The rule of visits read off the complete list of fixes, with no state: what the machine must arrive at. */
import type { Interval } from '../../src/domain/timetable.js';
import type { ZoneFix } from '../../src/rules/visits.js';

export interface Rule {
  readonly k: number;
  readonly gapMs: number;
  readonly toleranceMs: number;
  readonly windows: readonly Interval[];
}

export interface Violation {
  readonly startMs: number;
  readonly endMs: number | null;
  readonly endedBy: string | null;
  readonly confidence: string;
  readonly marginM: number;
  readonly mechanism: string;
  readonly hashes: readonly string[];
}

interface Visit {
  readonly startMs: number;
  /** Its fixes that lean in. */
  readonly fixes: readonly ZoneFix[];
  readonly end: { readonly ms: number; readonly by: 'return' | 'gap'; readonly hash: string | null } | null;
}

const inside = (f: ZoneFix) => f.distanceM <= -f.radiusM;
const outside = (f: ZoneFix) => !inside(f) && f.distanceM >= f.radiusM;
const leansIn = (f: ZoneFix) => inside(f) || (!outside(f) && f.distanceM <= 0);
const leansOut = (f: ZoneFix) => !leansIn(f);

/** Every violation known at `untilMs`, oldest first. */
export function violationsOf(all: readonly ZoneFix[], rule: Rule, untilMs: number): Violation[] {
  const fixes = all.filter((f) => f.timeMs <= untilMs);
  const visits = stretches(fixes, rule.gapMs).flatMap((stretch, n, every) => {
    const last = stretch.at(-1);
    const lost = n + 1 < every.length || (last !== undefined && untilMs >= last.timeMs + rule.gapMs);
    return visitsOf(stretch, rule.k, lost);
  });
  return visits.flatMap((visit) => rule.windows.flatMap((window) => part(visit, window, rule.toleranceMs)));
}

/** Fixes between gaps. */
function stretches(fixes: readonly ZoneFix[], gapMs: number): ZoneFix[][] {
  const cuts = fixes.flatMap((f, i) => (i > 0 && f.timeMs - (fixes[i - 1] as ZoneFix).timeMs > gapMs ? [i] : []));
  return [0, ...cuts].map((from, n) => fixes.slice(from, cuts[n]));
}

function visitsOf(fixes: readonly ZoneFix[], k: number, lost: boolean): Visit[] {
  const visits: Visit[] = [];
  const all = (to: number, from: number, leans: (f: ZoneFix) => boolean) =>
    to - k + 1 >= from && fixes.slice(to - k + 1, to + 1).every(leans);
  let free = 0;
  for (;;) {
    const begun = fixes.findIndex((f, j) => j >= free && (inside(f) || all(j, free, leansIn)));
    if (begun === -1) return visits;
    const start = inside(fixes[begun] as ZoneFix) ? begun : begun - k + 1;
    const over = fixes.findIndex((f, m) => m > begun && (outside(f) || all(m, begun + 1, leansOut)));
    const until = over === -1 ? fixes.length : over;
    const leaning = fixes.slice(start, until).filter(leansIn);
    const startMs = (fixes[start] as ZoneFix).timeMs;
    if (over === -1) {
      const lastMs = (leaning.at(-1) as ZoneFix).timeMs;
      visits.push({ startMs, fixes: leaning, end: lost ? { ms: lastMs, by: 'gap', hash: null } : null });
      return visits;
    }
    const out = fixes[all(over, begun + 1, leansOut) ? over - k + 1 : over] as ZoneFix;
    visits.push({ startMs, fixes: leaning, end: { ms: out.timeMs, by: 'return', hash: out.ref.hash } });
    free = over + 1;
  }
}

function part(visit: Visit, window: Interval, toleranceMs: number): Violation[] {
  const here = visit.fixes.filter((f) => f.timeMs >= window.startMs && f.timeMs < window.endMs);
  const [first, last] = [here[0], here.at(-1)];
  if (first === undefined || last === undefined) return [];
  const startMs = Math.max(visit.startMs, window.startMs);
  const knownMs = visit.end?.ms ?? (visit.fixes.at(-1) as ZoneFix).timeMs;
  const whole = knownMs >= window.endMs;
  const lengthMs = Math.min(knownMs, window.endMs) - startMs;
  if (lengthMs <= toleranceMs) return [];
  const deepest = here.reduce((a, b) => (b.distanceM < a.distanceM ? b : a));
  const closing = !whole && visit.end?.by === 'return' ? (visit.end.hash as string) : last.ref.hash;
  return [
    {
      startMs,
      endMs: whole ? window.endMs : (visit.end?.ms ?? null),
      endedBy: whole ? 'window' : (visit.end?.by ?? null),
      confidence: here.some(inside) ? 'certain' : 'probable',
      marginM: Math.max(0, -deepest.distanceM),
      mechanism: deepest.mechanism,
      hashes: closing === first.ref.hash ? [closing] : [first.ref.hash, closing],
    },
  ];
}

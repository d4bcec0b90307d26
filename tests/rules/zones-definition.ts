/** The rules of zones read off the complete list of fixes, with no state: what the machines must arrive at. */

export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Fix {
  readonly timeMs: number;
  /** Signed metres to the zone's boundary, negative inside. */
  readonly d: number;
  readonly r: number;
  readonly mechanism: string;
  readonly hash: string;
}

export interface Zone {
  readonly kind: 'exclusion' | 'inclusion';
  readonly k: number;
  readonly gapMs: number;
  /** Inclusion zones only. */
  readonly toleranceMs: number;
  readonly bufferM: number;
  readonly windows: readonly Span[];
  /** When the order ends. */
  readonly endMs: number;
}

export interface Found {
  readonly startMs: number;
  readonly endMs: number | null;
  readonly endedBy: string | null;
  readonly confidence: string;
  readonly marginM: number;
  readonly mechanism: string;
  readonly hashes: readonly string[];
}

/** How a fix counts: `in` begins a visit by itself, `out` ends one, the others lean. */
type Side = 'in' | 'leans in' | 'leans out' | 'out';
const leansIn = (side: Side) => side === 'in' || side === 'leans in';

function sideOf(d: number, r: number): Side {
  if (d <= -r) return 'in';
  if (d >= r) return 'out';
  return d <= 0 ? 'leans in' : 'leans out';
}
const EXCHANGED: Readonly<Record<Side, Side>> = {
  in: 'out',
  'leans in': 'leans out',
  'leans out': 'leans in',
  out: 'in',
};

interface Sided {
  readonly fix: Fix;
  readonly index: number;
  readonly side: Side;
  /** How deep where the visit is, metres. */
  readonly depthM: number;
}

interface Visit {
  /** Indices of its first fix, and of the first that is no more of it (of a lost visit: after its last that leans in). */
  readonly from: number;
  readonly to: number;
  readonly startMs: number;
  /** Its fixes that lean in. */
  readonly leaning: readonly Sided[];
  readonly end: { readonly ms: number; readonly by: string; readonly hash: string | null } | null;
}

/** What is known of a zone at `untilMs`, oldest first. */
export function foundIn(
  all: readonly Fix[],
  zone: Zone,
  untilMs: number,
): { violations: Found[]; approaches: Found[] } {
  const fixes = all.filter((f) => f.timeMs <= untilMs);
  const inclusion = zone.kind === 'inclusion';
  const seen = sided(fixes, inclusion);
  const visits = visitsOf(seen, zone, untilMs);
  const violations = visits.flatMap((visit) =>
    zone.windows.flatMap((window) => violation(visit, window, inclusion ? zone.toleranceMs : -1)),
  );
  if (inclusion || zone.bufferM === 0) return { violations, approaches: [] };
  const near = fixes.map((fix, index): Sided => {
    const d = fix.d - zone.bufferM;
    return { fix, index, side: sideOf(d, fix.r), depthM: Math.max(0, -d) };
  });
  const approaches = visitsOf(near, zone, untilMs).flatMap((visit) =>
    slots(visit, visits, fixes).flatMap((slot) => zone.windows.flatMap((window) => approach(slot, window))),
  );
  return { violations, approaches };
}

function sided(fixes: readonly Fix[], inclusion: boolean): Sided[] {
  return fixes.map((fix, index) => {
    const side = sideOf(fix.d, fix.r);
    return { fix, index, side: inclusion ? EXCHANGED[side] : side, depthM: Math.max(0, inclusion ? fix.d : -fix.d) };
  });
}

function visitsOf(seen: readonly Sided[], { k, gapMs, endMs }: Zone, untilMs: number): Visit[] {
  const cuts = seen.flatMap((s, i) => (i > 0 && s.fix.timeMs - (seen[i - 1] as Sided).fix.timeMs > gapMs ? [i] : []));
  const stretches = [0, ...cuts].map((from, n) => seen.slice(from, cuts[n]));
  return stretches.flatMap((stretch, n) => {
    const last = stretch.at(-1);
    const gap = n + 1 < stretches.length || (last !== undefined && untilMs >= last.fix.timeMs + gapMs);
    // nothing is said of an order that has ended; the gap was there first where it ends at the same moment
    const ended = last !== undefined && untilMs >= endMs && last.fix.timeMs + gapMs > endMs;
    return visitsBetweenGaps(stretch, k, ended ? 'ORDER_ENDED' : gap ? 'gap' : null);
  });
}

function visitsBetweenGaps(seen: readonly Sided[], k: number, lost: string | null): Visit[] {
  const visits: Visit[] = [];
  const row = (to: number, from: number, leaning: boolean) =>
    to - k + 1 >= from && seen.slice(to - k + 1, to + 1).every(({ side }) => leansIn(side) === leaning);
  let free = 0;
  for (;;) {
    const begun = seen.findIndex(({ side }, j) => j >= free && (side === 'in' || row(j, free, true)));
    if (begun === -1) return visits;
    const start = seen[begun]?.side === 'in' ? begun : begun - k + 1;
    const over = seen.findIndex(({ side }, m) => m > begun && (side === 'out' || row(m, begun + 1, false)));
    const first = seen[start] as Sided;
    if (over === -1) {
      const leaning = seen.slice(start).filter(({ side }) => leansIn(side));
      const last = leaning.at(-1) as Sided;
      const end = lost === null ? null : { ms: last.fix.timeMs, by: lost, hash: null };
      const to = lost === null ? Infinity : last.index + 1;
      visits.push({ from: first.index, to, startMs: first.fix.timeMs, leaning, end });
      return visits;
    }
    const out = row(over, begun + 1, false) ? over - k + 1 : over;
    const { fix, index } = seen[out] as Sided;
    visits.push({
      from: first.index,
      to: index,
      startMs: first.fix.timeMs,
      leaning: seen.slice(start, out).filter(({ side }) => leansIn(side)),
      end: { ms: fix.timeMs, by: 'return', hash: fix.hash },
    });
    free = over + 1;
  }
}

function violation(visit: Visit, window: Span, toleranceMs: number): Found[] {
  const here = within(visit.leaning, window);
  const startMs = Math.max(visit.startMs, window.startMs);
  const knownMs = visit.end?.ms ?? (visit.leaning.at(-1) as Sided).fix.timeMs;
  if (here.length === 0 || Math.min(knownMs, window.endMs) - startMs <= toleranceMs) return [];
  return [found(here, window, startMs, knownMs, visit.end)];
}

const within = (seen: readonly Sided[], window: Span) =>
  seen.filter(({ fix }) => fix.timeMs >= window.startMs && fix.timeMs < window.endMs);

function found(
  here: readonly Sided[],
  window: Span,
  startMs: number,
  knownMs: number,
  end: { readonly ms: number; readonly by: string | null; readonly hash: string | null } | null,
): Found {
  const [first, last] = [here[0] as Sided, here.at(-1) as Sided];
  const whole = knownMs >= window.endMs;
  const deepest = here.reduce((a, b) => (b.depthM > a.depthM ? b : a));
  const closing = (whole ? null : end?.hash) ?? last.fix.hash;
  return {
    startMs,
    endMs: whole ? window.endMs : (end?.ms ?? null),
    endedBy: whole ? 'window' : (end?.by ?? null),
    confidence: here.some(({ side }) => side === 'in') ? 'certain' : 'probable',
    marginM: deepest.depthM,
    mechanism: deepest.fix.mechanism,
    hashes: closing === first.fix.hash ? [closing] : [first.fix.hash, closing],
  };
}

/** What the visits to the zone leave of a visit to its buffer: its own fixes there, from when, until when. */
interface Slot {
  readonly sinceMs: number;
  readonly fixes: readonly Sided[];
  /** Null: it runs. `by` null: the zone itself was entered. */
  readonly end: { readonly ms: number; readonly by: string | null; readonly hash: string | null } | null;
}

function slots(near: Visit, inZone: readonly Visit[], fixes: readonly Fix[]): Slot[] {
  const cut = inZone.filter((visit) => visit.from < near.to && visit.to > near.from);
  return [null, ...cut].flatMap((before, n): Slot[] => {
    const next = cut[n];
    // out of the zone as long as it is not known to have been left
    if (before !== null && before.end === null) return [];
    const from = before === null ? near.from : before.to;
    const to = next === undefined ? near.to : next.from;
    return [
      {
        sinceMs: before === null ? near.startMs : (before.end as { ms: number }).ms,
        fixes: near.leaning.filter(({ index }) => index >= from && index < to),
        end: next === undefined ? near.end : { ms: next.startMs, by: null, hash: (fixes[next.from] as Fix).hash },
      },
    ];
  });
}

function approach({ sinceMs, fixes, end }: Slot, window: Span): Found[] {
  const here = within(fixes, window);
  if (here.length === 0) return [];
  // of one moment, at which the zone itself was entered
  if (end !== null && end.by === null && end.ms <= Math.max(sinceMs, window.startMs)) return [];
  return [found(here, window, Math.max(sinceMs, window.startMs), end?.ms ?? (fixes.at(-1) as Sided).fix.timeMs, end)];
}

/** Fixes that lean into an exclusion zone, of which it is not known yet whether they are of a visit to it. */
export function undecided(all: readonly Fix[], zone: Zone, untilMs: number): readonly Fix[] {
  const fixes = all.filter((f) => f.timeMs <= untilMs);
  const last = fixes.at(-1);
  if (last === undefined || zone.kind === 'inclusion' || untilMs >= last.timeMs + zone.gapMs) return [];
  if (visitsOf(sided(fixes, false), zone, untilMs).at(-1)?.end === null) return [];
  let from = fixes.length;
  for (let i = fixes.length - 1; i >= 0; i -= 1) {
    const { d, r, timeMs } = fixes[i] as Fix;
    if (!leansIn(sideOf(d, r)) || (fixes[i + 1]?.timeMs ?? timeMs) - timeMs > zone.gapMs) break;
    from = i;
  }
  return fixes.slice(from);
}

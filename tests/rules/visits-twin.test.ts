// Visits, violations and approaches fix by fix, against the definition on the complete list; edges hit exactly.
import fc from 'fast-check';
import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import type { Mechanism } from '../../src/domain/record.js';
import type { ApproachState } from '../../src/domain/subject-state.js';
import { approachDueMs, stepApproachFix, stepApproachTime } from '../../src/rules/approach.js';
import { compileShape } from '../../src/rules/geometry.js';
import { trackFix } from '../../src/rules/visit-track.js';
import { initialVisit, stepVisitFix, stepVisitTime, visitDueMs } from '../../src/rules/visits.js';
import type { Windows } from '../../src/rules/windows.js';
import { type CompiledZone, exchanged } from '../../src/rules/zone-condition.js';
import { Book, condition, ref } from './moments.js';
import { seedOfRun, times } from './seeded.js';
import { type Fix, type Found, foundIn, type Span, undecided, type Zone } from './zones-definition.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MIN = 60_000;

/** Windows as a plain list. */
function listed(windows: readonly Span[]): Windows {
  const full = windows.map((w) => ({ ...w, addresses: [] }));
  return {
    windowAt: (ms) => full.find((w) => w.startMs <= ms && ms < w.endMs) ?? null,
    firstEndingAfter: (ms) => full.find((w) => ms < w.endMs) ?? null,
    between: (from, to) => full.filter((w) => w.endMs > from && w.startMs < to),
  };
}

function compiled({ kind, k, gapMs, toleranceMs, bufferM, windows, endMs }: Zone): CompiledZone {
  const common = { conditionId: condition('C1'), windows: listed(windows) };
  const exclusion = kind === 'exclusion';
  return {
    ...common,
    type: kind,
    shape: compileShape({ kind: 'circle', center: [0, 51], radiusM: 100 }),
    k,
    gapMs,
    endMs,
    toleranceMs: exclusion ? -1 : toleranceMs,
    approach: exclusion && bufferM > 0 ? { ...common, type: 'zone.approach', toleranceMs: -1, bufferM } : null,
    crossingMs: 120_000,
  };
}

/** The machines, driven fix by fix with their due times, records first at equal times. */
function driven(fixes: readonly Fix[], rule: Zone, untilMs: number): Book {
  const zone = compiled(rule);
  const book = new Book();
  let visit = initialVisit('INITIAL');
  let approach: ApproachState | null = null;
  const dueMs = () =>
    Math.min(
      visitDueMs(zone, visit) ?? Infinity,
      approach === null ? Infinity : (approachDueMs(zone, approach) ?? Infinity),
    );
  const timers = (isDue: (ms: number) => boolean) => {
    for (let due = dueMs(); due !== Infinity && isDue(due); due = dueMs()) {
      visit = stepVisitTime(zone, visit, book.at(due));
      if (approach !== null) approach = stepApproachTime(zone, approach, book.at(due));
    }
  };
  for (const { timeMs, d, r, mechanism, hash } of fixes) {
    if (timeMs > untilMs) break;
    timers((due) => due < timeMs);
    const distanceM = rule.kind === 'inclusion' ? exchanged(d) : d;
    const seen = { timeMs, distanceM, radiusM: r, mechanism: mechanism as Mechanism, ref: ref(timeMs, hash) };
    const moment = book.at(timeMs, seen.ref);
    const tracked = trackFix(zone, visit, seen);
    approach = stepApproachFix(zone, approach, seen, tracked, moment);
    visit = stepVisitFix(zone, visit, tracked, moment);
  }
  timers((due) => due <= untilMs);
  return book;
}

const shownOf = (f: Finding): Found => ({
  startMs: f.startMs,
  endMs: f.endMs,
  endedBy: f.endedBy,
  confidence: f.confidence ?? 'none',
  marginM: f.marginM ?? -1,
  mechanism: f.mechanism ?? 'none',
  hashes: f.records.map((r) => r.hash),
});

const fixes = fc
  .array(
    fc.record({
      dtMs: fc.constantFrom(0, 1, MIN, MIN, 2 * MIN, 2 * MIN, 5 * MIN, 10 * MIN, 10 * MIN + 1, 15 * MIN),
      d: fc.constantFrom(-60, -20, -20, -5, -5, -1, -0, 0, 1, 5, 5, 20, 25, 30, 30, 35, 50, 60),
      r: fc.constantFrom(0, 0.1, 5, 20, 20, 100),
      mechanism: fc.constantFrom('GNSS', 'WIFI', 'LBS'),
    }),
    { maxLength: 30 },
  )
  .map((steps) => {
    let timeMs = 1_000_000;
    return steps.map(({ dtMs, ...rest }, n): Fix => {
      timeMs += dtMs;
      return { timeMs, ...rest, hash: `h${n}` };
    });
  });

const windows = fc
  .array(fc.tuple(fc.constantFrom(1, MIN, 3 * MIN, 20 * MIN), fc.constantFrom(1, MIN, 4 * MIN, 30 * MIN, 90 * MIN)), {
    minLength: 1,
    maxLength: 8,
  })
  .map((spans) => {
    let atMs = 1_000_000 - 5 * MIN;
    return spans.map(([afterMs, lengthMs]): Span => {
      const startMs = atMs + afterMs;
      atMs = startMs + lengthMs;
      return { startMs, endMs: atMs };
    });
  });

const zones = fc.record({
  kind: fc.constantFrom('exclusion' as const, 'inclusion' as const),
  k: fc.integer({ min: 1, max: 4 }),
  gapMs: fc.constant(10 * MIN),
  toleranceMs: fc.constantFrom(0, 1, MIN, 3 * MIN, 5 * MIN),
  bufferM: fc.constantFrom(0, 30, 30),
  windows,
  endMs: fc.constant(1e12),
});

/** Of a running one, depth and last record are told in steps. */
const violationShown = (v: Found) =>
  v.endMs === null ? { ...v, marginM: 0, mechanism: '', hashes: [v.hashes[0]] } : v;
/** Of a running approach, what it rests on may yet turn out to be the zone's. */
const approachShown = (v: Found) => (v.endMs === null ? [v.startMs] : v);

function same(got: readonly unknown[], want: readonly unknown[], what: string): void {
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    throw new Error(`${what}\n got ${JSON.stringify(got)}\nwant ${JSON.stringify(want)}`);
  }
}

t.test('fix by fix the machines know at every moment what the rules say of the complete list', (t) => {
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(fixes, zones, (list, rule) => {
      const ends = list.flatMap((f) => [f.timeMs, f.timeMs + rule.gapMs - 1, f.timeMs + rule.gapMs]);
      for (const untilMs of new Set([0, ...ends, ...rule.windows.map((w) => w.endMs), 1e9])) {
        const book = driven(list, rule, untilMs);
        const want = foundIn(list, rule, untilMs);
        const standing = [...book.ended, ...book.running.values()];
        const got = (type: string) => standing.filter((f) => f.type === type).map(shownOf);
        for (const v of want.violations) count(`${rule.kind} ${v.endedBy}`);
        const told = got(rule.kind);
        same(told.map(violationShown), want.violations.map(violationShown), `until ${untilMs}`);
        for (const [n, w] of want.violations.entries()) {
          const { marginM } = told[n] as Found;
          if (w.endMs === null && (marginM > w.marginM || (w.marginM >= marginM + 10 && w.marginM >= 2 * marginM))) {
            throw new Error(`depth ${w.marginM} is told as ${marginM}`);
          }
        }
        const behind = undecided(list, rule, untilMs).length > 0 && rule.windows.some((w) => w.endMs <= untilMs);
        const approaches = got('zone.approach');
        if (!behind) {
          same(approaches.map(approachShown), want.approaches.map(approachShown), `approach until ${untilMs}`);
          for (const v of want.approaches) count(`approach ${v.endMs === null ? 'runs' : v.endedBy}`);
        } else {
          // What two windows make of it is told once it is known of which visit it is; until then the first runs.
          const starts = [approaches, want.approaches].map((its) =>
            its.slice(0, approaches.length).map((v) => v.startMs),
          );
          same(starts[0] ?? [], starts[1] ?? [], `approach, undecided, until ${untilMs}`);
          if (approaches.length === 0 && want.approaches.length > 0) throw new Error(`nothing told until ${untilMs}`);
        }
        for (const f of book.told) {
          const window = rule.windows.find((w) => w.startMs <= f.startMs && f.startMs < w.endMs);
          const within = (ms: number) => window !== undefined && ms >= window.startMs && ms <= window.endMs;
          if (![f.eventMs, f.startMs, f.endMs ?? f.startMs, ...f.records.map((r) => r.timeMs)].every(within)) {
            throw new Error(`tells of a moment outside its window: ${JSON.stringify(f)}`);
          }
          if (f.op === 'withdraw') count('withdrawn');
        }
      }
    }),
    { seed, numRuns: times(1_500) },
  );
  t.comment([...seen].map(([by, n]) => `${by}: ${n}`).join(', '));
  const kinds = ['return', 'gap', 'window', 'null'].flatMap((by) => [`exclusion ${by}`, `inclusion ${by}`]);
  const approaches = ['return', 'gap', 'window', 'null', 'runs'].map((by) => `approach ${by}`);
  for (const by of [...kinds, ...approaches]) t.ok((seen.get(by) ?? 0) > 50, `${by} was seen often`);
  t.ok((seen.get('withdrawn') ?? 0) > 5, 'withdrawn was seen often');
  t.end();
});

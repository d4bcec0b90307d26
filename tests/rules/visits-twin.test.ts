import fc from 'fast-check';
import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import type { Interval } from '../../src/domain/timetable.js';
import { compileShape } from '../../src/rules/geometry.js';
import {
  type CompiledZone,
  initialVisit,
  stepVisitFix,
  stepVisitTime,
  visitDueMs,
  type ZoneFix,
} from '../../src/rules/visits.js';
import type { Windows } from '../../src/rules/windows.js';
import { Book, condition, ref } from './moments.js';
import { seedOfRun } from './seeded.js';
import { type Rule, type Violation, violationsOf } from './visits-definition.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MIN = 60_000;

/** Windows as a plain list. */
function listed(windows: readonly Interval[]): Windows {
  const full = windows.map((w) => ({ ...w, addresses: [] }));
  return {
    windowAt: (ms) => full.find((w) => w.startMs <= ms && ms < w.endMs) ?? null,
    firstEndingAfter: (ms) => full.find((w) => ms < w.endMs) ?? null,
    between: (from, to) => full.filter((w) => w.endMs > from && w.startMs < to),
  };
}

/** The machine, driven fix by fix with its due times, records first at equal times. */
function driven(fixes: readonly ZoneFix[], rule: Rule, untilMs: number): Book {
  const zone: CompiledZone = {
    conditionId: condition('C1'),
    violation: 'exclusion',
    shape: compileShape({ kind: 'circle', center: [0, 51], radiusM: 100 }),
    windows: listed(rule.windows),
    k: rule.k,
    gapMs: rule.gapMs,
    toleranceMs: rule.toleranceMs,
  };
  const book = new Book();
  let state = initialVisit('INITIAL');
  const timers = (isDue: (ms: number) => boolean) => {
    for (let due = visitDueMs(zone, state); due !== null && isDue(due); due = visitDueMs(zone, state)) {
      state = stepVisitTime(zone, state, book.at(due));
    }
  };
  for (const fix of fixes) {
    if (fix.timeMs > untilMs) break;
    timers((due) => due < fix.timeMs);
    state = stepVisitFix(zone, state, fix, book.at(fix.timeMs, fix.ref));
  }
  timers((due) => due <= untilMs);
  return book;
}

const shownOf = (f: Finding): Violation => ({
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
      distanceM: fc.constantFrom(-60, -20, -20, -5, -5, -1, -0, 0, 1, 5, 5, 20, 60),
      radiusM: fc.constantFrom(0.1, 5, 20, 20, 100),
      mechanism: fc.constantFrom('GNSS' as const, 'WIFI' as const, 'LBS' as const),
    }),
    { maxLength: 30 },
  )
  .map((steps) => {
    let timeMs = 1_000_000;
    return steps.map(({ dtMs, ...rest }, n): ZoneFix => {
      timeMs += dtMs;
      return { timeMs, ...rest, ref: ref(timeMs, `h${n}`) };
    });
  });

const windows = fc
  .array(fc.tuple(fc.constantFrom(1, MIN, 3 * MIN, 20 * MIN), fc.constantFrom(1, MIN, 4 * MIN, 30 * MIN, 90 * MIN)), {
    minLength: 1,
    maxLength: 8,
  })
  .map((spans) => {
    let atMs = 1_000_000 - 5 * MIN;
    return spans.map(([afterMs, lengthMs]): Interval => {
      const startMs = atMs + afterMs;
      atMs = startMs + lengthMs;
      return { startMs, endMs: atMs };
    });
  });

const rules = fc.record({
  k: fc.integer({ min: 1, max: 4 }),
  gapMs: fc.constant(10 * MIN),
  toleranceMs: fc.constantFrom(-1, -1, -1, 0, MIN, 5 * MIN),
  windows,
});

t.test('fix by fix the machine knows at every moment what the rule says of the complete list', (t) => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(fixes, rules, (list, rule) => {
      const ends = list.flatMap((f) => [f.timeMs, f.timeMs + rule.gapMs - 1, f.timeMs + rule.gapMs]);
      for (const untilMs of new Set([0, ...ends, ...rule.windows.map((w) => w.endMs), 1e9])) {
        const book = driven(list, rule, untilMs);
        const want = violationsOf(list, rule, untilMs);
        const got = [...book.ended, ...book.running.values()].map(shownOf);
        for (const v of want) seen.set(`${v.endedBy}`, (seen.get(`${v.endedBy}`) ?? 0) + 1);
        // of a running one, depth and last record are told in steps
        const plain = (v: Violation) =>
          v.endMs === null ? { ...v, marginM: 0, mechanism: '', hashes: [v.hashes[0]] } : v;
        if (JSON.stringify(got.map(plain)) !== JSON.stringify(want.map(plain))) {
          throw new Error(`until ${untilMs}\n got ${JSON.stringify(got)}\nwant ${JSON.stringify(want)}`);
        }
        for (const [n, w] of want.entries()) {
          const told = (got[n] as Violation).marginM;
          if (w.endMs === null && (told > w.marginM || (w.marginM >= told + 10 && w.marginM >= 2 * told))) {
            throw new Error(`depth ${w.marginM} is told as ${told}`);
          }
        }
        for (const f of book.told) {
          const window = rule.windows.find((w) => w.startMs <= f.startMs && f.startMs < w.endMs);
          const within = (ms: number) => window !== undefined && ms >= window.startMs && ms <= window.endMs;
          if (![f.eventMs, f.startMs, f.endMs ?? f.startMs, ...f.records.map((r) => r.timeMs)].every(within)) {
            throw new Error(`tells of a moment outside its window: ${JSON.stringify(f)}`);
          }
        }
      }
    }),
    { seed, numRuns: 4_000 },
  );
  t.comment([...seen].map(([by, n]) => `${by}: ${n}`).join(', '));
  for (const by of ['return', 'gap', 'window', 'null']) t.ok((seen.get(by) ?? 0) > 200, `${by} was seen often`);
  t.end();
});

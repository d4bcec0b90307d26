/** Visits at their edges: how much deeper is news, which records are one, and what comes before a due time. */
import t from 'tap';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { VisitPart } from '../../src/domain/subject-state.js';
import { trackFix } from '../../src/rules/visit-track.js';
import { initialVisit, stepVisitFix, stepVisitTime, visitDueMs } from '../../src/rules/visits.js';
import { closePart, type Told, tellPart } from '../../src/rules/visits-parts.js';
import { compileWindows } from '../../src/rules/windows.js';
import { type CompiledZone, compileZone } from '../../src/rules/zone-condition.js';
import { Book, condition, device, ref } from './moments.js';

const order = { timeZone: 'Europe/London', startMs: 0, endMs: 1e12 };
const always = { weekly: null, dated: [], absences: [] };
const told = (more: Partial<Told> = {}): Told => ({
  conditionId: condition('C2'),
  type: 'exclusion',
  windows: compileWindows(always, { ...order, joinGapMs: 60_000 }),
  toleranceMs: -1,
  ...more,
});
const seen = (timeMs: number, depthM: number, record = ref(timeMs)) => ({
  timeMs,
  distanceM: 0 - depthM, // not -0
  certain: true,
  mechanism: 'GNSS' as const,
  ref: record,
});

/** Fixes so deep, a second apart; the depths that were told. */
function depthsTold(depths: readonly number[]): (number | null)[] {
  const book = new Book();
  let part: VisitPart | null = null;
  for (const [n, depthM] of depths.entries()) {
    part = tellPart(told(), part, 0, [seen(n * 1000, depthM)], book.at(n * 1000, ref(n * 1000)));
  }
  return book.told.map(({ marginM }) => marginM);
}

t.test('a person deeper in is news when it is ten metres more, and twice as deep', (t) => {
  t.strictSame(depthsTold([8, 17.9]), [8], 'not ten metres');
  t.strictSame(depthsTold([8, 18]), [8, 18]);
  t.strictSame(depthsTold([2, 8]), [2], 'more than twice, but six metres');
  t.strictSame(depthsTold([18, 35.9]), [18], 'not twice');
  t.strictSame(depthsTold([18, 36]), [18, 36]);
  t.strictSame(depthsTold([8, 12, 18, 30, 36]), [8, 18, 36], 'always beside what was told last');
  t.end();
});

t.test('a fix on the boundary is at a depth of nothing', (t) => {
  t.equal(depthsTold([0])[0], 0);
  t.end();
});

t.test('a buffer that is entered raises an alert, a zone a violation', (t) => {
  for (const [type, kind] of [
    ['exclusion', 'violation'],
    ['inclusion', 'violation'],
    ['zone.approach', 'alert'],
  ] as const) {
    const book = new Book();
    tellPart(told({ type }), null, 0, [seen(5, 1)], book.at(5, ref(5)));
    t.match(book.told, [{ op: 'open', type, kind }]);
  }
  t.end();
});

t.test('records are the same only by device, time and content', (t) => {
  const first = ref(5, 'h', device('TAG-1'));
  const records = (last: ReturnType<typeof ref>) => {
    const book = new Book();
    const part = tellPart(told(), null, 0, [seen(5, 1, first)], book.at(5, first));
    if (part === null) throw new Error('no part');
    closePart(told(), part, 9, 'return', last, book.at(9, last));
    return book.told.at(-1)?.records;
  };
  t.strictSame(records(ref(5, 'h', device('TAG-1'))), [first]);
  for (const other of [ref(5, 'h', device('TAG-2')), ref(6, 'h', device('TAG-1')), ref(5, 'other', device('TAG-1'))]) {
    t.strictSame(records(other), [first, other]);
  }
  t.end();
});

const zone = compileZone(
  {
    conditionId: condition('C2'),
    kind: 'exclusion_zone',
    zone: { kind: 'own', shape: { kind: 'circle', center: [0, 0], radiusM: 100 } },
    timetable: always,
    bufferM: 0,
    toleranceS: null,
  },
  order,
  DEFAULT_POLICY,
  () => null,
) as CompiledZone;
const fixAt = (timeMs: number, distanceM: number) => ({
  timeMs,
  distanceM,
  radiusM: 10,
  mechanism: 'GNSS' as const,
  ref: ref(timeMs),
});
const stepped = (state: ReturnType<typeof initialVisit>, timeMs: number, distanceM: number, book: Book) =>
  stepVisitFix(zone, state, trackFix(zone, state, fixAt(timeMs, distanceM)), book.at(timeMs, ref(timeMs)));

t.test('a visit is lost when its gap has passed, and not a millisecond before', (t) => {
  const book = new Book();
  const inside = stepped(initialVisit('INITIAL'), 1_000, -50, book);
  const dueMs = 1_000 + DEFAULT_POLICY.gapS * 1000;
  t.equal(visitDueMs(zone, inside), dueMs);
  t.equal(stepVisitTime(zone, inside, book.at(dueMs - 1)), inside);
  t.equal(book.running.size, 1);
  stepVisitTime(zone, inside, book.at(dueMs));
  t.match(book.ended, [{ startMs: 1_000, endMs: 1_000, endedBy: 'gap' }]);
  const nobody = initialVisit('INITIAL');
  t.equal(stepVisitTime(zone, nobody, book.at(dueMs)), nobody, 'without a visit nothing is due');
  t.end();
});

t.test('a fix after the gap ends the visit before it, also where no timer did', (t) => {
  const book = new Book();
  const inside = stepped(initialVisit('INITIAL'), 1_000, -50, book);
  const lateMs = 1_001 + DEFAULT_POLICY.gapS * 1000;
  const wavering = stepped(inside, lateMs, -1, book);
  t.match(book.ended, [{ startMs: 1_000, endMs: 1_000, endedBy: 'gap' }]);
  t.equal(wavering.part, null);
  t.equal(wavering.run.length, 1);
  t.end();
});

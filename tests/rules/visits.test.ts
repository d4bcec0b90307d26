import t from 'tap';
import { parseZoneId } from '../../src/domain/ids.js';
import type { ZoneCondition, ZoneSource } from '../../src/domain/order.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { Mechanism } from '../../src/domain/record.js';
import type { Timetable } from '../../src/domain/timetable.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { trackFix } from '../../src/rules/visit-track.js';
import { closeVisit, initialVisit, stepVisitFix, stepVisitTime, visitDueMs } from '../../src/rules/visits.js';
import { type CompiledZone, compileZone, exchanged, zoneDistanceM } from '../../src/rules/zone-condition.js';
import { vincentyTo } from './geodesic.js';
import { Book, condition, ref } from './moments.js';

const utc = (text: string) => Date.parse(`2026-03-${text}Z`);
const stadium: ZoneShape = { kind: 'circle', center: [-1.54, 53.81], radiusM: 500 };
const always: Timetable = { weekly: null, dated: [], absences: [] };
/** 7 and 14 March 2026 are Saturdays. */
const saturdays: Timetable = {
  weekly: [{ days: ['SATURDAY'], startS: 12 * 3600, endS: 18 * 3600, addresses: [] }],
  dated: [],
  absences: [],
};

function zoneOf(more: Partial<ZoneCondition> = {}): CompiledZone {
  const stated: ZoneCondition = {
    conditionId: condition('C2'),
    kind: 'exclusion_zone',
    zone: { kind: 'own', shape: stadium },
    timetable: always,
    bufferM: 0,
    toleranceS: null,
    ...more,
  };
  const order = { timeZone: 'Europe/London', startMs: utc('01T00:00:00'), endMs: utc('31T00:00:00') };
  const zone = compileZone(stated, order, DEFAULT_POLICY, () => null);
  if (zone === null) throw new Error('no zone');
  return zone;
}

type Seen = readonly [time: string, metresFromTheCentre: number, radiusM?: number, mechanism?: Mechanism];

/** Walks a person through fixes at distances due east of the stadium's centre; due times fire when they have come. */
function walk(zone: CompiledZone, fixes: readonly Seen[], until?: string, book = new Book()) {
  let state = initialVisit('INITIAL');
  const timers = (before: number) => {
    for (let due = visitDueMs(zone, state); due !== null && due < before; due = visitDueMs(zone, state)) {
      state = stepVisitTime(zone, state, book.at(due));
    }
  };
  for (const [time, metres, radiusM = 10, mechanism = 'GNSS'] of fixes) {
    const timeMs = utc(time);
    timers(timeMs);
    const [lon, lat] = vincentyTo(-1.54, 53.81, 90, metres);
    const distanceM = zoneDistanceM(zone, lon, lat, radiusM);
    const fix = { timeMs, distanceM, radiusM, mechanism, ref: ref(timeMs) };
    state = stepVisitFix(zone, state, trackFix(zone, state, fix), book.at(timeMs, fix.ref));
  }
  if (until !== undefined) timers(utc(until) + 1);
  return { book, state };
}

const told = (book: Book) =>
  book.told.map(({ op, startMs, endMs, endedBy, confidence }) => [
    op,
    new Date(startMs).toISOString().slice(8, 19),
    endMs === null ? null : new Date(endMs).toISOString().slice(8, 19),
    endedBy,
    confidence,
  ]);

t.test('one fix inside by more than its radius is a violation at once, and one outside by more ends it', (t) => {
  const { book } = walk(zoneOf(), [
    ['03T12:00:00', 2000],
    ['03T12:01:00', 400],
    ['03T12:02:00', 280],
    ['03T12:03:00', 600],
  ]);
  t.strictSame(told(book), [
    ['open', '03T12:01:00', null, null, 'certain'],
    ['amend', '03T12:01:00', null, null, 'certain'],
    ['close', '03T12:01:00', '03T12:03:00', 'return', 'certain'],
  ]);
  const [violation] = book.ended;
  t.match(violation, { kind: 'violation', type: 'exclusion', conditionId: 'C2', mechanism: 'GNSS', codes: [] });
  t.ok(Math.abs((violation?.marginM ?? 0) - 220) < 0.1, 'deepest 220 m inside');
  t.same(
    violation?.records.map((r) => r.timeMs),
    [utc('03T12:01:00'), utc('03T12:03:00')],
  );
  t.end();
});

t.test('a coarse fix in the middle of the zone accuses nobody; three in a row are a probable violation', (t) => {
  const coarse: Seen[] = [
    ['03T12:00:00', 100, 1500, 'LBS'],
    ['03T12:01:00', 100, 1500, 'LBS'],
  ];
  t.strictSame(told(walk(zoneOf(), coarse).book), []);
  const { book } = walk(zoneOf(), [...coarse, ['03T12:02:00', 350, 1500, 'LBS']]);
  t.strictSame(told(book), [['open', '03T12:00:00', null, null, 'probable']]);
  t.match(book.told[0], { mechanism: 'LBS' });
  t.end();
});

t.test('a probable violation becomes certain with the first fix that is surely inside', (t) => {
  const { book } = walk(zoneOf(), [
    ['03T12:00:00', 495],
    ['03T12:01:00', 495],
    ['03T12:02:00', 495],
    ['03T12:03:00', 480],
  ]);
  t.strictSame(told(book), [
    ['open', '03T12:00:00', null, null, 'probable'],
    ['amend', '03T12:00:00', null, null, 'certain'],
  ]);
  t.end();
});

t.test('walking along the boundary ends a visit only with the third fix that leans out', (t) => {
  const { book } = walk(zoneOf(), [
    ['03T12:00:00', 450],
    ['03T12:01:00', 505],
    ['03T12:02:00', 505],
    ['03T12:03:00', 495],
    ['03T12:04:00', 505],
    ['03T12:05:00', 505],
    ['03T12:06:00', 505],
  ]);
  t.strictSame(told(book).at(-1), ['close', '03T12:00:00', '03T12:04:00', 'return', 'certain']);
  t.end();
});

t.test('when fixes stop, the visit ended at its last fix that leans in; one exactly at the gap still counts', (t) => {
  const start: Seen = ['03T12:00:00', 400];
  t.strictSame(told(walk(zoneOf(), [start], '03T12:09:59').book).length, 1);
  t.strictSame(told(walk(zoneOf(), [start], '03T12:10:00').book).at(-1), [
    'close',
    '03T12:00:00',
    '03T12:00:00',
    'gap',
    'certain',
  ]);
  const { book } = walk(zoneOf(), [start, ['03T12:10:00', 400], ['03T12:11:00', 505]], '03T12:21:00');
  t.strictSame(told(book), [
    ['open', '03T12:00:00', null, null, 'certain'],
    ['close', '03T12:00:00', '03T12:10:00', 'gap', 'certain'],
  ]);
  t.end();
});

t.test('who is inside as the window opens is in violation from the opening, told at the first fix in it', (t) => {
  const { book } = walk(zoneOf({ timetable: saturdays }), [
    ['07T11:55:00', 100],
    ['07T12:02:00', 100],
    ['07T12:05:00', 900],
  ]);
  t.strictSame(told(book), [
    ['open', '07T12:00:00', null, null, 'certain'],
    ['close', '07T12:00:00', '07T12:05:00', 'return', 'certain'],
  ]);
  t.end();
});

t.test('who left before the window opened, or came after it closed, is in no violation', (t) => {
  const { book } = walk(zoneOf({ timetable: saturdays }), [
    ['07T11:55:00', 100],
    ['07T12:02:00', 900],
    ['07T17:58:00', 900],
    ['07T18:00:00', 100],
    ['07T18:05:00', 100],
  ]);
  t.strictSame(told(book), []);
  t.end();
});

t.test('a visit past the window’s end ends there, once a later fix shows that it went on', (t) => {
  const last: Seen[] = [
    ['07T17:55:00', 100],
    ['07T17:58:00', 100],
  ];
  const saturday = zoneOf({ timetable: saturdays });
  t.strictSame(told(walk(saturday, last, '07T18:05:00').book).length, 1, 'at the edge nothing more is known');
  for (const [metres, what] of [
    [100, 'still inside'],
    [900, 'outside by then'],
  ] as const) {
    const { book } = walk(saturday, [...last, ['07T18:03:00', metres]]);
    t.strictSame(told(book).at(-1), ['close', '07T17:55:00', '07T18:00:00', 'window', 'certain'], what);
    t.equal(book.ended[0]?.eventMs, utc('07T18:00:00'), 'nothing outside the window is told');
  }
  const { book } = walk(saturday, last, '07T18:08:00');
  t.strictSame(told(book).at(-1), ['close', '07T17:55:00', '07T17:58:00', 'gap', 'certain'], 'no fix came');
  t.end();
});

t.test('one visit in two windows is two violations', (t) => {
  const nights: Timetable = {
    weekly: null,
    dated: [
      { date: '2026-03-03', startS: 36_000, endS: 36_300, addresses: [] },
      { date: '2026-03-03', startS: 36_420, endS: 36_900, addresses: [] },
    ],
    absences: [],
  };
  const { book } = walk(zoneOf({ timetable: nights }), [
    ['03T10:04:00', 100],
    ['03T10:06:00', 100],
    ['03T10:08:00', 100],
    ['03T10:09:00', 900],
  ]);
  t.strictSame(told(book), [
    ['open', '03T10:04:00', null, null, 'certain'],
    ['close', '03T10:04:00', '03T10:05:00', 'window', 'certain'],
    ['open', '03T10:07:00', null, null, 'certain'],
    ['close', '03T10:07:00', '03T10:09:00', 'return', 'certain'],
  ]);
  t.end();
});

t.test('an edited zone closes a running violation where it is known to have reached, and judges anew', (t) => {
  const zone = zoneOf();
  const { book, state } = walk(zone, [
    ['03T12:00:00', 100],
    ['03T12:01:00', 100],
    ['03T12:02:00', 505],
  ]);
  const closed = closeVisit(zone, state, book.at(utc('03T12:03:00'), null, 'order_revised'), 'ZONE_EDITED');
  t.strictSame(closed, initialVisit('ZONE_EDITED'));
  t.strictSame(told(book).at(-1), ['close', '03T12:00:00', '03T12:01:00', 'ZONE_EDITED', 'certain']);
  t.equal(book.ended[0]?.cause, 'order_revised');
  t.strictSame(closeVisit(zone, closed, book.at(utc('03T12:04:00')), 'ORDER_ENDED'), initialVisit('ORDER_ENDED'));
  t.equal(book.ended.length, 1, 'who is not inside is told nothing of');
  t.end();
});

t.test('fixes away from the zone leave its state as it is, but for the reason of its beginning', (t) => {
  const zone = zoneOf();
  const fix = { timeMs: 1, distanceM: 4_000, radiusM: 10, mechanism: 'GNSS', ref: ref(1) } as const;
  const first = initialVisit('INITIAL');
  t.equal(trackFix(zone, first, fix), null);
  const before = stepVisitFix(zone, first, null, new Book().at(1, fix.ref));
  t.strictSame(before, { ...first, reason: null });
  t.equal(stepVisitFix(zone, before, null, new Book().at(1, fix.ref)), before);
  t.equal(visitDueMs(zone, before), null);
  t.end();
});

t.test('what is due is the gap, or the end of the order if that is sooner, and then with that reason', (t) => {
  const order = utc('31T00:00:00');
  const { book, state } = walk(zoneOf(), [
    ['30T23:50:00', 100],
    ['30T23:52:00', 100],
  ]);
  t.equal(visitDueMs(zoneOf(), state), order);
  t.strictSame(stepVisitTime(zoneOf(), state, book.at(order)), initialVisit('ORDER_ENDED'));
  t.strictSame(told(book).at(-1), ['close', '30T23:50:00', '30T23:52:00', 'ORDER_ENDED', 'certain']);
  t.equal(book.ended[0]?.eventMs, order);
  const exactly = walk(zoneOf(), [['30T23:50:00', 100]], '31T00:00:00');
  t.strictSame(told(exactly.book).at(-1), ['close', '30T23:50:00', '30T23:50:00', 'gap', 'certain']);
  t.end();
});

/** The person is to stay within 500 m of the centre; ten minutes outside are borne. */
const stay: Partial<ZoneCondition> = { kind: 'inclusion_zone', toleranceS: 600 };

t.test('outside an inclusion zone for longer than is tolerated is a violation from the first moment outside', (t) => {
  const { book } = walk(zoneOf(stay), [
    ['03T12:00:00', 400],
    ['03T12:05:00', 600],
    ['03T12:10:00', 900],
    ['03T12:15:00', 700],
    ['03T12:16:00', 700],
    ['03T12:20:00', 400],
  ]);
  t.strictSame(told(book), [
    ['open', '03T12:05:00', null, null, 'certain'],
    ['close', '03T12:05:00', '03T12:20:00', 'return', 'certain'],
  ]);
  t.equal(book.told[0]?.eventMs, utc('03T12:16:00'), 'at 12:15 it is ten minutes and no more');
  t.match(book.ended[0], { type: 'inclusion', kind: 'violation' });
  t.ok(Math.abs((book.ended[0]?.marginM ?? 0) - 400) < 0.1, 'deepest 400 m outside');
  t.end();
});

t.test('a shorter stay outside an inclusion zone is nothing, also one of exactly the tolerance', (t) => {
  const back: Seen[] = [
    ['03T12:05:00', 600],
    ['03T12:10:00', 600],
  ];
  t.strictSame(told(walk(zoneOf(stay), [...back, ['03T12:15:00', 400]]).book), []);
  t.strictSame(told(walk(zoneOf(stay), [...back, ['03T12:15:01', 400]]).book), [
    ['open', '03T12:05:00', null, null, 'certain'],
    ['close', '03T12:05:00', '03T12:15:01', 'return', 'certain'],
  ]);
  t.strictSame(told(walk(zoneOf(stay), back, '03T13:00:00').book), [], 'lost before it was too long');
  t.end();
});

t.test('the policy says what is tolerated where an inclusion zone does not', (t) => {
  const fixes: Seen[] = [
    ['03T12:05:00', 600],
    ['03T12:10:00', 600],
    ['03T12:10:01', 600],
  ];
  t.strictSame(told(walk(zoneOf({ kind: 'inclusion_zone' }), fixes).book), [
    ['open', '03T12:05:00', null, null, 'certain'],
  ]);
  t.end();
});

t.test(
  'near the boundary of an inclusion zone the doubt is the wearer’s, and two fixes in doubt accuse nobody',
  (t) => {
    const { book } = walk(zoneOf({ kind: 'inclusion_zone', toleranceS: 0 }), [
      ['03T12:00:00', 505],
      ['03T12:01:00', 505],
      ['03T12:02:00', 495],
      ['03T12:03:00', 505],
      ['03T12:04:00', 505],
      ['03T12:05:00', 505],
      ['03T12:06:00', 490],
    ]);
    t.strictSame(told(book), [
      ['open', '03T12:03:00', null, null, 'probable'],
      ['close', '03T12:03:00', '03T12:06:00', 'return', 'probable'],
    ]);
    t.end();
  },
);

t.test('on the boundary itself one leans into the zone, whichever side of it is forbidden', (t) => {
  t.ok(Object.is(exchanged(5), -5) && Object.is(exchanged(-5), 5));
  t.ok(exchanged(0) > 0 && exchanged(-0) > 0);
  const at = (distanceM: number, radiusM: number) => {
    const fix = { timeMs: 1, distanceM, radiusM, mechanism: 'GNSS', ref: ref(1) } as const;
    return trackFix({ k: 1, gapMs: 1 }, initialVisit('INITIAL'), fix)?.turn.kind ?? 'away';
  };
  t.strictSame([at(0, 10), at(0, 0), at(-0, 0)], ['began', 'began', 'began'], 'excluded');
  t.strictSame([at(exchanged(0), 10), at(exchanged(0), 0)], ['away', 'away'], 'included');
  t.end();
});

t.test('a shared zone is taken from those that are known, and one that is not known is not watched', (t) => {
  const id = parseZoneId('Z-1');
  if (!id.ok) throw new Error(id.fault);
  const shared: ZoneSource = { kind: 'shared', zoneId: id.value };
  const stated: ZoneCondition = {
    conditionId: condition('C3'),
    kind: 'exclusion_zone',
    zone: shared,
    timetable: always,
    bufferM: 0,
    toleranceS: null,
  };
  const order = { timeZone: 'Europe/London', startMs: 0, endMs: 1e12 };
  const one = compileZone(stated, order, DEFAULT_POLICY, () => stadium);
  const two = compileZone(stated, order, DEFAULT_POLICY, () => stadium);
  t.equal(one?.shape, two?.shape, 'compiled once for all orders');
  t.equal(
    compileZone(stated, order, DEFAULT_POLICY, () => null),
    null,
  );
  t.end();
});

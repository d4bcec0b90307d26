// The truth about zones, on series of fixes worked out by hand.
import t from 'tap';
import { metresInside } from '../../src/sim/truth-crossing.js';
import { type Side, sideOf } from '../../src/sim/truth-visits.js';
import { approachTruth, exclusionTruth, inclusionTruth } from '../../src/sim/truth-zones.js';

const T0 = Date.parse('2026-06-05T12:00:00Z');
const LETTERS: Record<string, Side> = { I: 'in', i: 'leans-in', o: 'leans-out', O: 'out' };

/** One letter a minute (`.`: no fix); gives start-end of each violation in minutes, with its reason. */
function truth(series: string, window: [number, number] = [-1_000, 10_000], atMin = 1_000): string[] {
  const fixes = [...series].flatMap((letter, minute) => {
    const side = LETTERS[letter];
    return side === undefined ? [] : [{ atMs: T0 + minute * 60_000, side }];
  });
  const items = exclusionTruth({
    orderId: 'O',
    conditionId: 'C',
    windows: [{ startMs: T0 + window[0] * 60_000, endMs: T0 + window[1] * 60_000 }],
    fixes,
    k: 3,
    gapMs: 600_000,
    atMs: T0 + atMin * 60_000,
  });
  const minute = (ms: number): number => (ms - T0) / 60_000;
  return items.map(
    ({ startMs, endMs, endedBy }) => `${minute(startMs)}-${endMs === null ? '' : minute(endMs)} ${endedBy ?? 'runs'}`,
  );
}

const cases: [name: string, series: string, expected: string[]][] = [
  ['never inside', 'OOOO', []],
  ['one certain fix is enough', 'OIOO', ['1-2 return']],
  ['two that lean are not', 'OiiOO', []],
  ['three that lean in a row are, from the first of them', 'OiiiO', ['1-4 return']],
  ['two and two with one between are not', 'OiioiiO', []],
  ['a certain fix after leaning ones begins by itself', 'OiIO', ['2-3 return']],
  ['both at one fix: the shorter visit', 'OiiIO', ['3-4 return']],
  ['it ends at the first of three that lean out', 'OIoooO', ['1-2 return']],
  ['it ends at a certain fix outside', 'OIooO', ['1-2 return']],
  ['one that leans out ends nothing', 'OIoIO', ['1-4 return']],
  ['two visits', 'OIOIO', ['1-2 return', '3-4 return']],
  ['eleven minutes without a fix are a gap', 'OII..........OO', ['1-2 gap']],
  ['ten are none', 'OII.........OO', ['1-12 return']],
  ['inside before and after a gap: two violations', 'OII..........IIO', ['1-2 gap', '13-15 return']],
  ['leaning before a gap counts for nothing after it', 'Oii..........iO', []],
];

for (const [name, series, expected] of cases) {
  t.test(`zone: ${name} (${series})`, async (t) => t.same(truth(series), expected));
}

t.test('two that lean out and a certain fix outside: the first of the three, for that is shorter', async (t) => {
  t.same(truth('OIooO'), ['1-2 return']);
  t.same(truth('OIoO'), ['1-3 return']);
});

t.test('a visit runs until the gap has passed without a fix', async (t) => {
  t.same(truth('OII', undefined, 11), ['1- runs']);
  t.same(truth('OII', undefined, 12), ['1-2 gap']);
});

t.test('inside as the window opens counts from its opening', async (t) => {
  t.same(truth('OIIIIO', [3, 100]), ['3-5 return']);
});

t.test('what reaches the end of the window ends with it', async (t) => {
  t.same(truth('OIIIIO', [0, 3]), ['1-3 window']);
});

t.test('a visit without a fix inside the window is none', async (t) => {
  t.same(truth('OIIIIO', [10, 20]), []);
});

t.test('the side of a fix follows from distance and radius, both edges included', async (t) => {
  t.equal(sideOf(-10, 10), 'in');
  t.equal(sideOf(-9.9, 10), 'leans-in');
  t.equal(sideOf(0, 10), 'leans-in');
  t.equal(sideOf(0.1, 10), 'leans-out');
  t.equal(sideOf(10, 10), 'out');
});

const facts = (series: string, atMin = 1_000) => ({
  orderId: 'O',
  conditionId: 'C',
  windows: [{ startMs: T0 - 1, endMs: T0 + 1e9 }],
  fixes: [...series].map((letter, minute) => ({ atMs: T0 + minute * 60_000, side: LETTERS[letter] as Side })),
  k: 3,
  gapMs: 600_000,
  atMs: T0 + atMin * 60_000,
});
const shown = (items: { startMs: number; endMs: number | null; dueMs: number }[]): string[] =>
  items.map(({ startMs, endMs, dueMs }) =>
    [startMs, endMs, dueMs].map((ms) => (ms === null ? '' : (ms - T0) / 60_000)).join('-'),
  );

t.test('an inclusion zone is the same with in and out exchanged, for longer than is tolerated', async (t) => {
  t.same(shown(inclusionTruth(facts('IOOOOI'), 2 * 60_000)), ['1-5-4'], 'due when it is longer than two minutes');
  t.same(shown(inclusionTruth(facts('IOOOI'), 3 * 60_000)), [], 'three minutes are tolerated');
  t.same(shown(inclusionTruth(facts('IOOOI'), 2.5 * 60_000)), ['1-4-4'], 'shown to be longer by the return');
  t.same(shown(inclusionTruth(facts('IoooI'), 0)), ['1-4-3'], 'three that lean out');
  t.same(shown(inclusionTruth(facts('OOOO', 4), 0)), ['0--1'], 'still away');
});

t.test('an approach is what the visits to the zone leave of the visit to its buffer', async (t) => {
  const near = (zone: string, buffer: string, atMin?: number) =>
    shown(approachTruth(facts(zone, atMin), facts(buffer).fixes));
  t.same(near('OOIIOO', 'OIIIIO'), ['1-2-1', '4-5-4']);
  t.same(near('OOOO', 'OIIO'), ['1-3-1']);
  t.same(near('OIIO', 'OIIO'), [], 'straight in and out');
  t.same(near('OOiiiO', 'OIIIIO'), ['1-2-1'], 'to the first of the three');
  t.same(near('OOII', 'OIII', 5), ['1-2-1'], 'in the zone until now');
  t.same(near('OIOO', 'OIII', 5), ['2--2'], 'out of it, and still near');
});

t.test('the way through a zone is measured between the cuts with its boundary', async (t) => {
  const fix = (lon: number, lat: number) => ({ atMs: 0, lon, lat, radiusM: 5 });
  const circle = { type: 'Circle', center: [0, 51], radius_m: 500 } as const;
  const way = (shape: Parameters<typeof metresInside>[0]) =>
    Math.round(metresInside(shape, fix(-0.05, 51), fix(0.05, 51)));
  t.equal(way({ ...circle, center: [0, 51] }), 1_000);
  t.equal(way({ ...circle, center: [0, 51.1] }), 0);
  const square = (half: number): [number, number][] =>
    [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
      [-1, -1],
    ].map(([x = 0, y = 0]) => [half * x, 51 + half * y]);
  const whole = way({ type: 'Polygon', coordinates: [square(0.01)] });
  t.ok(Math.abs(whole - 1_404) < 2, `${whole} m`);
  t.equal(way({ type: 'Polygon', coordinates: [square(0.01), square(0.005)] }), Math.round(whole / 2));
});

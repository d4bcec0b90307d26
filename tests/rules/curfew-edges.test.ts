/** Curfews at their edges: several readings of one moment, timers that come late, and revisions at the window's own moments. */
import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { Presence } from '../../src/domain/subject-state.js';
import {
  closeCurfew,
  compileCurfew,
  curfewDueMs,
  initialCurfew,
  judgeCurfew,
  noteCurfew,
  reviseCurfew,
} from '../../src/rules/curfew.js';
import { initialUnit } from '../../src/rules/presence.js';
import { CurfewDriver } from './curfew-driver.js';
import { at, device, HOME, MOTHER, mixed, order, says, shown, tag, unit, watched } from './curfew-lines.js';
import { Book, condition, ref } from './moments.js';
import { dated, timetable } from './timetables.js';

const [OPENS, ENDS] = [at('19:00'), at('22:00')];
const evening = (addresses = ['home']) => timetable(null, [dated('2026-01-05', '19:00-22:00', addresses)]);

function curfewOf(table = evening(), toldMs?: number) {
  const conditionId = condition('C1');
  const stated = { kind: 'curfew', conditionId, toleranceS: null, timetable: table } as const;
  const bounds = { timeZone: 'UTC', startMs: at('00:00'), endMs: at('23:59') };
  return compileCurfew(stated, bounds, DEFAULT_POLICY, toldMs);
}
const curfew = curfewOf();
const heard = (changedTo: Presence | null, address: string | null = 'home') => ({
  unit: initialUnit(),
  changedTo,
  address,
});
const judged = (
  state: ReturnType<typeof initialCurfew>,
  atMs: number,
  presence: Presence,
  book = new Book(),
  of = curfew,
) => judgeCurfew(of, state, () => presence, book.at(atMs));
const ends = (findings: readonly Finding[]) => findings.map(({ startMs, endMs, endedBy }) => [startMs, endMs, endedBy]);

t.test('only what changes the presence at an address of the running window is noted', (t) => {
  const state = initialCurfew();
  const noted = (what: ReturnType<typeof heard>, atMs: number) => noteCurfew(curfew, state, what, ref(atMs));
  t.equal(noted(heard(null, null), OPENS), state);
  t.equal(noted(heard(null), OPENS), state);
  t.equal(noted(heard('absent', 'elsewhere'), OPENS), state);
  t.equal(noted(heard('absent', null), OPENS), state);
  t.equal(noted(heard('absent'), OPENS - 1), state);
  t.equal(noted(heard('absent'), ENDS), state);
  t.strictSame(noted(heard('absent'), OPENS).pending, {
    atMs: OPENS,
    notes: [{ presence: 'absent', ref: ref(OPENS) }],
  });
  t.end();
});

t.test('of readings of one moment the last of each unit counts, and moments are not mixed', (t) => {
  const atMs = OPENS + 5;
  const by = (unitId: typeof HOME, hash: string) => ref(atMs, hash, unitId);
  let state = noteCurfew(curfew, initialCurfew(), heard('absent'), by(HOME, 'first'));
  state = noteCurfew(curfew, state, heard('absent'), by(MOTHER, 'other'));
  state = noteCurfew(curfew, state, heard('present'), by(HOME, 'last'));
  t.strictSame(state.pending?.notes, [
    { presence: 'absent', ref: by(MOTHER, 'other') },
    { presence: 'present', ref: by(HOME, 'last') },
  ]);
  t.throws(() => noteCurfew(curfew, state, heard('absent'), ref(atMs + 1)), /before its timers/);
  t.end();
});

t.test('a violation rests on the reading that says so, not on another of the same moment', (t) => {
  const table = evening(['home', 'mother']);
  const devices = [unit, device(MOTHER, 'home_unit', 'mother'), tag];
  const heartbeats = ['19:05', '20:30'].flatMap((time) => [`${time} HU-1 heartbeat`, `${time} HU-2 heartbeat`]);
  const told = watched(
    [...heartbeats, '18:30 HU-1 EXIT', '18:30 HU-2 EXIT', '20:00 HU-1 UNSPECIFIED', '20:00 HU-2 ENTER'].sort(),
    { devices, table, until: '20:10' },
  );
  t.strictSame(told, [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '20:00:00 curfew 19:00:00–20:00:00 | return | AL08+AL09 | 20:00 ENTER | record',
  ]);
  const both = watched(
    [
      ...heartbeats,
      '18:30 HU-1 ENTER',
      '18:30 HU-2 EXIT',
      '20:00 HU-1 EXIT',
      '20:00 HU-2 ENTER',
      '20:20 HU-2 EXIT',
    ].sort(),
    { devices, table, until: '20:26' },
  );
  const known = watched(
    [...heartbeats, '18:30 HU-1 MOVED+RESET', '18:30 HU-2 EXIT', '20:00 HU-1 EXIT', '20:00 HU-2 ENTER'].sort(),
    { devices, table, until: '20:10' },
  );
  t.strictSame(known, [
    '19:15:00 curfew.unverified 19:00:00– | - | - | - | timer',
    '20:00:00 curfew.unverified 19:00:00–20:00:00 | - | - | 20:00 ENTER | record',
  ]);
  t.strictSame(both, ['20:25:00 curfew 20:20:00– | - | AL10 | 20:20 EXIT | timer'], 'from one home to the other');
  t.end();
});

t.test('a moment that is judged again changes nothing, within a window and outside', (t) => {
  const outside = initialCurfew();
  t.equal(judged(outside, OPENS - 1, 'absent'), outside);
  const inside = judged(outside, OPENS, 'absent');
  t.equal(judged(inside, OPENS, 'absent'), inside);
  t.equal(judged(inside, OPENS + 1, 'absent'), inside);
  const after = judged(inside, ENDS, 'absent');
  t.strictSame(after, initialCurfew());
  t.equal(judged(after, ENDS + 1, 'absent'), after);
  const noted = noteCurfew(curfew, inside, heard('absent'), ref(OPENS + 5));
  t.equal(judged(noted, OPENS + 5, 'absent').pending, null, 'what was noted is used up');
  t.equal(
    judged({ ...noted, window: null, stretch: null }, ENDS, 'absent').pending,
    null,
    'also where no window is left',
  );
  t.end();
});

t.test('a window that is judged late ended when it ended', (t) => {
  const book = new Book();
  const late = judged(
    judged(judged(initialCurfew(), OPENS, 'absent', book), OPENS + 300_000, 'absent', book),
    ENDS + 60_000,
    'absent',
    book,
  );
  t.strictSame(ends(book.ended), [[OPENS, ENDS, 'window']]);
  t.strictSame(late, initialCurfew());
  t.end();
});

t.test('that nothing is known counts from when the gateway was told, that nobody is home from when it was so', (t) => {
  const toldLate = curfewOf(evening(), at('20:00'));
  for (const [presence, sinceMs] of [
    ['unknown', at('20:00')],
    ['absent', OPENS],
  ] as const) {
    t.equal(judged(initialCurfew(), OPENS, presence, new Book(), toldLate).stretch?.sinceMs, sinceMs);
  }
  t.equal(judged(initialCurfew(), at('21:00'), 'unknown', new Book(), toldLate).stretch?.sinceMs, at('21:00'));
  const book = new Book();
  const state = judged(initialCurfew(), OPENS, 'unknown', book);
  judged(state, OPENS + DEFAULT_POLICY.unverifiedS * 1000, 'unknown', book);
  t.match(book.told, [{ kind: 'alert', type: 'curfew.unverified', startMs: OPENS }]);
  t.end();
});

t.test('a window whose presence is not known yet is judged at once, and not before it begins', (t) => {
  const due = (firedMs: number) =>
    curfewDueMs(curfew, { window: { startMs: OPENS, endMs: ENDS }, stretch: null, pending: null }, () => null, firedMs);
  t.equal(due(OPENS - 50), OPENS);
  t.equal(due(OPENS + 50), OPENS + 51);
  t.equal(
    curfewDueMs(curfew, initialCurfew(), () => null, OPENS + 50),
    OPENS + 51,
    'nor is one that was missed',
  );
  t.equal(
    curfewDueMs(curfew, initialCurfew(), () => null, ENDS),
    null,
  );
  t.end();
});

t.test('an order that ends outside its windows, or before anything is judged, closes nothing', (t) => {
  const book = new Book();
  t.strictSame(closeCurfew(curfew, initialCurfew(), book.at(OPENS - 1), 'ORDER_ENDED'), initialCurfew());
  const fresh = { window: { startMs: OPENS, endMs: ENDS }, stretch: null, pending: null };
  t.strictSame(closeCurfew(curfew, fresh, book.at(OPENS + 1), 'ORDER_ENDED'), initialCurfew());
  t.strictSame(book.told, []);
  t.end();
});

t.test('an order whose end is told late closes a violation at the end of its window', (t) => {
  for (const [atMs, endMs, endedBy] of [
    [ENDS - 1, ENDS - 1, 'ORDER_ENDED'],
    [ENDS, ENDS, 'window'],
    [ENDS + 60_000, ENDS, 'window'],
  ] as const) {
    const book = new Book();
    const absent = judged(judged(initialCurfew(), OPENS, 'absent', book), OPENS + 300_000, 'absent', book);
    t.strictSame(closeCurfew(curfew, absent, book.at(atMs), 'ORDER_ENDED'), initialCurfew());
    t.strictSame(ends(book.ended), [[OPENS, endMs, endedBy]]);
  }
  t.end();
});

t.test('a revision without a window at that moment leaves none', (t) => {
  const none = curfewOf(timetable(null, [dated('2026-01-06', '19:00-22:00')]));
  const book = new Book();
  const inside = judged(initialCurfew(), OPENS, 'absent', book);
  t.strictSame(reviseCurfew(curfew, none, inside, book.at(OPENS + 60_000)), initialCurfew());
  t.strictSame(reviseCurfew(none, curfew, initialCurfew(), book.at(OPENS - 1)), initialCurfew());
  t.strictSame(reviseCurfew(none, curfew, initialCurfew(), book.at(OPENS + 60_000)).window, {
    startMs: OPENS + 60_000,
    endMs: ENDS,
  });
  t.strictSame(book.told, []);
  t.end();
});

/** Out since 18:00; the order is revised at a moment of the evening. */
function revised(time: string, more: Parameters<typeof order>[0], first: Parameters<typeof order>[0] = {}) {
  const driver = new CurfewDriver(order(first));
  says(driver, '18:00 HU-1 EXIT');
  driver.revise(order(more), at(time));
  driver.tick(at('19:30'));
  return shown(driver.told);
}

t.test('a revision at the very start of a window, or within its tolerance, does not make the absence later', (t) => {
  const told = ['19:05:00 curfew 19:00:00– | - | AL08 | - | timer'];
  t.strictSame(revised('19:00', {}), told);
  t.strictSame(revised('19:02', {}), told);
  t.end();
});

t.test('a reading of the moment of a revision is what a violation rests on', (t) => {
  const driver = new CurfewDriver(order());
  for (const line of ['18:30 HU-1 ENTER', '19:30 HU-1 EXIT']) says(driver, line);
  driver.revise(order(), at('19:30'));
  driver.tick(at('19:40'));
  t.strictSame(shown(driver.told), ['19:35:00 curfew 19:30:00– | - | AL10 | 19:30 EXIT | timer']);
  t.end();
});

t.test('a revision of the addresses or the allowances judges anew from its own beginning', (t) => {
  const anew = (tolerance: string) => [`19:${tolerance}:00 curfew 19:10:00– | - | AL08 | - | timer`];
  const before = [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '19:10:00 curfew 19:00:00–19:10:00 | ORDER_REVISED | AL08 | - | timer',
  ];
  t.strictSame(revised('19:10', { toleranceS: 600 }), [...before, ...anew('20')]);
  const driver = new CurfewDriver(order());
  says(driver, '18:00 HU-1 EXIT');
  driver.revise(order(), at('19:10'), { unverifiedS: 60 });
  driver.tick(at('19:30'));
  t.strictSame(shown(driver.told), [...before, ...anew('15')], 'how long it may be unverified');

  const [ab, c, a, bc] = ['ab', 'c', 'a', 'bc'].map((address, n) =>
    device(`HU-${n}` as typeof HOME, 'home_unit', address),
  );
  const units = [ab, c, a, bc, tag].flatMap((one) => (one === undefined ? [] : [one]));
  const moved = new CurfewDriver(order({ devices: units, table: evening(['ab', 'c']) }));
  for (const unitId of ['HU-0', 'HU-1', 'HU-2', 'HU-3']) says(moved, `18:00 ${unitId} EXIT`);
  moved.revise(order({ devices: units, table: evening(['a', 'bc']) }), at('19:10'));
  moved.tick(at('19:30'));
  t.strictSame(shown(moved.told), [...before, ...anew('15')], 'and where the person is to be');
  const same = new CurfewDriver(order({ devices: units, table: evening(['a', 'bc']) }));
  for (const unitId of ['HU-2', 'HU-3']) says(same, `18:00 ${unitId} EXIT`);
  same.revise(order({ devices: units, table: evening(['bc', 'a']) }), at('19:10'));
  same.tick(at('19:30'));
  t.strictSame(shown(same.told), before.slice(0, 1), 'the same addresses in another order are no change');
  t.end();
});

t.test('a revision at the end of a window closes it as the window, whatever comes next', (t) => {
  const driver = new CurfewDriver(order());
  for (const line of mixed('18:00 HU-1 EXIT')) says(driver, line);
  driver.revise(order({ table: timetable(null, [dated('2026-01-05', '19:00-22:30')]) }), at('22:00'));
  driver.tick(at('22:10'));
  t.strictSame(shown(driver.told), [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '22:00:00 curfew 19:00:00–22:00:00 | window | AL08+AL12 | - | timer',
    '22:05:00 curfew 22:00:00– | - | AL08 | - | timer',
  ]);
  t.end();
});

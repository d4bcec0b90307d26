import t from 'tap';
import { CurfewDriver } from './curfew-driver.js';
import { at, device, HOME, holds, MOTHER, mixed, order, says, shown, TAG, tag, unit, watched } from './curfew-lines.js';
import { absence, dated, timetable } from './timetables.js';

holds([
  { says: 'who is at home is not told of', records: mixed('18:00 HU-1 ENTER'), told: [] },
  {
    says: 'out as the curfew begins is AL08 when the tolerance is over, and AL09 on the return',
    records: mixed('18:00 HU-1 EXIT', '19:20 HU-1 ENTER'),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:20:00 curfew 19:00:00–19:20:00 | return | AL08+AL09 | 19:20 ENTER | record',
    ],
  },
  {
    says: 'out for the entire curfew is AL08, then AL12 at its end',
    records: mixed('18:00 HU-1 EXIT'),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '22:00:00 curfew 19:00:00–22:00:00 | window | AL08+AL12 | - | timer',
    ],
  },
  {
    says: 'leaving during the curfew is AL10, and the return closes it without a code',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 EXIT', '20:40 HU-1 ENTER'),
    told: [
      '20:05:00 curfew 20:00:00– | - | AL10 | 20:00 EXIT | timer',
      '20:40:00 curfew 20:00:00–20:40:00 | return | AL10 | 20:00 EXIT, 20:40 ENTER | record',
    ],
  },
  {
    says: 'leaving and staying out is AL10, then AL11 at the end',
    records: mixed('18:00 HU-1 ENTER', '21:00 HU-1 EXIT'),
    told: [
      '21:05:00 curfew 21:00:00– | - | AL10 | 21:00 EXIT | timer',
      '22:00:00 curfew 21:00:00–22:00:00 | window | AL10+AL11 | 21:00 EXIT | timer',
    ],
  },
  {
    says: 'a return at exactly start + tolerance was not longer than the tolerance',
    records: mixed('18:00 HU-1 EXIT', '19:05 HU-1 ENTER'),
    told: [],
  },
  {
    says: 'a return one second later was',
    records: mixed('18:00 HU-1 EXIT', '19:05:01 HU-1 ENTER'),
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:05:01 curfew 19:00:00–19:05:01 | return | AL08+AL09 | 19:05:01 ENTER | record',
    ],
  },
  { says: 'an exit at exactly the end is outside', records: mixed('18:00 HU-1 ENTER', '22:00 HU-1 EXIT'), told: [] },
  {
    says: 'an exit at exactly the start is out at commencement',
    records: mixed('18:00 HU-1 ENTER', '19:00 HU-1 EXIT'),
    until: '19:10',
    told: ['19:05:00 curfew 19:00:00– | - | AL08 | 19:00 EXIT | timer'],
  },
  {
    says: 'an absence of the tolerance that the end cuts short is none',
    records: mixed('18:00 HU-1 ENTER', '21:55 HU-1 EXIT'),
    told: [],
  },
  {
    says: 'a repeated exit does not start the absence again',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 EXIT', '20:03 HU-1 EXIT'),
    until: '20:10',
    told: ['20:05:00 curfew 20:00:00– | - | AL10 | 20:00 EXIT | timer'],
  },
  {
    says: 'two windows that follow each other at different addresses are judged each by itself',
    records: mixed('18:00 HU-1 EXIT', '18:00 HU-2 EXIT', '19:30 HU-2 heartbeat'),
    order: {
      devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
      table: timetable(null, [
        dated('2026-01-05', '19:00-19:30', ['home']),
        dated('2026-01-05', '19:30-20:00', ['mother']),
      ]),
    },
    told: [
      '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
      '19:30:00 curfew 19:00:00–19:30:00 | window | AL08+AL12 | - | timer',
      '19:35:00 curfew 19:30:00– | - | AL08 | - | timer',
      '20:00:00 curfew 19:30:00–20:00:00 | window | AL08+AL12 | - | timer',
    ],
  },
  {
    says: 'an authorised absence in the middle makes two windows',
    records: mixed('18:00 HU-1 EXIT', '19:02 HU-1 ENTER', '19:50 HU-1 EXIT'),
    order: {
      table: timetable(null, [dated('2026-01-05', '19:00-22:00')], [absence('2026-01-05T19:45Z', '2026-01-05T21:00Z')]),
    },
    told: [
      '21:05:00 curfew 21:00:00– | - | AL08 | - | timer',
      '22:00:00 curfew 21:00:00–22:00:00 | window | AL08+AL12 | - | timer',
    ],
  },
  {
    says: 'unknown for exactly 900 s is not told of',
    records: mixed('19:15 HU-1 ENTER'),
    told: [],
  },
  {
    says: 'unknown from before the window counts from its start',
    records: mixed('19:15:01 HU-1 ENTER'),
    told: [
      '19:15:00 curfew.unverified 19:00:00– | - | - | - | timer',
      '19:15:01 curfew.unverified 19:00:00–19:15:01 | - | - | 19:15:01 ENTER | record',
    ],
  },
  {
    says: 'a condition may have a tolerance of none',
    records: mixed('18:00 HU-1 ENTER', '20:00 HU-1 EXIT', '20:00:01 HU-1 ENTER'),
    order: { toleranceS: 0 },
    told: [
      '20:00:00 curfew 20:00:00– | - | AL10 | 20:00 EXIT | timer',
      '20:00:01 curfew 20:00:00–20:00:01 | return | AL10 | 20:00 EXIT, 20:00:01 ENTER | record',
    ],
  },
]);

t.test('two units that speak in one moment give one answer, whichever is heard first', (t) => {
  const o = {
    devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag],
    table: timetable(null, [dated('2026-01-05', '19:00-22:00', ['home', 'mother'])]),
    until: '19:50',
  };
  const before = ['18:00 HU-1 EXIT', '18:00 HU-2 EXIT'];
  const together = ['19:40 HU-1 MOVED', '19:40 HU-2 ENTER'];
  const told = watched([...before, ...together], o);
  t.match(told.at(-1), /19:00:00–19:40:00 \| return \| AL08\+AL09/);
  t.same(watched([...before, ...together.toReversed()], o), told);
  t.end();
});

t.test('of two exits in one moment the violation names the one of the first unit by id', (t) => {
  const o = { devices: [unit, device(MOTHER, 'home_unit', 'home'), tag], until: '20:06' };
  const exits = ['20:00 HU-2 EXIT', '20:00 HU-1 EXIT'];
  for (const lines of [exits, exits.toReversed()]) {
    const driver = new CurfewDriver(order(o));
    for (const line of ['18:00 HU-1 ENTER', '18:00 HU-2 ENTER', ...lines]) says(driver, line);
    driver.tick(at('20:06'));
    t.match(driver.told[0]?.records, [{ deviceId: HOME }]);
  }
  t.end();
});

t.test('a curfew whose rows name no address never finds anybody absent', (t) => {
  const table = timetable(null, [dated('2026-01-05', '19:00-22:00', [])]);
  t.match(watched(['18:00 HU-1 EXIT'], { table, until: '21:00' }), [/curfew.unverified/]);
  t.end();
});

t.test('inside a window nothing is noted of an address that is not its own', (t) => {
  const driver = new CurfewDriver(order({ devices: [unit, device(MOTHER, 'home_unit', 'mother'), tag] }));
  for (const line of ['18:00 HU-1 ENTER', '19:30 HU-2 ENTER']) says(driver, line);
  t.equal(driver.state.pending, null);
  says(driver, '19:40 HU-1 EXIT');
  t.match(driver.state.pending, { atMs: at('19:40') }, 'while one that is its own is judged when its moment is over');
  t.end();
});

t.test('outside the windows the state keeps what units said last, and nothing of when or by which reading', (t) => {
  const driver = new CurfewDriver(order());
  for (const line of ['12:00 HU-1 ENTER', '13:00 HU-1 EXIT', '13:30 HU-1 heartbeat']) says(driver, line);
  t.same(driver.state, { window: null, stretch: null, pending: null });
  t.same(driver.units, { 'HU-1': { presence: 'absent', tagId: TAG, heardMs: at('13:30'), moved: false } });
  t.end();
});

t.test(
  'an order that takes effect in the midst of a window is judged from then on, not from before it was known',
  (t) => {
    const driver = new CurfewDriver(order(), {}, at('20:00'));
    driver.tick(at('20:20'));
    t.same(shown(driver.told), ['20:15:00 curfew.unverified 20:00:00– | - | - | - | timer']);
    t.end();
  },
);

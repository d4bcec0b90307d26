import t from 'tap';
import { CurfewDriver } from './curfew-driver.js';
import { at, device, mixed, order, says, shown, TAG, unit } from './curfew-lines.js';
import { dated, timetable } from './timetables.js';

t.test('a revision that leaves the running window as it is lets a violation go on', (t) => {
  const driver = new CurfewDriver(order());
  says(driver, '18:00 HU-1 EXIT');
  const longer = timetable(null, [dated('2026-01-05', '19:00-22:30')]);
  driver.revise(order({ table: longer }), at('19:30'));
  says(driver, '19:40 HU-1 heartbeat');
  driver.tick(at('23:00'));
  t.same(shown(driver.told), [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '21:45:00 curfew 19:00:00–21:45:00 | unknown | AL08 | - | timer',
    '22:00:00 curfew.unverified 21:45:00– | - | - | - | timer',
    '22:30:00 curfew.unverified 21:45:00–22:30:00 | window | - | - | timer',
  ]);
  t.end();
});

t.test('a revision that takes the tag away leaves nobody who could tell of the person, from its own beginning', (t) => {
  const driver = new CurfewDriver(order());
  for (const line of ['18:00 HU-1 EXIT', '19:20 HU-1 heartbeat']) says(driver, line);
  driver.revise(order({ devices: [unit, device(TAG, 'tag', null, '00:00', '12:00')] }), at('19:30'));
  driver.tick(at('19:50'));
  t.same(shown(driver.told), [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '19:30:00 curfew 19:00:00–19:30:00 | unknown | AL08 | - | timer',
    '19:45:00 curfew.unverified 19:30:00– | - | - | - | timer',
  ]);
  t.end();
});

t.test('a revision that moves the window closes what runs, and judges from its own beginning', (t) => {
  const driver = new CurfewDriver(order());
  says(driver, '18:00 HU-1 EXIT');
  driver.revise(order({ table: timetable(null, [dated('2026-01-05', '18:30-20:00')]) }), at('19:30'));
  driver.tick(at('23:00'));
  t.same(shown(driver.told), [
    '19:05:00 curfew 19:00:00– | - | AL08 | - | timer',
    '19:30:00 curfew 19:00:00–19:30:00 | ORDER_REVISED | AL08 | - | timer',
    '19:35:00 curfew 19:30:00– | - | AL08 | - | timer',
    '20:00:00 curfew 19:30:00–20:00:00 | window | AL08+AL12 | - | timer',
  ]);
  t.end();
});

t.test('an order that is ended closes what runs with that reason; a window that ends then goes before it', (t) => {
  for (const [time, how] of [
    ['21:00', 'ORDER_ENDED | AL08'],
    ['22:00', 'window | AL08+AL12'],
  ] as const) {
    const driver = new CurfewDriver(order());
    for (const line of mixed('18:00 HU-1 EXIT').filter((l) => l.slice(0, 5) < time)) says(driver, line);
    driver.close(at(time));
    t.same(shown(driver.told).at(-1), `${time}:00 curfew 19:00:00–${time}:00 | ${how} | - | timer`);
  }
  t.end();
});

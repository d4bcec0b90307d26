// What the clock of a place says may not depend on the day on which it is asked (§9.4: no rule reads a clock).
import t from 'tap';
import { CivilZone, civilDay } from '../../src/rules/civil-time.js';

t.test('a change that lies years ahead is known, whatever day it is on the machine', (t) => {
  const today = Date.now;
  t.teardown(() => {
    Date.now = today;
  });
  // Moscow set its clocks forward in March 2011 and back in October 2014, and not in between.
  for (const [i, day] of ['2011-06-01', '2026-11-22'].entries()) {
    Date.now = () => Date.parse(`${day}T00:00:00Z`);
    const zone = CivilZone.named('Europe/Moscow');
    t.equal(zone.utcMs(civilDay('2011-06-01'), 0), Date.parse('2011-05-31T20:00:00Z'), `asked in ${i}`);
    t.equal(zone.utcMs(civilDay('2015-06-01'), 0), Date.parse('2015-05-31T21:00:00Z'), `asked in ${i}`);
  }
  t.end();
});

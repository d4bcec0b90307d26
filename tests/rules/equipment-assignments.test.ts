// A device's alerts belong to the assignment in which they arose, whenever its records come.
import t from 'tap';
import type { RecordBody } from '../../src/domain/record.js';
import { assigned, at, heartbeat, lineOf, orderOf, TAG, tagSays, UNIT } from './step-driver.js';

/** The tag was worn until ten and again from noon; the home unit has been heard since. */
function told(body: RecordBody): string[] {
  const line = lineOf(
    orderOf({
      conditions: [],
      devices: [
        assigned(UNIT, 'home_unit'),
        assigned(TAG, 'tag', { toMs: at('10:00') }),
        assigned(TAG, 'tag', { fromMs: at('12:00') }),
      ],
    }),
  );
  line.say(UNIT, at('12:20'), heartbeat);
  line.say(TAG, at('09:30'), body);
  line.runTo(at('13:40'));
  t.equal(line.late, 0);
  return line.episodes();
}

t.test('a first record that is of an assignment that is over ends with that assignment', (t) => {
  t.strictSame(told(tagSays('STRAP_TAMPER_START')), ['tamper.strap TAG-1 09:30:00–10:00:00 ORDER_REVISED']);
  t.end();
});

t.test('and makes nobody silent in the next', (t) => {
  t.strictSame(told(heartbeat), []);
  t.end();
});

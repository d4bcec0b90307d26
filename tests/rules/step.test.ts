// One order's line, as a monitoring centre would read it: bounds of time, late, foreign and unassigned records.
import t from 'tap';
import type { DeviceId } from '../../src/domain/ids.js';
import { assignmentsWithin } from '../../src/domain/order.js';
import { step } from '../../src/rules/step.js';
import {
  assigned,
  at,
  DAY,
  editionOf,
  fix,
  heartbeat,
  Line,
  lineOf,
  orderOf,
  record,
  rf,
  TAG,
  tagSays,
  UNIT,
  unitSays,
} from './step-driver.js';

const STRANGER = 'HU-NEXT-DOOR' as DeviceId;

t.test('a record before the first edition is late, and raises nothing', async (t) => {
  const line = new Line([editionOf(orderOf(), { edition: 1, effectiveMs: at('09:00') })]);
  line.feed({ kind: 'revised' });
  line.say(TAG, at('08:00'), tagSays('STRAP_TAMPER_START'));
  line.runTo(at('09:00'));
  line.say(TAG, at('08:59:59.999'), tagSays('STRAP_TAMPER_START'));
  t.equal(line.late, 2);
  t.same(line.findings, []);
});

t.test('a late record is counted, and changes nothing but for rules that have not judged so far', async (t) => {
  const line = lineOf();
  line.say(UNIT, at('18:00'), rf('ENTER'));
  line.say(UNIT, at('19:30'), rf('EXIT'));
  const before = line.state;
  line.say(UNIT, at('19:00'), unitSays('MOVED'));
  t.equal(line.late, 1);
  t.same(line.state, before);
  line.say(TAG, at('19:00'), tagSays('CASE_OPEN_START'));
  t.equal(line.late, 1, 'the tag was not heard later');
  t.same(line.episodes(), ['tamper.case TAG-1 19:00:00–']);
});

t.test(
  'a foreign sighting changes nothing: not the presence, not the time, and nobody is told of its clock',
  async (t) => {
    for (const [what, arrivedMs] of [
      ['in time', 5_000],
      ['a clock that is 110 s fast', -110_000],
      ['a clock that is an hour fast', -3_600_000],
      ['four days late', 4 * 86_400_000],
    ] as const) {
      const line = lineOf();
      line.say(UNIT, at('18:50'), rf('ENTER'));
      const before = line.state;
      line.say(STRANGER, at('19:20'), rf('EXIT', TAG, ['STRAP_TAMPER_START']), arrivedMs);
      line.say(STRANGER, at('23:00', 1), rf('ENTER'), arrivedMs);
      t.same(line.state, before, what);
      t.same(line.findings, []);
      t.equal(line.late, 0);
      line.say(UNIT, at('19:00'), rf('EXIT'));
      t.equal(line.late, 0, 'the own unit is heard in order');
    }
  },
);

t.test('another tag at the own unit changes nothing but that the unit was heard', async (t) => {
  const line = lineOf();
  line.say(UNIT, at('18:55'), rf('ENTER'));
  line.say(UNIT, at('19:20'), rf('EXIT', 'TAG-9' as DeviceId));
  line.runTo(at('20:30'));
  t.same(line.episodes(), []);
});

t.test('a record of a device that the order does not have at that time is counted and used by nothing', async (t) => {
  const line = lineOf(orderOf({ devices: [assigned(UNIT, 'home_unit'), assigned(TAG, 'tag', { toMs: at('12:00') })] }));
  line.say(TAG, at('12:00'), tagSays('STRAP_TAMPER_START'), 1_000);
  line.say(TAG, at('12:05'), fix(0), 1_000);
  t.same(line.episodes(), ['integrity.unassigned_record TAG-1 12:00:01– ×2']);
  line.say(TAG, at('11:59:59.999'), tagSays('STRAP_TAMPER_START'), 1_000);
  t.ok(line.episodes().includes('tamper.strap TAG-1 11:59:59.999–'), 'the time has not moved on for it');
});

t.test('a device without an order: every record is counted, a wild clock by its own name', async (t) => {
  const line = new Line([]);
  line.say(TAG, at('12:00'), fix(0), 1_000);
  line.say(TAG, at('12:05'), tagSays('STRAP_TAMPER_START'), 1_000);
  line.say(TAG, Date.UTC(2020, 0, 1), heartbeat, at('12:06') - Date.UTC(2020, 0, 1));
  line.feed({ kind: 'integrity', atMs: at('12:07'), deviceId: TAG, type: 'integrity.bad_seal' });
  t.same(line.episodes(), [
    'integrity.unassigned_record TAG-1 12:00:01– ×2',
    'integrity.beyond_horizon TAG-1 12:06:00–',
    'integrity.bad_seal TAG-1 12:07:00–',
  ]);
  t.equal(line.state.dueMs, null);
  t.equal(line.state.atMs, null);
});

t.test('120 s ahead of its arrival and 72 h behind it are still good; a millisecond more is not', async (t) => {
  const day = 86_400_000;
  for (const [aheadMs, expected] of [
    [120_000, 'tamper.strap TAG-1 12:00:00–'],
    [120_001, 'integrity.clock_ahead TAG-1 11:57:59.999–'],
    [-3 * day, 'tamper.strap TAG-1 12:00:00–'],
    [-3 * day - 1, 'integrity.beyond_horizon TAG-1 12:00:00.001–'],
  ] as const) {
    const line = lineOf();
    line.say(TAG, at('12:00'), tagSays('STRAP_TAMPER_START'), -aheadMs);
    t.same(line.episodes(), [expected], `${aheadMs} ms ahead`);
    t.equal(line.late, 0);
  }
  const line = lineOf(orderOf({ policy: { clockAheadS: 10, amendHorizonS: 3_600 } }));
  line.say(TAG, at('12:00'), heartbeat, -10_001);
  line.say(TAG, at('12:00'), heartbeat, 3_600_001);
  t.match(line.episodes().join(), /clock_ahead.*beyond_horizon/, 'by the numbers of the order');
});

t.test('what the gateway saw counts at its own time, and lets no time pass', async (t) => {
  const line = lineOf();
  line.say(UNIT, at('18:50'), rf('ENTER'));
  const { dueMs, atMs } = line.state;
  line.feed({ kind: 'integrity', atMs: at('23:00'), deviceId: TAG, type: 'integrity.bad_seal' });
  t.same([line.state.dueMs, line.state.atMs], [dueMs, atMs]);
  t.same(line.episodes(), ['integrity.bad_seal TAG-1 23:00:00–']);
});

t.test('records of a moment come before its timers, a tick of the moment included', async (t) => {
  const line = lineOf();
  line.say(UNIT, at('18:50'), rf('EXIT'));
  line.runTo(at('19:04:59.999'));
  line.say(UNIT, at('19:05'), rf('ENTER'));
  line.tick(at('19:05'));
  t.same(line.episodes(), [], 'back exactly as the tolerance is used up: not longer than it');
  const absent = lineOf();
  absent.say(UNIT, at('18:50'), rf('EXIT'));
  absent.runTo(at('19:05'));
  t.same(absent.episodes(), ['curfew C1 19:00:00– AL08']);
});

t.test('a state says which edition it needs when that is not given', async (t) => {
  const line = lineOf();
  t.throws(
    () =>
      step([editionOf(orderOf(), { edition: 7, effectiveMs: DAY })], line.state, {
        kind: 'tick',
        atMs: DAY,
        cause: 'timer',
      }),
    /edition 1/,
  );
  const again = step(line.editions, line.state, {
    kind: 'record',
    deviceId: TAG,
    receivedMs: at('10:00'),
    record: record(at('10:00'), heartbeat),
  });
  t.equal(again.late, false);
});

t.test('a tag fitted before the order begins speaks for it from its start, and no earlier', async (t) => {
  const early = { fromMs: at('00:00', -2), toMs: at('00:00', 20) };
  const order = orderOf({ devices: [assigned(UNIT, 'home_unit', early), assigned(TAG, 'tag', early)] });
  t.same(
    assignmentsWithin(order).map(({ fromMs, toMs }) => [fromMs, toMs]),
    [
      [order.startMs, order.endMs],
      [order.startMs, order.endMs],
    ],
  );
  const line = lineOf(order);
  line.say(TAG, at('10:00'), tagSays('STRAP_TAMPER_START'));
  t.same(line.episodes(), ['tamper.strap TAG-1 10:00:00–']);
});

// Alcohol (§5): stories of readings, one order, through the step.
import t from 'tap';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { Condition, Order } from '../../src/domain/order.js';
import type { AlcoholFlag, RecordBody } from '../../src/domain/record.js';
import { assigned, at, editionOf, heartbeat, type Line, lineOf, orderOf } from './step-driver.js';

const ALC = 'ALC-1' as DeviceId;
const OTHER = 'ALC-2' as DeviceId;

const abstinence = (change: { id?: string; thresholdUgL?: number; consecutive?: number } = {}): Condition => ({
  conditionId: (change.id ?? 'A1') as ConditionId,
  kind: 'alcohol_abstinence',
  thresholdUgL: change.thresholdUgL ?? 200,
  consecutive: change.consecutive ?? 2,
});
const sober = (change: Partial<Order> = {}): Order =>
  orderOf({ devices: [assigned(ALC, 'alcohol_tag')], conditions: [abstinence()], ...change });
const tac = (tacUgL: number, ...flags: AlcoholFlag[]): RecordBody => ({ kind: 'alcohol', tacUgL, flags });

/** Readings half an hour apart from 20:00 on. */
function evening(order: Order, ...readings: RecordBody[]): Line {
  const line = lineOf(order);
  for (const [n, reading] of readings.entries()) line.say(ALC, at('20:00') + n * 1_800_000, reading);
  return line;
}

t.test(
  'readings in a row at or above the limit are told of from the first of them to the first under it',
  async (t) => {
    const line = evening(sober(), tac(0), tac(200), tac(900), tac(300), tac(199));
    t.same(line.episodes(), ['alcohol.suspected A1 20:30:00–22:00:00']);
    const [raised, ended] = line.versions;
    t.match(raised, { kind: 'alert', deviceId: ALC, eventMs: at('21:00'), startMs: at('20:30'), endMs: null });
    t.same(
      raised?.records.map(({ timeMs }) => timeMs),
      [at('20:30'), at('21:00')],
    );
    t.match(ended, { eventMs: at('22:00'), endMs: at('22:00'), endedBy: null });
    t.same(line.state.alcohol, {}, 'nothing is kept of who is sober');
    t.equal(line.state.dueMs === null || line.state.dueMs > at('22:00'), true);
  },
);

t.test('one reading under the limit begins the row anew', async (t) => {
  t.same(evening(sober(), tac(900), tac(199), tac(900), tac(0)).episodes(), []);
  const three = sober({ conditions: [abstinence({ consecutive: 3 })] });
  t.same(evening(three, tac(900), tac(900), tac(0), tac(900), tac(900)).episodes(), []);
  t.same(evening(three, tac(900), tac(0), tac(900), tac(900), tac(900)).episodes(), ['alcohol.suspected A1 21:00:00–']);
});

t.test('where one reading is enough it is told at once', async (t) => {
  const line = evening(sober({ conditions: [abstinence({ consecutive: 1 })] }), tac(200));
  t.same(line.episodes(), ['alcohol.suspected A1 20:00:00–']);
  t.equal(line.versions[0]?.records.length, 1);
});

t.test('each condition has its own limit', async (t) => {
  const level: Condition = { ...abstinence({ id: 'A2', thresholdUgL: 800 }), kind: 'alcohol_level' } as Condition;
  const line = evening(sober({ conditions: [abstinence(), level] }), tac(300), tac(900), tac(900), tac(300), tac(0));
  t.same(line.episodes(), ['alcohol.suspected A1 20:00:00–22:00:00', 'alcohol.suspected A2 20:30:00–21:30:00']);
});

t.test('a covered or removed sensor is told of at once, once, until the first reading that has neither', async (t) => {
  const readings = [tac(0), tac(0, 'OBSTRUCTED'), tac(0, 'REMOVED'), tac(0, 'REMOVED', 'OBSTRUCTED'), tac(0)];
  const line = evening(sober({ conditions: [abstinence(), abstinence({ id: 'A2' })] }), ...readings);
  t.same(line.episodes(), ['alcohol.tamper ALC-1 20:30:00–22:00:00'], 'one, whatever the number of conditions');
  t.match(line.versions[0], { kind: 'alert', conditionId: null });
  t.equal(line.versions[0]?.eventMs, at('20:30'));
});

t.test('a covered reading is no evidence of a level, for a suspicion or against one', async (t) => {
  t.same(
    evening(sober(), tac(900), tac(900, 'OBSTRUCTED'), tac(0)).episodes(),
    ['alcohol.tamper ALC-1 20:30:00–21:00:00'],
    'it does not complete a row',
  );
  t.same(
    evening(sober(), tac(900), tac(900), tac(0, 'OBSTRUCTED'), tac(900)).episodes(),
    ['alcohol.suspected A1 20:00:00–', 'alcohol.tamper ALC-1 21:00:00–21:30:00'],
    'a hand over the sensor clears nobody',
  );
  t.same(
    evening(sober(), tac(900), tac(0, 'REMOVED'), tac(900)).episodes(),
    ['alcohol.tamper ALC-1 20:30:00–21:00:00', 'alcohol.suspected A1 20:00:00–'],
    'nor does it break a row',
  );
});

t.test('a calibration that is due is no tamper, and the reading counts', async (t) => {
  t.same(evening(sober(), tac(900, 'CALIBRATION_DUE'), tac(900, 'CALIBRATION_DUE')).episodes(), [
    'alcohol.suspected A1 20:00:00–',
  ]);
});

t.test('only the readings of the order’s alcohol tags count, and only where a condition asks for them', async (t) => {
  const worn = [assigned(ALC, 'alcohol_tag', { fromMs: at('20:15'), toMs: at('21:00') }), assigned(OTHER, 'tag')];
  const line = lineOf(sober({ devices: worn }));
  for (const [n, deviceId] of [ALC, ALC, OTHER, OTHER, ALC].entries()) {
    line.say(deviceId, at('20:00') + n * 1_000_000, tac(900));
  }
  t.same(
    line.episodes().filter((episode) => episode.startsWith('alcohol')),
    [],
  );
  const unasked = evening(sober({ conditions: [] }), tac(900), tac(900), tac(900, 'REMOVED'));
  t.same(unasked.episodes(), ['alcohol.tamper ALC-1 21:00:00–'], 'a tamper is the device’s, whatever the conditions');
});

t.test('a row is of one tag; each of two is judged by itself', async (t) => {
  const line = lineOf(sober({ devices: [assigned(ALC, 'alcohol_tag'), assigned(OTHER, 'alcohol_tag')] }));
  line.say(ALC, at('20:00'), tac(900));
  line.say(OTHER, at('20:10'), tac(900));
  t.same(line.episodes(), []);
  line.say(ALC, at('20:20'), tac(900));
  line.say(OTHER, at('20:30'), tac(0));
  t.same(line.episodes(), ['alcohol.suspected A1 20:00:00–']);
  line.say(OTHER, at('20:40'), tac(900, 'REMOVED'));
  line.say(ALC, at('20:50'), tac(0));
  t.same(line.episodes(), ['alcohol.suspected A1 20:00:00–20:50:00', 'alcohol.tamper ALC-2 20:40:00–']);
});

t.test('when the tag is taken off, or the order ends, what runs of it ends with the reason', async (t) => {
  const off = assigned(ALC, 'alcohol_tag', { toMs: at('23:00') });
  const line = evening(sober({ devices: [off] }), tac(900), tac(900), tac(0, 'REMOVED'));
  line.runTo(at('12:00', 1));
  t.same(line.episodes().slice(0, 2), [
    'alcohol.suspected A1 20:00:00–23:00:00 ORDER_REVISED',
    'alcohol.tamper ALC-1 21:00:00–23:00:00 ORDER_REVISED',
  ]);
  t.same(line.state.alcohol, {});

  const over = evening(sober({ devices: [off], endMs: at('23:00') }), tac(900), tac(900));
  over.runTo(at('12:00', 1));
  t.same(over.episodes(), ['alcohol.suspected A1 20:00:00–23:00:00 ORDER_ENDED']);
  t.equal(over.state.dueMs, null);
});

t.test('each tag has its own end, and what comes after it from before it is refused', async (t) => {
  const devices = [
    assigned(ALC, 'alcohol_tag', { toMs: at('22:00') }),
    assigned(OTHER, 'alcohol_tag', { toMs: at('21:00') }),
  ];
  const line = lineOf(sober({ devices }));
  line.say(ALC, at('20:00'), tac(0, 'REMOVED'));
  line.say(OTHER, at('20:10'), tac(0, 'OBSTRUCTED'));
  line.runTo(at('21:00'));
  t.same(line.episodes(), ['alcohol.tamper ALC-1 20:00:00–', 'alcohol.tamper ALC-2 20:10:00–21:00:00 ORDER_REVISED']);
  line.say(OTHER, at('20:40'), tac(0, 'REMOVED'), 3_600_000);
  t.equal(line.episodes().length, 2, 'the engine runs the stream again');
  line.runTo(at('22:00'));
  t.ok(line.episodes().includes('alcohol.tamper ALC-1 20:00:00–22:00:00 ORDER_REVISED'));
});

t.test('a row does not go over from one assignment to the next', async (t) => {
  const devices = [
    assigned(ALC, 'alcohol_tag', { toMs: at('20:10') }),
    assigned(ALC, 'alcohol_tag', { fromMs: at('20:20') }),
  ];
  t.same(evening(sober({ devices }), tac(900), tac(900)).episodes(), []);
  const joined = [
    assigned(ALC, 'alcohol_tag', { toMs: at('20:10') }),
    assigned(ALC, 'alcohol_tag', { fromMs: at('20:10') }),
  ];
  t.same(evening(sober({ devices: joined }), tac(900), tac(900)).episodes(), ['alcohol.suspected A1 20:00:00–']);
});

t.test('a batch of hours ago is taken in its own order, whatever else has been said since', async (t) => {
  const line = lineOf(sober({ devices: [assigned(ALC, 'alcohol_tag'), assigned(OTHER, 'tag')] }));
  line.say(OTHER, at('12:00', 1), heartbeat);
  line.runTo(at('12:00', 1));
  for (const [n, one] of [tac(900), tac(900), tac(0)].entries()) {
    line.say(ALC, at('20:00') + n * 1_800_000, one, 16 * 3_600_000);
  }
  t.equal(line.late, 0);
  t.ok(line.episodes().includes('alcohol.suspected A1 20:00:00–21:00:00'));
});

t.test('what comes after the tag was taken off still ends what it begins', async (t) => {
  const devices = [assigned(ALC, 'alcohol_tag', { toMs: at('23:00') }), assigned(OTHER, 'tag')];
  const line = lineOf(sober({ devices, conditions: [abstinence({ consecutive: 1 })] }));
  line.say(OTHER, at('12:00', 1), heartbeat);
  line.runTo(at('12:00', 1));
  line.say(ALC, at('20:00'), tac(900), 16 * 3_600_000);
  t.ok(line.episodes().includes('alcohol.suspected A1 20:00:00–23:00:00 ORDER_REVISED'));
  t.same(line.state.alcohol, {});
});

t.test('the same reading again, at once, counts once', async (t) => {
  const line = lineOf(sober());
  line.say(ALC, at('20:00'), tac(900));
  line.say(ALC, at('20:00'), tac(900));
  t.same(line.episodes(), []);
  line.say(ALC, at('20:00'), tac(901));
  t.same(line.episodes(), ['alcohol.suspected A1 20:00:00–'], 'another of the same moment is another');

  const alike = lineOf(sober());
  for (const timeMs of [at('20:00'), at('20:30')]) {
    alike.feed({ kind: 'record', deviceId: ALC, receivedMs: timeMs, record: { timeMs, hash: 'same', body: tac(900) } });
  }
  t.same(alike.episodes(), ['alcohol.suspected A1 20:00:00–'], 'and so is the same level half an hour later');
});

t.test('a revision closes what it changes, with its reason, and lets the rest run', async (t) => {
  const cases: readonly (readonly [string, Partial<Order>, readonly string[]])[] = [
    ['nothing', {}, ['alcohol.suspected A1 20:00:00–', 'alcohol.tamper ALC-1 21:00:00–']],
    [
      'the limit',
      { conditions: [abstinence({ thresholdUgL: 300 })] },
      ['alcohol.suspected A1 20:00:00–21:10:00 ORDER_REVISED', 'alcohol.tamper ALC-1 21:00:00–'],
    ],
    [
      'how many in a row',
      { conditions: [abstinence({ consecutive: 3 })] },
      ['alcohol.suspected A1 20:00:00–21:10:00 ORDER_REVISED', 'alcohol.tamper ALC-1 21:00:00–'],
    ],
    [
      'the name of the condition',
      { conditions: [abstinence({ id: 'A7' })] },
      ['alcohol.suspected A1 20:00:00–21:10:00 ORDER_REVISED', 'alcohol.tamper ALC-1 21:00:00–'],
    ],
    [
      'no condition',
      { conditions: [] },
      ['alcohol.suspected A1 20:00:00–21:10:00 ORDER_REVISED', 'alcohol.tamper ALC-1 21:00:00–'],
    ],
    [
      'another tag',
      { devices: [assigned(OTHER, 'alcohol_tag')] },
      ['alcohol.suspected A1 20:00:00–21:10:00 ORDER_REVISED', 'alcohol.tamper ALC-1 21:00:00–21:10:00 ORDER_REVISED'],
    ],
    [
      'another day for the tag to come off',
      { devices: [assigned(ALC, 'alcohol_tag', { toMs: at('22:00') })] },
      ['alcohol.suspected A1 20:00:00–22:00:00 ORDER_REVISED', 'alcohol.tamper ALC-1 21:00:00–22:00:00 ORDER_REVISED'],
    ],
  ];
  for (const [what, change, expected] of cases) {
    const line = evening(sober(), tac(900), tac(900), tac(0, 'REMOVED'));
    line.revise(editionOf(sober({ ...change, revision: 2 }), { edition: 2, effectiveMs: at('21:10') }));
    line.runTo(at('22:00'));
    t.same(
      line.episodes().filter((episode) => episode.startsWith('alcohol')),
      expected,
      what,
    );
    const ends = line.versions.filter(({ endMs, type }) => endMs === at('21:10') && type.startsWith('alcohol'));
    t.ok(ends.every(({ cause }) => cause === 'order_revised'));
  }
});

t.test('a revision that leaves the limit as it is leaves a row that has begun', async (t) => {
  const line = evening(sober(), tac(900));
  line.revise(editionOf(sober({ revision: 2 }), { edition: 2, effectiveMs: at('20:10') }));
  line.say(ALC, at('20:30'), tac(900));
  t.same(line.episodes(), ['alcohol.suspected A1 20:00:00–']);
  const other = evening(sober(), tac(900));
  const twice = sober({ conditions: [abstinence({ consecutive: 2, thresholdUgL: 201 })], revision: 2 });
  other.revise(editionOf(twice, { edition: 2, effectiveMs: at('20:10') }));
  other.say(ALC, at('20:30'), tac(900));
  t.same(other.episodes(), []);
});

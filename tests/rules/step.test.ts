// One order's line, as a monitoring centre would read it: revisions, bounds of time, foreign and unassigned records.
import t from 'tap';
import type { DeviceId } from '../../src/domain/ids.js';
import { step } from '../../src/rules/step.js';
import {
  assigned,
  at,
  circle,
  clock,
  curfew,
  DAY,
  editionOf,
  exclusion,
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
const revised = (change: Parameters<typeof orderOf>[0], atMs: number, zones = {}) =>
  editionOf(orderOf({ ...change, revision: 2 }), { edition: 2, effectiveMs: atMs }, zones);
/** At home, heard, and the tag's strap cut; in the zone from 19:20. */
function busyEvening(order = orderOf(), zones = {}): Line {
  const line = lineOf(order, zones);
  line.say(TAG, at('18:50'), tagSays('STRAP_TAMPER_START'));
  line.say(UNIT, at('18:55'), rf('ENTER'));
  line.say(UNIT, at('18:56'), unitSays('MAINS_LOST'));
  line.say(UNIT, at('19:10'), rf('EXIT'));
  line.say(TAG, at('19:20'), fix(0));
  line.runTo(at('19:25'));
  return line;
}
const RUNNING = [
  'tamper.strap TAG-1 18:50:00–',
  'unit.power_off HU-1 18:56:00– AL04',
  'curfew C1 19:10:00– AL10',
  'exclusion Z1 19:20:00–',
];

t.test(
  'a revision that changes one thing closes what runs of it, with its reason, and touches nothing else',
  async (t) => {
    const rest = (...but: number[]) => RUNNING.filter((_, i) => !but.includes(i));
    const cases: readonly (readonly [string, Parameters<typeof orderOf>[0], readonly string[]])[] = [
      ['nothing', {}, RUNNING],
      [
        'the zone',
        { conditions: [curfew(), exclusion(circle(300))] },
        [...rest(3), 'exclusion Z1 19:20:00–19:20:00 ZONE_EDITED'],
      ],
      ['the zone is dropped', { conditions: [curfew()] }, [...rest(3), 'exclusion Z1 19:20:00–19:20:00 ORDER_REVISED']],
      [
        'the curfew begins later',
        { conditions: [curfew('21:00'), exclusion(circle(200))] },
        [...RUNNING.slice(0, 2), 'curfew C1 19:10:00–19:25:00 AL10 ORDER_REVISED', ...rest(0, 1, 2)],
      ],
      [
        'the curfew is dropped',
        { conditions: [exclusion(circle(200))] },
        [...RUNNING.slice(0, 2), 'curfew C1 19:10:00–19:25:00 AL10 ORDER_REVISED', ...rest(0, 1, 2)],
      ],
      ['the curfew ends later', { conditions: [curfew('19:00', '23:30'), exclusion(circle(200))] }, RUNNING],
      [
        'another tag',
        { devices: [assigned(UNIT, 'home_unit'), assigned('TAG-2' as DeviceId, 'tag')] },
        [
          'tamper.strap TAG-1 18:50:00–19:25:00 ORDER_REVISED',
          'unit.power_off HU-1 18:56:00– AL04',
          // what it rests on is no more worn: nobody can tell
          'curfew C1 19:10:00–19:25:00 AL10 unknown',
          'exclusion Z1 19:20:00–',
        ],
      ],
      [
        'the unit comes tomorrow',
        { devices: [assigned(UNIT, 'home_unit', { fromMs: at('00:00', 1) }), assigned(TAG, 'tag')] },
        [
          'tamper.strap TAG-1 18:50:00–',
          'unit.power_off HU-1 18:56:00–19:25:00 AL04 ORDER_REVISED',
          'curfew C1 19:10:00–19:25:00 AL10 unknown',
          'exclusion Z1 19:20:00–',
        ],
      ],
    ];
    for (const [what, change, expected] of cases) {
      const line = busyEvening();
      t.same(line.episodes(), RUNNING, 'before');
      line.revise(revised(change, at('19:25')));
      line.runTo(at('19:25'));
      t.same(line.episodes(), expected, what);
    }
  },
);

t.test('a shared zone that is edited is closed as an own one is; edited into the same, nothing happens', async (t) => {
  const conditions = [curfew(), exclusion('ZS', 'Z1')];
  for (const [radiusM, expected] of [
    [200, 'exclusion Z1 19:20:00–'],
    [150, 'exclusion Z1 19:20:00–19:20:00 ZONE_EDITED'],
  ] as const) {
    const line = busyEvening(orderOf({ conditions }), { ZS: circle(200) });
    line.revise(revised({ conditions }, at('19:25'), { ZS: circle(radiusM) }));
    line.runTo(at('19:25'));
    t.equal(line.episodes().at(-1), expected, `${radiusM} m`);
  }
});

t.test('a revision takes over at its own time, and not before', async (t) => {
  const line = lineOf();
  line.say(UNIT, at('18:55'), rf('EXIT'));
  line.say(UNIT, at('19:55'), rf('EXIT'));
  line.revise(revised({ conditions: [curfew('19:00', '20:00')] }, at('21:00')));
  t.equal(line.state.policyRevision, 1);
  line.runTo(at('20:59:59.999'));
  t.ok(line.episodes().includes('curfew C1 19:00:00– AL08'), 'the old curfew goes on until then');
  line.runTo(at('21:00'));
  t.equal(line.state.policyRevision, 2);
  t.same(line.episodes(), ['curfew C1 19:00:00–21:00:00 AL08 ORDER_REVISED']);
  t.equal(line.versions.at(-1)?.cause, 'order_revised');
});

t.test('a record of the moment at which a revision takes over is judged by the revision', async (t) => {
  const line = lineOf(orderOf({ conditions: [exclusion(circle(200))] }));
  line.revise(revised({ conditions: [exclusion(circle(400))] }, at('10:00')));
  line.say(TAG, at('09:59:59.999'), fix(300));
  line.say(TAG, at('10:00'), fix(300));
  t.same(line.episodes(), ['exclusion Z1 10:00:00–']);
  t.equal(line.state.policyRevision, 2, 'without a tick');
});

t.test('a revision that is dated back takes over now: what has been judged stays judged', async (t) => {
  const line = lineOf(orderOf({ conditions: [exclusion(circle(200))] }));
  line.say(TAG, at('10:00'), fix(300));
  line.say(TAG, at('10:10'), fix(300));
  line.revise(revised({ conditions: [exclusion(circle(400))] }, at('09:00')));
  line.say(TAG, at('10:05'), fix(300));
  t.equal(line.late, 1, 'a record of before is late');
  line.say(TAG, at('10:11'), fix(300));
  t.same(line.episodes(), ['exclusion Z1 10:11:00–']);
});

t.test('everything that runs is closed when the order ends, and nothing is due any more', async (t) => {
  const order = orderOf({
    endMs: at('22:00'),
    devices: [assigned(UNIT, 'home_unit', { toMs: at('22:00') }), assigned(TAG, 'tag', { toMs: at('22:00') })],
  });
  const line = busyEvening(order);
  line.say(UNIT, at('21:00'), rf('EXIT'));
  line.say(TAG, at('21:55'), fix(0));
  line.runTo(at('00:00', 30));
  t.same(
    line.episodes().filter((episode) => episode.includes('– ')),
    [],
  );
  t.ok(line.episodes().includes('tamper.strap TAG-1 18:50:00–22:00:00 ORDER_ENDED'));
  t.ok(line.episodes().includes('unit.power_off HU-1 18:56:00–22:00:00 AL04 ORDER_ENDED'));
  t.ok(line.episodes().includes('curfew C1 19:10:00–22:00:00 AL10 AL11 window'));
  t.ok(
    line.episodes().every((episode) => !/–( |$)/.test(episode)),
    line.episodes().join('\n'),
  );
  t.equal(line.state.dueMs, null);
});

t.test("what only the home unit said of a tag ends with the tag's assignment too", async (t) => {
  const line = lineOf(orderOf({ devices: [assigned(UNIT, 'home_unit'), assigned(TAG, 'tag', { toMs: at('12:00') })] }));
  line.say(UNIT, at('10:00'), rf('PRESENT', TAG, ['STRAP_TAMPER_START']));
  line.say(UNIT, at('11:50'), heartbeat);
  line.runTo(at('12:00'));
  t.same(line.episodes(), ['tamper.strap TAG-1 10:00:00–12:00:00 ORDER_REVISED']);
});

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

t.test('a finding belongs to the order as it stood at its moment, though one late tick finds them all', async (t) => {
  const first = editionOf(orderOf(), { edition: 1, effectiveMs: DAY });
  const second = editionOf(orderOf({ revision: 2 }), { edition: 2, effectiveMs: at('21:00') });
  const line = new Line([first]);
  line.feed({ kind: 'revised' });
  line.tick(DAY);
  line.say(UNIT, at('18:50'), rf('EXIT'));
  const stepped = step([first, second], line.state, { kind: 'tick', atMs: at('23:30'), cause: 'timer' });
  t.same(
    stepped.findings.map(({ type, op, eventMs }, i) => [type, op, clock(eventMs), stepped.orders[i]?.revision]),
    [
      ['curfew', 'open', '19:05:00', 1],
      ['curfew', 'close', '20:55:00', 1],
      ['device.silent', 'open', '20:55:00', 1],
      ['curfew.unverified', 'open', '21:10:00', 2],
      ['curfew.unverified', 'close', '23:00:00', 2],
    ],
  );
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

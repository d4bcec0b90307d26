// Revisions of an order, shared zones and its end: what they close, with which reason, and what they leave alone.
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
  rf,
  TAG,
  tagSays,
  UNIT,
  unitSays,
} from './step-driver.js';

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

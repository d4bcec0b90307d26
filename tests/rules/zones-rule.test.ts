// Zones through the step: approaches, crossings that no fix shows, and what editions do to them.
import t from 'tap';
import type { ConditionId } from '../../src/domain/ids.js';
import type { Condition, Order, ZoneCondition } from '../../src/domain/order.js';
import {
  assigned,
  at,
  circle,
  clock,
  editionOf,
  exclusion,
  fix,
  type Line,
  lineOf,
  orderOf,
  TAG,
} from './step-driver.js';
import { DAILY, timetable, weekly } from './timetables.js';

/** 200 m around the centre, and 300 m around that. */
const zone = (change: Partial<ZoneCondition> = {}): Condition => ({
  ...(exclusion(circle(200)) as ZoneCondition),
  bufferM: 300,
  ...change,
});
const stay = (change: Partial<ZoneCondition> = {}): Condition => ({
  ...(exclusion(circle(200)) as ZoneCondition),
  conditionId: 'Z2' as ConditionId,
  kind: 'inclusion_zone',
  ...change,
});
const orderWith = (conditions: readonly Condition[], change: Partial<Order> = {}): Order =>
  orderOf({ conditions, devices: [assigned(TAG, 'tag')], ...change });

type Seen = readonly [time: string, metresNorth: number, accuracyM?: number];
function walk(line: Line, ...fixes: readonly Seen[]): Line {
  for (const [time, north, accuracyM] of fixes) line.say(TAG, at(time), fix(north, accuracyM));
  return line;
}
const walked = (conditions: readonly Condition[], ...fixes: readonly Seen[]): Line =>
  walk(lineOf(orderWith(conditions)), ...fixes);
/** What stands, without what was withdrawn. */
const standing = (line: Line): string[] => {
  const withdrawn = new Set(line.versions.filter(({ state }) => state === 'withdrawn').map(({ alertId }) => alertId));
  return line
    .episodes()
    .filter((_, i) => !withdrawn.has([...new Set(line.versions.map((v) => v.alertId))][i] as never));
};

t.test('an approach ends where the zone itself is entered, and begins anew where it is left', async (t) => {
  const line = walked(
    [zone()],
    ['10:00', 900],
    ['10:02', 450],
    ['10:04', 100],
    ['10:06', 100],
    ['10:08', 350],
    ['10:10', 900],
  );
  t.same(line.episodes(), [
    'zone.approach Z1 10:02:00–10:04:00',
    'exclusion Z1 10:04:00–10:08:00 return',
    'zone.approach Z1 10:08:00–10:10:00 return',
  ]);
  t.match(line.versions[0], { kind: 'alert', type: 'zone.approach', confidence: 'certain' });
  t.same(line.state.approaches, {}, 'nobody is near: nothing is kept');
});

t.test('who walks straight into the zone has not approached it', async (t) => {
  t.same(walked([zone()], ['10:00', 900], ['10:02', 100], ['10:04', 900]).episodes(), [
    'exclusion Z1 10:02:00–10:04:00 return',
  ]);
});

t.test('an approach is told at once; it is withdrawn when its fixes turn out to be the zone’s own', async (t) => {
  const line = walked([zone()], ['10:00', 900], ['10:02', 195, 20], ['10:04', 195, 20]);
  t.same(standing(line), ['zone.approach Z1 10:02:00–']);
  walk(line, ['10:06', 195, 20]);
  t.same(standing(line), ['exclusion Z1 10:02:00–']);
  t.match(
    line.versions.find(({ state }) => state === 'withdrawn'),
    { type: 'zone.approach', version: 2, endMs: null },
  );
});

t.test('an approach ends at the first of three fixes that are the zone’s own, though the third shows it', async (t) => {
  const line = walked(
    [zone()],
    ['10:00', 900],
    ['10:02', 450],
    ['10:04', 195, 20],
    ['10:06', 195, 20],
    ['10:08', 195, 20],
  );
  t.same(standing(line), ['zone.approach Z1 10:02:00–10:04:00', 'exclusion Z1 10:04:00–']);
});

t.test('two fixes at the zone’s edge on the way past are of the approach', async (t) => {
  const line = walked([zone()], ['10:00', 900], ['10:02', 195, 20], ['10:04', 195, 20], ['10:06', 450], ['10:08', 900]);
  t.same(line.episodes(), ['zone.approach Z1 10:02:00–10:08:00 return']);
});

t.test('an approach keeps to the hours of the zone', async (t) => {
  const hours = timetable([weekly(DAILY, '10:05-10:09', []), weekly(DAILY, '11:00-12:00', [])]);
  const line = walked([zone({ timetable: hours })], ['10:00', 450], ['10:02', 450], ['10:07', 450], ['10:12', 900]);
  t.same(line.episodes(), ['zone.approach Z1 10:05:00–10:09:00 window']);
  t.ok(line.versions.every(({ eventMs }) => eventMs >= at('10:05') && eventMs <= at('10:09')));
});

t.test('an approach is lost with the tag, and without a buffer there is none', async (t) => {
  const line = walked([zone()], ['10:00', 450], ['10:05', 450]);
  line.runTo(at('10:15'));
  t.same(line.episodes(), ['zone.approach Z1 10:00:00–10:05:00 gap']);
  t.same(walked([zone({ bufferM: 0 })], ['10:00', 450], ['10:05', 450]).episodes(), []);
});

t.test('two fixes outside on either side of the zone show that the way led through it', async (t) => {
  const line = walked([exclusion(circle(200))], ['10:00', 400], ['10:01', -400], ['10:03', -400]);
  t.same(line.episodes(), ['zone.crossing_inferred Z1 10:00:00–10:01:00']);
  t.match(line.versions, [
    { op: undefined, endMs: null, kind: 'alert' },
    { endMs: at('10:01'), eventMs: at('10:01') },
  ]);
  t.same(
    line.versions.at(-1)?.records.map(({ timeMs }) => clock(timeMs)),
    ['10:00:00', '10:01:00'],
  );
});

t.test(
  'a crossing is inferred from no more than two minutes, nor from less way than the fixes may be wrong by',
  async (t) => {
    const crossed = (...fixes: readonly Seen[]) => walked([exclusion(circle(200))], ...fixes).episodes().length;
    t.equal(crossed(['10:00', 400], ['10:02', -400]), 1);
    t.equal(crossed(['10:00', 400], ['10:02:00.001', -400]), 0, 'a millisecond more');
    t.equal(crossed(['10:00', 500, 195], ['10:01', -500, 195]), 1, '400 m inside, radii of 195 m');
    t.equal(crossed(['10:00', 500, 205], ['10:01', -500, 10]), 0, 'the larger radius is 205 m');
    t.equal(crossed(['10:00', 205, 10], ['10:01', -400]), 0, 'the first may have been inside');
    t.equal(crossed(['10:00', 400], ['10:01', 900]), 0, 'the way led past');
  },
);

t.test('both fixes of a crossing lie in one window of the zone, and it is an exclusion zone', async (t) => {
  const hours = (times: string) => exclusionIn(timetable([weekly(DAILY, times, [])]));
  const exclusionIn = (rows: ZoneCondition['timetable']) => zone({ timetable: rows, bufferM: 0 });
  for (const [times, count] of [
    ['10:00-11:00', 1],
    ['10:00:01-11:00', 0],
    ['09:00-10:01', 0],
    ['09:00-10:01:01', 1],
  ] as const) {
    t.equal(walked([hours(times)], ['10:00', 400], ['10:01', -400]).episodes().length, count, times);
  }
  const split = exclusionIn(timetable([weekly(DAILY, '09:00-10:00:05', []), weekly(DAILY, '10:01:30-12:00', [])]));
  t.same(walked([split], ['10:00', 400], ['10:01:40', -400]).episodes(), [], 'another window');
  t.same(walked([stay()], ['10:00', 400], ['10:01', -400]).episodes(), [], 'where they are to be');
});

t.test('a fix that jumps shows no zone anything, and crosses none', async (t) => {
  const line = walked([zone(), stay({ toleranceS: 0 })], ['10:00', 150], ['10:00:10', -60_000], ['10:00:20', 150]);
  t.same(line.episodes(), ['exclusion Z1 10:00:00–', 'integrity.location_jump TAG-1 10:00:10–']);
});

t.test(
  'a way is inferred over an edition that leaves the zone as it is, and not from before one that edits it',
  async (t) => {
    const walkedOver = (radiusM: number): string[] => {
      const line = walked([exclusion(circle(200))], ['09:59', 400], ['10:00', 400]);
      const next = orderWith([exclusion(circle(radiusM))], { revision: 2 });
      line.revise(editionOf(next, { edition: 2, effectiveMs: at('10:00:30') }));
      walk(line, ['10:01', -400], ['10:02', 400]);
      return line.episodes();
    };
    const after = 'zone.crossing_inferred Z1 10:01:00–10:02:00';
    t.same(walkedOver(200), ['zone.crossing_inferred Z1 10:00:00–10:01:00', after]);
    t.same(walkedOver(210), [after]);
  },
);

/** In the zone, in the buffer and away from where they are to be, as an edition comes. */
function revised(change: Partial<Order>, atTime = '10:05'): string[] {
  const line = walked(
    [zone({ conditionId: 'Z3' as ConditionId }), zone({ zone: { kind: 'own', shape: circle(500) } }), stay()],
    ['09:50', 400],
    ['09:56', 400],
    ['10:00', 400],
  );
  t.same(line.episodes(), ['exclusion Z1 09:50:00–', 'zone.approach Z3 09:50:00–', 'inclusion Z2 09:50:00–']);
  const next = { ...orderWith([]), conditions: line.editions[0]?.order.conditions ?? [], ...change, revision: 2 };
  line.revise(editionOf(next, { edition: 2, effectiveMs: at(atTime) }));
  line.runTo(at(atTime));
  walk(line, ['10:06', 400]);
  return line.episodes().filter((episode) => !episode.startsWith('integrity'));
}

t.test(
  'an order that ends sooner or later, or has other numbers for other rules, leaves what runs of its zones',
  async (t) => {
    const running = ['exclusion Z1 09:50:00–', 'zone.approach Z3 09:50:00–', 'inclusion Z2 09:50:00–'];
    for (const change of [{}, { endMs: at('00:00', 5) }, { endMs: at('00:00', 50) }, { policy: { unverifiedS: 60 } }]) {
      t.same(revised(change), running, JSON.stringify(change));
    }
  },
);

t.test(
  'numbers of the zones, hours, or a start that moves into what runs close it with the reason, and it is judged anew',
  async (t) => {
    const ended = (reason: string) => [
      `exclusion Z1 09:50:00–10:00:00 ${reason}`,
      `zone.approach Z3 09:50:00–10:00:00 ${reason}`,
      `inclusion Z2 09:50:00–10:00:00 ${reason}`,
    ];
    const anew = ['exclusion Z1 10:06:00–', 'zone.approach Z3 10:06:00–'];
    t.same(revised({ policy: { k: 2 } }), [...ended('ZONE_EDITED'), ...anew]);
    t.same(revised({ timeZone: 'Europe/Paris' }), [...ended('ZONE_EDITED'), ...anew]);
    t.same(revised({ startMs: at('09:55') }), [...ended('ZONE_EDITED'), ...anew]);
    t.same(revised({ endMs: at('10:05') }), ended('ORDER_ENDED'));
    t.same(revised({ endMs: at('09:58') }), ended('ORDER_ENDED'), 'it ended before');
    t.same(revised({ conditions: [] }), ended('ORDER_REVISED'));
  },
);

t.test(
  'when the order ends, what runs of its zones ends where it is known to have reached, with that reason',
  async (t) => {
    const endMs = at('10:05');
    const line = lineOf(orderWith([zone(), stay()], { endMs, devices: [assigned(TAG, 'tag', { toMs: endMs })] }));
    walk(line, ['09:50', 450], ['09:56', 450], ['10:01', 450]);
    line.runTo(at('12:00'));
    t.same(line.episodes().slice(0, 2), [
      'zone.approach Z1 09:50:00–10:01:00 ORDER_ENDED',
      'inclusion Z2 09:50:00–10:01:00 ORDER_ENDED',
    ]);
    t.ok(line.versions.every(({ eventMs }) => eventMs <= endMs));
    t.equal(line.state.dueMs, null);
  },
);

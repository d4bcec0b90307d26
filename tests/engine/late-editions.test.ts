// What was ordered, and who wore what, may be told late: in the end it is as if it had been told in time (§2, §7).
import fc from 'fast-check';
import t from 'tap';
import type { DeviceId, OrderId, SubjectId } from '../../src/domain/ids.js';
import { seedOfRun } from '../rules/seeded.js';
import {
  assigned,
  at,
  circle,
  curfew,
  DAY,
  exclusion,
  fix,
  heartbeat,
  orderOf,
  record,
  rf,
  TAG,
  tagSays,
  UNIT,
} from '../rules/step-driver.js';
import { SECOND, stories } from '../rules/stories.js';
import { Told } from './told.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const TAG_2 = 'TAG-2' as DeviceId;
const OTHER = { orderId: 'ORD-2' as OrderId, subjectId: 'SUB-2' as SubjectId };
const END = at('12:00', 9);

const ofType = (told: Told, type: string): string[] => told.standing().filter((line) => line.split(' ')[1] === type);

t.test('what a tag said before anybody said who wears it counts once that is said', async (t) => {
  const told = new Told();
  told.upload(TAG, 1, at('12:00'), record(at('12:00'), tagSays('STRAP_TAMPER_START')));
  told.order(orderOf({ devices: [assigned(TAG, 'tag')], conditions: [curfew()] }), at('15:00'));
  t.same(told.standing(), ['ORD-1 tamper.strap TAG-1 03-02T12:00:00.000–']);
});

t.test('who came home before the order was entered is at home when it is', async (t) => {
  const told = new Told();
  told.upload(UNIT, 1, at('19:30'), record(at('19:30'), rf('ENTER')));
  told.upload(UNIT, 2, at('20:30'), record(at('20:30'), heartbeat));
  told.order(orderOf({ conditions: [curfew()] }), at('20:40'));
  told.upload(UNIT, 3, at('21:30'), record(at('21:30'), rf('PRESENT')));
  told.runTo(at('22:59'));
  t.same(told.standing(), []);
});

t.test('what a home unit heard of the tag before anybody said whose unit it is counts once that is said', async (t) => {
  const told = new Told();
  const conditions = [exclusion(circle(200))];
  told.order(orderOf({ devices: [assigned(TAG, 'tag')], conditions }), DAY);
  told.upload(UNIT, 1, at('20:05'), record(at('20:05'), rf('PRESENT', TAG, ['STRAP_TAMPER_START'])));
  t.same(told.standing(), [], 'a foreign sighting lets no time pass and is told to nobody');
  const devices = [assigned(TAG, 'tag'), assigned(UNIT, 'home_unit', { fromMs: at('19:00') })];
  told.order(orderOf({ revision: 2, effectiveMs: at('19:00'), devices, conditions }), at('21:00'));
  t.same(told.standing(), ['ORD-1 tamper.strap TAG-1 03-02T20:05:00.000–']);
  const [alert] = told.newest();
  t.equal(alert?.derivedMs, at('21:00'), 'at once, and not when the device is heard next');
});

t.test('that nothing was known before the order was entered is no alert; that nothing is known since is', async (t) => {
  const told = new Told();
  told.order(orderOf({ conditions: [curfew()] }), at('21:00'));
  told.runTo(at('21:14:59.999'));
  t.same(told.standing(), []);
  told.runTo(at('21:15'));
  t.same(ofType(told, 'curfew.unverified'), ['ORD-1 curfew.unverified C1 03-02T21:00:00.000–']);
  told.upload(UNIT, 1, at('21:20'), record(at('19:10'), rf('EXIT')), record(at('21:20'), rf('ENTER')));
  t.same(ofType(told, 'curfew.unverified'), []);
  t.same(
    ofType(told, 'curfew'),
    ['ORD-1 curfew C1 03-02T19:10:00.000–03-02T21:15:00.000 unknown AL10'],
    'what was seen before is seen all the same, as far as the unit was heard',
  );
});

t.test('what comes late is put in its place though a run before it ended where one had begun', async (t) => {
  const told = new Told();
  const spoke = (deviceId: DeviceId, sequence: number, ms: number, arrivesMs = ms) =>
    told.upload(deviceId, sequence, arrivesMs, record(ms, heartbeat));
  told.order(orderOf({ devices: [assigned(TAG, 'tag', { toMs: at('22:00', 1) })], conditions: [] }), DAY);
  spoke(TAG, 1, at('19:40'));
  spoke(TAG, 2, at('21:30'));
  // What the first tag said at 21:30 is of no concern from here on, and lets no time pass when all is run again.
  const devices = [assigned(TAG_2, 'tag', { fromMs: at('21:30') })];
  told.order(orderOf({ revision: 2, effectiveMs: at('20:00'), devices, conditions: [] }), at('12:00', 2));
  spoke(TAG, 3, at('19:14'), at('17:00', 2));
  spoke(TAG_2, 1, at('19:00', 1), at('07:00', 4));
  spoke(TAG_2, 2, at('19:05', 1), at('07:05', 4));
  t.same(ofType(told, 'device.silent'), ['ORD-1 device.silent TAG-2 03-03T20:10:00.000–']);
  t.same(
    told.newest().filter(({ type }) => type === 'integrity.beyond_horizon'),
    [],
    'all of it came within the horizon',
  );
});

t.test(
  'a tag that was changed hours before it was entered: the old one was off from then, the new one spoke',
  async (t) => {
    const told = new Told();
    told.order(orderOf({ conditions: [curfew('10:00', '20:00')] }), DAY);
    told.upload(UNIT, 1, at('10:00'), record(at('09:50'), rf('ENTER')));
    told.upload(UNIT, 2, at('11:00'), record(at('11:00'), rf('EXIT')));
    told.upload(UNIT, 3, at('11:01'), record(at('11:01'), rf('PRESENT', TAG_2)));
    told.upload(UNIT, 4, at('13:00'), record(at('13:00'), rf('PRESENT', TAG_2)));
    told.runTo(at('13:00'));
    t.same(ofType(told, 'curfew'), ['ORD-1 curfew C1 03-02T11:00:00.000– AL10']);
    const devices = [
      assigned(UNIT, 'home_unit'),
      assigned(TAG, 'tag', { toMs: at('10:55') }),
      assigned(TAG_2, 'tag', { fromMs: at('10:55') }),
    ];
    told.order(orderOf({ revision: 2, devices, conditions: [curfew('10:00', '20:00')] }), at('13:05'));
    t.same(ofType(told, 'curfew'), [], 'the EXIT of a tag that nobody wore accuses nobody');
    t.same(
      told.newest().map(({ type, state, cause }) => `${type} ${state} ${cause}`),
      ['curfew withdrawn order_revised'],
    );
  },
);

t.test(
  'a tag that went to another person hours before that was entered speaks for them, and for the first no more',
  async (t) => {
    const told = new Told();
    told.order(orderOf({ conditions: [exclusion(circle(200))] }), DAY);
    told.order(
      orderOf({ ...OTHER, devices: [assigned('HU-2' as DeviceId, 'home_unit')], conditions: [exclusion(circle(300))] }),
      DAY,
    );
    for (const [i, minute] of ['01', '02', '03'].entries()) {
      const ms = at(`12:${minute}`);
      told.upload(TAG, i + 1, ms, record(ms, fix(0)));
    }
    told.runTo(at('14:00'));
    t.same(
      ofType(told, 'exclusion').map((line) => line.slice(0, 5)),
      ['ORD-1'],
    );
    told.order(
      orderOf({
        revision: 2,
        devices: [assigned(UNIT, 'home_unit'), assigned(TAG, 'tag', { toMs: at('12:00') })],
        conditions: [exclusion(circle(200))],
      }),
      at('14:00'),
    );
    t.same(ofType(told, 'exclusion'), [], 'not yet said whose it was');
    told.order(
      orderOf({
        ...OTHER,
        revision: 2,
        devices: [assigned('HU-2' as DeviceId, 'home_unit'), assigned(TAG, 'tag', { fromMs: at('12:00') })],
        conditions: [exclusion(circle(300))],
      }),
      at('14:05'),
    );
    told.runTo(at('14:05'));
    t.same(ofType(told, 'exclusion'), [
      'ORD-2 exclusion Z1 03-02T12:01:00.000–03-02T12:03:00.000 gap certain 300 GNSS',
    ]);
  },
);

t.test(
  'an order told late, however late within the horizon, gives the same alerts in the end as one told in time',
  async (t) => {
    let reruns = 0;
    fc.assert(
      fc.property(
        stories,
        fc.array(fc.integer({ min: 0, max: 40 * 3_600 }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 * 3_600 })), { minLength: 100, maxLength: 100 }),
        (story, toldAfterS, delaysS) => {
          const first = orderOf({ ...story.first });
          let revision = 1;
          const revisions = story.events.flatMap((event) => {
            if (event.kind !== 'revised') return [];
            revision += 1;
            const effectiveMs = Math.max(event.atMs + event.inMs, DAY + SECOND);
            // Later nothing of the first day could be put right any more.
            const toldMs = Math.min(effectiveMs + (toldAfterS[revision - 2] ?? 0) * SECOND, at('23:00', 2));
            return [{ order: orderOf({ ...event.change, revision, effectiveMs }), toldMs }];
          });
          // Revision 3 is never told before revision 2.
          for (const [i, one] of revisions.entries()) {
            one.toldMs = Math.max(one.toldMs, (revisions[i - 1]?.toldMs ?? 0) + SECOND);
          }
          const sequences = new Map<DeviceId, number>();
          const records = story.events.flatMap((event, i) => {
            if (event.kind !== 'record' || event.atMs < DAY) return [];
            const sequence = (sequences.get(event.deviceId) ?? 0) + 1;
            sequences.set(event.deviceId, sequence);
            const delayMs = (delaysS[i % delaysS.length] ?? 0) * SECOND;
            return [{ ...event, sequence, arrivesMs: event.atMs + delayMs }];
          });
          const run = (late: boolean): Told => {
            const told = new Told();
            told.order(first, DAY);
            const events = [
              ...revisions.map(({ order, toldMs }) => ({
                ms: late ? toldMs : DAY,
                tell: (ms: number) => told.order(order, ms),
              })),
              ...records.map((r) => ({
                ms: late ? r.arrivesMs : r.atMs,
                tell: (ms: number) => told.upload(r.deviceId, r.sequence, ms, record(r.atMs, r.body)),
              })),
            ];
            for (const { ms, tell } of events.sort((a, b) => a.ms - b.ms)) tell(ms);
            told.runTo(END);
            return told;
          };
          const [inTime, late] = [run(false), run(true)];
          if (late.versions.some(({ cause }) => cause === 'order_revised')) reruns += 1;
          const [expected, found] = [inTime.standing(), late.standing()];
          if (JSON.stringify(found) === JSON.stringify(expected)) return;
          const only = (a: string[], b: string[]) => a.filter((line) => !b.includes(line)).join('\n');
          throw new Error(`\nonly in time:\n${only(expected, found)}\nonly late:\n${only(found, expected)}`);
        },
      ),
      { seed, numRuns: 200, endOnFailure: true },
    );
    t.ok(reruns > 20, `${reruns} of the seeds`);
  },
);

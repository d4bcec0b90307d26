// Where putting late data in its place is delicate: equal times, records that wait, uploads in parts, edits at one moment.
import t from 'tap';
import type { OrderId, SubjectId, ZoneId } from '../../src/domain/ids.js';
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
import { Told } from './told.js';

const OTHER = { orderId: 'ORD-2' as OrderId, subjectId: 'SUB-2' as SubjectId };
const ofType = (told: Told, type: string): string[] => told.standing().filter((line) => line.split(' ')[1] === type);

t.test('of three readings of one moment the last by sequence holds, though the first two were judged', async (t) => {
  const told = new Told();
  told.order(orderOf({ conditions: [curfew()] }), DAY);
  const ms = at('18:00');
  told.upload(UNIT, 1, ms, record(ms, rf('ENTER')));
  told.upload(UNIT, 2, ms, record(ms, rf('EXIT')));
  told.upload(TAG, 1, at('18:01'), record(at('18:01'), heartbeat));
  told.upload(UNIT, 4, at('18:02'), record(at('18:02'), heartbeat));
  told.upload(UNIT, 3, at('18:05'), record(ms, { ...rf('ENTER'), rssiDbm: -70 } as never));
  told.runTo(at('19:30'));
  t.same(ofType(told, 'curfew'), []);
});

t.test('what waits for its place is not forgotten when an order is revised meanwhile', async (t) => {
  const told = new Told();
  told.order(orderOf({ conditions: [curfew()] }), DAY);
  told.upload(UNIT, 1, at('18:30'), record(at('18:30'), rf('ENTER')));
  told.upload(UNIT, 2, at('20:00'), record(at('20:00'), rf('PRESENT')));
  told.upload(UNIT, 3, at('21:00'), record(at('21:00'), rf('PRESENT')));
  told.upload(UNIT, 4, at('21:00:10'), record(at('19:59'), heartbeat));
  told.upload(UNIT, 5, at('21:00:10.100'), record(at('19:20'), rf('EXIT')), record(at('19:50'), rf('ENTER')));
  told.order(
    orderOf({ revision: 2, effectiveMs: at('20:30'), conditions: [curfew('19:00', '22:00')] }),
    at('21:00:10.200'),
  );
  told.runTo(at('21:01'));
  t.equal(ofType(told, 'curfew').length, 1);
});

const second = (change = {}) => orderOf({ ...OTHER, devices: [], conditions: [curfew()], ...change });
t.test('unit and tag that went to another person together speak for them, in whatever uploads, for good', async (t) => {
  const told = new Told();
  told.order(orderOf({ conditions: [curfew()] }), DAY);
  told.order(second(), DAY);
  told.upload(UNIT, 1, at('18:50'), record(at('18:50'), rf('ENTER')), record(at('18:51'), heartbeat));
  told.upload(UNIT, 2, at('19:40'), record(at('19:20'), rf('EXIT')), record(at('19:40'), heartbeat));
  const until = at('18:00');
  const mine = [assigned(UNIT, 'home_unit', { toMs: until }), assigned(TAG, 'tag', { toMs: until })];
  const theirs = [assigned(TAG, 'tag', { fromMs: until }), assigned(UNIT, 'home_unit', { fromMs: until })];
  told.order(orderOf({ revision: 2, devices: mine, conditions: [curfew()] }), at('19:50'));
  told.order(second({ revision: 2, devices: theirs }), at('19:55'));
  t.same(ofType(told, 'curfew'), ['ORD-2 curfew C1 03-02T19:20:00.000– AL10']);
  told.upload(TAG, 1, at('20:00'), record(at('18:20'), heartbeat));
  told.upload(TAG, 2, at('20:01'), record(at('18:10'), heartbeat));
  t.same(ofType(told, 'curfew'), ['ORD-2 curfew C1 03-02T19:20:00.000– AL10']);
  told.runTo(at('20:30'));
});

t.test('a part of an upload that was taken away and given back leaves the rest of it as it was', async (t) => {
  const told = new Told();
  const devices = (toMs?: number) => [
    assigned(UNIT, 'home_unit'),
    assigned(TAG, 'tag', toMs === undefined ? {} : { toMs }),
  ];
  told.order(orderOf({ devices: devices(), conditions: [exclusion(circle(200))] }), DAY);
  told.upload(TAG, 1, at('12:00'), ...[1, 2, 3, 4, 5, 6].map((m) => record(at(`11:5${m}`), fix(m < 4 ? 0 : 500))));
  told.runTo(at('12:05'));
  t.same(ofType(told, 'exclusion').length, 1);
  const stands = ofType(told, 'exclusion');
  told.order(
    orderOf({ revision: 2, devices: devices(at('11:55')), conditions: [exclusion(circle(200))] }),
    at('12:10'),
  );
  told.order(orderOf({ revision: 3, devices: devices(), conditions: [exclusion(circle(200))] }), at('12:20'));
  t.same(ofType(told, 'exclusion'), stands);
  told.upload(TAG, 2, at('12:30'), record(at('11:40'), tagSays('STRAP_TAMPER_START')));
  t.same(ofType(told, 'exclusion'), stands);
});

t.test('that a tag is of another kind than was said takes nothing from its records or its unit', async (t) => {
  const told = new Told();
  const devices = (kind: 'tag' | 'rf_tag') => [assigned(UNIT, 'home_unit'), assigned(TAG, kind)];
  told.order(orderOf({ devices: devices('tag'), conditions: [curfew()] }), DAY);
  told.upload(UNIT, 1, at('19:00'), record(at('18:00'), rf('ENTER')), record(at('19:00'), heartbeat));
  told.upload(
    UNIT,
    2,
    at('21:00'),
    record(at('20:04'), heartbeat),
    record(at('20:30'), rf('PRESENT')),
    record(at('21:00'), heartbeat),
  );
  told.runTo(at('21:05'));
  t.same(
    told.standing().filter((l) => /curfew|silent HU/.test(l)),
    [],
  );
  told.order(
    orderOf({ revision: 2, effectiveMs: at('17:00'), devices: devices('rf_tag'), conditions: [curfew()] }),
    at('21:10'),
  );
  told.upload(UNIT, 3, at('21:12'), record(at('17:50'), heartbeat));
  told.runTo(at('21:20'));
  t.same(
    told.standing().filter((l) => /curfew|silent HU/.test(l)),
    [],
  );
});

const zone = (radiusM: number, revision: number) => ({ zoneId: 'ZS' as ZoneId, revision, shape: circle(radiusM) });
const zoned = () => orderOf({ conditions: [exclusion('ZS')] });
t.test('two edits of a zone in one millisecond, time having passed in between', async (t) => {
  const told = new Told();
  told.zone(zone(200, 1), DAY);
  told.order(zoned(), DAY);
  const ms = at('12:00');
  told.upload(TAG, 1, ms, record(ms - 60_000, fix(0)));
  told.zone(zone(300, 2), ms);
  told.upload(TAG, 2, ms, record(ms, fix(0)));
  told.zone(zone(400, 3), ms);
  told.upload(TAG, 3, ms + 60_000, record(ms + 60_000, fix(0)));
  told.runTo(at('13:00'));
  t.same(ofType(told, 'exclusion').length, 2);
});

t.test('two revisions of an order in one millisecond, time having passed in between', async (t) => {
  const told = new Told();
  told.order(orderOf(), DAY);
  const ms = at('12:00');
  told.order(orderOf({ revision: 2 }), ms);
  told.upload(TAG, 2, ms, record(ms, fix(0)));
  told.order(orderOf({ revision: 3 }), ms);
  told.upload(TAG, 3, ms + 60_000, record(ms + 60_000, fix(0)));
  told.runTo(at('13:00'));
  t.same(ofType(told, 'exclusion').length, 1);
});

t.test('two zones are edited, the clock having been put back in between', async (t) => {
  const told = new Told();
  const other = (radiusM: number, revision: number) => ({ ...zone(radiusM, revision), zoneId: 'ZT' as ZoneId });
  told.zone(zone(200, 1), DAY);
  told.zone(other(200, 1), DAY);
  told.order(orderOf({ conditions: [exclusion('ZS'), exclusion('ZT', 'Z2')] }), DAY);
  told.zone(other(300, 2), at('12:00'));
  told.zone(zone(300, 2), at('11:00'));
  told.upload(TAG, 3, at('12:30'), record(at('12:29'), fix(0)));
  told.runTo(at('13:00'));
  t.same(ofType(told, 'exclusion').length, 2);
});

t.test(
  'a reading that was sent again before it came the first time has its first place among its moment',
  async (t) => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const told = new Told();
      told.order(orderOf({ conditions: [curfew()] }), DAY);
      const ms = at('18:00');
      const sent = [
        [2, 'EXIT'],
        [3, 'ENTER'],
        [1_002, 'EXIT'],
      ] as const;
      for (const [i, which] of order.entries()) {
        const [sequence, event] = sent[which] ?? [0, 'EXIT'];
        told.upload(UNIT, sequence, ms + i * 5_000, record(ms, rf(event)));
      }
      told.runTo(at('19:10'));
      t.same(ofType(told, 'curfew'), [], order.join());
    }
  },
);

t.test('nothing is told that a record that waits disproves, not for a device whose clock is ahead', async (t) => {
  const told = new Told();
  told.order(orderOf({ conditions: [curfew()] }), DAY);
  told.upload(UNIT, 1, at('18:30'), record(at('18:30'), rf('ENTER')));
  told.upload(UNIT, 2, at('20:00'), record(at('20:00'), rf('EXIT')));
  told.upload(UNIT, 3, at('20:04'), record(at('20:04'), heartbeat));
  told.upload(UNIT, 4, at('20:04:58'), record(at('20:01'), heartbeat));
  told.upload(UNIT, 5, at('20:04:58.300'), record(at('20:03'), rf('ENTER')));
  told.upload(TAG, 1, at('20:04:58.600'), record(at('20:05:30'), heartbeat));
  t.same(told.versions, []);
  told.runTo(at('21:00'));
  t.same(told.versions, []);
});

const states = (told: Told, type: string): string[] =>
  told
    .newest()
    .filter((version) => version.type === type)
    .map(({ state, version, startMs, endMs }) => {
      const time = (ms: number | null): string => (ms === null ? '' : new Date(ms).toISOString().slice(11, 16));
      return `${state} ${version} ${time(startMs)}–${time(endMs)}`;
    });

t.test('an alert that stands is not taken for one that was taken back earlier, however far that reached', async (t) => {
  const told = new Told();
  told.order(orderOf({ conditions: [curfew()] }), DAY);
  told.upload(UNIT, 1, at('18:30'), record(at('18:30'), rf('ENTER')));
  told.upload(UNIT, 2, at('20:00'), record(at('20:00'), rf('EXIT')));
  told.runTo(at('20:05:30'));
  told.upload(UNIT, 3, at('20:06'), record(at('20:04'), rf('ENTER')));
  told.upload(UNIT, 4, at('21:00'), record(at('21:00'), rf('EXIT')));
  told.runTo(at('21:10'));
  told.upload(UNIT, 6, at('21:30'), record(at('21:30'), rf('ENTER')));
  told.runTo(at('21:31'));
  t.same(states(told, 'curfew'), ['withdrawn 2 20:00–', 'open 2 21:00–21:30']);
  told.upload(UNIT, 5, at('22:00'), record(at('19:50'), heartbeat), record(at('21:25'), rf('ENTER')));
  t.same(states(told, 'curfew'), ['withdrawn 2 20:00–', 'open 3 21:00–21:25']);
});

t.test('of two parts of what was one alert the longer is that alert, wherever the run again began', async (t) => {
  for (const earlyMs of [at('12:05'), at('09:00')]) {
    const told = new Told();
    told.order(orderOf({ conditions: [] }), DAY);
    told.upload(TAG, 1, at('10:00'), record(at('10:00'), tagSays('STRAP_TAMPER_START')));
    for (let hour = 11; hour < 20; hour += 1) {
      told.upload(TAG, hour, at(`${hour}:00`), record(at(`${hour}:00`), heartbeat));
    }
    const late = [
      record(earlyMs, heartbeat),
      record(at('12:10'), tagSays('STRAP_TAMPER_END')),
      record(at('12:20'), tagSays('STRAP_TAMPER_START')),
    ];
    told.upload(TAG, 99, at('19:30'), ...late);
    t.same(states(told, 'tamper.strap').sort(), ['open 1 10:00–12:10', 'open 2 12:20–'], `from ${earlyMs}`);
  }
});

// Appointments and readings of alcohol, dense in records: in the end the same for every order of delivery (§7).
import fc from 'fast-check';
import t from 'tap';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { AttendanceCondition, Condition, Order } from '../../src/domain/order.js';
import type { RecordBody } from '../../src/domain/record.js';
import { seedOfRun } from '../rules/seeded.js';
import {
  assigned,
  at,
  circle,
  DAY,
  fix,
  heartbeat,
  orderOf,
  record,
  rf,
  TAG,
  UNIT,
  unitSays,
} from '../rules/step-driver.js';
import { Told } from './told.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const MINUTE = 60_000;
const ALCOHOL_TAG = 'ALC-1' as DeviceId;

const attendance = (id: string, where: AttendanceCondition['at'], requiredMin: number): Condition => ({
  conditionId: id as ConditionId,
  kind: 'attendance',
  at: where,
  appointments: [
    { startMs: at('10:00'), endMs: at('11:00'), attendMin: requiredMin },
    { startMs: at('10:00'), endMs: at('11:30'), attendMin: requiredMin },
    { startMs: at('10:45'), endMs: at('11:30'), attendMin: requiredMin / 2 },
    { startMs: at('12:00'), endMs: at('12:20'), attendMin: 20 },
  ],
});

const orders = fc
  .record({
    requiredMin: fc.constantFrom(20, 40, 60),
    consecutive: fc.integer({ min: 1, max: 3 }),
    k: fc.constantFrom(1, 3),
  })
  .map(
    ({ requiredMin, consecutive, k }): Order =>
      orderOf({
        devices: [
          assigned(UNIT, 'home_unit'),
          assigned(TAG, 'tag', { toMs: at('12:10') }),
          assigned('TAG-2' as DeviceId, 'tag', { fromMs: at('12:10') }),
          assigned(ALCOHOL_TAG, 'alcohol_tag', { toMs: at('12:00') }),
        ],
        conditions: [
          attendance('T1', { kind: 'address', address: 'home' }, requiredMin),
          attendance('T2', { kind: 'zone', zone: { kind: 'own', shape: circle(200) } }, requiredMin),
          { conditionId: 'A1' as ConditionId, kind: 'alcohol_abstinence', thresholdUgL: 200, consecutive },
        ],
        policy: { silenceS: 1_800, k },
      }),
  );

/** A morning minute by minute: where the tag is, and now and then a word of the unit or a reading of alcohol. */
const minutes = fc
  .array(
    fc.record({
      lasts: fc.integer({ min: 1, max: 25 }),
      place: fc.constantFrom<RecordBody | null>(fix(0), fix(0), fix(900), fix(150, 100), fix(260, 100), null),
      unit: fc.constantFrom<RecordBody | null>(
        rf('PRESENT'),
        rf('EXIT'),
        heartbeat,
        unitSays('MOVED'),
        unitSays('RESET'),
        null,
      ),
      tacUgL: fc.constantFrom(null, 0, 0, 500, 500),
      covered: fc.constantFrom(false, false, true),
    }),
    { minLength: 4, maxLength: 20 },
  )
  .map((parts) => {
    const said: { deviceId: DeviceId; timeMs: number; body: RecordBody }[] = [];
    let timeMs = at('09:40');
    for (const { lasts, place, unit, tacUgL, covered } of parts) {
      if (unit !== null) said.push({ deviceId: UNIT, timeMs, body: unit });
      if (tacUgL !== null) {
        said.push({
          deviceId: ALCOHOL_TAG,
          timeMs,
          body: { kind: 'alcohol', tacUgL, flags: covered ? ['OBSTRUCTED'] : [] },
        });
      }
      for (let i = 0; i < lasts; i += 1, timeMs += MINUTE) {
        if (place !== null)
          said.push({ deviceId: timeMs < at('12:10') ? TAG : ('TAG-2' as DeviceId), timeMs, body: place });
      }
    }
    return said;
  });

const delays = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 30 * MINUTE }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 * 60 * MINUTE }) },
  ),
  { minLength: 60, maxLength: 60 },
);

t.test('what is told of appointments and of alcohol does not depend on when it was heard', async (t) => {
  const seen = new Map<string, number>();
  let withdrawn = 0;
  fc.assert(
    fc.property(orders, minutes, delays, (order, said, delaysMs) => {
      const run = (late: boolean): Told => {
        const told = new Told();
        told.order(order, DAY);
        const sequences = new Map<DeviceId, number>();
        said
          .map(({ deviceId, timeMs, body }, i) => {
            const sequence = (sequences.get(deviceId) ?? 0) + 1;
            sequences.set(deviceId, sequence);
            // a few of a device at a time
            const delayMs = late ? (delaysMs[Math.floor(i / 4) % delaysMs.length] ?? 0) : 0;
            return { deviceId, sequence, ms: timeMs + delayMs, said: record(timeMs, body) };
          })
          .sort((a, b) => a.ms - b.ms)
          .forEach((one) => {
            told.upload(one.deviceId, one.sequence, one.ms, one.said);
          });
        told.runTo(at('12:00', 4));
        return told;
      };
      const [inTime, late] = [run(false), run(true)];
      for (const { type } of inTime.newest()) seen.set(type, (seen.get(type) ?? 0) + 1);
      withdrawn += late.newest().filter(({ state, type }) => state === 'withdrawn' && /^a[tl]/.test(type)).length;
      const [expected, found] = [inTime.standing(), late.standing()];
      if (JSON.stringify(found) === JSON.stringify(expected)) return;
      const only = (a: string[], b: string[]) => a.filter((line) => !b.includes(line)).join('\n');
      throw new Error(`\nonly in time:\n${only(expected, found)}\nonly late:\n${only(found, expected)}`);
    }),
    { seed, numRuns: 60 },
  );
  t.comment([...seen].map(([type, n]) => `${type}: ${n}`).join(', '), `withdrawn: ${withdrawn}`);
  for (const type of ['attendance', 'attendance.unverified', 'alcohol.suspected', 'alcohol.tamper']) {
    t.ok((seen.get(type) ?? 0) > 10, type);
  }
  t.ok(withdrawn > 1, `${withdrawn} were taken back`);
});

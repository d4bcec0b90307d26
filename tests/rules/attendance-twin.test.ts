// Attendance at home and in a zone: the step against the definition over the whole list of records.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { Appointment, Assignment, AttendanceCondition } from '../../src/domain/order.js';
import type { RfKind, UnitFlag } from '../../src/domain/record.js';
import {
  type FixRule,
  type Known,
  knownAtHome,
  knownInZone,
  plausible,
  type Said,
  type SeenFix,
  verdict,
} from './attendance-definition.js';
import { seedOfRun, times } from './seeded.js';
import {
  assigned,
  circle,
  clock,
  DAY,
  fix,
  heartbeat,
  lineOf,
  orderOf,
  rf,
  TAG,
  UNIT,
  unitSays,
} from './step-driver.js';

const seed = seedOfRun();
const S = 1_000;
const TAG_2 = 'TAG-2' as DeviceId;
const UNIT_2 = 'HU-2' as DeviceId;
const SILENCE_S = 900;
const RADIUS_M = 200;

interface Scene {
  readonly startMs: number;
  readonly endMs: number;
  readonly devices: readonly Assignment[];
  readonly conditions: readonly AttendanceCondition[];
  readonly said: readonly Said[];
  readonly untilMs: number;
}

/** Multiples of a step from the day's start on: equal times and exact lengths are common. */
const grid = (stepS: number, max: number) => fc.nat(max).map((n) => DAY + n * stepS * S);

const appointments = (stepS: number) =>
  fc.array(
    fc
      .record({
        from: fc.nat(80),
        length: fc.integer({ min: 1, max: 50 }),
        share: fc.constantFrom(0.25, 0.5, 0.75, 0.9, 1),
      })
      .map(({ from, length, share }): Appointment => {
        const startMs = DAY + from * stepS * S;
        const lengthMs = length * stepS * S;
        return { startMs, endMs: startMs + lengthMs, attendMin: (lengthMs / 60_000) * share };
      }),
    { minLength: 1, maxLength: 4 },
  );

/** What the definition says, a line each, of what can be known at `untilMs`. */
function expected(
  scene: Scene,
  known: (condition: AttendanceCondition, part: { startMs: number; endMs: number }) => Known & { settled: boolean },
): string[] {
  const found = new Set<string>();
  for (const condition of scene.conditions) {
    for (const { startMs: fromMs, endMs: toMs, attendMin } of condition.appointments) {
      const part = { startMs: Math.max(fromMs, scene.startMs), endMs: Math.min(toMs, scene.endMs) };
      if (part.endMs <= part.startMs || part.endMs > scene.untilMs) continue;
      const outsideMs = toMs - fromMs - (part.endMs - part.startMs);
      const requiredMs = Math.round(attendMin * 60_000) - outsideMs;
      if (requiredMs <= 0) continue;
      const { settled, ...sure } = known(condition, part);
      const is = verdict(part, requiredMs, sure);
      if (is === 'attended' || (is === 'unverified' && !settled)) continue;
      const types = is === 'missed' ? ['attendance', 'attendance.missed'] : ['attendance.unverified'];
      for (const type of types) {
        // of two with the same bounds the one that asks for more says all; it can be missed where the other is not
        const line = [type, condition.conditionId, clock(part.startMs), clock(part.endMs)];
        found.add(JSON.stringify(line));
      }
    }
  }
  const lines = [...found];
  return lines
    .filter((line) => !line.includes('unverified') || !lines.includes(line.replace('unverified', 'missed')))
    .sort();
}

function told(scene: Scene, policy: Partial<FixRule>): string[] {
  const { startMs, endMs, devices, conditions } = scene;
  const numbers = {
    silenceS: SILENCE_S,
    ...(policy.k === undefined ? {} : { k: policy.k }),
    ...(policy.gapMs === undefined ? {} : { gapS: policy.gapMs / S }),
  };
  const line = lineOf(orderOf({ startMs, endMs, devices, conditions, policy: numbers }));
  for (const { deviceId, timeMs, body } of scene.said) {
    if (timeMs <= scene.untilMs) line.say(deviceId, timeMs, body);
  }
  line.runTo(scene.untilMs);
  const newest = new Map(line.versions.map((version) => [version.alertId, version]));
  const ours = [...newest.values()].filter(({ type }) => type.startsWith('attendance'));
  for (const { startMs: fromMs, endMs: toMs, eventMs, endedBy, records } of ours) {
    assert.ok(toMs !== null && eventMs === toMs && endedBy === 'window');
    assert.ok(
      records.every(({ timeMs }) => timeMs >= fromMs && timeMs < toMs),
      'it names nothing of before or after (¶19)',
    );
  }
  return ours.map((v) => JSON.stringify([v.type, v.conditionId, clock(v.startMs), clock(v.endMs)])).sort();
}

function count(seen: Map<string, number>, lines: readonly string[]): void {
  for (const line of lines) {
    const type = (JSON.parse(line) as string[])[0] as string;
    seen.set(type, (seen.get(type) ?? 0) + 1);
  }
}

const flags = fc.constantFrom<UnitFlag[]>(['MOVED'], ['RESET'], ['RESET'], ['MOVED', 'RESET'], ['MAINS_LOST', 'MOVED']);
const unitSaid = fc.record({
  deviceId: fc.constantFrom(UNIT, UNIT, UNIT_2),
  timeMs: grid(30, 150),
  body: fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(
          fc.constantFrom<RfKind>('ENTER', 'EXIT', 'EXIT', 'PRESENT', 'UNSPECIFIED'),
          fc.constantFrom(TAG, TAG, TAG_2),
        )
        .map(([event, tagId]) => rf(event, tagId)),
    },
    { weight: 3, arbitrary: fc.constant(heartbeat) },
    { weight: 1, arbitrary: flags.map((each) => unitSays(...each)) },
  ),
});

const homes = fc
  .record({
    startMs: fc.constantFrom(DAY, DAY, DAY + 900 * S),
    endMs: fc.constantFrom(DAY + 1_800 * S, DAY + 9_000 * S, DAY + 9_000 * S),
    swap: fc.option(fc.tuple(grid(30, 120), grid(30, 120))),
    second: fc.constantFrom('none', 'home', 'mother', 'replaces'),
    moveMs: grid(30, 120),
    at: fc.array(fc.tuple(fc.constantFrom('home', 'home', 'mother'), appointments(30)), { minLength: 1, maxLength: 2 }),
    said: fc.array(unitSaid, { minLength: 10, maxLength: 50, size: 'max' }),
    untilMs: grid(30, 170),
  })
  .map(({ swap, second, moveMs, at, said, ...rest }): Scene => {
    const always = { fromMs: DAY, toMs: DAY + 9_000 * S };
    const devices: Assignment[] = [
      assigned(UNIT, 'home_unit', { ...always, ...(second === 'replaces' ? { toMs: moveMs } : {}) }),
      ...(second === 'none' || second === 'replaces'
        ? []
        : [assigned(UNIT_2, 'home_unit', { ...always, address: second })]),
      ...(second === 'replaces' ? [assigned(UNIT_2, 'home_unit', { ...always, fromMs: moveMs })] : []),
      assigned(TAG, 'tag', { ...always, ...(swap === null ? {} : { toMs: swap[0] }) }),
      ...(swap === null ? [] : [assigned(TAG_2, 'tag', { ...always, fromMs: swap[1] })]),
    ];
    return {
      ...rest,
      devices: devices.filter(({ fromMs, toMs }) => fromMs < toMs),
      conditions: at.map(
        ([address, list], n): AttendanceCondition => ({
          conditionId: `T${n}` as ConditionId,
          kind: 'attendance',
          at: { kind: 'address', address },
          appointments: list,
        }),
      ),
      said: [...said].sort((a, b) => a.timeMs - b.timeMs),
    };
  });

t.test(`at home: what the units say of every millisecond of every appointment (SEED=${seed})`, async (t) => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(homes, (scene) => {
      const devices = scene.devices
        .map((d) => ({ ...d, fromMs: Math.max(d.fromMs, scene.startMs), toMs: Math.min(d.toMs, scene.endMs) }))
        .filter(({ fromMs, toMs }) => fromMs < toMs);
      const said = scene.said.filter(({ timeMs }) => timeMs >= scene.startMs && timeMs <= scene.untilMs);
      const want = expected(scene, ({ at }, part) => {
        const address = at.kind === 'address' ? at.address : '';
        return { ...knownAtHome(part, address, devices, said, SILENCE_S * S), settled: true };
      });
      count(seen, want);
      assert.deepEqual(told(scene, {}), want);
    }),
    { seed, numRuns: times(500) },
  );
  t.comment([...seen].map(([type, n]) => `${type}: ${n}`).join(', '));
  t.ok((seen.get('attendance.missed') ?? 0) > 30 && (seen.get('attendance.unverified') ?? 0) > 200);
});

/** Clear of every limit by metres, so that no way of measuring matters. */
const fixes = fc
  .array(
    fc.record({
      tag: fc.constantFrom(TAG, TAG, TAG, TAG_2),
      afterS: fc.constantFrom(0, 15, 15, 15, 30, 30, 60, 105, 120, 135),
      distanceM: fc.constantFrom(-150, -60, -20, -5, 5, 20, 60, 300, 900),
      radiusM: fc.constantFrom(10, 10, 50, 100),
      stays: fc.integer({ min: 1, max: 8 }),
    }),
    { maxLength: 25, size: 'max' },
  )
  .map((steps): SeenFix[] => {
    let timeMs = DAY;
    const list = steps.flatMap(({ tag, afterS, distanceM, radiusM, stays }) => {
      timeMs += afterS * S;
      const first = timeMs;
      timeMs += (stays - 1) * 15 * S;
      return Array.from({ length: stays }, (_, n) => ({ tag, timeMs: first + n * 15 * S, distanceM, radiusM }));
    });
    return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
  });

const zones = fc.record({
  endMs: fc.constantFrom(DAY + 1_200 * S, DAY + 9_000 * S, DAY + 9_000 * S),
  lists: fc.array(appointments(15), { minLength: 1, maxLength: 2 }),
  fixes,
  /** So long after an end of an appointment, whichever; null: when all is over. */
  until: fc.option(fc.tuple(fc.nat(), fc.constantFrom(0, 15, 45, 105, 120, 135)), { freq: 3 }),
  k: fc.integer({ min: 1, max: 4 }),
});

t.test(`in a zone: visits to it and to its outside, over the whole list of fixes (SEED=${seed})`, async (t) => {
  const seen = new Map<string, number>();
  let waiting = 0;
  fc.assert(
    fc.property(zones, ({ endMs, lists, fixes: list, until, k }) => {
      const ends = lists.flat().map((one) => Math.min(one.endMs, endMs));
      const untilMs = until === null ? DAY + 9_000 * S : (ends[until[0] % ends.length] ?? 0) + until[1] * S;
      const zone = { kind: 'own', shape: circle(RADIUS_M) } as const;
      const scene: Scene = {
        startMs: DAY,
        endMs,
        untilMs,
        devices: [assigned(TAG, 'tag'), assigned(TAG_2, 'tag')].map((d) => ({ ...d, toMs: endMs })),
        conditions: lists.map((each, n) => ({
          conditionId: `T${n}` as ConditionId,
          kind: 'attendance',
          at: { kind: 'zone', zone },
          appointments: each,
        })),
        said: list.map(({ tag, timeMs, distanceM, radiusM }) => ({
          deviceId: tag as DeviceId,
          timeMs,
          body: fix(RADIUS_M + distanceM, radiusM),
        })),
      };
      const rule = { k, gapMs: 120 * S };
      const known = plausible(list.filter(({ timeMs }) => timeMs < endMs && timeMs <= untilMs));
      const want = expected(scene, (_, part) => {
        const sure = knownInZone(part, known, rule, untilMs);
        if (!sure.settled) waiting += 1;
        return sure;
      });
      count(seen, want);
      assert.deepEqual(told(scene, rule), want);
    }),
    { seed, numRuns: times(1_000) },
  );
  t.comment(`${[...seen].map(([type, n]) => `${type}: ${n}`).join(', ')}, waiting: ${waiting}`);
  t.ok((seen.get('attendance.missed') ?? 0) > 200 && (seen.get('attendance.unverified') ?? 0) > 200 && waiting > 40);
});

// Alcohol, read off the complete list of readings with no state, against the step.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { AlcoholCondition, Assignment } from '../../src/domain/order.js';
import type { AlcoholReading } from '../../src/domain/record.js';
import { seedOfRun, times } from './seeded.js';
import { assigned, clock, DAY, lineOf, orderOf } from './step-driver.js';

const seed = seedOfRun();
const STEP = 600_000;
const TAGS = ['ALC-1', 'ALC-2'] as DeviceId[];
const grid = (max: number) => fc.nat(max).map((n) => DAY + n * STEP);

interface Said {
  readonly deviceId: DeviceId;
  readonly timeMs: number;
  readonly body: AlcoholReading;
}

interface Scene {
  readonly endMs: number;
  readonly devices: readonly Assignment[];
  readonly conditions: readonly AlcoholCondition[];
  readonly said: readonly Said[];
  readonly untilMs: number;
}

const readings: fc.Arbitrary<AlcoholReading> = fc
  .record({
    tacUgL: fc.constantFrom(0, 199, 200, 201, 400, 799, 800, 900),
    flags: fc.constantFrom<AlcoholReading['flags'][]>([], [], [], [], ['OBSTRUCTED'], ['REMOVED'], ['CALIBRATION_DUE']),
  })
  .map((reading) => ({ kind: 'alcohol', ...reading }));

const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 40 })), {
  minLength: 1,
  maxLength: 3,
});

/** Assignments of one tag, some touching. */
const worn = (deviceId: DeviceId) =>
  spans.map((each) => {
    let atMs = DAY;
    return each.map(([gap, length]): Assignment => {
      const fromMs = atMs + gap * STEP;
      atMs = fromMs + length * STEP;
      return assigned(deviceId, 'alcohol_tag', { fromMs, toMs: atMs });
    });
  });

const scenes = fc
  .record({
    endMs: fc.integer({ min: 20, max: 80 }).map((n) => DAY + n * STEP),
    devices: fc.tuple(...TAGS.map(worn)).map((lists) => lists.flat()),
    limits: fc.array(fc.tuple(fc.constantFrom(200, 800), fc.integer({ min: 1, max: 4 })), {
      minLength: 0,
      maxLength: 3,
    }),
    said: fc.array(fc.record({ deviceId: fc.constantFrom(...TAGS), timeMs: grid(70), body: readings }), {
      maxLength: 60,
      size: 'max',
    }),
    untilMs: grid(90),
  })
  .map(({ limits, said, ...rest }): Scene => {
    const conditions = limits.map(
      ([thresholdUgL, consecutive], n): AlcoholCondition => ({
        kind: n === 0 ? 'alcohol_abstinence' : 'alcohol_level',
        conditionId: `A${n}` as ConditionId,
        thresholdUgL,
        consecutive,
      }),
    );
    const once = new Map(said.map((one) => [JSON.stringify(one), one]));
    return { ...rest, conditions, said: [...once.values()].sort((a, b) => a.timeMs - b.timeMs) };
  });

/** The definition: each maximal stretch of readings of one kind, in each assignment of each tag. */
function outcomes({ endMs, devices, conditions, said, untilMs }: Scene): string[] {
  const found: string[] = [];
  for (const { deviceId, fromMs, toMs } of joined(devices, endMs)) {
    const heard = said.filter((s) => s.deviceId === deviceId && s.timeMs >= fromMs && s.timeMs < toMs);
    const known = heard.filter((s) => s.timeMs <= untilMs);
    const tell = (
      type: string,
      id: string | null,
      list: readonly Said[],
      minimum: number,
      is: (s: Said) => boolean,
    ) => {
      for (const [i, first] of list.entries()) {
        const previous = list[i - 1];
        if (!is(first) || (previous !== undefined && is(previous))) continue;
        const rest = list.slice(i);
        const after = rest.findIndex((s) => !is(s));
        if ((after === -1 ? rest.length : after) < minimum) continue;
        const ending = rest[after];
        const taken = ending === undefined && toMs <= untilMs;
        const reason = taken ? (toMs >= endMs ? 'ORDER_ENDED' : 'ORDER_REVISED') : null;
        found.push(line(type, id, deviceId, first.timeMs, ending?.timeMs ?? (taken ? toMs : null), reason));
      }
    };
    const covered = ({ body }: Said) => body.flags.some((flag) => flag === 'OBSTRUCTED' || flag === 'REMOVED');
    tell('alcohol.tamper', null, known, 1, covered);
    for (const { conditionId, thresholdUgL, consecutive } of conditions) {
      const bare = known.filter((s) => !covered(s));
      tell('alcohol.suspected', conditionId, bare, consecutive, (s) => s.body.tacUgL >= thresholdUgL);
    }
  }
  return found.sort();
}

const line = (
  type: string,
  id: string | null,
  device: string | null,
  startMs: number,
  endMs: number | null,
  by: unknown,
) => JSON.stringify([type, id, device, clock(startMs), clock(endMs), by]);

/** Within the order; what touches is one. */
function joined(devices: readonly Assignment[], endMs: number): Assignment[] {
  const out: Assignment[] = [];
  for (const device of devices) {
    const last = out.at(-1);
    if (last?.deviceId === device.deviceId && last.toMs === device.fromMs)
      out.splice(-1, 1, { ...last, toMs: device.toMs });
    else out.push(device);
  }
  return out.map((d) => ({ ...d, toMs: Math.min(d.toMs, endMs) })).filter(({ fromMs, toMs }) => fromMs < toMs);
}

function told({ endMs, devices, conditions, said, untilMs }: Scene): string[] {
  const stepped = lineOf(orderOf({ endMs, devices, conditions }));
  for (const { deviceId, timeMs, body } of said) if (timeMs <= untilMs) stepped.say(deviceId, timeMs, body);
  stepped.runTo(untilMs);
  const newest = new Map(stepped.versions.map((version) => [version.alertId, version]));
  for (const { type, startMs, endMs: overMs, eventMs, records } of stepped.versions) {
    if (!type.startsWith('alcohol')) continue;
    const times = [startMs, overMs ?? startMs, eventMs, ...records.map(({ timeMs }) => timeMs)];
    assert.ok(
      times.every((ms) => ms >= DAY && ms <= endMs),
      'nothing is told of a moment outside the order',
    );
  }
  return [...newest.values()]
    .filter(({ type }) => type.startsWith('alcohol'))
    .map((v) => line(v.type, v.conditionId, v.deviceId, v.startMs, v.endMs, v.endedBy))
    .sort();
}

t.test(`readings come to what the rule says of the whole list (SEED=${seed})`, async (t) => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(scenes, (scene) => {
      const expected = outcomes(scene);
      for (const one of expected) {
        const [type, , , , end, by] = JSON.parse(one) as (string | null)[];
        const shape = `${type} ${by ?? (end === null ? 'runs' : 'reading')}`;
        seen.set(shape, (seen.get(shape) ?? 0) + 1);
      }
      assert.deepEqual(told(scene), expected);
    }),
    { seed, numRuns: times(1_000) },
  );
  t.comment([...seen].map(([shape, n]) => `${shape}: ${n}`).join(', '));
  t.equal(seen.size, 8, 'each alert was seen running and ended in each way');
});

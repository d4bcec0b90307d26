// The definition of the contradiction of RF and fixes, read out from whole lists, against the machine.
import fc from 'fast-check';
import t from 'tap';
import type { DeviceId } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import type { RecordBody } from '../../src/domain/record.js';
import { vincentyM } from './geodesic.js';
import { seedOfRun, times } from './seeded.js';
import {
  assigned,
  at,
  CENTRE,
  curfew,
  fix,
  heartbeat,
  lineOf,
  orderOf,
  record,
  rf,
  TAG,
  UNIT,
  unitSays,
} from './step-driver.js';
import { DAILY, timetable, weekly } from './timetables.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const MOTHER = 'HU-2' as DeviceId;
const TAG_2 = 'TAG-2' as DeviceId;
const SILENCE = 1_500_000;
/** 3 km north of the centre. */
const MOTHERS = [CENTRE[0], CENTRE[1] + 3_000 / 111_250] as const;
type Address = 'home' | 'mother';
const POSITIONS: Record<Address, readonly [number, number]> = { home: CENTRE, mother: MOTHERS };

interface Said {
  readonly deviceId: DeviceId;
  readonly timeMs: number;
  readonly body: RecordBody;
}

/** What a unit says at the end of a moment: of its last reading, if it was not moved and was heard since. */
function saysPresent(said: readonly Said[], unitId: DeviceId, atMs: number): boolean {
  let is: 'present' | 'absent' | 'unknown' = 'unknown';
  let moved = false;
  let heardMs = -Infinity;
  for (const { deviceId, timeMs, body } of said) {
    if (deviceId !== unitId || timeMs > atMs) continue;
    if (timeMs - heardMs > SILENCE) is = 'unknown';
    heardMs = timeMs;
    if (body.kind === 'rf' && !moved) is = body.event === 'EXIT' ? 'absent' : 'present';
    if (body.kind !== 'unit') continue;
    for (const flag of body.flags) {
      if (flag === 'MOVED') [moved, is] = [true, 'unknown'];
      if (flag === 'RESET') moved = false;
    }
  }
  return is === 'present' && atMs - heardMs < SILENCE;
}

const lonLat = (body: RecordBody): [number, number] => {
  if (body.kind !== 'fix') throw new Error('no fix');
  return [body.lonE7 / 1e7, body.latE7 / 1e7];
};
const radius = (body: RecordBody): number => (body.kind === 'fix' ? body.accuracyDm / 10 : 0);

function plausible(said: readonly Said[]): Said[] {
  const last = new Map<DeviceId, Said>();
  return said.filter((one) => {
    if (one.body.kind !== 'fix') return false;
    const before = last.get(one.deviceId);
    if (before !== undefined) {
      const apart = vincentyM(...lonLat(before.body), ...lonLat(one.body)) - radius(before.body) - radius(one.body);
      if (apart > (one.timeMs - before.timeMs) / 10) return false;
    }
    last.set(one.deviceId, one);
    return true;
  });
}

interface Window {
  readonly conditionId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly addresses: readonly Address[];
}
interface Scene {
  readonly order: Order;
  readonly windows: readonly Window[];
  readonly said: readonly Said[];
}

function definition({ windows, said }: Scene): string[] {
  const fixes = plausible(said);
  return windows.flatMap((w) =>
    (['home', 'mother'] as const)
      .filter((address) => w.addresses.includes(address))
      .flatMap((address) => {
        const unitId = address === 'home' ? UNIT : MOTHER;
        const contradicts = fixes.map(
          ({ timeMs, body }) =>
            timeMs >= w.startMs &&
            timeMs < w.endMs &&
            vincentyM(...POSITIONS[address], ...lonLat(body)) - radius(body) > 500 &&
            saysPresent(said, unitId, timeMs),
        );
        return fixes.flatMap(({ timeMs }, i) => {
          if (!contradicts[i] || !contradicts[i + 1] || (i > 0 && contradicts[i - 1])) return [];
          const over = fixes.find((_, k) => k > i && !contradicts[k])?.timeMs ?? Infinity;
          const end = Math.min(over, w.endMs);
          return [
            [w.conditionId, unitId, timeMs, end, fixes[i + 1]?.timeMs, over < w.endMs ? null : 'window'].join(' '),
          ];
        });
      }),
  );
}

const grid = fc.integer({ min: 0, max: 3 * 120 }).map((n) => at('18:45') + n * 30_000);
const unitRecords = fc.record({
  deviceId: fc.constantFrom(UNIT, UNIT, MOTHER),
  timeMs: grid,
  body: fc.constantFrom(
    rf('PRESENT'),
    rf('PRESENT'),
    rf('ENTER'),
    rf('EXIT'),
    heartbeat,
    heartbeat,
    unitSays('MOVED'),
    unitSays('RESET'),
  ),
});
const walks = fc
  .record({
    deviceId: fc.constantFrom(TAG, TAG, TAG, TAG_2),
    timeMs: grid,
    norths: fc.array(
      fc.record({
        north: fc.constantFrom(0, 600, 600, 600, 505, 2_000, 3_000, 3_600, -900, 100_000),
        accuracy: fc.constantFrom(10, 10, 10, 200),
        every: fc.constantFrom(30_000, 30_000, 60_000, 0),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  })
  .map(({ deviceId, timeMs, norths }) => {
    let ms = timeMs;
    return norths.map(({ north, accuracy, every }): Said => {
      ms += every;
      return { deviceId, timeMs: ms, body: fix(north, accuracy) };
    });
  });
const scenes = fc
  .record({
    records: fc.array(unitRecords, { minLength: 4, maxLength: 24, size: 'max' }),
    walks: fc.array(walks, { minLength: 2, maxLength: 10, size: 'max' }),
    rows: fc.constantFrom<[string, string][]>(
      [['19:00-21:00', 'home']],
      [
        ['19:00-19:30', 'home'],
        ['19:30-21:00', 'home+mother'],
      ],
      [['19:00-20:00', 'home+mother']],
    ),
    second: fc.boolean(),
    unknown: fc.boolean(),
  })
  .map(({ records, walks, rows, second, unknown }): Scene => {
    const once = new Map<string, Said>();
    for (const said of [...records, ...walks.flat()]) {
      once.set(`${said.deviceId} ${record(said.timeMs, said.body).hash}`, said);
    }
    const windowsOf = (conditionId: string, from: string, to: string, addresses: string): Window => ({
      conditionId,
      startMs: at(from),
      endMs: at(to),
      addresses: addresses.split('+').filter((a) => a === 'home' || !unknown) as Address[],
    });
    const windows = rows.map(([times = '', addresses = '']) => {
      const [from = '', to = ''] = times.split('-');
      return windowsOf('C1', from, to, addresses);
    });
    const order = orderOf({
      devices: [
        assigned(UNIT, 'home_unit'),
        assigned(MOTHER, 'home_unit', { address: 'mother' }),
        assigned(TAG, 'tag'),
        assigned(TAG_2, 'tag'),
      ],
      addresses: { home: CENTRE, mother: unknown ? null : MOTHERS },
      policy: { silenceS: SILENCE / 1_000 },
      conditions: [
        {
          ...curfew(),
          timetable: timetable(rows.map(([times = '', addresses = '']) => weekly(DAILY, times, addresses.split('+')))),
        } as Order['conditions'][number],
        ...(second ? [curfew('19:15', '20:15', 'C2')] : []),
      ],
    });
    return {
      order,
      windows: second ? [...windows, windowsOf('C2', '19:15', '20:15', 'home')] : windows,
      said: [...once.values()].sort((a, b) => a.timeMs - b.timeMs),
    };
  });

t.test('fix by fix the machine finds the contradictions that the whole lists show', (t) => {
  let found = 0;
  fc.assert(
    fc.property(scenes, (scene) => {
      const line = lineOf(scene.order);
      for (const { deviceId, timeMs, body } of scene.said) line.say(deviceId, timeMs, body);
      line.runTo(at('23:00'));
      const raised = new Map<string, number>();
      const newest = new Map<string, string>();
      for (const v of line.versions.filter(({ type }) => type === 'integrity.contradiction')) {
        if (v.version === 1) raised.set(v.alertId, v.eventMs);
        newest.set(
          v.alertId,
          [v.conditionId, v.deviceId, v.startMs, v.endMs, raised.get(v.alertId), v.endedBy].join(' '),
        );
      }
      const want = definition(scene).sort();
      found += want.length;
      const got = [...newest.values()].sort();
      if (line.late > 0) throw new Error(`${line.late} late`);
      if (JSON.stringify(got) !== JSON.stringify(want)) {
        throw new Error(`\n got ${got.join('\n     ')}\nwant ${want.join('\n     ')}`);
      }
    }),
    { seed, numRuns: times(2_000), endOnFailure: true },
  );
  t.ok(found > 500, `${found} contradictions`);
  t.end();
});

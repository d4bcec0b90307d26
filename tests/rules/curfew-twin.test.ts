import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Finding } from '../../src/domain/alert.js';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { Assignment, Order } from '../../src/domain/order.js';
import type { RfKind, UnitFlag } from '../../src/domain/record.js';
import type { Presence } from '../../src/domain/subject-state.js';
import { CurfewDriver, curfewOrder, heartbeat, rf, type Said, unitSays } from './curfew-driver.js';
import { seedOfRun, times } from './seeded.js';

/** The definition, read out: presence and violations at every moment that could matter, from the whole list of records. */

const S = 1000;
const T0 = Date.parse('2026-01-05T00:00:00Z');
const UNITS = ['HU-1', 'HU-2'] as DeviceId[];
const TAGS = ['TAG-1', 'TAG-2'] as DeviceId[];
const numbers = { silenceS: 600, toleranceS: 60, unverifiedS: 90 };

interface Scene {
  readonly order: Order;
  readonly said: readonly Said[];
  readonly untilMs: number;
  /** The windows of the order, as its dated rows say them. */
  readonly windows: readonly {
    readonly startMs: number;
    readonly endMs: number;
    readonly addresses: readonly string[];
  }[];
}

const covers = (span: { fromMs: number; toMs: number }, ms: number): boolean => ms >= span.fromMs && ms < span.toMs;

function unitPresence(scene: Scene, unitId: DeviceId, stay: Assignment, atMs: number): Presence {
  const tags = scene.order.devices.filter((d) => d.kind === 'tag');
  const worn = (tagId: string, ms: number) => tags.find((d) => d.deviceId === tagId && covers(d, ms));
  const heard = scene.said.filter(
    ({ unitId: id, timeMs, body }) =>
      id === unitId && timeMs <= atMs && covers(stay, timeMs) && (body.kind !== 'rf' || worn(body.tagId, timeMs)),
  );
  // the last reading that counts, and what happened since
  for (let i = heard.length - 1; i >= 0; i--) {
    const { body, timeMs } = heard[i]!;
    if (body.kind === 'unit' && body.flags.includes('MOVED')) return 'unknown';
    if (body.kind !== 'rf' || body.event === 'UNSPECIFIED') continue;
    const flags = heard.slice(0, i).flatMap((said) => (said.body.kind === 'unit' ? said.body.flags : []));
    if (flags.filter((f) => f === 'MOVED' || f === 'RESET').at(-1) === 'MOVED') continue;
    const times = [...heard.slice(i).map((said) => said.timeMs)];
    if (times.some((ms, k) => k > 0 && ms - times[k - 1]! > numbers.silenceS * S)) return 'unknown';
    if (atMs - times.at(-1)! >= numbers.silenceS * S) return 'unknown';
    if (!worn(body.tagId, atMs) || worn(body.tagId, atMs) !== worn(body.tagId, timeMs)) return 'unknown';
    if (tags.some((d) => d.deviceId !== body.tagId && d.fromMs > timeMs && d.fromMs <= atMs)) return 'unknown';
    return body.event === 'EXIT' ? 'absent' : 'present';
  }
  return 'unknown';
}

function presence(scene: Scene, addresses: readonly string[], atMs: number): Presence {
  const each = addresses.flatMap((address) => {
    const here = scene.order.devices.filter((d) => d.address === address && covers(d, atMs));
    return here.length === 0 ? ['unknown'] : here.map((d) => unitPresence(scene, d.deviceId, d, atMs));
  });
  if (each.includes('present')) return 'present';
  return each.every((p) => p === 'absent') ? 'absent' : 'unknown';
}

interface Outcome {
  readonly type: string;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly endedBy: string | null;
  readonly codes: readonly string[];
  readonly toldMs: readonly number[];
}

function outcomes(scene: Scene): Outcome[] {
  const found: Outcome[] = [];
  const { order, said, untilMs } = scene;
  const edges = [
    ...said.flatMap(({ timeMs }) => [timeMs, timeMs + numbers.silenceS * S]),
    ...order.devices.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
  ];
  for (const w of scene.windows) {
    const startMs = Math.max(w.startMs, order.startMs);
    const endMs = Math.min(w.endMs, order.endMs);
    if (startMs > untilMs || endMs <= startMs) continue;
    const points = [...new Set([startMs, ...edges])].filter((ms) => ms >= startMs && ms < endMs && ms <= untilMs);
    const stretches: { is: Presence; a: number; b: number | null; next: Presence | 'window' | null }[] = [];
    for (const ms of points.sort((a, b) => a - b)) {
      const is = presence(scene, w.addresses, ms);
      const last = stretches.at(-1);
      if (last?.is === is) continue;
      if (last !== undefined) Object.assign(last, { b: ms, next: is });
      stretches.push({ is, a: ms, b: null, next: null });
    }
    const last = stretches.at(-1);
    if (last !== undefined && endMs <= untilMs) Object.assign(last, { b: endMs, next: 'window' });

    for (const { is, a, b, next } of stretches) {
      if (is === 'present') continue;
      const allowedMs = (is === 'absent' ? numbers.toleranceS : numbers.unverifiedS) * S;
      // what still runs was told of if its time was up; not when the window would have been over by then
      if (b === null ? untilMs < a + allowedMs || a + allowedMs >= endMs : b - a <= allowedMs) continue;
      const toldMs = [a + allowedMs, ...(b === null ? [] : [b])];
      if (is === 'unknown') {
        const endedBy = next === 'window' ? 'window' : null;
        found.push({ type: 'curfew.unverified', startMs: a, endMs: b, endedBy, codes: [], toldMs });
        continue;
      }
      const codes = [a === startMs ? 'AL08' : 'AL10'];
      if (next === 'present' && a === startMs) codes.push('AL09');
      if (next === 'window') codes.push(a === startMs ? 'AL12' : 'AL11');
      const endedBy = next === 'present' ? 'return' : next;
      found.push({ type: 'curfew', startMs: a, endMs: b, endedBy, codes, toldMs });
    }
  }
  return found;
}

/** What the machine told, one line an episode. */
function told(findings: readonly Finding[]): Outcome[] {
  const byName = new Map<string, Outcome>();
  for (const { type, startMs, endMs, endedBy, codes, eventMs } of findings) {
    const name = `${type} ${startMs}`;
    const toldMs = [...(byName.get(name)?.toldMs ?? []), eventMs];
    byName.set(name, { type, startMs, endMs, endedBy, codes, toldMs });
  }
  return [...byName.values()];
}

const byStart = (a: Outcome, b: Outcome): number => a.startMs - b.startMs || (a.type < b.type ? -1 : 1);

/** Grids of 30 s make equal times and absences of exactly the tolerance common. */
const at = fc.nat(120).map((n) => T0 + n * 30 * S);
const reading = fc.record({
  tag: fc.constantFrom(...TAGS, TAGS[0]!, TAGS[0]!),
  event: fc.constantFrom<RfKind>('ENTER', 'PRESENT', 'EXIT', 'EXIT', 'EXIT', 'UNSPECIFIED'),
});
const flags = fc.constantFrom<UnitFlag[]>(['MOVED'], ['RESET'], ['RESET'], ['MOVED', 'RESET'], ['MAINS_LOST', 'MOVED']);
const body = fc.oneof(
  { weight: 4, arbitrary: reading.map(({ tag, event }) => rf(tag, event)) },
  { weight: 2, arbitrary: fc.constant(heartbeat) },
  { weight: 1, arbitrary: flags.map((f) => unitSays(...f)) },
);
const assignments = fc
  .record({
    change: fc.oneof(
      { weight: 3, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.record({ from: at, to: at }) },
    ),
    second: fc.constantFrom('none', 'none', 'home', 'mother', 'replaces'),
    swap: at,
  })
  .map(({ change, second, swap }): Assignment[] => {
    const always = { fromMs: T0, toMs: T0 + 7200 * S };
    const tag = { kind: 'tag', address: null } as const;
    const unit = { kind: 'home_unit' } as const;
    const [u1, u2] = UNITS as [DeviceId, DeviceId];
    const [t1, t2] = TAGS as [DeviceId, DeviceId];
    const units: Assignment[] =
      second === 'replaces'
        ? [
            { ...always, ...unit, deviceId: u1, address: 'home', toMs: swap },
            { ...always, ...unit, deviceId: u2, address: 'home', fromMs: swap },
          ]
        : [
            { ...always, ...unit, deviceId: u1, address: 'home' },
            { ...always, ...unit, deviceId: u2, address: second },
          ];
    const tags: Assignment[] =
      change === null
        ? [{ ...always, ...tag, deviceId: t1 }]
        : [
            { ...always, ...tag, deviceId: t1, toMs: change.from },
            { ...always, ...tag, deviceId: t2, fromMs: change.to },
          ];
    return [...units.filter((d) => d.address !== 'none'), ...tags].filter((d) => d.fromMs < d.toMs);
  });

const scenes = fc
  .record({
    devices: assignments,
    windows: fc.array(
      fc.record({
        gap: fc.constantFrom(0, 0, 4, 10),
        length: fc.integer({ min: 1, max: 60 }),
        at: fc.constantFrom<readonly string[]>(['home'], ['home'], ['mother'], ['home', 'mother']),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    said: fc.array(fc.record({ unit: fc.constantFrom(...UNITS), at, body }), { maxLength: 50, size: 'max' }),
    start: fc.oneof(fc.constant(0), fc.nat(40)),
    end: fc.integer({ min: 41, max: 150 }),
    until: fc.integer({ min: 0, max: 160 }),
  })
  .map(({ devices, windows, said, start, end, until }): Scene => {
    const rows: { startMs: number; endMs: number; addresses: readonly string[] }[] = [];
    let fromMs = T0 + 600 * S;
    for (const { gap, length, at: addresses } of windows) {
      // rows of one set that touch would be one window
      const apart = gap === 0 && rows.at(-1)?.addresses.join() === addresses.join() ? 4 : gap;
      const startMs = fromMs + apart * 30 * S;
      fromMs = startMs + length * 30 * S;
      rows.push({ startMs, endMs: fromMs, addresses });
    }
    const order = curfewOrder({
      startMs: T0 + start * 30 * S,
      endMs: T0 + end * 30 * S,
      devices,
      conditions: [
        {
          kind: 'curfew',
          conditionId: 'C1' as ConditionId,
          toleranceS: null,
          timetable: {
            weekly: null,
            dated: rows.map(({ startMs, endMs, addresses }) => ({
              date: '2026-01-05',
              startS: (startMs - T0) / S,
              endS: (endMs - T0) / S,
              addresses,
            })),
            absences: [],
          },
        },
      ],
    });
    const records = said
      .map(({ unit, at: timeMs, body: b }, i) => ({
        unitId: unit,
        timeMs,
        hash: `h${i}`,
        body: b,
      }))
      .sort((a, b) => a.timeMs - b.timeMs);
    const untilMs = T0 + until * 30 * S;
    return {
      order,
      untilMs,
      windows: rows,
      said: records.filter((r) => r.timeMs >= order.startMs && r.timeMs <= untilMs),
    };
  });

function drive(scene: Scene, said: readonly Said[], ticks: readonly number[]): CurfewDriver {
  const driver = new CurfewDriver(scene.order, numbers);
  const waiting = [...ticks].sort((a, b) => b - a);
  for (const record of said) {
    while (waiting.length > 0 && waiting.at(-1)! < record.timeMs) driver.tick(waiting.pop()!);
    driver.say(record);
  }
  driver.tick(scene.untilMs);
  return driver;
}

const seed = seedOfRun();

t.test(`curfews come to what their definition says of the whole list of records (SEED=${seed})`, (t) => {
  const shapes = new Map<string, number>();
  fc.assert(
    fc.property(scenes, fc.array(at, { maxLength: 20 }), (scene, ticks) => {
      const expected = outcomes(scene).sort(byStart);
      for (const { codes, endedBy, endMs, type } of expected) {
        const shape = `${type} ${codes.join()} ${endMs === null ? 'runs' : endedBy}`;
        shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
      }
      const plain = drive(scene, scene.said, []);
      assert.deepEqual(told(plain.told).sort(byStart), expected);

      const often = drive(
        scene,
        scene.said,
        ticks.filter((ms) => ms >= scene.order.startMs && ms < scene.untilMs),
      );
      assert.deepEqual(often.told, plain.told, 'asking more often changes nothing');

      // each unit in its own order, but the second before the first at equal times
      const other = [...scene.said].sort(
        (a, b) => a.timeMs - b.timeMs || (a.unitId < b.unitId ? 1 : a.unitId > b.unitId ? -1 : 0),
      );
      assert.deepEqual(drive(scene, other, []).told, plain.told, 'which unit is heard first does not matter');

      for (const { startMs, records, type } of plain.told) {
        const first = records[0];
        if (first !== undefined && type === 'curfew')
          assert.ok(first.timeMs >= startMs, 'nothing from before the window is named (¶19)');
      }
    }),
    { seed, numRuns: times(6_000) },
  );
  for (const [shape, count] of [...shapes].sort()) t.comment(`${shape}: ${count}`);
  t.equal(shapes.size, 11, 'every shape of the table was met, ended and running');
  t.end();
});

/** People's days at random, around the moments at which something is due: records and revisions in event order. */
import fc from 'fast-check';
import type { ConditionId, DeviceId } from '../../src/domain/ids.js';
import type { AttendanceCondition, Condition, Order } from '../../src/domain/order.js';
import {
  ALCOHOL_FLAGS,
  type AlcoholFlag,
  type RecordBody,
  TAG_FLAGS,
  type TagFlag,
  UNIT_FLAGS,
  type UnitFlag,
} from '../../src/domain/record.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import {
  assigned,
  at,
  CENTRE,
  circle,
  curfew,
  DAY,
  exclusion,
  fix,
  heartbeat,
  inclusion,
  rf,
  TAG,
  UNIT,
} from './step-driver.js';

export const SECOND = 1_000;
const SECOND_UNIT = 'HU-2' as DeviceId;
const STRANGER = 'HU-NEXT-DOOR' as DeviceId;
const ALCOHOL_TAG = 'ALC-1' as DeviceId;

/** Where things are due: windows' edges, the tolerance after them, silences; and between. */
const moments = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 3_200 }).map((n) => at('18:45') + n * 5 * SECOND) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * 86_400 }).map((s) => DAY + s * SECOND) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('00:00', '18:55', '19:00', '19:05', '19:15', '20:00', '21:30', '23:00', '23:05'),
        fc.integer({ min: 0, max: 1 }),
        fc.constantFrom(-1, 0, 1, -SECOND, 300 * SECOND, 7_500 * SECOND),
      )
      .map(([time, day, off]) => at(time, day) + off),
  },
);

const flagsOf = <F extends string>(numbers: Readonly<Record<F, number>>) =>
  fc.array(fc.constantFrom(...(Object.keys(numbers) as F[])), { maxLength: 2 });
type Said = readonly [DeviceId, RecordBody];
const readings: fc.Arbitrary<Said> = fc
  .record({
    unit: fc.constantFrom(UNIT, UNIT, SECOND_UNIT, STRANGER),
    event: fc.constantFrom('ENTER' as const, 'EXIT' as const, 'EXIT' as const, 'PRESENT' as const),
    tag: fc.constantFrom(TAG, TAG, 'TAG-2' as DeviceId, 'TAG-9' as DeviceId),
    flags: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: flagsOf(TAG_FLAGS) }),
  })
  .map(({ unit, event, tag, flags }) => [unit, rf(event, tag, flags)]);
const tags = fc.constantFrom(TAG, 'TAG-2' as DeviceId);
const percent = fc.option(fc.integer({ min: 0, max: 30 }));
const statuses: fc.Arbitrary<Said> = fc.oneof(
  fc
    .tuple(fc.constantFrom(UNIT, SECOND_UNIT), flagsOf<UnitFlag>(UNIT_FLAGS), percent)
    .map(([unit, flags, batteryPct]): Said => [unit, { kind: 'unit', flags, batteryPct }]),
  fc
    .tuple(tags, flagsOf<TagFlag>(TAG_FLAGS), percent)
    .map(([tag, flags, batteryPct]): Said => [tag, { kind: 'tag', flags, batteryPct }]),
  fc.constantFrom<Said>([UNIT, heartbeat], [TAG, heartbeat], [SECOND_UNIT, heartbeat]),
);
const drinks: fc.Arbitrary<Said> = fc
  .record({
    tacUgL: fc.constantFrom(0, 199, 200, 900),
    flags: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: flagsOf<AlcoholFlag>(ALCOHOL_FLAGS) },
    ),
  })
  .map((reading) => [ALCOHOL_TAG, { kind: 'alcohol', ...reading }]);
const motions: fc.Arbitrary<Said> = fc
  .tuple(tags, fc.constantFrom<TagFlag>('MOTION_START', 'MOTION_START', 'MOTION_END'))
  .map(([tag, flag]) => [tag, { kind: 'tag', flags: [flag], batteryPct: null }]);
/** The tag is read at home, and finds itself elsewhere; or the other way round. */
const contradiction = fc
  .tuple(fc.constantFrom(0, 45, 75), fc.array(fc.constantFrom(450, 450, 0), { minLength: 2, maxLength: 4 }))
  .map(([readS, walk]) => [
    [readS * SECOND, UNIT, rf('PRESENT')] as const,
    ...walk.map((north, i) => [i * 30 * SECOND, TAG, fix(north, 5)] as const),
  ]);
/** What is said within a few minutes: one thing, or a walk. */
const said: fc.Arbitrary<readonly (readonly [afterMs: number, ...Said])[]> = fc.oneof(
  { weight: 4, arbitrary: readings.map(([device, body]) => [[0, device, body]] as const) },
  { weight: 1, arbitrary: statuses.map(([device, body]) => [[0, device, body]] as const) },
  { weight: 1, arbitrary: drinks.map(([device, body]) => [[0, device, body]] as const) },
  { weight: 1, arbitrary: contradiction },
  { weight: 1, arbitrary: motions.map(([device, body]) => [[0, device, body]] as const) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        tags,
        fc.array(fc.tuple(fc.integer({ min: -600, max: 600 }), fc.constantFrom(5, 60, 250)), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.constantFrom(30, 60, 400),
      )
      .map(([tag, walk, everyS]) =>
        walk.map(([north, accuracy], i) => [i * everyS * SECOND, tag, fix(north, accuracy)] as const),
      ),
  },
);

/** Appointments of the evening, at home and in a zone: some overlap, some begin or end together. */
const appointments = (extra: number): AttendanceCondition['appointments'] => [
  { startMs: at('20:00'), endMs: at('21:30'), attendMin: 45 },
  { startMs: at('20:00'), endMs: at('20:30') + extra, attendMin: 20 },
  { startMs: at('21:00'), endMs: at('21:30'), attendMin: 30 },
];
const attendance = (id: string, where: AttendanceCondition['at'], extra: number): Condition => ({
  conditionId: id as ConditionId,
  kind: 'attendance',
  at: where,
  appointments: appointments(extra),
});
const abstinence = (consecutive: number): Condition => ({
  conditionId: 'A1' as ConditionId,
  kind: 'alcohol_abstinence',
  thresholdUgL: 200,
  consecutive,
});

/** Orders that differ in what a revision may change. */
const contents: fc.Arbitrary<Partial<Order>> = fc
  .record({
    from: fc.constantFrom('19:00', '20:00'),
    until: fc.constantFrom('23:00', '07:00'),
    second: fc.boolean(),
    radiusM: fc.constantFrom(200, 400),
    bufferM: fc.constantFrom(0, 150),
    stay: fc.constantFrom(null, 0, 60, 300),
    shared: fc.boolean(),
    tagUntil: fc.constantFrom(at('00:00', 10), at('21:30'), at('12:00', 1)),
    secondUnit: fc.boolean(),
    rfTag: fc.boolean(),
    until2: fc.constantFrom(at('00:00', 10), at('22:00', 1)),
    gapS: fc.constantFrom(600, 3_600),
    attended: fc.constantFrom(null, 0, 0, 900 * SECOND),
    readings: fc.constantFrom(null, 1, 2),
    alcoholUntil: fc.constantFrom(at('00:00', 10), at('21:00')),
    allowanceMin: fc.constantFrom(null, 0, 20, 90),
    placed: fc.boolean(),
  })
  .map((c) => ({
    endMs: c.until2,
    atvAllowanceMin: c.allowanceMin,
    addresses: { home: c.placed ? CENTRE : null },
    conditions: [
      curfew(c.from, c.until),
      ...(c.second ? [curfew('12:00', '13:00', 'C2')] : []),
      exclusion(circle(c.radiusM), 'Z1', c.bufferM),
      ...(c.stay === null ? [] : [inclusion(circle(c.radiusM), c.stay)]),
      ...(c.shared ? [exclusion('ZS', 'Z2')] : []),
      ...(c.attended === null
        ? []
        : [
            attendance('T1', { kind: 'address', address: 'home' }, c.attended),
            attendance('T2', { kind: 'zone', zone: { kind: 'own', shape: circle(c.radiusM) } }, c.attended),
          ]),
      ...(c.readings === null ? [] : [abstinence(c.readings)]),
    ],
    devices: [
      assigned(UNIT, 'home_unit', { toMs: c.until2 }),
      assigned(TAG, 'tag', { toMs: Math.min(c.tagUntil, c.until2) }),
      assigned(ALCOHOL_TAG, 'alcohol_tag', { toMs: Math.min(c.alcoholUntil, c.until2) }),
      ...(c.secondUnit ? [assigned(SECOND_UNIT, 'home_unit', { toMs: c.until2, address: 'home' })] : []),
      ...(c.tagUntil < c.until2
        ? [assigned('TAG-2' as DeviceId, c.rfTag ? 'rf_tag' : 'tag', { fromMs: c.tagUntil, toMs: c.until2 })]
        : []),
    ],
    // little enough for what random days hold
    policy: { gapS: c.gapS, contradictionM: 200, noFixMotionS: 300 },
  }));

export type Event =
  | { readonly kind: 'record'; readonly atMs: number; readonly deviceId: DeviceId; readonly body: RecordBody }
  | {
      readonly kind: 'revised';
      readonly atMs: number;
      readonly change: Partial<Order>;
      readonly inMs: number;
      readonly zone: ZoneShape;
    };

export const stories = fc
  .record({
    first: contents,
    records: fc.array(fc.tuple(moments, said), { minLength: 1, maxLength: 40 }),
    revisions: fc.array(
      fc.tuple(moments, contents, fc.constantFrom(0, 0, 3_600 * SECOND, 86_400 * SECOND), fc.constantFrom(150, 300)),
      {
        maxLength: 3,
      },
    ),
  })
  .map(({ first, records, revisions }) => {
    const events: Event[] = [
      ...records.flatMap(([atMs, things]) =>
        things.map(([afterMs, deviceId, body]): Event => ({ kind: 'record', atMs: atMs + afterMs, deviceId, body })),
      ),
      ...revisions.map(
        ([atMs, change, inMs, radius]): Event => ({ kind: 'revised', atMs, change, inMs, zone: circle(radius) }),
      ),
    ];
    return { first, events: events.sort((a, b) => a.atMs - b.atMs) };
  });
export type Story = typeof stories extends fc.Arbitrary<infer S> ? S : never;

/** Orders at random that the contract takes and `checkOrder` finds nothing wrong with, for fast-check. */
import fc from 'fast-check';
import type { AgencyId, ConditionId, DeviceId, OrderId, SubjectId, ZoneId } from '../../src/domain/ids.js';
import {
  type Appointment,
  type Assignment,
  type Condition,
  ORDER_TYPES,
  type Order,
  type ZoneSource,
} from '../../src/domain/order.js';
import type { Policy } from '../../src/domain/policy.js';
import { type DatedRow, type Timetable, WEEKDAYS, type WeeklyRow } from '../../src/domain/timetable.js';
import type { Position, Ring, ZoneShape } from '../../src/domain/zone.js';

/** Plain objects, as JSON gives them. */
const record = <T>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(of, { noNullPrototype: true });

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SPRING_2026 = Date.UTC(2026, 2, 1);

/** In Great Britain, so that no order of `Europe/London` looks swapped. Degrees to 7 digits. */
const position: fc.Arbitrary<Position> = fc
  .tuple(fc.integer({ min: -30_000_000, max: 10_000_000 }), fc.integer({ min: 505_000_000, max: 580_000_000 }))
  .map(([lonE7, latE7]) => [lonE7 / 1e7, latE7 / 1e7]);

/** A star around a centre winds once and never crosses itself. */
function star([lon, lat]: Position, radii: readonly number[], clockwise: boolean): Ring {
  const points = radii.map((radius, i): Position => {
    const angle = ((clockwise ? -1 : 1) * 2 * Math.PI * i) / radii.length;
    return [lon + radius * Math.cos(angle), lat + radius * Math.sin(angle)];
  });
  return [...points, points[0] as Position];
}

const radii = fc.array(fc.double({ min: 0.01, max: 0.02, noNaN: true }), { minLength: 3, maxLength: 12 });

/** A circle, or one or two polygons, each perhaps with a hole. */
export const arbitraryShape: fc.Arbitrary<ZoneShape> = fc.oneof(
  record({
    kind: fc.constant('circle' as const),
    center: position,
    radiusM: fc.integer({ min: 1, max: 100_000 }),
  }),
  record({ center: position, outer: radii, clockwise: fc.boolean(), hole: fc.boolean(), two: fc.boolean() }).map(
    ({ center: [lon, lat], outer, clockwise, hole, two }): ZoneShape => {
      const at = (shift: number) => [
        star([lon + shift, lat], outer, clockwise),
        // a triangle's edges come as near to its centre as a fifth of its radii
        ...(hole ? [star([lon + shift, lat], [0.001, 0.001, 0.001], clockwise)] : []),
      ];
      return { kind: 'polygons', polygons: two ? [at(0), at(0.1)] : [at(0)] };
    },
  ),
);

const zone = (zoneIds: readonly string[]): fc.Arbitrary<ZoneSource> =>
  fc.oneof(
    arbitraryShape.map((shape): ZoneSource => ({ kind: 'own', shape })),
    ...zoneIds.map((zoneId) => fc.constant<ZoneSource>({ kind: 'shared', zoneId: zoneId as ZoneId })),
  );

const secondOfDay = fc.oneof(
  fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 900),
  fc.integer({ min: 0, max: 86_399 }),
);
const days = fc.subarray([...WEEKDAYS], { minLength: 1 });
const date = fc.integer({ min: 0, max: 200 }).map((n) => new Date(SPRING_2026 + n * DAY_MS).toISOString().slice(0, 10));
const interval = fc
  .tuple(fc.integer({ min: 0, max: 200 * DAY_MS }), fc.integer({ min: HOUR_MS, max: 2 * DAY_MS }))
  .map(([from, length]) => ({ startMs: SPRING_2026 + from, endMs: SPRING_2026 + from + length }));

/** All rows at the same addresses: those may overlap as they like. */
function timetable(addresses: readonly string[], rowsMin: number): fc.Arbitrary<Timetable> {
  const span = { startS: secondOfDay, endS: secondOfDay, addresses: fc.constant(addresses) };
  const weekly: fc.Arbitrary<readonly WeeklyRow[]> = fc.array(record({ days, ...span }), {
    minLength: rowsMin,
    maxLength: 4,
  });
  const dated: fc.Arbitrary<readonly DatedRow[]> = fc.array(record({ date, ...span }), { maxLength: 3 });
  const absences = fc.array(
    fc.tuple(interval, fc.constantFrom('', 'hospital', 'funeral')).map(([it, reason]) => ({ ...it, reason })),
    { maxLength: 2 },
  );
  return record({ weekly, dated, absences });
}

const always: fc.Arbitrary<Timetable> = fc.constant({ weekly: null, dated: [], absences: [] });
const toleranceS = fc.option(fc.integer({ min: 0, max: 3_600 }));

function condition(addresses: readonly string[], zoneIds: readonly string[]): fc.Arbitrary<Condition> {
  const conditionId = fc.constant('' as ConditionId);
  const zoneTimetable = fc.oneof(always, timetable([], 1));
  const own = { conditionId, zone: zone(zoneIds), timetable: zoneTimetable };
  return fc.oneof<fc.Arbitrary<Condition>[]>(
    record({ conditionId, kind: fc.constant('curfew' as const), toleranceS, timetable: timetable(addresses, 1) }),
    record({
      ...own,
      kind: fc.constant('exclusion_zone' as const),
      bufferM: fc.integer({ min: 0, max: 500 }),
      toleranceS: fc.constant(null),
    }),
    record({ ...own, kind: fc.constant('inclusion_zone' as const), bufferM: fc.constant(0), toleranceS }),
    record({ conditionId, kind: fc.constant('trail' as const) }),
    record({
      conditionId,
      kind: fc.constant('attendance' as const),
      at: fc.oneof(
        fc.constantFrom(...addresses).map((address) => ({ kind: 'address' as const, address })),
        zone(zoneIds).map((it) => ({ kind: 'zone' as const, zone: it })),
      ),
      appointments: fc.array(
        interval.map((it) => ({ ...it, attendMin: 45 })),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    record({
      conditionId,
      kind: fc.constantFrom('alcohol_abstinence' as const, 'alcohol_level' as const),
      thresholdUgL: fc.integer({ min: 1, max: 2_000 }),
      consecutive: fc.integer({ min: 1, max: 5 }),
    }),
  );
}

const policy: fc.Arbitrary<Partial<Policy>> = fc.record(
  {
    toleranceS: fc.integer({ min: 0, max: 3_600 }),
    k: fc.integer({ min: 1, max: 10 }),
    gapS: fc.integer({ min: 60, max: 7_200 }),
    silenceS: fc.integer({ min: 300, max: 90_000 }),
    unverifiedS: fc.integer({ min: 0, max: 7_200 }),
    jumpMS: fc.double({ min: 10, max: 1_000, noNaN: true }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** Home units at each address for the whole order; a tag that is changed once; perhaps an alcohol tag. */
function devices(o: { orderId: string; addresses: readonly string[]; startMs: number; endMs: number }): Assignment[] {
  const { startMs, endMs } = o;
  const changeMs = Math.floor((startMs + endMs) / 2);
  const one = (
    name: string,
    kind: Assignment['kind'],
    fromMs: number,
    toMs: number,
    address: string | null = null,
  ) => ({
    deviceId: `${o.orderId}-${name}` as DeviceId,
    kind,
    address,
    fromMs,
    toMs,
  });
  return [
    ...o.addresses.map((address, i) => one(`HU${i}`, 'home_unit', startMs, endMs, address)),
    one('TAG0', 'tag', startMs, changeMs),
    one('TAG1', 'tag', changeMs, endMs),
    one('ALC', 'alcohol_tag', startMs, endMs),
  ];
}

/** Moved into the order, and shortened to it: an appointment outside it is refused. */
const withinOrder =
  (startMs: number, endMs: number) =>
  (it: Appointment): Appointment => {
    const room = endMs - startMs - it.attendMin * 60_000;
    const fromMs = startMs + ((it.startMs - SPRING_2026) % (room + 1));
    return { ...it, startMs: fromMs, endMs: Math.min(fromMs + it.endMs - it.startMs, endMs) };
  };

/** Conditions that name a shared zone name one of `zoneIds`. Devices are named after the order: no two orders share any. */
export function arbitraryOrder(zoneIds: readonly string[] = ['Z-1', 'Z-2']): fc.Arbitrary<Order> {
  const addressNames = fc.subarray(['primary', 'secondary', 'work.1'], { minLength: 1 });
  return addressNames.chain((addresses) =>
    record({
      number: fc.integer({ min: 1, max: 999_999 }),
      revision: fc.integer({ min: 1, max: 50 }),
      effectiveMs: fc.option(fc.integer({ min: SPRING_2026, max: SPRING_2026 + 90 * DAY_MS })),
      type: fc.constantFrom(...ORDER_TYPES),
      curfewOnly: fc.boolean(),
      hdc: fc.boolean(),
      under18: fc.boolean(),
      restricted: fc.boolean(),
      timeZone: fc.constantFrom('Europe/London', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
      startMs: fc.integer({ min: SPRING_2026, max: SPRING_2026 + 30 * DAY_MS }),
      lengthMs: fc.integer({ min: HOUR_MS, max: 200 * DAY_MS }),
      atvAllowanceMin: fc.option(fc.integer({ min: 0, max: 1_000 })),
      minorMaxMin: fc.option(fc.integer({ min: 0, max: 120 })),
      position: fc.option(position),
      conditions: fc.array(condition(addresses, zoneIds), { minLength: 1, maxLength: 6 }),
      policy,
    }).map(({ number, lengthMs, position: home, conditions, ...rest }): Order => {
      const orderId = `ORD-${number}`;
      const endMs = rest.startMs + lengthMs;
      return {
        ...rest,
        orderId: orderId as OrderId,
        subjectId: `SUB-${number}` as SubjectId,
        supervisor: 'probation-north' as AgencyId,
        endMs,
        devices: devices({ orderId, addresses, startMs: rest.startMs, endMs }),
        addresses: Object.fromEntries(addresses.map((name, i) => [name, i === 0 ? home : null])),
        conditions: conditions.map((it, i) => ({
          ...it,
          ...(it.kind === 'attendance' ? { appointments: it.appointments.map(withinOrder(rest.startMs, endMs)) } : {}),
          conditionId: `C${i + 1}` as ConditionId,
        })),
      };
    }),
  );
}

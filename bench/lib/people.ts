/** Seeded people as a monitoring centre has them: a curfew at home, own exclusion zones, and towns shared with others. */

import {
  type DeviceId,
  type OrderId,
  parseAgencyId,
  parseConditionId,
  parseDeviceId,
  parseOrderId,
  parseSubjectId,
  parseZoneId,
  type ZoneId,
} from '../../src/domain/ids.js';
import type { Condition, Order, ZoneCondition } from '../../src/domain/order.js';
import type { Result } from '../../src/domain/result.js';
import { type Timetable, WEEKDAYS } from '../../src/domain/timetable.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { Random } from '../../src/sim/random.js';
import { type Area, positionOf, ring, type Spot, spotAround } from './ground.js';

/** A Monday in winter time, so that local midnights are UTC midnights. */
export const FIRST_DAY_MS = Date.UTC(2026, 1, 2);
const DAY_MS = 86_400_000;

export interface Person {
  readonly order: Order;
  readonly unitId: DeviceId;
  readonly tagId: DeviceId;
  readonly area: Area;
  readonly home: Spot;
  /** Middles of the person's own zones. */
  readonly ownZones: readonly Spot[];
  /** Where the days' comings and goings are drawn from. */
  readonly seed: string;
}

export interface Population {
  readonly people: readonly Person[];
  readonly shared: ReadonlyMap<ZoneId, ZoneShape>;
}

/** The same one by one: a million of them at once fill a heap. */
export interface Streets {
  readonly shared: ReadonlyMap<ZoneId, ZoneShape>;
  person(index: number): Person;
}

export interface PopulationOptions {
  readonly seed: string;
  readonly people: number;
  readonly ownZones: number;
  readonly verticesPerZone: number;
}

/** Two towns an area: the one that people live around, and one that they could go to. */
const TOWN_VERTICES = [300, 500] as const;
const AREAS = 10;

export function makePopulation(options: PopulationOptions): Population {
  const { shared, person } = makeStreets(options);
  return { people: Array.from({ length: options.people }, (_, i) => person(i)), shared };
}

export function makeStreets(options: Omit<PopulationOptions, 'people'>): Streets {
  const areas = Array.from({ length: AREAS }, (_, i) => areaOf(options.seed, i));
  const shared = new Map(areas.flatMap(({ towns }) => towns));
  return { shared, person: (index) => personOf(options, index, areas[index % AREAS] as SharedArea) };
}

interface SharedArea {
  readonly area: Area;
  readonly towns: readonly (readonly [ZoneId, ZoneShape])[];
}

function areaOf(seed: string, index: number): SharedArea {
  const random = Random.of(seed, 'area', index);
  const area = { lon: random.between(-3, 0), lat: random.between(51, 54) };
  const town = (n: number, vertices: number, middle: Spot, radiusM: number): readonly [ZoneId, ZoneShape] => [
    must(parseZoneId(`Z-${index}-${n}`)),
    { kind: 'polygons', polygons: [[ring(random, area, middle, vertices, radiusM)]] },
  ];
  const towns = [
    town(1, TOWN_VERTICES[0], { x: 0, y: 0 }, 900),
    town(2, TOWN_VERTICES[1], spotAround(random, { x: 0, y: 0 }, 8_000, 12_000), 1_500),
  ];
  return { area, towns };
}

export const orderIdOf = (index: number): OrderId => must(parseOrderId(`ORD-${index}`));

function personOf(options: Omit<PopulationOptions, 'people'>, index: number, { area, towns }: SharedArea): Person {
  const random = Random.of(options.seed, 'person', index);
  const home = spotAround(random, { x: 0, y: 0 }, 1_200, 5_000);
  const ownZones = Array.from({ length: options.ownZones }, () => spotAround(random, home, 700, 8_000));
  const [unitId, tagId] = [must(parseDeviceId(`HU-${index}`)), must(parseDeviceId(`TAG-${index}`))];
  const conditions: Condition[] = [
    { conditionId: must(parseConditionId('C-home')), kind: 'curfew', toleranceS: null, timetable: nightly(random) },
    ...ownZones.map((middle, n): ZoneCondition => {
      const polygon = [ring(random, area, middle, options.verticesPerZone, random.between(80, 300))];
      return exclusion(`C-own-${n}`, { kind: 'own', shape: { kind: 'polygons', polygons: [polygon] } }, ALWAYS);
    }),
    ...towns.map(([zoneId], n) => exclusion(`C-town-${n}`, { kind: 'shared', zoneId }, n === 0 ? EVENINGS : ALWAYS)),
  ];
  const [fromMs, toMs] = [FIRST_DAY_MS, FIRST_DAY_MS + 90 * DAY_MS];
  const order: Order = {
    orderId: orderIdOf(index),
    subjectId: must(parseSubjectId(`SUB-${index}`)),
    revision: 1,
    effectiveMs: null,
    type: 'COMMUNITY',
    curfewOnly: false,
    hdc: false,
    under18: false,
    restricted: false,
    supervisor: must(parseAgencyId(`probation-${index % AREAS}`)),
    timeZone: 'Europe/London',
    startMs: fromMs,
    endMs: toMs,
    atvAllowanceMin: null,
    minorMaxMin: null,
    devices: [
      { deviceId: unitId, kind: 'home_unit', address: 'home', fromMs, toMs },
      { deviceId: tagId, kind: 'tag', address: null, fromMs, toMs },
    ],
    addresses: { home: positionOf(area, home) },
    conditions,
    policy: {},
  };
  return { order, unitId, tagId, area, home, ownZones, seed: `${options.seed}/${index}` };
}

const ALWAYS: Timetable = { weekly: null, dated: [], absences: [] };
const EVENINGS: Timetable = {
  weekly: [{ days: ['FRIDAY', 'SATURDAY'], startS: 18 * 3_600, endS: 4 * 3_600, addresses: [] }],
  dated: [],
  absences: [],
};

function nightly(random: Random): Timetable {
  const row = { startS: random.whole(37, 41) * 1_800, endS: random.whole(12, 15) * 1_800, addresses: ['home'] };
  return { weekly: [{ days: WEEKDAYS, ...row }], dated: [], absences: [] };
}

function exclusion(id: string, zone: ZoneCondition['zone'], timetable: Timetable): ZoneCondition {
  const conditionId = must(parseConditionId(id));
  return { conditionId, kind: 'exclusion_zone', zone, timetable, bufferM: 0, toleranceS: null };
}

function must<T>(parsed: Result<T, string>): T {
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}

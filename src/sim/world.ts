/** A whole simulated run, made from a seed: orders, shared zones, devices, every report, and the truth at any moment. */
import { atLocal, HOUR_MS, rfc3339 } from './civil-time.js';
import { type DeviceNames, foreignReports, reportsOf } from './device-reports.js';
import { around, TOWNS, toLonLat } from './ground.js';
import type { OrderPlan, ZoneFeature, ZoneShapeJson } from './order-plan.js';
import { makePeople, type TownZone } from './people.js';
import { hasGps, hasUnit, type PersonDraft } from './person-draft.js';
import { Random } from './random.js';
import { inEventOrder, type NumberedReport, type Report } from './report.js';
import type { TruthItem } from './truth.js';
import { truthOfOrder } from './truth-of-order.js';

export interface SimulatedDevice {
  readonly device_id: string;
  readonly kind: 'tag' | 'home_unit';
  readonly cipher: 'A256GCM' | 'C20P';
  /** base64url of 32 bytes, drawn from the seed: for simulated devices only. */
  readonly session_key: string;
  readonly password: string;
}

export interface World {
  readonly startMs: number;
  readonly endMs: number;
  readonly orders: readonly OrderPlan[];
  readonly zones: readonly ZoneFeature[];
  readonly devices: readonly SimulatedDevice[];
  /** In event order. */
  readonly reports: readonly NumberedReport[];
  readonly people: readonly PersonDraft[];
}

export interface WorldOptions {
  readonly people: number;
  readonly seed: number | string;
  readonly hours: number;
}

const TIME_ZONE = 'Europe/London';
/** A Friday afternoon in summer time: the weekend begins, and local times are not UTC. */
const FIRST_DATE = '2026-06-05';
const FIRST_SECONDS = 15 * 3_600;
/** Orders run on well past the simulation. */
const ORDER_DAYS_MS = 90 * 24 * HOUR_MS;

export function makeWorld(options: WorldOptions): World {
  const startMs = atLocal(TIME_ZONE, FIRST_DATE, FIRST_SECONDS);
  const run = { startMs, endMs: startMs + options.hours * HOUR_MS };
  const towns = TOWNS.map((town, i) => ({ town, zone: sharedZone(options.seed, town, i) }));
  const people = makePeople({ people: options.people, seed: options.seed, run, timeZone: TIME_ZONE, towns });
  const names = people.map((_, i) => namesOf(i));
  const reports = people.flatMap((person, i) => reportsOf(person, names[i] as DeviceNames));
  return {
    ...run,
    people,
    orders: people.map((person, i) => orderOf(person, names[i] as DeviceNames)),
    zones: towns.map(({ zone }) => zone),
    devices: people.flatMap((person, i) => devicesOf(options.seed, person, names[i] as DeviceNames)),
    reports: numbered([...reports, ...sightings(people, names)]),
  };
}

/** The truth at a moment: records and timers up to and at `atMs` count, and of the reports those up to `reportsToMs`. */
export function truthAt(world: World, atMs: number, reportsToMs = atMs): TruthItem[] {
  const byOrder = new Map<string, Report[]>(world.orders.map((order) => [order.order_id, []]));
  for (const report of world.reports) {
    if (report.timeMs <= reportsToMs) byOrder.get(report.orderId)?.push(report);
  }
  const zones = new Map(world.zones.map((zone): [string, ZoneShapeJson] => [zone.id, zone.geometry]));
  return world.orders.flatMap((order) => truthOfOrder(order, zones, byOrder.get(order.order_id) ?? [], atMs));
}

function namesOf(index: number): DeviceNames {
  const number = String(index + 1).padStart(4, '0');
  return { orderId: `ORD-${number}`, unitId: `HU-${number}`, tagId: `TAG-${number}` };
}

function sharedZone(seed: number | string, town: TownZone['town'], index: number): ZoneFeature {
  const random = Random.of(seed, 'town', index);
  const corners = random.whole(12, 40);
  const ring = Array.from({ length: corners }, (_, i) =>
    toLonLat(town, around({ x: 0, y: 0 }, (2 * Math.PI * i) / corners, random.between(380, 460))),
  );
  ring.push(ring[0] as [number, number]);
  return {
    type: 'Feature',
    id: `Z-${town.name}`,
    properties: {},
    geometry: { type: 'Polygon', coordinates: [ring] },
  };
}

function orderOf(person: PersonDraft, names: DeviceNames): OrderPlan {
  const { random, run } = person;
  const start = rfc3339(run.startMs);
  const conditions: OrderPlan['conditions'] = [];
  const next = (): string => `C${conditions.length + 1}`;
  if (person.curfew !== null) conditions.push({ condition_id: next(), kind: 'curfew', ...person.curfew });
  for (const zone of person.zones) conditions.push({ condition_id: next(), kind: 'exclusion_zone', ...zone });
  for (const stay of person.stays) conditions.push({ condition_id: next(), kind: 'inclusion_zone', ...stay });
  if (hasGps(person) && random.chance(0.1)) conditions.push({ condition_id: next(), kind: 'trail' });
  return {
    order_id: names.orderId,
    subject_id: names.orderId.replace('ORD', 'SUB'),
    revision: 1,
    type: random.pick(['COMMUNITY', 'POST_RELEASE', 'BAIL', 'IMMIGRATION'] as const),
    curfew_only: person.kit === 'unit+rf',
    hdc: random.chance(0.1),
    under_18: random.chance(0.05),
    restricted: false,
    supervisor: `probation-${person.town.name}`,
    time_zone: person.timeZone,
    start,
    end: rfc3339(run.startMs + ORDER_DAYS_MS),
    devices: [
      ...(hasUnit(person)
        ? [{ device_id: names.unitId, kind: 'home_unit' as const, address: 'primary', from: start }]
        : []),
      { device_id: names.tagId, kind: hasGps(person) ? ('tag' as const) : ('rf_tag' as const), from: start },
    ],
    ...(hasUnit(person) ? { addresses: { primary: { position: toLonLat(person.town, person.home) } } } : {}),
    conditions,
  };
}

/** Those that speak for themselves: an RF tag has no voice of its own. */
function devicesOf(seed: number | string, person: PersonDraft, names: DeviceNames): SimulatedDevice[] {
  const device = (device_id: string, kind: 'tag' | 'home_unit'): SimulatedDevice => {
    const random = Random.of(seed, 'device', device_id);
    return {
      device_id,
      kind,
      cipher: random.chance(0.5) ? 'A256GCM' : 'C20P',
      session_key: random.bytes(32).toString('base64url'),
      password: random.bytes(32).toString('base64url'),
    };
  };
  return [
    ...(hasUnit(person) ? [device(names.unitId, 'home_unit')] : []),
    ...(hasGps(person) ? [device(names.tagId, 'tag')] : []),
  ];
}

function sightings(people: readonly PersonDraft[], names: readonly DeviceNames[]): Report[] {
  const hosts = people.filter((person) => hasUnit(person) && person.unitQuiet.length === 0);
  return people.flatMap((person) =>
    person.visitsTo.flatMap((visit) => {
      const others = hosts.filter((host) => host !== person);
      if (others.length === 0) return [];
      const host = person.random.pick(others);
      return foreignReports(visit, names[person.number]?.tagId ?? '', names[host.number] as DeviceNames);
    }),
  );
}

function numbered(reports: readonly Report[]): NumberedReport[] {
  const last = new Map<string, number>();
  return inEventOrder(reports).map((report) => {
    const sequence = (last.get(report.deviceId) ?? 0) + 1;
    last.set(report.deviceId, sequence);
    return { ...report, sequence };
  });
}

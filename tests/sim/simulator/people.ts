/** A few people made from a seed: their order, what they truly do in a night or two, and what their devices report of it. */
import type { Interval } from '../../../src/domain/timetable.js';
import { DAY_MS, HOUR_MS, localOf, MINUTE_MS, rfc3339, timeText } from '../../../src/sim/civil-time.js';
import { CURFEW_SHAPES, curfewOf } from '../../../src/sim/curfew-shapes.js';
import { apart, around, type Spot, TOWNS, type Town, toLonLat, towards } from '../../../src/sim/ground.js';
import type {
  CurfewJson,
  ExclusionJson,
  InclusionJson,
  OrderPlan,
  ZoneFeature,
  ZoneShapeJson,
} from '../../../src/sim/order-plan.js';
import type { Random } from '../../../src/sim/random.js';
import { effectiveWindows } from '../../../src/sim/truth-windows.js';

export interface Trip extends Interval {
  readonly to: Spot;
}

export interface Place {
  readonly shape: ZoneShapeJson;
  readonly middle: Spot;
  readonly radiusM: number;
  /** Of the exclusion zone there; 0: none. */
  readonly bufferM: number;
}

export interface Person {
  readonly number: number;
  readonly town: Town;
  readonly home: Spot;
  readonly order: OrderPlan;
  readonly unitId: string | null;
  readonly tagId: string;
  /** The tag has a channel of its own. */
  readonly gps: boolean;
  readonly trips: readonly Trip[];
  readonly places: readonly Place[];
}

export interface People {
  readonly run: Interval;
  readonly people: readonly Person[];
  readonly zones: readonly ZoneFeature[];
}

const TIME_ZONE = 'Europe/London';
/** Afternoons in winter and summer time, at the end of a year, and before the nights on which the clocks change. */
const STARTS = [
  '2026-06-05T14:00Z',
  '2026-01-12T15:30Z',
  '2026-03-28T15:00Z',
  '2026-10-24T14:00Z',
  '2026-12-31T15:00Z',
];
const ORDER_MS = 60 * DAY_MS;

export function makePeople(random: Random): People {
  const startMs = Date.parse(random.pick(STARTS));
  const hours = random.chance(0.2) ? random.whole(20, 36) : random.whole(7, 15);
  const run = { startMs, endMs: startMs + hours * HOUR_MS };
  const town = random.pick(TOWNS);
  const shared = placeAt(random, town, { x: 0, y: 0 }, 420);
  const zones: ZoneFeature[] = [{ type: 'Feature', id: 'Z-SHARED', properties: {}, geometry: shared.shape }];
  const count = random.pick([1, 1, 2, 2, 3, 4]);
  const people = Array.from({ length: count }, (_, i) => makePerson(random, i + 1, town, run, shared));
  return { run, people, zones };
}

function makePerson(random: Random, number: number, town: Town, run: Interval, shared: Place): Person {
  const kit = random.pick(['unit+tag', 'unit+tag', 'unit+rf', 'tag'] as const);
  const gps = kit !== 'unit+rf';
  const [unitId, tagId] = [kit === 'tag' ? null : `HU-${number}`, `TAG-${number}`];
  const angle = random.between(0, 2 * Math.PI);
  const home = around({ x: 0, y: 0 }, angle, random.between(1_600, 2_600));
  const curfew = unitId === null ? null : makeCurfew(random, run);
  const places: Place[] = [];
  const zones: (Omit<ExclusionJson, 'condition_id'> | Omit<InclusionJson, 'condition_id'>)[] = [];
  const own = gps ? random.whole(unitId === null ? 1 : 0, 2) : 0;
  for (let i = 0; i < own; i += 1) {
    const useShared = i === 1 && random.chance(0.5);
    const middle = around(home, angle + random.between(-1, 1), random.between(1_300, 2_400));
    const bufferM = random.chance(0.3) ? random.whole(80, 400) : 0;
    const place = { ...(useShared ? shared : placeAt(random, town, middle, random.between(200, 500))), bufferM };
    places.push(place);
    const source = useShared ? { zone_ref: 'Z-SHARED' } : { zone: place.shape };
    const buffer = bufferM > 0 ? { buffer_m: bufferM } : {};
    zones.push({ kind: 'exclusion_zone', ...source, ...buffer, ...(random.chance(0.4) ? hours(random, run) : {}) });
  }
  if (gps && random.chance(0.25)) {
    const place = placeAt(random, town, random.chance(0.6) ? home : around(home, angle, 900), random.between(250, 600));
    places.push(place);
    const tolerance = random.chance(0.5) ? { tolerance_s: random.pick([0, 60, 600]) } : {};
    zones.push({ kind: 'inclusion_zone', zone: place.shape, ...tolerance, ...hours(random, run) });
  }
  const start = rfc3339(run.startMs);
  const conditions: OrderPlan['conditions'] = [
    ...(curfew === null ? [] : [{ condition_id: 'C1', ...curfew }]),
    ...zones.map((zone, i) => ({ condition_id: `Z${i + 1}`, ...zone })),
  ];
  if (conditions.length === 0) conditions.push({ condition_id: 'T1', kind: 'trail' });
  const order: OrderPlan = {
    order_id: `ORD-${number}`,
    subject_id: `SUB-${number}`,
    revision: 1,
    type: random.pick(['COMMUNITY', 'POST_RELEASE', 'BAIL'] as const),
    curfew_only: kit === 'unit+rf',
    hdc: false,
    under_18: random.chance(0.1),
    restricted: false,
    supervisor: `probation-${number % 2}`,
    time_zone: TIME_ZONE,
    start,
    end: rfc3339(run.startMs + ORDER_MS),
    devices: [
      ...(unitId === null ? [] : [{ device_id: unitId, kind: 'home_unit' as const, address: 'primary', from: start }]),
      { device_id: tagId, kind: gps ? ('tag' as const) : ('rf_tag' as const), from: start },
    ],
    ...(unitId === null ? {} : { addresses: { primary: { position: toLonLat(town, home) } } }),
    conditions,
  };
  const trips = makeTrips(random, run, edgesOf(order, run), places, home);
  return { number, town, home, order, unitId, tagId, gps, trips, places };
}

function makeCurfew(random: Random, run: Interval): Omit<CurfewJson, 'condition_id'> {
  const curfew = curfewOf(random.pick(CURFEW_SHAPES), localOf(TIME_ZONE, run.startMs).date);
  const fromMs = run.startMs + random.whole(2 * 60, 9 * 60) * MINUTE_MS;
  const absence = {
    from: rfc3339(fromMs),
    to: rfc3339(fromMs + random.whole(20, 120) * MINUTE_MS),
    reason: 'hospital',
  };
  return {
    kind: 'curfew',
    ...curfew,
    ...(random.chance(0.3) ? { tolerance_s: random.pick([0, 60, 900]) } : {}),
    ...(random.chance(0.25) ? { authorised_absences: [absence] } : {}),
  };
}

/** A zone's daily hours, somewhere in the run. */
function hours(random: Random, run: Interval): Pick<ExclusionJson, 'timetable'> {
  const from = localOf(TIME_ZONE, run.startMs + random.whole(1, 6) * HOUR_MS).seconds;
  const to = (from + random.whole(1, 6) * 3_600) % 86_400;
  const days = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
  return { timetable: [{ days: [...days], start: timeText(from), end: timeText(to) }] };
}

function placeAt(random: Random, town: Town, middle: Spot, radiusM: number): Place {
  const radius = Math.round(radiusM);
  if (random.chance(0.5)) {
    const shape = { type: 'Circle' as const, center: toLonLat(town, middle), radius_m: radius };
    return { shape, middle, radiusM: radius, bufferM: 0 };
  }
  const corners = random.whole(4, 14);
  const ring = Array.from({ length: corners }, (_, i) =>
    toLonLat(town, around(middle, (2 * Math.PI * i) / corners, radius * random.between(0.9, 1.1))),
  );
  ring.push(ring[0] as [number, number]);
  return { shape: { type: 'Polygon', coordinates: [ring] }, middle, radiusM: radius, bufferM: 0 };
}

/** Moments at which something begins or ends by the order: what happens near them is what goes wrong. */
function edgesOf(order: OrderPlan, run: Interval): number[] {
  const span = { startMs: run.startMs, endMs: Date.parse(order.end) };
  return order.conditions
    .filter((condition) => condition.kind !== 'trail')
    .flatMap((condition) => effectiveWindows(condition, order.time_zone, span, run))
    .flatMap(({ startMs, endMs }) => [startMs, endMs])
    .filter((atMs) => atMs > run.startMs && atMs < run.endMs);
}

const OFFSETS_MS = [0, 1, -1, 1_000, -1_000, 60_000, 299_999, 300_000, 300_001, -300_000, 901_000, -20 * MINUTE_MS];

function makeTrips(
  random: Random,
  run: Interval,
  edges: readonly number[],
  places: readonly Place[],
  home: Spot,
): Trip[] {
  const moment = (): number =>
    edges.length > 0 && random.chance(0.5)
      ? random.pick(edges) + random.pick(OFFSETS_MS)
      : run.startMs + random.whole(1, run.endMs - run.startMs);
  const moments = Array.from({ length: 2 * random.whole(1, 5) }, moment)
    .map((ms) => (random.chance(0.3) ? Math.round(ms / MINUTE_MS) * MINUTE_MS : ms))
    .filter((ms) => ms > run.startMs && ms < run.endMs)
    .sort((a, b) => a - b);
  const trips: Trip[] = [];
  for (let i = 0; i + 1 < moments.length; i += 2) {
    const [startMs = 0, endMs = 0] = moments.slice(i, i + 2);
    if (endMs - startMs < 1_000) continue;
    trips.push({ startMs, endMs, to: destination(random, places, home) });
  }
  return trips;
}

/** Into a zone, to its very edge, through it, or anywhere. */
function destination(random: Random, places: readonly Place[], home: Spot): Spot {
  const angle = random.between(0, 2 * Math.PI);
  if (places.length === 0 || random.chance(0.25)) return around(home, angle, random.between(500, 2_500));
  const place = random.pick(places);
  // beyond the zone: the way there may lead through it, and no fix lie in it
  if (random.chance(0.2))
    return towards(home, place.middle, apart(home, place.middle) + place.radiusM + random.between(50, 500));
  const metres = random.chance(0.5) ? random.between(0, place.radiusM * 0.6) : place.radiusM + random.between(-60, 60);
  return around(place.middle, angle, metres);
}

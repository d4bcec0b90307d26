/** Zones and fixes to match: people with zones of their own who walk and drive among them, and zones shared by all. */
import type { Polygon, Position, Ring, ZoneShape } from '../../src/domain/zone.js';
import { Random } from '../../src/sim/random.js';
import { type Area, positionOf, ring, type Spot, spotAround, spotAt } from './ground.js';

export interface Fixes {
  readonly lon: Float64Array;
  readonly lat: Float64Array;
  /** How far off each may be, metres. */
  readonly radiusM: Float64Array;
  /** Whose each is, by number. */
  readonly person: Int32Array;
}

export interface OwnZones {
  /** Of each person. */
  readonly zones: readonly (readonly ZoneShape[])[];
  readonly fixes: Fixes;
}

export const OWN_ZONES = 10;
export const OWN_VERTICES = 12;
const HOME_SHARE = 0.6;
const WALK_M = 80;
const DRIVE_M = 600;
/** Of a receiver in a town: median, and the 95th percentile as a multiple of it. */
const RADIUS_M = { p50: 3, p95: 17 } as const;

/** A fix a minute of each; everybody's first, then everybody's second, and so on: nobody's zones stay in the caches. */
export function peopleWithZones(seed: string, people: number, minutes: number): OwnZones {
  const fixes = emptyFixes(people * minutes);
  const zones = Array.from({ length: people }, (_, person) => {
    const random = Random.of(seed, 'zones of', person);
    const area: Area = { lon: random.between(-3, 0), lat: random.between(51, 54) };
    const home = { x: 0, y: 0 };
    const path = wander(random, home);
    for (let minute = 0; minute < minutes; minute++) {
      const radiusM = statedM(random);
      const spot = spotAt(path(), random.between(0, 2 * Math.PI), radiusM * random.next());
      put(fixes, minute * people + person, positionOf(area, spot), radiusM, person);
    }
    return Array.from({ length: OWN_ZONES }, (): ZoneShape => {
      const middle = spotAround(random, home, 700, 8_000);
      return { kind: 'polygons', polygons: [[ring(random, area, middle, OWN_VERTICES, random.between(80, 300))]] };
    });
  });
  return { zones, fixes };
}

/** Where somebody is, minute by minute: at home, walking nearby, or driving to some place within 8 km and back. */
function wander(random: Random, home: Spot): () => Spot {
  let at = home;
  let goal = home;
  let stepM = 0;
  return () => {
    const leftM = Math.hypot(goal.x - at.x, goal.y - at.y);
    if (leftM > stepM) {
      at = spotAt(at, Math.atan2(goal.y - at.y, goal.x - at.x), stepM);
      return at;
    }
    at = goal;
    if (random.chance(0.95)) return at;
    const drives = random.chance(0.3);
    stepM = drives ? DRIVE_M : WALK_M;
    goal = random.chance(HOME_SHARE) ? home : spotAround(random, home, 100, drives ? 8_000 : 1_500);
    return at;
  };
}

/** Log-normal. */
function statedM(random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return RADIUS_M.p50 * Math.exp((Math.log(RADIUS_M.p95 / RADIUS_M.p50) / 1.645) * normal);
}

export interface Shared {
  readonly polygons: readonly Polygon[];
  readonly fixes: Fixes;
}

/** About as many to a square kilometre however many there are: a million cover a third of England. */
const PER_KM2 = 20;

/** Small zones of so many vertices all over an area, and fixes anywhere in it. */
export function sharedZones(seed: string, count: number, vertices: number, fixes: number): Shared {
  const random = Random.of(seed, 'shared', count);
  const halfM = (Math.sqrt(count / PER_KM2) * 1000) / 2;
  const area: Area = { lon: -1.5, lat: 52.5 };
  const anywhere = (): Spot => ({ x: random.between(-halfM, halfM), y: random.between(-halfM, halfM) });
  const polygons = Array.from(
    { length: count },
    (): Polygon => [ring(random, area, anywhere(), vertices, random.between(50, 150))],
  );
  const found = emptyFixes(fixes);
  for (let i = 0; i < fixes; i++) put(found, i, positionOf(area, anywhere()), statedM(random), 0);
  return { polygons, fixes: found };
}

/** Large zones whose borders wind, and fixes anywhere about them: half of them in a zone's box. */
export function largeZones(seed: string, count: number, vertices: number, fixes: number): Shared {
  const random = Random.of(seed, 'large', vertices);
  const columns = Math.ceil(Math.sqrt(count));
  const area: Area = { lon: -1.5, lat: 52.5 };
  const spots = Array.from(
    { length: count },
    (_, i): Spot => ({
      x: 7_000 * ((i % columns) - columns / 2),
      y: 7_000 * (Math.floor(i / columns) - columns / 2),
    }),
  );
  const polygons = spots.map((middle): Polygon => [border(random, area, middle, vertices, 4_000)]);
  const found = emptyFixes(fixes);
  for (let i = 0; i < fixes; i++) {
    const middle = random.pick(spots);
    const spot = { x: middle.x + random.between(-4_000, 4_000), y: middle.y + random.between(-4_000, 4_000) };
    put(found, i, positionOf(area, spot), statedM(random), 0);
  }
  return { polygons, fixes: found };
}

/** The same zones, and as many fixes, each in the box of a zone: what an index of boxes cannot answer. */
export function inTheirBoxes(seed: string, { polygons, fixes }: Shared): Shared {
  const random = Random.of(seed, 'in boxes', polygons.length);
  const boxes = polygons.map(([outer = []]) => {
    const [lons, lats] = [outer.map(([lon]) => lon), outer.map(([, lat]) => lat)];
    return { west: Math.min(...lons), east: Math.max(...lons), south: Math.min(...lats), north: Math.max(...lats) };
  });
  const found = emptyFixes(fixes.lon.length);
  for (let i = 0; i < fixes.lon.length; i++) {
    const { west, east, south, north } = random.pick(boxes);
    put(found, i, [random.between(west, east), random.between(south, north)], fixes.radiusM[i]!, 0);
  }
  return { polygons, fixes: found };
}

/**
 * As coasts and parishes have it: the radius wanders by halves, each time half as many places by 0.55 of the former
 * distance, so that a border looks alike at every scale.
 */
export function border(random: Random, area: Area, middle: Spot, vertices: number, radiusM: number): Ring {
  const radii = new Float64Array(2 ** Math.ceil(Math.log2(vertices)) + 1).fill(0.7);
  const last = radii.length - 1;
  let swing = 0.22;
  for (let step = last; step > 1; step >>= 1) {
    for (let i = step / 2; i < last; i += step) {
      const between = (radii[i - step / 2]! + radii[(i + step / 2) % last]!) / 2;
      radii[i] = Math.min(1, Math.max(0.2, between + random.between(-swing, swing)));
    }
    swing *= 0.55;
  }
  const positions = Array.from({ length: vertices }, (_, i): Position => {
    const share = i / vertices;
    return positionOf(area, spotAt(middle, 2 * Math.PI * share, radiusM * radii[Math.floor(share * last)]!));
  });
  return [...positions, positions[0] as Position];
}

function emptyFixes(count: number): Fixes {
  return {
    lon: new Float64Array(count),
    lat: new Float64Array(count),
    radiusM: new Float64Array(count),
    person: new Int32Array(count),
  };
}

function put(fixes: Fixes, i: number, [lon, lat]: Position, radiusM: number, person: number): void {
  fixes.lon[i] = lon;
  fixes.lat[i] = lat;
  fixes.radiusM[i] = radiusM;
  fixes.person[i] = person;
}

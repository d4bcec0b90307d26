/** Ways to find the zones that a fix is in: ours, and those it is held against. All of them give the same answer. */
import { booleanPointInPolygon, pointToPolygonDistance } from '@turf/turf';
import Flatbush from 'flatbush';
import type { Feature, Polygon as GeoPolygon } from 'geojson';
import RBush from 'rbush';
import { parseZoneId } from '../../src/domain/ids.js';
import type { Polygon, SharedZone, ZoneShape } from '../../src/domain/zone.js';
import { type CompiledShape, compileShape, marginDeg, signedDistanceM } from '../../src/rules/geometry.js';
import { SharedZones } from '../../src/rules/zone-index.js';
import type { Postgis } from './postgis.js';
import { type Spread, spread } from './stats.js';
import type { Fixes } from './zone-ground.js';

/** What is asked of each fix by number. */
export interface Matcher {
  /** How many zones it is in; the sum over all fixes is compared after each run. */
  readonly count: (fix: number) => number;
  /** Their numbers, in any order. */
  readonly list: (fix: number) => readonly number[];
}

export interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

const shapes = new WeakMap<Polygon, ZoneShape>();

/** One shape a polygon, so that a million are compiled once. */
export function shapeOf(polygon: Polygon): ZoneShape {
  const shape = shapes.get(polygon) ?? { kind: 'polygons', polygons: [polygon] };
  shapes.set(polygon, shape);
  return shape;
}

/** `inDoubt`: also those that it may be in, by its radius. */
export function ours(polygons: readonly Polygon[], { lon, lat, radiusM }: Fixes, inDoubt: boolean): Matcher {
  const index = new SharedZones();
  index.putAll(
    polygons.map((polygon, i): SharedZone => {
      const zoneId = parseZoneId(`Z-${i}`);
      if (!zoneId.ok) throw new Error(zoneId.fault);
      return { zoneId: zoneId.value, revision: 1, shape: shapeOf(polygon) };
    }),
  );
  const near = (fix: number) => index.near(lon[fix]!, lat[fix]!, inDoubt ? radiusM[fix]! : 0);
  return { count: (fix) => near(fix).length, list: (fix) => near(fix).map((id) => Number(id.slice(2))) };
}

export type Turf = readonly Feature<GeoPolygon>[];

/** The very positions that the others have; with the box that turf looks at first. */
export function turfOf(polygons: readonly Polygon[]): Turf {
  return polygons.map((coordinates) => {
    const { minX, minY, maxX, maxY } = boxOf(coordinates);
    const geometry = { type: 'Polygon', coordinates: coordinates as unknown as number[][][] } as const;
    return { type: 'Feature', bbox: [minX, minY, maxX, maxY], properties: {}, geometry };
  });
}

/** Every zone, one after the other. */
export function turfAlone(features: Turf, { lon, lat }: Fixes): Matcher {
  return matcher((fix, found) => {
    const at = [lon[fix]!, lat[fix]!];
    for (let i = 0; i < features.length; i++) if (booleanPointInPolygon(at, features[i]!)) found.push(i);
  });
}

export function rbushAndTurf(features: Turf, { lon, lat }: Fixes): Matcher {
  const tree = rbushOf(features);
  return matcher((fix, found) => {
    const [x, y] = [lon[fix]!, lat[fix]!];
    for (const { i } of tree.search({ minX: x, minY: y, maxX: x, maxY: y })) {
      if (booleanPointInPolygon([x, y], features[i]!)) found.push(i);
    }
  });
}

/** Also those that it may be in: of the zones whose box is near enough, those in which it is, and those not too far. */
export function rbushAndTurfInDoubt(features: Turf, { lon, lat, radiusM }: Fixes): Matcher {
  const tree = rbushOf(features);
  return matcher((fix, found) => {
    const [x, y, r] = [lon[fix]!, lat[fix]!, radiusM[fix]!];
    const margin = marginDeg(y, r);
    const box = { minX: x - margin.lon, minY: y - margin.lat, maxX: x + margin.lon, maxY: y + margin.lat };
    for (const { i } of tree.search(box)) {
      const feature = features[i]!;
      if (booleanPointInPolygon([x, y], feature)) found.push(i);
      else if (pointToPolygonDistance([x, y], feature, { units: 'meters' }) <= r) found.push(i);
    }
  });
}

function rbushOf(features: Turf): RBush<Box & { readonly i: number }> {
  const tree = new RBush<Box & { readonly i: number }>();
  tree.load(features.map(({ geometry }, i) => ({ ...boxOf(geometry.coordinates as unknown as Polygon), i })));
  return tree;
}

export function flatbushAndTurf(features: Turf, fixes: Fixes): Matcher {
  return flatbushAnd(
    features.map(({ geometry }) => geometry.coordinates as unknown as Polygon),
    fixes,
    (i, x, y) => booleanPointInPolygon([x, y], features[i]!),
  );
}

/** What an index that cannot be changed would save. */
export function flatbushAndOurs(polygons: readonly Polygon[], fixes: Fixes): Matcher {
  const shapes = polygons.map((polygon): CompiledShape => compileShape(shapeOf(polygon)));
  return flatbushAnd(polygons, fixes, (i, x, y) => signedDistanceM(shapes[i]!, x, y, 0, 0) <= 0);
}

function flatbushAnd(
  polygons: readonly Polygon[],
  { lon, lat }: Fixes,
  isIn: (i: number, x: number, y: number) => boolean,
): Matcher {
  const tree = new Flatbush(polygons.length);
  for (const polygon of polygons) {
    const { minX, minY, maxX, maxY } = boxOf(polygon);
    tree.add(minX, minY, maxX, maxY);
  }
  tree.finish();
  return matcher((fix, found) => {
    const [x, y] = [lon[fix]!, lat[fix]!];
    for (const i of tree.search(x, y, x, y)) if (isIn(i, x, y)) found.push(i);
  });
}

function matcher(find: (fix: number, found: number[]) => void): Matcher {
  const list = (fix: number): number[] => {
    const found: number[] = [];
    find(fix, found);
    return found;
  };
  return { count: (fix) => list(fix).length, list };
}

function boxOf([ring = []]: Polygon): Box {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of ring) {
    minX = Math.min(minX, x);
    minY = Math.min(minY, y);
    maxX = Math.max(maxX, x);
    maxY = Math.max(maxY, y);
  }
  return { minX, minY, maxX, maxY };
}

/** Tables of both with their indexes; either may lead the join. */
export async function loadPostgis(postgis: Postgis, polygons: readonly Polygon[], { lon, lat }: Fixes): Promise<void> {
  await postgis.ask('DROP TABLE IF EXISTS zones; DROP TABLE IF EXISTS fixes;');
  await postgis.ask('CREATE TABLE zones (id int PRIMARY KEY, geom geometry(Polygon, 4326));');
  await postgis.ask('CREATE TABLE fixes (id int PRIMARY KEY, geom geometry(Point, 4326));');
  await postgis.ask(
    'COPY zones FROM STDIN;',
    rows(polygons.length, (i) => hexOfPolygon(polygons[i]!)),
  );
  await postgis.ask(
    'COPY fixes FROM STDIN;',
    rows(lon.length, (i) => hexOfPoint(lon[i]!, lat[i]!)),
  );
  await postgis.ask('CREATE INDEX ON zones USING gist (geom); CREATE INDEX ON fixes USING gist (geom);');
  await postgis.ask('VACUUM ANALYZE zones;');
  await postgis.ask('VACUUM ANALYZE fixes;');
}

const JOIN = 'FROM fixes f JOIN zones z ON ST_Contains(z.geom, f.geom)';

/** Of each fix. */
export async function listsByPostgis(postgis: Postgis, fixes: number): Promise<number[][]> {
  const lists = Array.from({ length: fixes }, (): number[] => []);
  for (const line of await postgis.ask(`SELECT f.id, z.id ${JOIN};`)) {
    const [fix, zone] = line.split('|').map(Number);
    lists[fix!]!.push(zone!);
  }
  return lists;
}

/** Of the process that answers, µs a fix; its clock has ticks of 10 ms, so a run asks more than once. */
export async function timedByPostgis(
  postgis: Postgis,
  lists: readonly (readonly number[])[],
  runs: number,
  brief: boolean,
): Promise<Spread> {
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  const passMs = async (times: number): Promise<number> => {
    const beforeMs = postgis.cpuMs();
    for (let n = 0; n < times; n++) {
      const counted = Number((await postgis.ask(`SELECT count(*) ${JOIN};`))[0]);
      if (counted !== total) throw new Error(`PostGIS counts ${counted} and lists ${total}`);
    }
    return postgis.cpuMs() - beforeMs;
  };
  const times = Math.ceil((brief ? 30 : 400) / Math.max(10, await passMs(1)));
  await passMs(times);
  const costs: number[] = [];
  for (let run = 0; run < runs; run++) costs.push((1000 * (await passMs(times))) / (times * lists.length));
  return spread(costs);
}

function* rows(count: number, hexOf: (i: number) => string): Iterable<string> {
  for (let i = 0; i < count; i++) yield `${i}\t${hexOf(i)}`;
}

/** Extended WKB: little endian, with the reference system's number. */
const SRID_FLAG = 0x2000_0000;
const WGS84 = 4326;

function hexOfPoint(lon: number, lat: number): string {
  const bytes = Buffer.alloc(25);
  head(bytes, 1);
  bytes.writeDoubleLE(lon, 9);
  bytes.writeDoubleLE(lat, 17);
  return bytes.toString('hex');
}

function hexOfPolygon(rings: Polygon): string {
  const bytes = Buffer.alloc(13 + rings.reduce((sum, ring) => sum + 4 + 16 * ring.length, 0));
  head(bytes, 3);
  let at = bytes.writeUInt32LE(rings.length, 9);
  for (const ring of rings) {
    at = bytes.writeUInt32LE(ring.length, at);
    for (const [x, y] of ring) at = bytes.writeDoubleLE(y, bytes.writeDoubleLE(x, at));
  }
  return bytes.toString('hex');
}

function head(bytes: Buffer, type: number): void {
  bytes.writeUInt8(1, 0);
  bytes.writeUInt32LE(type + SRID_FLAG, 1);
  bytes.writeUInt32LE(WGS84, 5);
}

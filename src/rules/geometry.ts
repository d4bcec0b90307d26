/** Signed distance from a position to a zone's boundary, on the WGS84 ellipsoid. */
import type { Polygon, ZoneShape } from '../domain/zone.js';
import { type Edges, edgesDistance2, edgesOf } from './geometry-edges.js';
import { type CertaintyGrid, gridOf, leafAt, surelyAt } from './geometry-grid.js';
import { chainsOf } from './geometry-rings.js';
import { type EdgeTree, leafNear, treeDistance2, treeOf } from './geometry-tree.js';

/** WGS84: equatorial radius in metres, and first eccentricity squared. */
const A = 6_378_137;
const E2 = 6.69437999014e-3;
const RAD = Math.PI / 180;
/** Mean radius, for chords so long that the curvature on the way is no longer that in the middle. */
const R_MEAN = 6_371_008.8;
const LONG_CHORD_M = 300_000;
/** What rounding alone may amount to (measured: under 0.1 µm): a point so near is on the boundary. */
const ON_BOUNDARY_M = 1e-6;
/** A zone of fewer edges is scanned faster as it is, and most are a person's own, of which there are millions. */
const TREE_EDGES_MIN = 64;
/** How much farther than what was asked for the answer is when it is beyond. */
const BEYOND_M = 0.001;
/** Up to such a distance hardly any edge is near, and none needs to be tried first. */
const FEW_METRES = 50;

/** Degrees. Longitudes are continuous around `refLon`, so those of a zone on the antimeridian run past 180. */
interface Box {
  readonly refLon: number;
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

interface CompiledPolygons extends Box, Edges {
  readonly kind: 'polygons';
  /** Wider than half a turn: the nearest part may lie a turn away from where the point is looked for. */
  readonly wide: boolean;
  /** Where there are enough edges to be worth it. */
  readonly tree: EdgeTree | null;
  /** Made at the first question that needs it. */
  grid: CertaintyGrid | null;
}

interface CompiledCircle extends Box {
  readonly kind: 'circle';
  readonly radiusM: number;
  readonly lon: number;
  readonly lat: number;
}

export type CompiledShape = CompiledPolygons | CompiledCircle;

/** Shared zones are named by many orders: one compiled form a shape, for as long as somebody holds the shape. */
const compiled = new WeakMap<ZoneShape, CompiledShape>();

/**
 * Prepares a shape for distance questions. Rings are closed and valid (checked where zones are admitted); edges are
 * straight in longitude and latitude (RFC 7946 §3.1.1); a ring may run past ±180 or be cut there (§3.1.9).
 */
export function compileShape(shape: ZoneShape): CompiledShape {
  let found = compiled.get(shape);
  if (found === undefined) {
    found =
      shape.kind === 'circle'
        ? compileCircle(shape.center[0], shape.center[1], shape.radiusM)
        : compilePolygons(shape.polygons);
    compiled.set(shape, found);
  }
  return found;
}

/**
 * Metres to the zone's boundary, negative inside, 0 on it (nearer than 1 µm); degrees. Within 0.5 % under 10 km up to
 * 85° of latitude. The sign is that of exact arithmetic in the plane of longitude and latitude at any size and place:
 * the point's own plane is that one stretched, and stretching moves nothing across an edge.
 * When the zone is surely farther than `capM` away the answer is some value over `capM`; when the point is surely deeper in
 * it than `depthM`, some value under −`depthM`. The same question has the same answer always.
 */
export function signedDistanceM(
  shape: CompiledShape,
  lon: number,
  lat: number,
  capM = Infinity,
  depthM = Infinity,
): number {
  const x = nearTo(shape.refLon, lon);
  if (shape.kind === 'polygons' && shape.tree !== null && !shape.wide) {
    return manyEdgesM(shape, shape.tree, x, lat, capM, depthM);
  }
  if (lat !== degree[0]) measureDegree(lat, degree);
  const kx = degree[1]!;
  const ky = degree[2]!;
  if (shape.kind === 'circle') {
    // it is measured exactly, its box by degrees at the point: leave room for the difference
    const far = capM === Infinity ? 0 : boxDistanceM(shape, x, lat, kx, ky);
    return far * 0.9 > capM ? far : distanceM(lon, lat, shape.lon, shape.lat) - shape.radiusM;
  }
  if (shape.wide) return metresOf(wideDistance2(shape, x, lat, kx, ky));
  if (capM !== Infinity) {
    const far = boxDistanceM(shape, x, lat, kx, ky);
    if (far > capM) return far;
  }
  return metresOf(edgesDistance2(shape, x, lat, kx, ky));
}

/** First what costs no more than a look into the raster, then what takes a plane, then a walk along the tree. */
function manyEdgesM(
  shape: CompiledPolygons,
  tree: EdgeTree,
  x: number,
  lat: number,
  capM: number,
  depthM: number,
): number {
  const isInBox = x >= shape.west && x <= shape.east && lat >= shape.south && lat <= shape.north;
  let sure = 1;
  if (isInBox) {
    shape.grid ??= gridOf(shape, tree, leastPerDegree);
    sure = surelyAt(shape.grid, x - shape.west, lat - shape.south);
    if (sure > 0 ? sure > capM : sure < -depthM) return sure;
  }
  if (lat !== degree[0]) measureDegree(lat, degree);
  const kx = degree[1]!;
  const ky = degree[2]!;
  if (!isInBox && capM !== Infinity) {
    const far = boxDistanceM(shape, x, lat, kx, ky);
    if (far > capM) return far;
  }
  const mostM = sure > 0 ? capM : sure < 0 ? depthM : Math.max(capM, depthM);
  let first = -1;
  if (mostM >= FEW_METRES) {
    shape.grid ??= gridOf(shape, tree, leastPerDegree);
    first = leafAt(shape.grid, x - shape.west, lat - shape.south);
  }
  return metresOf(treeDistance2(shape.xy, tree, x, lat, kx, ky, first, sure, (mostM + BEYOND_M) ** 2));
}

/** Metres between two positions in degrees: to 1 mm up to 110 km, within 0.5 % up to 15,000 km. */
export function distanceM(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const sin1 = Math.sin(lat1 * RAD);
  const sin2 = Math.sin(lat2 * RAD);
  const n1 = A / Math.sqrt(1 - E2 * sin1 * sin1);
  const n2 = A / Math.sqrt(1 - E2 * sin2 * sin2);
  const p1 = n1 * Math.cos(lat1 * RAD);
  const p2 = n2 * Math.cos(lat2 * RAD);
  // the chord through the earth, with the second position's meridian turned to the first's: no pole, no antimeridian
  const half = Math.sin(((lon2 - lon1) * RAD) / 2);
  const dz = (1 - E2) * (n2 * sin2 - n1 * sin1);
  const northSouth2 = (p2 - p1) ** 2 + dz * dz;
  const eastWest2 = 4 * p1 * p2 * half * half;
  const chord = Math.sqrt(northSouth2 + eastWest2);
  if (chord === 0) return 0;
  let r = R_MEAN;
  if (chord < LONG_CHORD_M) {
    // Euler: the curvature of the ellipsoid along the way; with the mean radius a circle of 100 km is 1 cm off
    const n = (n1 + n2) / 2;
    const m = (n * n * n * (1 - E2)) / (A * A);
    r = (chord * chord) / (northSouth2 / m + eastWest2 / n);
  }
  return 2 * r * Math.asin(Math.min(1, chord / (2 * r)));
}

/** Degrees into [-180, 180). */
export function wrapLon(lon: number): number {
  return lon >= -180 && lon < 180 ? lon : lon - 360 * Math.floor((lon + 180) / 360);
}

/** Degrees of longitude and latitude that surely span `marginM` metres around a latitude. */
export function marginDeg(lat: number, marginM: number): { lon: number; lat: number } {
  const latDeg = marginM / 110_500; // a degree of latitude is 110,574 m at its shortest
  const edge = Math.min(Math.abs(lat) + latDeg, 90);
  const perDegree = 111_300 * Math.cos(edge * RAD); // of longitude: 111,320 m at the equator
  return { lon: perDegree * 180 > marginM ? Math.min(180, marginM / perDegree) : 180, lat: latDeg };
}

/** Metres in a degree of longitude and latitude that are nowhere exceeded within `marginM` metres of a latitude. */
export function metresADegree(lat: number, marginM: number): { readonly lon: number; readonly lat: number } {
  const apart = marginM / 110_500;
  const w = (at: number): number => 1 - E2 * Math.sin(at * RAD) ** 2;
  const equatorward = Math.max(0, Math.abs(lat) - apart);
  const poleward = Math.min(90, Math.abs(lat) + apart);
  return {
    lon: (A / Math.sqrt(w(equatorward))) * Math.cos(equatorward * RAD) * RAD,
    lat: ((A * (1 - E2)) / w(poleward) ** 1.5) * RAD,
  };
}

/** A longitude within half a turn of another: as it stands if it is there, so that not even a rounding moves it. */
function nearTo(refLon: number, lon: number): number {
  const apart = lon - refLon;
  return apart >= -180 && apart < 180 ? lon : lon - 360 * Math.floor((apart + 180) / 360);
}

/** Metres from squared ones, both signed by side. */
function metresOf(signed2: number): number {
  const d = Math.sqrt(Math.abs(signed2));
  if (d < ON_BOUNDARY_M) return 0;
  return signed2 < 0 ? 0 - d : d;
}

/** A latitude, and metres of a degree of longitude and of latitude there: all zones are asked about a fix in turn. */
const degree = new Float64Array([Number.NaN, 0, 0]);

function measureDegree(lat: number, into: Float64Array): void {
  const w = 1 - E2 * Math.sin(lat * RAD) ** 2;
  const root = Math.sqrt(w);
  into[0] = lat;
  into[1] = (A / root) * Math.cos(lat * RAD) * RAD;
  into[2] = ((A * (1 - E2)) / (w * root)) * RAD;
}

/** Degrees of longitude are shortest farthest from the equator, those of latitude nearest to it. */
function leastPerDegree(south: number, north: number): { kx: number; ky: number } {
  const at = new Float64Array(3);
  measureDegree(Math.max(Math.abs(south), Math.abs(north)), at);
  const kx = Math.max(0, at[1]!);
  measureDegree(south > 0 ? south : Math.min(0, north), at);
  return { kx, ky: at[2]! };
}

/** Every turn at which part of the zone may be: the even-odd rule counts the crossings of all. */
function wideDistance2(shape: CompiledPolygons, lon: number, lat: number, kx: number, ky: number): number {
  const turns = Math.ceil((shape.east - shape.west) / 360);
  const { tree, xy } = shape;
  let nearest = Infinity;
  let odd = false;
  for (let turn = -turns; turn <= turns; turn++) {
    const x = lon + 360 * turn;
    const d2 =
      tree === null
        ? edgesDistance2(shape, x, lat, kx, ky)
        : treeDistance2(xy, tree, x, lat, kx, ky, leafNear(tree, x, lat, kx, ky), 0, Infinity);
    nearest = Math.min(nearest, Math.abs(d2));
    if (d2 < 0) odd = !odd;
  }
  return odd ? -nearest : nearest;
}

function boxDistanceM(box: Box, lon: number, lat: number, kx: number, ky: number): number {
  const dx = lon < box.west ? box.west - lon : lon > box.east ? lon - box.east : 0;
  const dy = lat < box.south ? box.south - lat : lat > box.north ? lat - box.north : 0;
  return Math.sqrt((dx * kx) ** 2 + (dy * ky) ** 2);
}

function compileCircle(lon: number, lat: number, radiusM: number): CompiledCircle {
  const margin = marginDeg(lat, radiusM);
  const refLon = wrapLon(lon);
  return {
    kind: 'circle',
    refLon,
    west: refLon - margin.lon,
    east: refLon + margin.lon,
    south: lat - margin.lat,
    north: lat + margin.lat,
    radiusM,
    lon,
    lat,
  };
}

function compilePolygons(polygons: readonly Polygon[]): CompiledPolygons {
  const chains = chainsOf(polygons);
  const box = { west: Infinity, east: -Infinity, south: Infinity, north: -Infinity };
  for (const chain of chains) {
    for (let i = 0; i < chain.length; i += 2) {
      box.west = Math.min(box.west, chain[i]!);
      box.east = Math.max(box.east, chain[i]!);
      box.south = Math.min(box.south, chain[i + 1]!);
      box.north = Math.max(box.north, chain[i + 1]!);
    }
  }
  const refLon = chains.length === 0 ? 0 : (box.west + box.east) / 2;
  const edges = edgesOf(chains);
  return {
    kind: 'polygons',
    ...box,
    refLon,
    ...edges,
    wide: box.east - box.west > 180,
    tree: edges.xy.length / 2 < TREE_EDGES_MIN ? null : treeOf(edges),
    grid: null,
  };
}

/** OGC validity of polygons as JTS judges it (`IsValidOp`), and where along which ring it fails. */
import Orientation from 'jsts/org/locationtech/jts/algorithm/Orientation.js';
import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';
import IntArrayList from 'jsts/org/locationtech/jts/util/IntArrayList.js';
import type { Polygon, Position, Ring } from '../domain/zone.js';
import { crossesAntimeridian, unwrapped } from './geometry-rings.js';

/** JTS's error types (`TopologyValidationError`), and one for what it cannot judge. */
export type TopologyFault =
  | 'hole_outside'
  | 'nested_holes'
  | 'interior_cut'
  | 'crossing'
  | 'ring_touches_itself'
  | 'nested_polygons'
  | 'ring_twice'
  | 'few_positions'
  | 'cannot_be_judged';

const FAULTS: Readonly<Record<number, TopologyFault>> = {
  2: 'hole_outside',
  3: 'nested_holes',
  4: 'interior_cut',
  5: 'crossing',
  6: 'ring_touches_itself',
  7: 'nested_polygons',
  8: 'ring_twice',
  9: 'few_positions',
};

/** Indexes into the polygons as they were given; null where JTS names no place. */
export interface TopologyError {
  readonly fault: TopologyFault;
  readonly at: { readonly polygon: number; readonly ring: number; readonly position: number } | null;
}

// jsts 2.12.1 copies this whole list for every item it adds; a JavaScript array grows by itself. A jagged ring of 100,000
// positions: 31 s with the copies, 0.14 s without.
IntArrayList.prototype.ensureCapacity = () => undefined;

/**
 * The first error of closed rings within range, or null. A polygon without rings, or with empty ones only, is nothing.
 * Only admission runs this, never the message path: 100,000 positions take 0.1 to 1 s, and edges that all lie side by
 * side (a comb of 20,000 teeth) 9 s, for JTS sweeps along one axis.
 */
export function topologyError(polygons: readonly Polygon[]): TopologyError | null {
  const judged = judgedPlane(polygons);
  const factory = new GeometryFactory();
  const linear = (ring: Ring) => factory.createLinearRing(ring.map(([x, y]) => new Coordinate(x, y)));
  const shells = judged
    .filter((polygon) => polygon.length > 0)
    .map((polygon) => factory.createPolygon(linear(polygon[0] as Ring), polygon.slice(1).map(linear)));
  const error = validationError(shells.length === 1 ? shells[0] : factory.createMultiPolygon(shells));
  return error && { fault: error.fault, at: error.at && nearest(judged, error.at) };
}

/** All positions on one line, which JTS tells as a crossing. */
export function isFlat(ring: Ring): boolean {
  const [plane] = judgedPlane([[ring]])[0] as Polygon;
  const corners = (plane as Ring).map(([x, y]) => new Coordinate(x, y));
  const first = corners[0];
  const other = corners.find((at) => !at.equals2D(first));
  return other === undefined || corners.every((at) => Orientation.index(first, other, at) === 0);
}

/** Steps of a degree in which positions are written: 11 µm. */
const GRID = 1e10;
/** A double of up to 360 misses the decimal it was written as by less than this many steps. */
const GRID_MISS = 1e-3;

/**
 * The plane that is judged. One continuous run of longitudes, as the distances are; and when every number is one of up
 * to ten decimals, whole numbers of those: 0.1, 0.2 and 0.3 are on one line as written, and not as binary fractions. A
 * hole that touches its outer ring there is sound.
 */
function judgedPlane(polygons: readonly Polygon[]): readonly Polygon[] {
  const run = polygons.some((polygon) => polygon.some(crossesAntimeridian)) ? unwrapped(polygons) : polygons;
  const decimal = (n: number) => Math.abs(n * GRID - Math.round(n * GRID)) < GRID_MISS;
  const onGrid = run.every((rings) => rings.every((ring) => ring.every(([lon, lat]) => decimal(lon) && decimal(lat))));
  if (!onGrid) return run;
  const whole = ([lon, lat]: Position): Position => [Math.round(lon * GRID), Math.round(lat * GRID)];
  return run.map((rings) => rings.map((ring) => ring.map(whole)));
}

function validationError(geometry: unknown): { fault: TopologyFault; at: Position | null } | null {
  try {
    const error = new IsValidOp(geometry).getValidationError();
    if (error === null) return null;
    const at = error.getCoordinate();
    return { fault: FAULTS[error.getErrorType()] ?? 'cannot_be_judged', at: at === null ? null : [at.x, at.y] };
  } catch {
    // JTS asserts its way out of some degenerate input: what it cannot judge is not sound
    return { fault: 'cannot_be_judged', at: null };
  }
}

/** The position nearest to a place, along the edge nearest to it: a crossing need not be at a position. */
function nearest(polygons: readonly Polygon[], at: Position): TopologyError['at'] {
  let best: TopologyError['at'] = null;
  let bestD2 = Number.POSITIVE_INFINITY;
  for (const [p, polygon] of polygons.entries()) {
    for (const [r, ring] of polygon.entries()) {
      for (let i = 0; i + 1 < ring.length; i++) {
        const { d2, t } = toEdge(ring[i] as Position, ring[i + 1] as Position, at);
        if (d2 >= bestD2) continue;
        bestD2 = d2;
        best = { polygon: p, ring: r, position: t > 0.5 ? i + 1 : i };
      }
    }
  }
  return best;
}

/** Squared distance to an edge, and how far along it (0 to 1). */
function toEdge([ax, ay]: Position, [bx, by]: Position, [x, y]: Position): { d2: number; t: number } {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length2));
  return { d2: (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2, t };
}

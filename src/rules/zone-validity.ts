/** Whether a zone can be judged at all: range, closed rings, and validity as OGC defines it (JTS's `IsValidOp`). */
import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';
import IntArrayList from 'jsts/org/locationtech/jts/util/IntArrayList.js';
import { LIMITS } from '../domain/limits.js';
import type { Problem } from '../domain/problem.js';
import type { Polygon, Position, Ring, ZoneShape } from '../domain/zone.js';

/**
 * Problems of a shape, none if it is sound. `path` is where the shape stands in its document; `asMultiPolygon` says how
 * its coordinates were written, for the index paths. Rings may wind either way. No problem quotes a place: a zone is
 * often somebody's home, so rings and positions are named by their index.
 */
export function zoneProblems(shape: ZoneShape, path: string, asMultiPolygon = false): Problem[] {
  if (shape.kind === 'circle') return circleProblems(shape.center, shape.radiusM, path);
  const { polygons } = shape;
  const coordinates = join(path, 'coordinates');
  const vertices = polygons.reduce((sum, rings) => sum + rings.reduce((n, ring) => n + ring.length, 0), 0);
  if (vertices > LIMITS.zoneVerticesMax) {
    return [{ path: coordinates, expected: `at most ${LIMITS.zoneVerticesMax} positions`, got: String(vertices) }];
  }
  if (polygons.length === 0) return [{ path: coordinates, expected: 'at least one polygon', got: 'none' }];

  const rings: PlacedRing[] = polygons.flatMap((polygon, p) =>
    polygon.map((ring, r) => ({ ring, path: asMultiPolygon ? `${coordinates}[${p}][${r}]` : `${coordinates}[${r}]` })),
  );
  const empty = polygons.findIndex((polygon) => polygon.length === 0);
  if (empty >= 0) return [{ path: `${coordinates}[${empty}]`, expected: 'at least one ring', got: 'none' }];
  const ranges = rings.flatMap(({ ring, path: at }) =>
    ring.flatMap((position, i) => positionProblem(position, `${at}[${i}]`) ?? []),
  );
  if (ranges.length > 0) return ranges;
  const shapes = rings.flatMap(ringProblems);
  return shapes.length > 0 ? shapes : topologyProblems(polygons, rings, coordinates);
}

/** Null when it is on Earth. A number out of range is told rounded away from zero: it may be half of a true place. */
export function positionProblem([lon, lat]: Position, path: string): Problem | null {
  if (!(Math.abs(lat) <= 90)) return { path, expected: 'a latitude between -90 and 90', got: outwards(lat) };
  if (!(Math.abs(lon) <= 180)) return { path, expected: 'a longitude between -180 and 180', got: outwards(lon) };
  return null;
}

const outwards = (degrees: number): string => String(Math.sign(degrees) * Math.ceil(Math.abs(degrees)));

interface PlacedRing {
  readonly ring: Ring;
  readonly path: string;
}

function circleProblems(center: Position, radiusM: number, path: string): Problem[] {
  const problems = [];
  const position = positionProblem(center, join(path, 'center'));
  if (position !== null) problems.push(position);
  if (!(radiusM > 0 && radiusM <= LIMITS.circleRadiusMMax)) {
    const expected = `a radius over 0 and at most ${LIMITS.circleRadiusMMax} metres`;
    problems.push({ path: join(path, 'radius_m'), expected, got: String(radiusM) });
  }
  return problems;
}

function ringProblems({ ring, path }: PlacedRing): Problem[] {
  if (ring.length < 4) return [{ path, expected: 'a ring of at least 4 positions', got: String(ring.length) }];
  const [first, last] = [ring[0] as Position, ring[ring.length - 1] as Position];
  if (first[0] !== last[0] || first[1] !== last[1]) {
    return [{ path, expected: 'a closed ring (its last position repeats its first)', got: 'one that is not closed' }];
  }
  if (flat(ring)) return [{ path, expected: 'a ring with an area', got: 'one whose positions lie on one line' }];
  return [];
}

/** All positions on one line; measured from the one farthest from the first, so that the sign of zero areas is exact. */
function flat(ring: Ring): boolean {
  const [x0, y0] = ring[0] as Position;
  let far = ring[0] as Position;
  for (const at of ring) if (Math.hypot(at[0] - x0, at[1] - y0) > Math.hypot(far[0] - x0, far[1] - y0)) far = at;
  return ring.every((at) => (far[0] - x0) * (at[1] - y0) === (far[1] - y0) * (at[0] - x0));
}

/** JTS's error types (`TopologyValidationError`) in words. */
const TOPOLOGY: Readonly<Record<number, readonly [expected: string, got: string]>> = {
  2: ['holes inside their outer ring', 'a hole outside'],
  3: ['holes side by side', 'a hole inside another'],
  4: ['one connected inside (holes may touch at a point only)', 'an inside cut apart'],
  5: ['rings that cross neither themselves nor each other', 'a crossing'],
  6: ['rings that do not touch themselves', 'a touch'],
  7: ['polygons side by side', 'a polygon inside another'],
  8: ['each ring once', 'a ring given twice'],
  9: ['rings of at least 3 different positions', 'a ring of fewer'],
};

// jsts 2.12.1 copies this whole list for every item it adds; a JavaScript array grows by itself. A jagged ring of 100,000
// positions: 31 s with the copies, 0.14 s without.
IntArrayList.prototype.ensureCapacity = () => undefined;

/**
 * Only admission runs this, never the message path: 100,000 positions take 0.1 to 1 s, and edges that all lie side by
 * side (a comb of 20,000 teeth) 9 s, for JTS sweeps along one axis.
 */
function topologyProblems(polygons: readonly Polygon[], rings: readonly PlacedRing[], coordinates: string): Problem[] {
  const factory = new GeometryFactory();
  const linear = (ring: Ring) => factory.createLinearRing(ring.map(([lon, lat]) => new Coordinate(lon, lat)));
  const shells = polygons.map((polygon) =>
    factory.createPolygon(linear(polygon[0] as Ring), polygon.slice(1).map(linear)),
  );
  const error = validationError(shells.length === 1 ? shells[0] : factory.createMultiPolygon(shells));
  if (error === null) return [];
  const [expected, got] = TOPOLOGY[error.type] ?? ['a valid polygon', 'one that cannot be judged'];
  const place = error.at === null ? null : nearest(rings, error.at);
  if (place === null) return [{ path: coordinates, expected, got }];
  return [{ path: place.path, expected, got: `${got} near position ${place.position}` }];
}

function validationError(geometry: unknown): { type: number; at: Position | null } | null {
  try {
    const error = new IsValidOp(geometry).getValidationError();
    if (error === null) return null;
    const at = error.getCoordinate();
    return { type: error.getErrorType(), at: at === null ? null : [at.x, at.y] };
  } catch {
    // JTS asserts its way out of some degenerate input: what it cannot judge is not sound
    return { type: 0, at: null };
  }
}

/** The position nearest to a place, along the edge nearest to it: a crossing need not be at a position. */
function nearest(rings: readonly PlacedRing[], at: Position): { path: string; position: number } | null {
  let best: { path: string; position: number } | null = null;
  let bestD2 = Number.POSITIVE_INFINITY;
  for (const { ring, path } of rings) {
    for (let i = 0; i + 1 < ring.length; i++) {
      const { d2, t } = toEdge(ring[i] as Position, ring[i + 1] as Position, at);
      if (d2 >= bestD2) continue;
      bestD2 = d2;
      best = { path, position: t > 0.5 ? i + 1 : i };
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

const join = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);

/** Whether a zone can be judged at all: range, closed rings, and validity as OGC defines it. */
import { LIMITS } from '../domain/limits.js';
import type { Problem } from '../domain/problem.js';
import type { Polygon, Position, Ring, ZoneShape } from '../domain/zone.js';
import { isFlat, type TopologyFault, topologyError } from './zone-topology.js';

/** What can be wrong with a shape, for programs. */
export type ZoneFault =
  | TopologyFault
  | 'empty'
  | 'many_positions'
  | 'off_the_earth'
  | 'not_closed'
  | 'no_area'
  | 'outer_ring_missing'
  | 'radius';

/** Where it is, by index: of the polygon in a MultiPolygon (else 0), of its ring, of the position in the ring. */
export interface ZoneProblem extends Problem {
  readonly code: ZoneFault;
  readonly polygon: number | null;
  readonly ring: number | null;
  readonly position: number | null;
}

/**
 * Problems of a shape, none if it is sound. `path` is where the shape stands in its document; `asMultiPolygon` says how
 * its coordinates were written, for the index paths. Rings may wind either way (RFC 7946 §3.1.6 asks that of parsers),
 * and may be empty where a part is left without them: as OGC's empty hole. No problem quotes a place: a zone is often
 * somebody's home, so rings and positions are named by their index.
 */
export function zoneProblems(shape: ZoneShape, path: string, asMultiPolygon = false): ZoneProblem[] {
  if (shape.kind === 'circle') return circleProblems(shape.center, shape.radiusM, path);
  const { polygons } = shape;
  const coordinates = join(path, 'coordinates');
  const vertices = polygons.reduce((sum, rings) => sum + rings.reduce((n, ring) => n + ring.length, 0), 0);
  if (vertices > LIMITS.zoneVerticesMax) {
    const expected = `at most ${LIMITS.zoneVerticesMax} positions`;
    return [{ path: coordinates, expected, got: String(vertices), ...NOWHERE, code: 'many_positions' }];
  }
  if (vertices === 0) return [emptyProblem(polygons, coordinates)];

  const placed: PlacedRing[] = polygons.flatMap((rings, polygon) =>
    rings.map((points, ring) => ({
      points,
      polygon,
      ring,
      path: asMultiPolygon ? `${coordinates}[${polygon}][${ring}]` : `${coordinates}[${ring}]`,
      isOuter: ring === 0,
      polygonIsEmpty: rings.every((one) => one.length === 0),
    })),
  );
  const ranges = placed.flatMap(rangeProblems);
  if (ranges.length > 0) return ranges;
  const shapes = placed.flatMap(ringProblems);
  return shapes.length > 0 ? shapes : topologyProblems(polygons, placed, coordinates);
}

/** The shape without its empty parts, once it is known to be sound. */
export function withoutEmptyParts(shape: ZoneShape): ZoneShape {
  if (shape.kind === 'circle') return shape;
  const polygons = shape.polygons
    .map((rings) => rings.filter((ring) => ring.length > 0))
    .filter((rings) => rings.length > 0);
  return { kind: 'polygons', polygons };
}

/** Null when it is on Earth. A number out of range is told rounded away from zero: it may be half of a true place. */
export function positionProblem([lon, lat]: Position, path: string): Problem | null {
  if (!(Math.abs(lat) <= 90)) return { path, expected: 'a latitude between -90 and 90', got: outwards(lat) };
  if (!(Math.abs(lon) <= 180)) return { path, expected: 'a longitude between -180 and 180', got: outwards(lon) };
  return null;
}

const outwards = (degrees: number): string => String(Math.sign(degrees) * Math.ceil(Math.abs(degrees)));
const join = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`);
const NOWHERE = { polygon: null, ring: null, position: null } as const;

interface PlacedRing {
  readonly points: Ring;
  readonly polygon: number;
  readonly ring: number;
  readonly path: string;
  readonly isOuter: boolean;
  readonly polygonIsEmpty: boolean;
}

function circleProblems(center: Position, radiusM: number, path: string): ZoneProblem[] {
  const problems: ZoneProblem[] = [];
  const position = positionProblem(center, join(path, 'center'));
  if (position !== null) problems.push({ ...position, ...NOWHERE, code: 'off_the_earth' });
  if (!(radiusM > 0 && radiusM <= LIMITS.circleRadiusMMax)) {
    const expected = `a radius over 0 and at most ${LIMITS.circleRadiusMMax} metres`;
    problems.push({ path: join(path, 'radius_m'), expected, got: String(radiusM), ...NOWHERE, code: 'radius' });
  }
  return problems;
}

/** OGC has a word for a polygon that is nowhere; a zone that is nowhere watches nothing, and looks as if it did. */
function emptyProblem(polygons: readonly Polygon[], coordinates: string): ZoneProblem {
  const empty = { ...NOWHERE, code: 'empty' } as const;
  const [first] = polygons;
  if (first === undefined) return { path: coordinates, expected: 'at least one polygon', got: 'none', ...empty };
  const path = `${coordinates}[0]`;
  if (first.length === 0) return { path, expected: 'at least one ring', got: 'none', ...empty };
  return { path, expected: 'a ring of at least 4 positions', got: '0', ...empty };
}

function rangeProblems({ points, path, polygon, ring }: PlacedRing): ZoneProblem[] {
  return points.flatMap((at, position) => {
    const problem = positionProblem(at, `${path}[${position}]`);
    return problem === null ? [] : [{ ...problem, code: 'off_the_earth' as const, polygon, ring, position }];
  });
}

function ringProblems({ points, path, polygon, ring, isOuter, polygonIsEmpty }: PlacedRing): ZoneProblem[] {
  const told = (code: ZoneFault, expected: string, got: string, position: number | null = null): ZoneProblem[] => [
    { path, expected, got, code, polygon, ring, position },
  ];
  if (points.length === 0) {
    if (!isOuter || polygonIsEmpty) return [];
    return told('outer_ring_missing', 'an outer ring before its holes', 'an empty one');
  }
  if (points.length < 4) return told('few_positions', 'a ring of at least 4 positions', String(points.length));
  const [first, last] = [points[0] as Position, points[points.length - 1] as Position];
  if (first[0] !== last[0] || first[1] !== last[1]) {
    const expected = 'a closed ring (its last position repeats its first)';
    return told('not_closed', expected, 'one that is not closed', points.length - 1);
  }
  return isFlat(points) ? told('no_area', 'a ring with an area', 'one whose positions lie on one line') : [];
}

const TOPOLOGY: Readonly<Record<TopologyFault, readonly [expected: string, got: string]>> = {
  hole_outside: ['holes inside their outer ring', 'a hole outside'],
  nested_holes: ['holes side by side', 'a hole inside another'],
  interior_cut: ['one connected inside (holes may touch at a point only)', 'an inside cut apart'],
  crossing: ['rings that cross neither themselves nor each other', 'a crossing'],
  ring_touches_itself: ['rings that do not touch themselves', 'a touch'],
  nested_polygons: ['polygons side by side', 'a polygon inside another'],
  ring_twice: ['each ring once', 'a ring given twice'],
  few_positions: ['rings of at least 3 different positions', 'a ring of fewer'],
  cannot_be_judged: ['a valid polygon', 'one that cannot be judged'],
};

function topologyProblems(polygons: readonly Polygon[], placed: readonly PlacedRing[], path: string): ZoneProblem[] {
  const error = topologyError(polygons);
  if (error === null) return [];
  const { fault: code, at } = error;
  const [expected, got] = TOPOLOGY[code];
  const found = placed.find(({ polygon, ring }) => at?.polygon === polygon && at.ring === ring);
  if (at === null || found === undefined) return [{ path, expected, got, ...NOWHERE, code }];
  return [{ path: found.path, expected, got: `${got} near position ${at.position}`, code, ...at }];
}

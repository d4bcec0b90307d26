/** Zones in JSON: GeoJSON polygons, and circles, which GeoJSON has no word for. */
import { parseZoneId, type ZoneId } from '../domain/ids.js';
import { LIMITS } from '../domain/limits.js';
import type { Problem } from '../domain/problem.js';
import { bad, ok, type Result } from '../domain/result.js';
import type { Polygon, Position, Ring, SharedZone, ZoneShape } from '../domain/zone.js';
import { positionProblem, withoutEmptyParts, zoneProblems } from '../rules/zone-validity.js';
import { describe, Fields, id, list, oneOf, Place, type Read } from './order-reader.js';

const SHAPES = ['Polygon', 'MultiPolygon', 'Circle', 'Feature'] as const;
const NOWHERE: ZoneShape = { kind: 'polygons', polygons: [] };

const position: Read<Position> = (value, at) => {
  // RFC 7946 §3.1.1 allows an altitude, which no rule uses
  const isPosition = Array.isArray(value) && (value.length === 2 || value.length === 3) && value.every(isNumber);
  if (!isPosition) {
    // no describe(): it would quote the place itself
    const got = Array.isArray(value) ? `a list of ${value.length}` : `a ${typeof value}`;
    at.expected('a position [longitude, latitude] of two numbers', got);
  }
  return isPosition ? [value[0] + 0, value[1] + 0] : [0, 0];
};
const isNumber = (value: unknown): boolean => typeof value === 'number';

const ring: Read<Ring> = list(position, { min: 0, max: LIMITS.zoneVerticesMax + 1, of: 'positions' });
/** What may be empty and what may not is `zone-validity`'s to judge. */
const polygon: Read<Polygon> = list(ring, { min: 0, max: 10_000, of: 'rings' });
const polygons: Read<readonly Polygon[]> = list(polygon, { min: 0, max: 10_000, of: 'polygons' });
/** Its range is `zone-validity`'s to judge. */
const radius: Read<number> = (value, at) => {
  if (!isNumber(value)) at.expected('a radius in metres', describe(value));
  return isNumber(value) ? (value as number) : 1;
};

/** One position by itself (an address), within range. */
export const readPosition: Read<Position> = (value, at) => {
  const before = at.problems.length;
  const read = position(value, at);
  const problem = at.problems.length === before ? positionProblem(read, at.path) : null;
  if (problem !== null) at.add(problem);
  return read;
};

/**
 * `Polygon`, `MultiPolygon` (closed rings, valid as OGC defines it), `{"type":"Circle","center":[lon,lat],"radius_m":n}`,
 * or a Feature of one of them, or of a `Point` with `properties.radius_m`.
 */
export const readZoneShape: Read<ZoneShape> = (value, at) => {
  const fields = new Fields(value, at);
  if (!fields.isObject) return NOWHERE;
  const before = at.problems.length;
  const type = fields.required('type', oneOf(SHAPES));
  if (at.problems.length > before) return NOWHERE;
  if (type === 'Feature') {
    fields.ignore('id');
    return featureShape(fields);
  }
  let shape: ZoneShape;
  if (type === 'Circle') {
    shape = {
      kind: 'circle',
      center: fields.required('center', position),
      radiusM: fields.required('radius_m', radius),
    };
  } else {
    fields.ignore('bbox');
    shape =
      type === 'Polygon'
        ? { kind: 'polygons', polygons: [fields.required('coordinates', polygon)] }
        : { kind: 'polygons', polygons: fields.required('coordinates', polygons) };
  }
  fields.done();
  if (at.problems.length === before) for (const p of zoneProblems(shape, at.path, type === 'MultiPolygon')) at.add(p);
  return at.problems.length === before ? withoutEmptyParts(shape) : shape;
};

/** A Feature's geometry; what else it may carry (`properties`, `bbox`) says nothing to the rules. */
function featureShape(fields: Fields): ZoneShape {
  fields.ignore('bbox', 'properties');
  const shape = fields.required('geometry', (geometry, at) =>
    isPoint(geometry) ? pointCircle(geometry, fields, at) : readZoneShape(geometry, at),
  );
  fields.done();
  return shape;
}

const isPoint = (geometry: unknown): boolean =>
  typeof geometry === 'object' && geometry !== null && 'type' in geometry && geometry.type === 'Point';

/** The usual way to say a circle in a Feature: a `Point` with `properties.radius_m`. */
function pointCircle(geometry: unknown, feature: Fields, at: Place): ZoneShape {
  const point = new Fields(geometry, at);
  const before = at.problems.length;
  point.ignore('type', 'bbox');
  const center = point.required('coordinates', position);
  point.done();
  const radiusM = feature.required('properties', (properties, place) =>
    new Fields(properties, place).required('radius_m', radius),
  );
  const shape: ZoneShape = { kind: 'circle', center, radiusM };
  if (at.problems.length === before) for (const p of zoneProblems(shape, feature.at.path, false)) at.add(p);
  return shape;
}

/** GeoJSON ids are strings or numbers. */
const zoneId: Read<ZoneId> = (value, at) => id(parseZoneId)(typeof value === 'number' ? String(value) : value, at);

function readFeature(value: unknown, at: Place, revision: number): SharedZone {
  const fields = new Fields(value, at);
  const zone = {
    type: fields.required('type', oneOf(['Feature'])),
    zoneId: fields.required('id', zoneId),
    shape: fields.isObject ? featureShape(fields) : NOWHERE,
  };
  return { zoneId: zone.zoneId, revision, shape: zone.shape };
}

/** A shared zone: a GeoJSON Feature with an opaque `id`. Its revision is the store's to give. */
export function parseZoneFeature(json: unknown, revision = 1): Result<SharedZone, Problem[]> {
  const at = Place.root();
  const zone = readFeature(json, at, revision);
  return at.problems.length === 0 ? ok(zone) : bad(at.problems);
}

/** One Feature of a file: the zone if it is sound, else what is wrong with it. Paths are of the whole file. */
export interface ZoneReading {
  /** Its `id` as far as it is one. */
  readonly zoneId: ZoneId | null;
  /** `features[3]` of a collection, empty for a Feature by itself. */
  readonly path: string;
  readonly zone: SharedZone | null;
  readonly problems: readonly Problem[];
}

/** An import file: one Feature, or a FeatureCollection whose ids are each its own; and what is wrong with the whole. */
export function readZoneCollection(json: unknown): { zones: readonly ZoneReading[]; problems: readonly Problem[] } {
  const isCollection = typeof json === 'object' && json !== null && 'type' in json && json.type === 'FeatureCollection';
  const seen = new Set<string>();
  const one = (value: unknown, at: Place): ZoneReading => {
    const zone = readFeature(value, at, 1);
    if (seen.has(zone.zoneId)) at.key('id').expected('an id of its own', describe(zone.zoneId));
    if (zone.zoneId !== '') seen.add(zone.zoneId);
    const zoneId = zone.zoneId === '' ? null : zone.zoneId;
    return { zoneId, path: at.path, zone: at.problems.length === 0 ? zone : null, problems: at.problems };
  };
  if (!isCollection) return { zones: [one(json, Place.root())], problems: [] };
  const at = Place.root();
  const fields = new Fields(json, at);
  fields.ignore('type', 'bbox', 'name', 'crs');
  // each Feature has problems of its own
  const each: Read<ZoneReading> = (value, { path }) => one(value, Place.at(path));
  const zones = fields.required('features', list(each, { min: 0, max: 1_000_000, of: 'Features' }));
  fields.done();
  return { zones, problems: at.problems };
}

/** The zones of an import file, or every problem in it. */
export function parseZoneCollection(json: unknown): Result<readonly SharedZone[], Problem[]> {
  const read = readZoneCollection(json);
  const problems = [...read.zones.flatMap((one) => one.problems), ...read.problems];
  return problems.length === 0 ? ok(read.zones.flatMap(({ zone }) => zone ?? [])) : bad(problems);
}

/** One polygon is written as a Polygon. */
export function shapeJson(shape: ZoneShape): Record<string, unknown> {
  if (shape.kind === 'circle') return { type: 'Circle', center: shape.center, radius_m: shape.radiusM };
  return shape.polygons.length === 1
    ? { type: 'Polygon', coordinates: shape.polygons[0] }
    : { type: 'MultiPolygon', coordinates: shape.polygons };
}

/** `parseZoneFeature` reads it back; the revision is there for people. */
export function zoneToJson({ zoneId, revision, shape }: SharedZone): Record<string, unknown> {
  return { type: 'Feature', id: zoneId, geometry: shapeJson(shape), properties: { revision } };
}

/** Positions in JSON, one at a time: GeoJSON, fixes as devices send them, and the plain forms people write. */
import { MECHANISMS, type Mechanism } from '../domain/record.js';
import { bad, ok, type Result } from '../domain/result.js';
import { positionProblem } from '../rules/zone-validity.js';

/** A position in degrees, and how sure it is as far as the line says. */
export interface GivenPoint {
  readonly lon: number;
  readonly lat: number;
  /** Radius in metres; null where the line gives none. */
  readonly accuracyM: number | null;
  /** Of a fix; null where the line is no fix. */
  readonly mechanism: Mechanism | null;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * One of: GeoJSON `Point`, or a Feature of one with `accuracy_m` or `radius_m` among its properties;
 * `{"lon","lat"}` (also `lng`, `longitude`, `latitude`) with `accuracy_m` or `radius_m`; `[lon, lat]`;
 * `{"lat_e7","lon_e7","accuracy_dm","mechanism"}`, by itself or as the `fix` of a record. The fault says what was
 * expected and what came, and quotes no place.
 */
export function parsePoint(json: unknown): Result<GivenPoint, string> {
  if (Array.isArray(json)) return degrees(json[0], json[1], null, null, json.length === 2 || json.length === 3);
  if (typeof json !== 'object' || json === null) return bad(EXPECTED);
  const given = json as Json;
  if (given.type === 'Feature') {
    const properties = isObject(given.properties) ? given.properties : {};
    return isObject(given.geometry) ? pointGeometry(given.geometry, properties) : bad('expected a Feature of a Point');
  }
  if (given.type === 'FeatureCollection')
    return bad('expected one Feature a line (jq -c ".features[]" makes them of a collection)');
  if (given.type !== undefined && given.coordinates !== undefined) return pointGeometry(given, given);
  if (isObject(given.fix)) return fix(given.fix);
  if (given.lat_e7 !== undefined || given.lon_e7 !== undefined) return fix(given);
  const lon = given.lon ?? given.lng ?? given.longitude;
  const lat = given.lat ?? given.latitude;
  if (lon === undefined || lat === undefined) return bad(EXPECTED);
  return degrees(lon, lat, given, mechanismOf(given.mechanism));
}

const EXPECTED = 'expected a GeoJSON Point, {"lon","lat"}, [lon, lat] or a fix {"lat_e7","lon_e7"}';
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function pointGeometry(geometry: Json, properties: Json): Result<GivenPoint, string> {
  const { type, coordinates } = geometry;
  if (type !== 'Point') {
    return bad(`expected a Point, got ${typeof type === 'string' ? JSON.stringify(type.slice(0, 40)) : 'none'}`);
  }
  if (!Array.isArray(coordinates)) return bad('expected coordinates [longitude, latitude]');
  const isPosition = coordinates.length === 2 || coordinates.length === 3;
  return degrees(coordinates[0], coordinates[1], properties, mechanismOf(properties.mechanism), isPosition);
}

function degrees(
  lon: unknown,
  lat: unknown,
  properties: Json | null,
  mechanism: Mechanism | null | undefined,
  isPosition = true,
): Result<GivenPoint, string> {
  if (!isPosition || typeof lon !== 'number' || typeof lat !== 'number') {
    return bad('expected a longitude and a latitude, two numbers of degrees');
  }
  const problem = positionProblem([lon, lat], '');
  if (problem !== null) return bad(`expected ${problem.expected}, got ${problem.got}`);
  if (mechanism === undefined) return bad(`expected a mechanism of ${Object.keys(MECHANISMS).join(' ')}`);
  const accuracyM = properties?.accuracy_m ?? properties?.radius_m ?? null;
  if (accuracyM !== null && !(typeof accuracyM === 'number' && accuracyM >= 0)) {
    return bad('expected an accuracy of 0 or more metres');
  }
  return ok({ lon, lat, accuracyM, mechanism });
}

/** A fix that says no accuracy (0 on the wire) has that of its mechanism. */
function fix(given: Json): Result<GivenPoint, string> {
  const { lat_e7: latE7, lon_e7: lonE7, accuracy_dm: accuracyDm = 0 } = given;
  if (!Number.isInteger(latE7) || !Number.isInteger(lonE7)) return bad('expected whole numbers lat_e7 and lon_e7');
  if (typeof accuracyDm !== 'number' || !(accuracyDm >= 0)) return bad('expected an accuracy_dm of 0 or more');
  const mechanism = mechanismOf(given.mechanism ?? 'UNSPECIFIED');
  const point = degrees((lonE7 as number) / 1e7, (latE7 as number) / 1e7, null, mechanism);
  return point.ok && accuracyDm > 0 ? ok({ ...point.value, accuracyM: accuracyDm / 10 }) : point;
}

/** Null for none, undefined for one that is not known. */
function mechanismOf(value: unknown): Mechanism | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' && Object.hasOwn(MECHANISMS, value) ? (value as Mechanism) : undefined;
}

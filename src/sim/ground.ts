/** The made-up ground: towns, metres around a centre, and how far a position is from a zone's boundary. */
import type { ZoneShapeJson } from './order-plan.js';

/** Metres east and north of a town's centre. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Degrees. */
export interface Town {
  readonly name: string;
  readonly lat: number;
  readonly lon: number;
}

/** Made-up centres in a range that looks like Great Britain; no town is meant. */
export const TOWNS: readonly Town[] = [
  { name: 'northmoor', lat: 53.4, lon: -1.9 },
  { name: 'easterly', lat: 52.15, lon: 0.35 },
  { name: 'westhaven', lat: 51.62, lon: -3.3 },
  { name: 'southfold', lat: 51.05, lon: -0.85 },
];

const EQUATOR_M = 6_378_137;
const ECCENTRICITY_2 = 0.006_694_379_990_14;

/** Metres of one degree of latitude and of longitude at a latitude, on the WGS84 ellipsoid. */
export function metresPerDegree(lat: number): { lat: number; lon: number } {
  const phi = (lat * Math.PI) / 180;
  const w = 1 - ECCENTRICITY_2 * Math.sin(phi) ** 2;
  return {
    lat: ((Math.PI / 180) * EQUATOR_M * (1 - ECCENTRICITY_2)) / w ** 1.5,
    lon: ((Math.PI / 180) * EQUATOR_M * Math.cos(phi)) / Math.sqrt(w),
  };
}

/** A spot as [longitude, latitude], degrees, to seven decimals as the wire carries them. */
export function toLonLat(town: Town, spot: Spot): [number, number] {
  const lat = town.lat + spot.y / metresPerDegree(town.lat).lat;
  const per = metresPerDegree((lat + town.lat) / 2);
  const lon = town.lon + spot.x / metresPerDegree(lat).lon;
  return [round7(lon), round7(town.lat + spot.y / per.lat)];
}

const round7 = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;

export const apart = (a: Spot, b: Spot): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The point `metres` from `from` in the direction of `to`. */
export function towards(from: Spot, to: Spot, metres: number): Spot {
  const whole = apart(from, to);
  const part = whole === 0 ? 0 : metres / whole;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

export const around = (centre: Spot, angle: number, metres: number): Spot => ({
  x: centre.x + Math.cos(angle) * metres,
  y: centre.y + Math.sin(angle) * metres,
});

/** Signed distance in metres from a position to a zone's boundary, negative inside. */
export function signedDistance(shape: ZoneShapeJson, lon: number, lat: number): number {
  const per = metresPerDegree(lat);
  if (shape.type === 'Circle') {
    const middle = metresPerDegree((lat + shape.center[1]) / 2);
    return Math.hypot((shape.center[0] - lon) * middle.lon, (shape.center[1] - lat) * middle.lat) - shape.radius_m;
  }
  const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  for (const ring of polygons.flat()) {
    for (let i = 0; i + 1 < ring.length; i++) {
      const ax = ((ring[i]?.[0] ?? 0) - lon) * per.lon;
      const ay = ((ring[i]?.[1] ?? 0) - lat) * per.lat;
      const bx = ((ring[i + 1]?.[0] ?? 0) - lon) * per.lon;
      const by = ((ring[i + 1]?.[1] ?? 0) - lat) * per.lat;
      // the even-odd rule serves holes and several polygons alike
      if (ay > 0 !== by > 0 && ax + ((bx - ax) * -ay) / (by - ay) > 0) inside = !inside;
      nearest = Math.min(nearest, fromOrigin(ax, ay, bx, by));
    }
  }
  return inside ? -nearest : nearest;
}

/** Distance of the origin from a segment. */
function fromOrigin(ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length2));
  return Math.hypot(ax + t * dx, ay + t * dy);
}

/** Metres between two positions in degrees, within a few kilometres. */
export function metresBetween(lonA: number, latA: number, lonB: number, latB: number): number {
  const per = metresPerDegree((latA + latB) / 2);
  return Math.hypot((lonA - lonB) * per.lon, (latA - latB) * per.lat);
}

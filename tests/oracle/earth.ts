/**
 * Signed distance to a zone's boundary on WGS84, the long way: every edge cut into short pieces, each piece seen from
 * the position in its own tangent plane. No map projection, no index, no shortcut.
 */
import { vincentyM } from '../rules/geodesic.js';
import type { FixJson, LonLat, RingJson, ZoneJson } from './contract.js';

type Vec = readonly [x: number, y: number, z: number];
interface Piece {
  readonly from: Vec;
  readonly to: Vec;
}

const A = 6_378_137;
const E2 = 0.00669437999014;
const RAD = Math.PI / 180;
/** Pieces of edges, metres: a straight chord of this length leaves the edge by less than a millimetre. */
const PIECE = 100;

export const positionOf = (fix: FixJson): LonLat => [fix.lon_e7 / 1e7, fix.lat_e7 / 1e7];
export const metresBetween = (p: LonLat, q: LonLat): number => vincentyM(p[0], p[1], q[0], q[1]);

/** Metres, negative inside. */
export function signedDistance(zone: ZoneJson, at: LonLat): number {
  if (zone.type === 'Circle') return metresBetween(at, zone.center) - zone.radius_m;
  const distance = nearest(piecesOf(zone), at);
  return isInside(zone, at) ? -distance : distance;
}

const polygonsOf = (zone: Exclude<ZoneJson, { type: 'Circle' }>): readonly (readonly RingJson[])[] =>
  zone.type === 'Polygon' ? [zone.coordinates] : zone.coordinates;

/** Even-odd over all rings of a polygon: in its outside and in none of its holes. */
export function isInside(zone: ZoneJson, at: LonLat): boolean {
  if (zone.type === 'Circle') return metresBetween(at, zone.center) < zone.radius_m;
  return polygonsOf(zone).some((rings) => rings.filter((ring) => isInRing(ring, at)).length % 2 === 1);
}

function isInRing(ring: RingJson, at: LonLat): boolean {
  let inside = false;
  const xs = unwrapped(ring, at[0]);
  for (let i = 1; i < ring.length; i++) {
    const [y0, y1] = [(ring[i - 1] as LonLat)[1], (ring[i] as LonLat)[1]];
    if (y0 > at[1] === y1 > at[1]) continue;
    const [x0, x1] = [xs[i - 1] as number, xs[i] as number];
    if (x0 + ((at[1] - y0) / (y1 - y0)) * (x1 - x0) > 0) inside = !inside;
  }
  return inside;
}

/** Longitudes from a meridian, each at most half a turn from the one before it. */
export function unwrapped(ring: RingJson, meridian: number): number[] {
  const xs: number[] = [];
  for (const [lon] of ring) xs.push((xs.at(-1) ?? 0) + half(lon - meridian - (xs.at(-1) ?? 0)));
  return xs;
}
const half = (degrees: number): number => degrees - 360 * Math.round(degrees / 360);

const known = new WeakMap<ZoneJson, readonly Piece[]>();

function piecesOf(zone: Exclude<ZoneJson, { type: 'Circle' }>): readonly Piece[] {
  let pieces = known.get(zone);
  if (pieces === undefined) {
    pieces = polygonsOf(zone)
      .flat()
      .flatMap((ring) => ring.slice(1).flatMap((q, i) => cut(ring[i] as LonLat, q)));
    known.set(zone, pieces);
  }
  return pieces;
}

function cut(p: LonLat, q: LonLat): Piece[] {
  // a zone across the antimeridian is cut there (RFC 7946 §3.1.9): the cut is not its boundary
  if (Math.abs(p[0]) === 180 && Math.abs(q[0]) === 180) return [];
  const dx = half(q[0] - p[0]);
  const n = Math.max(1, Math.ceil(metresBetween(p, q) / PIECE));
  const point = (i: number): Vec => toSpace([p[0] + (dx * i) / n, p[1] + ((q[1] - p[1]) * i) / n]);
  return Array.from({ length: n }, (_, i) => ({ from: point(i), to: point(i + 1) }));
}

/** Earth-centred coordinates of a position on the ellipsoid. */
function toSpace([lon, lat]: LonLat): Vec {
  const sin = Math.sin(lat * RAD);
  const n = A / Math.sqrt(1 - E2 * sin * sin);
  const r = n * Math.cos(lat * RAD);
  return [r * Math.cos(lon * RAD), r * Math.sin(lon * RAD), n * (1 - E2) * sin];
}

function nearest(pieces: readonly Piece[], at: LonLat): number {
  const [ox, oy, oz] = toSpace(at);
  const [sl, cl] = [Math.sin(at[0] * RAD), Math.cos(at[0] * RAD)];
  const [sp, cp] = [Math.sin(at[1] * RAD), Math.cos(at[1] * RAD)];
  const east = ([x, y]: Vec): number => -sl * (x - ox) + cl * (y - oy);
  const north = ([x, y, z]: Vec): number => -sp * cl * (x - ox) - sp * sl * (y - oy) + cp * (z - oz);
  let least = Number.POSITIVE_INFINITY;
  for (const { from, to } of pieces) {
    const [px, py] = [east(from), north(from)];
    const [dx, dy] = [east(to) - px, north(to) - py];
    const length2 = dx * dx + dy * dy;
    const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(px * dx + py * dy) / length2));
    least = Math.min(least, Math.hypot(px + t * dx, py + t * dy));
  }
  return least;
}

/** Metres of the straight way from one position to another that lie inside a zone, found by walking it. */
export function metresInside(zone: ZoneJson, from: LonLat, to: LonLat): number {
  const length = metresBetween(from, to);
  const steps = Math.max(200, Math.ceil(length));
  const dx = half(to[0] - from[0]);
  let inside = 0;
  for (let i = 0; i < steps; i++) {
    const t = (i + 0.5) / steps;
    if (isInside(zone, [half(from[0] + t * dx), from[1] + t * (to[1] - from[1])])) inside++;
  }
  return (inside / steps) * length;
}

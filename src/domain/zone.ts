/** Where a person must not be, or must stay. */
import type { ZoneId } from './ids.js';

/** GeoJSON order: longitude, latitude, in WGS84 degrees. */
export type Position = readonly [lon: number, lat: number];
/** Closed: the last position repeats the first. The first ring of a polygon is its outside, the others are holes. */
export type Ring = readonly Position[];
export type Polygon = readonly Ring[];

export type ZoneShape =
  | { readonly kind: 'polygons'; readonly polygons: readonly Polygon[] }
  | { readonly kind: 'circle'; readonly center: Position; readonly radiusM: number };

/** A zone that many orders may name (a town centre, a stadium). */
export interface SharedZone {
  readonly zoneId: ZoneId;
  readonly revision: number;
  readonly shape: ZoneShape;
}

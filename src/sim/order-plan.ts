/** The orders of simulated people, in the contract's JSON: what the gateway imports and what the truth is read from. */
import type { AuthorisedAbsence, Weekday } from '../domain/timetable.js';

export type PositionJson = [lon: number, lat: number];

export type ZoneShapeJson =
  | { type: 'Circle'; center: PositionJson; radius_m: number }
  | { type: 'Polygon'; coordinates: PositionJson[][] }
  | { type: 'MultiPolygon'; coordinates: PositionJson[][][] };

export interface RowJson {
  days: Weekday[];
  start: string;
  end: string;
  addresses?: string[];
}

export interface DatedJson {
  date: string;
  start: string;
  end: string;
  addresses?: string[];
}

export interface AbsenceJson {
  from: string;
  to: string;
  reason: AuthorisedAbsence['reason'];
}

export interface CurfewJson {
  condition_id: string;
  kind: 'curfew';
  tolerance_s?: number;
  timetable: RowJson[];
  dated?: DatedJson[];
  authorised_absences?: AbsenceJson[];
}

export interface ExclusionJson {
  condition_id: string;
  kind: 'exclusion_zone';
  zone?: ZoneShapeJson;
  zone_ref?: string;
  buffer_m?: number;
  timetable?: RowJson[];
  dated?: DatedJson[];
}

export interface InclusionJson {
  condition_id: string;
  kind: 'inclusion_zone';
  zone?: ZoneShapeJson;
  zone_ref?: string;
  tolerance_s?: number;
  timetable?: RowJson[];
  dated?: DatedJson[];
}

export interface TrailJson {
  condition_id: string;
  kind: 'trail';
}

export interface OrderPlan {
  order_id: string;
  subject_id: string;
  revision: number;
  type: 'COMMUNITY' | 'POST_RELEASE' | 'BAIL' | 'IMMIGRATION';
  curfew_only: boolean;
  hdc: boolean;
  under_18: boolean;
  restricted: boolean;
  supervisor: string;
  time_zone: string;
  start: string;
  end: string;
  devices: { device_id: string; kind: 'tag' | 'rf_tag' | 'home_unit'; address?: string; from: string }[];
  addresses?: Record<string, { position: PositionJson }>;
  atv_allowance_min?: number;
  conditions: (CurfewJson | ExclusionJson | InclusionJson | TrailJson)[];
}

/** A shared zone as a GeoJSON feature. */
export interface ZoneFeature {
  type: 'Feature';
  id: string;
  properties: Record<string, never>;
  geometry: ZoneShapeJson;
}

/** What the plan itself knows it does, written beside the plan: the truth, read from the reports, must agree. */
export interface Expectation {
  type: string;
  codes: readonly string[];
}

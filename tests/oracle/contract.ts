/** What `replay` reads and prints, as the contract's JSON has it. The oracle takes nothing else, and imports nothing of src. */

export const DAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Day = (typeof DAYS)[number];

export interface RowJson {
  readonly days: readonly Day[];
  readonly start: string;
  readonly end: string;
  /** Curfews only. */
  readonly addresses?: readonly string[];
}

export interface DatedRowJson extends Omit<RowJson, 'days'> {
  readonly date: string;
}

export interface SpanJson {
  readonly from: string;
  readonly to: string;
}

export interface TimetableJson {
  readonly timetable?: readonly RowJson[];
  readonly dated?: readonly DatedRowJson[];
  readonly authorised_absences?: readonly SpanJson[];
}

export type LonLat = readonly [lon: number, lat: number];
export type RingJson = readonly LonLat[];
export type ZoneJson =
  | { readonly type: 'Polygon'; readonly coordinates: readonly RingJson[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly RingJson[])[] }
  | { readonly type: 'Circle'; readonly center: LonLat; readonly radius_m: number };

export interface CurfewJson extends TimetableJson {
  readonly condition_id: string;
  readonly kind: 'curfew';
  readonly tolerance_s?: number;
}

export interface ZoneConditionJson extends TimetableJson {
  readonly condition_id: string;
  readonly kind: 'exclusion_zone' | 'inclusion_zone';
  readonly zone?: ZoneJson;
  readonly zone_ref?: string;
  readonly buffer_m?: number;
  readonly tolerance_s?: number;
}

export interface AttendanceJson {
  readonly condition_id: string;
  readonly kind: 'attendance';
  readonly address?: string;
  readonly zone?: ZoneJson;
  readonly appointments: readonly (SpanJson & { readonly attend_min: number })[];
}

export interface AlcoholJson {
  readonly condition_id: string;
  readonly kind: 'alcohol_abstinence' | 'alcohol_level';
  readonly threshold_ug_l: number;
  readonly consecutive?: number;
}

export interface TrailJson {
  readonly condition_id: string;
  readonly kind: 'trail';
}

export type ConditionJson = CurfewJson | ZoneConditionJson | AttendanceJson | AlcoholJson | TrailJson;

export type DeviceKindJson = 'tag' | 'rf_tag' | 'home_unit' | 'alcohol_tag';

export interface DeviceJson {
  readonly device_id: string;
  readonly kind: DeviceKindJson;
  readonly address?: string;
  readonly from: string;
  readonly to?: string;
}

export interface OrderJson {
  readonly order_id: string;
  readonly subject_id: string;
  readonly revision: number;
  readonly type: string;
  readonly supervisor: string;
  readonly time_zone?: string;
  readonly start: string;
  readonly end: string;
  readonly atv_allowance_min?: number;
  readonly devices: readonly DeviceJson[];
  readonly addresses?: Readonly<Record<string, { readonly position?: LonLat }>>;
  readonly conditions: readonly ConditionJson[];
  readonly policy?: Readonly<Record<string, number>>;
}

export interface FixJson {
  readonly lat_e7: number;
  readonly lon_e7: number;
  readonly accuracy_dm?: number;
  readonly mechanism?: 'GNSS' | 'RF' | 'LBS' | 'WIFI';
}

export interface TagStatusJson {
  readonly battery_pct?: number;
  readonly flags?: readonly string[];
}

export interface BodyJson {
  readonly fix?: FixJson;
  readonly rf?: {
    readonly tag_id: string;
    readonly kind: 'ENTER' | 'EXIT' | 'PRESENT';
    readonly rssi_dbm?: number;
    readonly status?: TagStatusJson;
  };
  readonly tag?: TagStatusJson;
  readonly unit?: TagStatusJson;
  readonly alcohol?: { readonly tac_ug_l?: number; readonly flags?: readonly string[] };
  readonly heartbeat?: { readonly firmware?: string; readonly uptime_s?: number };
}

export interface RecordJson extends BodyJson {
  readonly time_ms: number;
}

export interface UploadJson {
  readonly device_id: string;
  readonly received_ms: number;
  readonly sequence: number;
  readonly records: readonly RecordJson[];
}

/** A shared zone of `--zones`: a GeoJSON Feature. */
export interface ZoneFeatureJson {
  readonly type: 'Feature';
  readonly id: string;
  readonly geometry: ZoneJson | { readonly type: 'Point'; readonly coordinates: LonLat };
  readonly properties: { readonly radius_m?: number };
}

export interface ViolationLine {
  readonly kind: 'violation';
  readonly type: 'curfew' | 'exclusion' | 'inclusion' | 'attendance';
  readonly order_id: string;
  readonly subject_id: string;
  readonly condition_id: string;
  readonly start: string;
  readonly end: string | null;
  readonly ended_by: string | null;
  readonly minutes: number | null;
  readonly codes: readonly string[];
  readonly confidence: string | null;
}

export interface AlertLine {
  readonly kind: 'alert';
  readonly type: string;
  readonly order_id: string | null;
  readonly subject_id: string | null;
  readonly device_id: string | null;
  readonly condition_id: string | null;
  readonly start: string;
  readonly end: string | null;
  readonly code: string | null;
  readonly state: string;
}

export type Line = ViolationLine | AlertLine;

/** One case for `replay`: what is in its files, and the time at which the picture is taken. */
export interface World {
  readonly orders: readonly OrderJson[];
  readonly zones: readonly ZoneFeatureJson[];
  /** As they stand in the file. */
  readonly uploads: readonly UploadJson[];
  readonly untilMs: number;
}

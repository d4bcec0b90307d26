/** What a device says at one moment, in the wire's units (`proto/wire.proto` is the contract). */
import type { DeviceId } from './ids.js';

/** Positioning mechanism, with the numbers that HMPPS data uses. */
export const MECHANISMS = { UNSPECIFIED: 0, GNSS: 1, RF: 4, LBS: 5, WIFI: 6 } as const;
export type Mechanism = keyof typeof MECHANISMS;

export const RF_KINDS = { UNSPECIFIED: 0, ENTER: 1, EXIT: 2, PRESENT: 3 } as const;
export type RfKind = keyof typeof RF_KINDS;

export const TAG_FLAGS = {
  STRAP_TAMPER_START: 1,
  STRAP_TAMPER_END: 2,
  CASE_OPEN_START: 3,
  CASE_OPEN_END: 4,
  CHARGING_START: 5,
  CHARGING_END: 6,
  SHIELDING_START: 7,
  SHIELDING_END: 8,
  JAMMING_START: 9,
  JAMMING_END: 10,
  MOTION_START: 11,
  MOTION_END: 12,
  SELF_TEST_FAULT: 13,
  SELF_TEST_OK: 14,
} as const;
export type TagFlag = keyof typeof TAG_FLAGS;

export const UNIT_FLAGS = {
  MAINS_LOST: 1,
  MAINS_RESTORED: 2,
  MOVED: 3,
  RESET: 4,
  CASE_OPEN_START: 5,
  CASE_OPEN_END: 6,
  SELF_TEST_FAULT: 7,
  SELF_TEST_OK: 8,
} as const;
export type UnitFlag = keyof typeof UNIT_FLAGS;

export const ALCOHOL_FLAGS = { OBSTRUCTED: 1, REMOVED: 2, CALIBRATION_DUE: 3 } as const;
export type AlcoholFlag = keyof typeof ALCOHOL_FLAGS;

/** A position in degrees × 10^7 (WGS84). `accuracyDm`: 95 % radius in decimetres, 0 = not given. */
export interface LocationFix {
  readonly kind: 'fix';
  readonly latE7: number;
  readonly lonE7: number;
  readonly accuracyDm: number;
  readonly speedCmS: number;
  readonly headingCdeg: number;
  readonly satellites: number;
  readonly hdopCenti: number;
  readonly mechanism: Mechanism;
  readonly altitudeDm: number;
}

export interface TagStatus {
  readonly kind: 'tag';
  readonly batteryPct: number | null;
  readonly flags: readonly TagFlag[];
}

/** What a home unit saw of a tag; `status` is how a tag that only RF sees reports its strap and battery. */
export interface RfReading {
  readonly kind: 'rf';
  readonly tagId: DeviceId;
  readonly event: RfKind;
  readonly rssiDbm: number;
  readonly status: TagStatus | null;
}

export interface HomeUnitStatus {
  readonly kind: 'unit';
  readonly flags: readonly UnitFlag[];
  readonly batteryPct: number | null;
}

/** Transdermal alcohol concentration in µg/l. */
export interface AlcoholReading {
  readonly kind: 'alcohol';
  readonly tacUgL: number;
  readonly flags: readonly AlcoholFlag[];
}

export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly firmware: string;
  readonly uptimeS: number;
}

/** A body of a newer device: sealed and counted, used by no rule. */
export interface UnknownBody {
  readonly kind: 'unknown';
}

export type RecordBody =
  | LocationFix
  | RfReading
  | TagStatus
  | HomeUnitStatus
  | AlcoholReading
  | Heartbeat
  | UnknownBody;

/**
 * One record. Its identity is (device, `timeMs`, `hash`): the same record under any sequence changes nothing.
 * `hash`: the first 16 bytes of SHA-256 over the body's bytes, base64url.
 */
export interface DeviceRecord {
  readonly timeMs: number;
  readonly hash: string;
  readonly body: RecordBody;
  /**
   * The `Record` message as it came, when it holds more than this gateway understands (a newer device's fields, flags
   * or body): what is acknowledged is kept whole. Absent otherwise; no rule reads it.
   */
  readonly raw?: Uint8Array;
}

/** The identity of a record that an alert rests on. */
export interface RecordRef {
  readonly deviceId: DeviceId;
  readonly timeMs: number;
  readonly hash: string;
}

/** One upload as a device sent it: 1 to 512 records, oldest first. */
export interface Upload {
  readonly sequence: bigint;
  /** The lowest sequence the device still holds un-acknowledged; 0 = not said. */
  readonly oldestHeld: bigint;
  readonly records: readonly DeviceRecord[];
}

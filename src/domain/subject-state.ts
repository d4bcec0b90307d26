/**
 * The hot state of one stream: all that `step` remembers between entries. Plain values only (finite numbers, strings,
 * booleans, null, arrays, string-keyed objects), never edited in place.
 */
import type { Finding } from './alert.js';
import type { AlertId, DeviceId } from './ids.js';
import type { RecordRef } from './record.js';

export type Presence = 'present' | 'absent' | 'unknown';

/** What one home unit knows of the order's tag. */
export interface UnitPresence {
  readonly presence: Presence;
  readonly sinceMs: number;
  /** Last record of the unit itself, or of the order's tag at it; null before the first. */
  readonly heardMs: number | null;
  /** Moved and not yet reset: readings do not count. */
  readonly moved: boolean;
  /** The reading that `presence` rests on. */
  readonly reading: RecordRef | null;
}

/** One curfew condition: the effective window it is in, and the absence and the unknown stretch that run in it. */
export interface CurfewState {
  readonly window: { readonly startMs: number; readonly endMs: number } | null;
  /** Start of the absence, clipped to the window; null while not absent. */
  readonly absentSinceMs: number | null;
  readonly unknownSinceMs: number | null;
}

/** One zone condition's visit. Times of fixes, UTC ms. */
export interface VisitState {
  /** Null while no visit runs. */
  readonly startMs: number | null;
  /** Last fix that leans in, of the running visit. */
  readonly lastInMs: number | null;
  /** Consecutive fixes that lean the other way from where we are, and the first of them. */
  readonly leaning: number;
  readonly leaningSinceMs: number | null;
  /** The last fix that any zone used; gaps are counted from it. */
  readonly lastFixMs: number | null;
  /** Why the zone's side was first judged or judged anew. */
  readonly reason: 'INITIAL' | 'ZONE_EDITED' | 'WINDOW_OPENED' | null;
  /** Parts of the visit that are, or may become, a violation: one for each active window it reaches. */
  readonly parts: readonly VisitPart[];
  /** The fixes of the leaning run, oldest first (at most k): a visit that begins at the first of them needs what they showed. */
  readonly run: readonly LeaningFix[];
}

export interface LeaningFix {
  readonly timeMs: number;
  /** Signed distance to the boundary, metres, negative inside. */
  readonly distanceM: number;
  readonly certain: boolean;
  readonly mechanism: 'UNSPECIFIED' | 'GNSS' | 'RF' | 'LBS' | 'WIFI';
  readonly ref: RecordRef;
}

export interface VisitPart {
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly startMs: number;
  /** Of the fixes that lean in and lie in this window. */
  readonly lastInMs: number;
  readonly certain: boolean;
  readonly marginM: number;
  readonly mechanism: LeaningFix['mechanism'];
  readonly records: readonly RecordRef[];
}

/** One device of the order. */
export interface EquipmentState {
  /** Its last record that the rules used; null before the first. */
  readonly lastMs: number | null;
  readonly lastBatteryPct: number | null;
  /** Last good fix (plausible), for the next one's plausibility. */
  readonly lastFix: {
    readonly timeMs: number;
    readonly latE7: number;
    readonly lonE7: number;
    readonly radiusM: number;
  } | null;
}

/** An alert that runs: the finding as last told, and the identity it was given. */
export interface OpenAlert {
  readonly alertId: AlertId;
  readonly version: number;
  readonly finding: Finding;
}

export interface SubjectState {
  /** Of the last entry taken in: an entry at or before it is not taken in again. */
  readonly position: number;
  /** Event time up to which everything, timers too, has been judged; null before the first entry. */
  readonly atMs: number | null;
  /** Revision of the order that was applied last; 0 = none. */
  readonly policyRevision: number;
  readonly units: Readonly<Record<DeviceId, UnitPresence>>;
  /** By condition id. */
  readonly curfews: Readonly<Record<string, CurfewState>>;
  readonly visits: Readonly<Record<string, VisitState>>;
  readonly equipment: Readonly<Record<DeviceId, EquipmentState>>;
  /** Running alerts by finding name (`rules/alerts`). */
  readonly open: Readonly<Record<string, OpenAlert>>;
  /** Earliest due time of any timer; null = none. */
  readonly dueMs: number | null;
}

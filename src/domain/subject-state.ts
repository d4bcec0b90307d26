/**
 * The hot state of one stream: all that `step` remembers between entries. Plain values only (finite numbers, strings,
 * booleans, null, arrays, string-keyed objects), never edited in place.
 */
import type { Finding, Handling } from './alert.js';
import type { EndedViolation, Excuse } from './excuse.js';
import type { AlertId, ConditionId, DeviceId } from './ids.js';
import type { Mechanism, RecordRef } from './record.js';
import type { Interval } from './timetable.js';

export type Presence = 'present' | 'absent' | 'unknown';

/**
 * What one home unit said last of the order's tags. `rules/presence` says what holds of it at a moment. Neither when the
 * person came or went nor the reading is kept: outside a curfew the hot state may hold the presence alone (¶19).
 */
export interface UnitPresence {
  readonly presence: Presence;
  /** The tag that `presence` rests on; null while unknown. */
  readonly tagId: DeviceId | null;
  /** Last record of the unit itself, or of the order's tag at it; null before the first. */
  readonly heardMs: number | null;
  /** Moved and not yet reset: readings do not count. */
  readonly moved: boolean;
}

/** One curfew condition. All null outside its windows, as soon as time has been let pass to there. */
export interface CurfewState {
  /** The effective window that it is in. */
  readonly window: { readonly startMs: number; readonly endMs: number } | null;
  /** The stretch of one presence that runs in the window. */
  readonly stretch: CurfewStretch | null;
  /** What units said at one moment of the window that has not been judged yet: it is judged once the moment is over. */
  readonly pending: { readonly atMs: number; readonly notes: readonly PresenceNote[] } | null;
}

export interface CurfewStretch {
  readonly presence: Presence;
  /** Clipped to the window. */
  readonly sinceMs: number;
  /** The reading that began it, if one inside the window did. */
  readonly reading: RecordRef | null;
}

/** A record that changed what its unit says, and to what. */
export interface PresenceNote {
  readonly presence: Presence;
  readonly ref: RecordRef;
}

/** One zone condition's visit. While nobody is near (no visit, empty run) it stays as it is, fix after fix. */
export interface VisitState {
  /** Null while no visit runs. */
  readonly startMs: number | null;
  /** The last fix that was used, from which the gap is counted; null while there is no visit and no run. */
  readonly lastFixMs: number | null;
  /** The latest fixes in a row that lean the other way from where we are, oldest first; fewer than `k`. */
  readonly run: readonly LeaningFix[];
  /** The part of the visit in one active window whose end is not yet known; null when there is none. */
  readonly part: VisitPart | null;
  /** Why the zone was judged anew; null from the next fix on. */
  readonly reason: VisitReason | null;
}

export type VisitReason = 'INITIAL' | 'ZONE_EDITED' | 'ORDER_REVISED' | 'ORDER_ENDED';

/** Of one zone condition with a buffer: the visit to the buffer, of which visits to the zone itself are left out. */
export interface ApproachState extends Pick<VisitState, 'startMs' | 'lastFixMs' | 'run'> {
  /** No approach begins before this: the visit's start, or when the zone itself was left. Null while no visit runs. */
  readonly sinceMs: number | null;
  /** Fixes of the visit of which it is not known yet whether they belong to a visit to the zone; fewer than `k`. */
  readonly held: readonly LeaningFix[];
  /** As a visit's. */
  readonly part: VisitPart | null;
}

/** A fix as one zone sees it. */
export interface LeaningFix {
  readonly timeMs: number;
  /** Signed distance to the boundary, metres, negative inside. */
  readonly distanceM: number;
  /** Inside by more than its radius. */
  readonly certain: boolean;
  readonly mechanism: Mechanism;
  readonly ref: RecordRef;
}

/** What the fixes that lean in and lie in one active window show. */
export interface VisitPart {
  readonly windowEndMs: number;
  readonly startMs: number;
  /** The last of those fixes. */
  readonly lastInMs: number;
  readonly certain: boolean;
  /** The deepest of them, metres inside the boundary, and what it was measured by. */
  readonly marginM: number;
  readonly mechanism: Mechanism;
  /** The first and the last of them. */
  readonly first: RecordRef;
  readonly last: RecordRef;
}

/** What home units say, compared with fixes (`rules/contradiction`). */
export interface ContradictionState {
  /** Fixes of one moment, in their order, one of them far from an address: they are compared once the moment is over. */
  readonly pending: { readonly atMs: number; readonly fixes: readonly ComparedFix[] } | null;
  /** By condition and unit: the latest fixes in a row contradict the unit; none: they do not. */
  readonly runs: Readonly<Record<string, ContradictionRun>>;
}

export interface ComparedFix {
  readonly ref: RecordRef;
  readonly latE7: number;
  readonly lonE7: number;
  readonly radiusM: number;
}

export interface ContradictionRun {
  readonly conditionId: ConditionId;
  readonly unitId: DeviceId;
  readonly address: string;
  /** The first of the fixes. */
  readonly sinceMs: number;
  readonly first: RecordRef;
  readonly windowEndMs: number;
}

/** One device of the order. */
export interface EquipmentState {
  /** Its last sign of life (`rules/equipment`); null before the first. */
  readonly lastMs: number | null;
  /** Reported silent: nothing is due until it is heard again. */
  readonly silent: boolean;
  readonly lastBatteryPct: number | null;
  /** Null: not on a charger. Else the level last seen on it, -1 before the first. */
  readonly chargePct: number | null;
  /** Last good fix (plausible), for the next one's plausibility. */
  readonly lastFix: {
    readonly timeMs: number;
    readonly hash: string;
    readonly latE7: number;
    readonly lonE7: number;
    readonly radiusM: number;
  } | null;
  /** Which record the last good fix was, where the state has forgotten what it said; absent: it has not. */
  readonly forgottenFix?: { readonly timeMs: number; readonly hash: string; readonly radiusM: number };
  readonly motion: MotionState;
}

/** What is known of a tag's motion that no good fix has yet shown the way of. */
export interface MotionState {
  /** It has moved since then; null: it is not known to move. */
  readonly sinceMs: number | null;
  /** Motion of the last hour before that, oldest first. */
  readonly spans: readonly Interval[];
}

/** One alcohol tag of which something is on: readings in a row, or an alert. */
export interface AlcoholState {
  /** A moment at which it was worn for the order: what is on ends with that assignment. */
  readonly wornMs: number;
  /** By condition id: readings in a row at or above its limit, too few to be told of. */
  readonly rows: Readonly<Record<string, AlcoholRow>>;
}

export interface AlcoholRow {
  readonly count: number;
  readonly first: RecordRef;
  readonly last: RecordRef;
}

/** One attendance condition. */
export interface AttendanceState {
  /** Appointments that end at or before this are past. */
  readonly pastMs: number;
  /** Under way with something known of them, or past and waiting for the fix that tells how they ended; by end. */
  readonly appointments: readonly AttendedTime[];
  /** Zones only; null before the first fix and when all is over. */
  readonly stay: ZoneStay | null;
}

/** What is known of one appointment; the rest of its time is unknown. */
export interface AttendedTime {
  readonly startMs: number;
  readonly endMs: number;
  readonly requiredMs: number;
  /** At home: accounted for up to here. In a zone: what lies before is unknown, whatever becomes known. */
  readonly sinceMs: number;
  readonly presentMs: number;
  readonly absentMs: number;
  /** The first and the last in the appointment that say something of it. */
  readonly records: readonly RecordRef[];
}

export type Side = 'in' | 'out';

/** On which side of a zone's boundary the person is known to be. */
export interface ZoneStay {
  /** Null: on neither, as yet. */
  readonly side: Side | null;
  /** No later fix makes anything known of the time before: the last fix that leans to `side`; without one, the run's first. */
  readonly openMs: number;
  /** The latest fixes in a row that lean to one side, not that on which the person is. */
  readonly run: { readonly side: Side; readonly sinceMs: number; readonly count: number } | null;
  /** When it is too long since the last fix. */
  readonly lostMs: number;
}

/** An alert that runs: the finding as it is now, the identity it was given, and the version told last. */
export interface OpenAlert {
  readonly alertId: AlertId;
  readonly version: number;
  readonly finding: Finding;
  /** Absent while nobody has done anything about it. */
  readonly handling?: Handling;
}

/** An alert that is over, or that late data has taken back: late data may yet move it, or raise it again. */
export interface SettledAlert extends OpenAlert {
  readonly withdrawn: boolean;
  /** The moment that was judged when it ended; what is told of it may speak of an earlier one. */
  readonly judgedMs: number;
}

/** Late data of the stream: when some came last, and what of it waits to be put in its place. */
export interface LateArrivals {
  /** Arrival of the last upload that was late, and of the first since there was quiet. */
  readonly atMs: number;
  readonly sinceMs: number;
  readonly waiting: LateWaiting | null;
}

/** Records that are known, and not yet in their place: while a backlog pours in, all of it is put in at once. */
export interface LateWaiting {
  /** Event times of the earliest and the latest. */
  readonly fromMs: number;
  readonly toMs: number;
  /** When they are put in, at the latest. */
  readonly latestMs: number;
  /** When they are put in unless more comes. */
  readonly dueMs: number;
}

export interface SubjectState {
  /** Of the last entry taken in: an entry at or before it is not taken in again. */
  readonly position: number;
  /** Event time of the last record or timer that was judged; null before the first. */
  readonly atMs: number | null;
  /** Timers due at or before this have fired; null before the first moment. */
  readonly firedMs: number | null;
  /** For each rule of the stream, the earliest event time that it can still take in order (`rules/draft`). */
  readonly opens: Readonly<Record<string, number>>;
  /** Revision of the order that is in force; 0 = none yet. */
  readonly policyRevision: number;
  /** Names the edition of the policy that is in force; empty = none yet. */
  readonly edition: string;
  readonly units: Readonly<Record<DeviceId, UnitPresence>>;
  /** By condition id. */
  readonly curfews: Readonly<Record<string, CurfewState>>;
  /** Length of the order's curfew violations that are over, less what is excused, milliseconds (`rules/atv`). */
  readonly violationMs: number;
  /** Those violations, in the order in which they ended: a decision may take their minutes out, or put them back. */
  readonly violations: readonly EndedViolation[];
  /** What people have excused, whenever they did. */
  readonly excuses: readonly Excuse[];
  readonly visits: Readonly<Record<string, VisitState>>;
  /** By condition id, of those alone whose buffer somebody is near. */
  readonly approaches: Readonly<Record<string, ApproachState>>;
  readonly contradiction: ContradictionState;
  readonly equipment: Readonly<Record<DeviceId, EquipmentState>>;
  /** By alcohol tag; nothing of those of which nothing is on. */
  readonly alcohol: Readonly<Record<DeviceId, AlcoholState>>;
  /** By condition id. */
  readonly attendance: Readonly<Record<string, AttendanceState>>;
  /** Running alerts by finding name (`rules/alerts`). */
  readonly open: Readonly<Record<string, OpenAlert>>;
  /** As far back as late data can reach. */
  readonly settled: readonly SettledAlert[];
  /** Null: no record was late yet. */
  readonly late: LateArrivals | null;
  /**
   * When it must be looked at again though nobody speaks: the earliest time by which a timer finds something, an edition
   * takes over, or what waits is put in (`rules/look-ahead`); null = never.
   */
  readonly dueMs: number | null;
}

/** A state between two moments, to begin a re-run at. */
export interface Snapshot {
  readonly state: SubjectState;
  /** Of the stream's uploads that arrived before this none says anything of concern of later than the state's time. */
  readonly coversMs: number;
}

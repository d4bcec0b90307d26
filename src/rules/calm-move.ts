/** What records that stay calm (`calm`) change of a state: all of them in one, put in at once. */
import type { DeviceId } from '../domain/ids.js';
import type { DeviceRecord, LocationFix } from '../domain/record.js';
import type { EquipmentState, SubjectState } from '../domain/subject-state.js';
import type { Calm } from './calm.js';
import { UNHEARD } from './equipment.js';
import { partOfDevice } from './part.js';
import { radiusM } from './plausibility.js';

export type Fix = NonNullable<EquipmentState['lastFix']>;

/** What records that stay calm change of a state: of several all in one. */
export interface Move {
  readonly tagId: DeviceId;
  readonly heardMs: number;
  /** The last of them that is one; null: none is. */
  readonly fix: Fix | null;
  /** As told last; null: it was not. */
  readonly batteryPct: number | null;
  /** The tag is known to move; it was seen to at this fix last. */
  readonly isMoving: boolean;
  readonly dueMs: number;
}

/** Of one record or more, in their order. */
export function moveOf(calm: Calm, records: readonly DeviceRecord[]): Move {
  let fix: Fix | null = null;
  let batteryPct: number | null = null;
  for (let at = records.length - 1; at >= 0 && (fix === null || batteryPct === null); at -= 1) {
    const record = records[at] as DeviceRecord;
    const { body } = record;
    if (body.kind === 'fix') fix ??= fixOf(calm, record, body);
    else if (body.kind === 'tag') batteryPct ??= body.batteryPct;
  }
  const { timeMs: heardMs } = records.at(-1) as DeviceRecord;
  const dueMs = Math.min(heardMs + calm.silenceMs, calm.foundMs);
  return { tagId: calm.tagId, heardMs, fix, batteryPct, isMoving: calm.movingMs !== Infinity, dueMs };
}

const fixOf = (
  calm: Calm,
  { timeMs, hash }: DeviceRecord,
  { latE7, lonE7, accuracyDm, mechanism }: LocationFix,
): Fix => ({
  timeMs,
  hash,
  latE7,
  lonE7,
  radiusM: radiusM({ accuracyDm, mechanism }, calm),
});

/** Both in one. */
export const movedOn = (earlier: Move, later: Move): Move => ({
  ...later,
  fix: later.fix ?? earlier.fix,
  batteryPct: later.batteryPct ?? earlier.batteryPct,
});

/** All but the position of the entry. */
export function moved(state: SubjectState, { tagId, heardMs, fix, batteryPct, isMoving, dueMs }: Move): SubjectState {
  const before = state.equipment[tagId] ?? UNHEARD;
  const heard: EquipmentState = {
    ...before,
    lastMs: heardMs,
    lastBatteryPct: batteryPct ?? before.lastBatteryPct,
    chargePct: before.chargePct === null ? null : (batteryPct ?? before.chargePct),
  };
  const opens = { ...state.opens, [partOfDevice(tagId)]: heardMs };
  if (fix !== null) opens.fixes = fix.timeMs;
  return {
    ...state,
    atMs: heardMs,
    firedMs: heardMs - 1,
    opens,
    equipment: { ...state.equipment, [tagId]: fix === null ? heard : seen(heard, fix, isMoving) },
    dueMs,
  };
}

/** A good fix ends what motion there was, and what was forgotten. */
function seen(
  { lastMs, silent, lastBatteryPct, chargePct }: EquipmentState,
  lastFix: Fix,
  isMoving: boolean,
): EquipmentState {
  const motion = isMoving ? { sinceMs: lastFix.timeMs, spans: [] } : UNHEARD.motion;
  return { lastMs, silent, lastBatteryPct, chargePct, lastFix, motion };
}

/** The state as `step` gives it for a record that `staysCalm`. */
export const calmed = (state: SubjectState, calm: Calm, record: DeviceRecord): SubjectState =>
  moved(state, moveOf(calm, [record]));

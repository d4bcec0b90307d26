/**
 * Alcohol (§5): readings in a row at or above a limit, and a sensor that was kept from the skin. Both are suspicions that
 * a person has yet to confirm.
 *
 * Each alcohol tag is judged by itself, for a row is of one instrument. A reading that was obstructed or removed measures
 * no skin: it is no evidence of a level, neither for a suspicion nor against one, so it neither counts in a row nor
 * breaks or ends it. Otherwise a hand over the sensor would clear its wearer. A tamper is the device's: like any other it
 * is told of whatever the conditions are.
 */
import type { EndedBy } from '../domain/alert.js';
import type { ConditionId, DeviceId } from '../domain/ids.js';
import type { AlcoholCondition } from '../domain/order.js';
import type { AlcoholReading, RecordRef } from '../domain/record.js';
import type { AlcoholRow, AlcoholState } from '../domain/subject-state.js';
import { close, type Moment, open } from './machine.js';

/** One alcohol condition. Abstinence and a level differ in their limit alone. */
export interface AlcoholLimit {
  readonly conditionId: ConditionId;
  readonly thresholdUgL: number;
  readonly consecutive: number;
}

type Rows = AlcoholState['rows'];

export function compileAlcohol({ conditionId, thresholdUgL, consecutive }: AlcoholCondition): AlcoholLimit {
  return { conditionId, thresholdUgL, consecutive };
}

/** Takes the next reading of one alcohol tag; returns its rows at or above the limits that are too short as yet. */
export function stepReading(
  limits: readonly AlcoholLimit[],
  deviceId: DeviceId,
  before: Rows,
  reading: AlcoholReading,
  ref: RecordRef,
  moment: Moment,
): Rows {
  const covered = reading.flags.includes('OBSTRUCTED') || reading.flags.includes('REMOVED');
  const tamper = moment.running('alcohol.tamper', null, deviceId);
  if (covered) {
    if (tamper === null) open(moment, { kind: 'alert', type: 'alcohol.tamper', deviceId, startMs: moment.atMs });
    return before;
  }
  if (tamper !== null) close(moment, tamper, moment.atMs, null);
  const rows: Record<string, AlcoholRow> = {};
  for (const limit of limits) {
    const row = stepRow(limit, deviceId, before[limit.conditionId] ?? null, reading.tacUgL, ref, moment);
    if (row !== null) rows[limit.conditionId] = row;
  }
  return rows;
}

/** Whether anything of this file runs for the tag under these conditions. */
export function alcoholRuns(limits: readonly AlcoholLimit[], deviceId: DeviceId, running: Moment['running']): boolean {
  return (
    running('alcohol.tamper', null, deviceId) !== null ||
    limits.some(({ conditionId }) => running('alcohol.suspected', conditionId, deviceId) !== null)
  );
}

/** The tag speaks for the order no more: no reading can end what runs of it, so it ends here, with the reason. */
export function endReadings(
  limits: readonly AlcoholLimit[],
  deviceId: DeviceId,
  moment: Moment,
  reason: Extract<EndedBy, 'ORDER_ENDED' | 'ORDER_REVISED'>,
): void {
  for (const { conditionId } of limits) endSuspicion(conditionId, deviceId, moment, reason);
  const tamper = moment.running('alcohol.tamper', null, deviceId);
  if (tamper !== null) close(moment, tamper, moment.atMs, reason);
}

/** The conditions are revised at this moment, and the tag goes on: so does a limit that is what it was, and no other. */
export function reviseReadings(
  former: readonly AlcoholLimit[],
  next: readonly AlcoholLimit[],
  deviceId: DeviceId,
  before: Rows,
  moment: Moment,
): Rows {
  const rows: Record<string, AlcoholRow> = {};
  for (const limit of former) {
    const { conditionId } = limit;
    const row = before[conditionId];
    if (!next.some((other) => sameLimit(limit, other))) endSuspicion(conditionId, deviceId, moment, 'ORDER_REVISED');
    else if (row !== undefined) rows[conditionId] = row;
  }
  return rows;
}

function stepRow(
  { conditionId, thresholdUgL, consecutive }: AlcoholLimit,
  deviceId: DeviceId,
  row: AlcoholRow | null,
  tacUgL: number,
  ref: RecordRef,
  moment: Moment,
): AlcoholRow | null {
  const suspected = moment.running('alcohol.suspected', conditionId, deviceId);
  if (tacUgL < thresholdUgL) {
    if (suspected !== null) close(moment, suspected, moment.atMs, null);
    return null;
  }
  if (suspected !== null) return null;
  // The same reading again, under another sequence: it must not count twice (§7).
  if (row !== null && row.last.timeMs === ref.timeMs && row.last.hash === ref.hash) return row;
  const first = row?.first ?? ref;
  const count = (row?.count ?? 0) + 1;
  if (count < consecutive) return { count, first, last: ref };
  open(moment, {
    kind: 'alert',
    type: 'alcohol.suspected',
    conditionId,
    deviceId,
    startMs: first.timeMs,
    records: count === 1 ? [ref] : [first, ref],
  });
  return null;
}

function endSuspicion(conditionId: ConditionId, deviceId: DeviceId, moment: Moment, reason: EndedBy): void {
  const suspected = moment.running('alcohol.suspected', conditionId, deviceId);
  if (suspected !== null) close(moment, suspected, moment.atMs, reason);
}

const sameLimit = (a: AlcoholLimit, b: AlcoholLimit): boolean =>
  a.conditionId === b.conditionId && a.thresholdUgL === b.thresholdUgL && a.consecutive === b.consecutive;

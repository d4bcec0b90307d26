/** What every rule is handed: the moment, the alerts that run, and the place to put its findings. */
import type { AlertCode, AlertType, Cause, EndedBy, Finding, ViolationType } from '../domain/alert.js';
import type { ConditionId, DeviceId } from '../domain/ids.js';
import type { RecordRef } from '../domain/record.js';

/** One moment of one stream, in event time. Moments of a stream never go back. */
export interface Moment {
  readonly atMs: number;
  readonly cause: Cause;
  /** The record of this moment; null for a timer. */
  readonly record: RecordRef | null;
  /** The running finding of that name, those put down at this very moment included; null if none runs. */
  running(type: Finding['type'], conditionId: ConditionId | null, deviceId: DeviceId | null): Finding | null;
  put(finding: Finding): void;
}

/** A rule's finding name: at most one of a name runs at a time. */
export function findingName(type: Finding['type'], conditionId: ConditionId | null, deviceId: DeviceId | null): string {
  return `${type}|${conditionId ?? ''}|${deviceId ?? ''}`;
}

/** Whose a finding is, and since when. */
export interface Opening {
  readonly type: AlertType | ViolationType;
  readonly kind: 'alert' | 'violation';
  readonly conditionId?: ConditionId;
  readonly deviceId?: DeviceId;
  readonly startMs: number;
  readonly code?: AlertCode;
  readonly records?: readonly RecordRef[];
}

/** A new running finding, put down at this moment. */
export function open(moment: Moment, o: Opening, more: Partial<Finding> = {}): void {
  moment.put({
    op: 'open',
    kind: o.kind,
    type: o.type,
    conditionId: o.conditionId ?? null,
    deviceId: o.deviceId ?? null,
    eventMs: moment.atMs,
    startMs: o.startMs,
    endMs: null,
    endedBy: null,
    codes: o.code === undefined ? [] : [o.code],
    confidence: null,
    marginM: null,
    mechanism: null,
    count: 1,
    cause: moment.cause,
    records: o.records ?? (moment.record === null ? [] : [moment.record]),
    ...more,
  });
}

/** A running finding, changed. */
export function amend(moment: Moment, running: Finding, change: Partial<Finding>): void {
  moment.put({ ...running, eventMs: moment.atMs, cause: moment.cause, ...change, op: 'amend' });
}

/** A running finding ends; `code` is what the ending itself is called, where it has a name. */
export function close(
  moment: Moment,
  running: Finding,
  endMs: number,
  endedBy: EndedBy | null,
  code: AlertCode | null = null,
  change: Partial<Finding> = {},
): void {
  moment.put({
    ...running,
    eventMs: moment.atMs,
    cause: moment.cause,
    records:
      moment.record === null || running.records.length === 0
        ? running.records
        : [running.records[0] as RecordRef, moment.record],
    codes: code === null ? running.codes : [...running.codes, code],
    ...change,
    endMs,
    endedBy,
    op: 'close',
  });
}

/** A running finding was told on what has turned out otherwise: nothing of it stands. */
export function withdraw(moment: Moment, running: Finding): void {
  moment.put({ ...running, cause: moment.cause, op: 'withdraw' });
}

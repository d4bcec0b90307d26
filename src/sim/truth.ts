/** The truth of a run, item by item, and its comparison with the alerts that the gateway told an outside subscriber. */
import { rfc3339 } from './civil-time.js';

/** One alert or violation that must stand at the end of a run, as it must read then. */
export interface TruthItem {
  readonly orderId: string;
  readonly kind: 'alert' | 'violation';
  readonly type: string;
  readonly conditionId: string | null;
  readonly deviceId: string | null;
  readonly startMs: number;
  /** Null while it runs. */
  readonly endMs: number | null;
  readonly codes: readonly string[];
  /** Of violations; null while it runs, and for alerts. */
  readonly endedBy: string | null;
  /** Event time at which it was to be raised: of the record that showed it, or when its timer was due. */
  readonly dueMs: number;
}

/** What the comparison reads of an alert's CloudEvent. */
export interface HeardAlert {
  readonly alert_id: string;
  readonly version: number;
  readonly state: string;
  readonly kind: string;
  readonly type: string;
  readonly order_id: string | null;
  readonly condition_id: string | null;
  readonly device_id: string | null;
  readonly start: string;
  readonly end: string | null;
  readonly ended_by: string | null;
  readonly codes: readonly string[];
}

export interface Comparison {
  readonly expected: number;
  /** Alerts that stand: raised and not withdrawn. */
  readonly raised: number;
  readonly missed: readonly TruthItem[];
  readonly false: readonly HeardAlert[];
  /** Each item that was found, with the alert that is it. */
  readonly matched: readonly { readonly item: TruthItem; readonly alertId: string }[];
}

/**
 * Matches the newest version of every alert with the truth: each item once, nothing left over on either side. An alert
 * that differs in anything the truth states (an end, a code) is a missed item and a false alert.
 */
export function compareTruth(truth: readonly TruthItem[], heard: Iterable<HeardAlert>): Comparison {
  const waiting = new Map<string, TruthItem[]>();
  for (const item of truth) {
    const key = keyOfItem(item);
    waiting.set(key, [...(waiting.get(key) ?? []), item]);
  }
  const matched: { item: TruthItem; alertId: string }[] = [];
  const untrue: HeardAlert[] = [];
  let raised = 0;
  for (const alert of newestOf(heard)) {
    if (alert.state === 'withdrawn') continue;
    raised++;
    const item = waiting.get(keyOfAlert(alert))?.pop();
    if (item === undefined) untrue.push(alert);
    else matched.push({ item, alertId: alert.alert_id });
  }
  const missed = [...waiting.values()].flat().sort((a, b) => a.startMs - b.startMs);
  return { expected: truth.length, raised, missed, false: untrue, matched };
}

/** The newest version of each alert: events come at least once, and an old one may come again. */
function newestOf(heard: Iterable<HeardAlert>): Iterable<HeardAlert> {
  const newest = new Map<string, HeardAlert>();
  for (const alert of heard) {
    const known = newest.get(alert.alert_id);
    if (known === undefined || known.version < alert.version) newest.set(alert.alert_id, alert);
  }
  return newest.values();
}

function keyOfItem(item: TruthItem): string {
  const end = item.endMs === null ? null : rfc3339(item.endMs);
  const endedBy = item.kind === 'violation' ? item.endedBy : null;
  return JSON.stringify([
    item.orderId,
    item.kind,
    item.type,
    item.conditionId,
    item.deviceId,
    rfc3339(item.startMs),
    end,
    item.codes,
    endedBy,
  ]);
}

function keyOfAlert(alert: HeardAlert): string {
  // an alert that is no violation ends in one way only; what it calls that is no part of the truth
  const endedBy = alert.kind === 'violation' ? alert.ended_by : null;
  return JSON.stringify([
    alert.order_id,
    alert.kind,
    alert.type,
    alert.condition_id,
    alert.device_id,
    rfc3339(Date.parse(alert.start)),
    alert.end === null ? null : rfc3339(Date.parse(alert.end)),
    alert.codes,
    endedBy,
  ]);
}

/** The line of `truth.ndjson`. */
export function truthLine(item: TruthItem): string {
  return JSON.stringify({
    order_id: item.orderId,
    kind: item.kind,
    type: item.type,
    condition_id: item.conditionId,
    device_id: item.deviceId,
    start: rfc3339(item.startMs),
    end: item.endMs === null ? null : rfc3339(item.endMs),
    codes: item.codes,
    ended_by: item.endedBy,
    due: rfc3339(item.dueMs),
  });
}

/** The exact closing line of a run. */
export function truthSummary(comparison: Comparison): string {
  const { expected, raised, missed } = comparison;
  return `truth: ${expected} expected, ${raised} raised, ${missed.length} missed, ${comparison.false.length} false`;
}

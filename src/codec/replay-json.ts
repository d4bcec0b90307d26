/** The lines that `replay` prints: how each alert and violation stands in the end. */
import type { AlertVersion } from '../domain/alert.js';

/** In the order in which lines are printed: by start, type, order and condition (none: as empty). */
export function byStart(a: AlertVersion, b: AlertVersion): number {
  return (
    a.startMs - b.startMs ||
    compare(a.type, b.type) ||
    compare(a.orderId ?? '', b.orderId ?? '') ||
    compare(a.conditionId ?? '', b.conditionId ?? '') ||
    compare(a.deviceId ?? '', b.deviceId ?? '') ||
    compare(a.alertId, b.alertId)
  );
}

/**
 * `ended_by` of a violation is a reason in capitals where it was not ended by what was seen but by an edit. That an order
 * ended while somebody was in a zone is a `gap` here: of the visit no more is known than up to its last fix.
 */
export function replayJson(version: AlertVersion): Record<string, unknown> {
  const { kind, type, orderId, subjectId, conditionId, deviceId, startMs, endMs, codes } = version;
  const start = timeJson(startMs);
  const end = endMs === null ? null : timeJson(endMs);
  if (kind === 'alert') {
    return {
      kind,
      type,
      order_id: orderId,
      subject_id: subjectId,
      device_id: deviceId,
      condition_id: conditionId,
      start,
      end,
      code: codes[0] ?? null,
      state: version.state === 'withdrawn' ? 'withdrawn' : end === null ? 'open' : 'closed',
    };
  }
  return {
    kind,
    type,
    order_id: orderId,
    subject_id: subjectId,
    condition_id: conditionId,
    start,
    end,
    ended_by: version.endedBy === 'ORDER_ENDED' ? 'gap' : version.endedBy,
    minutes: endMs === null ? null : (endMs - startMs) / 60_000,
    codes,
    confidence: version.confidence,
  };
}

const timeJson = (ms: number): string => new Date(ms).toISOString();
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

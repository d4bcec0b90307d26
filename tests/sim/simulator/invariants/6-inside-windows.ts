/** §9.6: no alert about presence or position concerns a moment outside a condition's window (¶19). Every version counts. */
import type { AlertVersion } from '../../../../src/domain/alert.js';
import type { Interval } from '../../../../src/domain/timetable.js';
import { effectiveWindows } from '../../../../src/sim/truth-windows.js';
import type { History } from '../history.js';
import { iso } from './telling.js';

export function insideWindows({ plan, versions, atMs }: History): string[] {
  const windows = new Map<string, readonly Interval[]>();
  for (const order of plan.orders) {
    const span = { startMs: Date.parse(order.start), endMs: Date.parse(order.end) };
    const seen = { startMs: span.startMs, endMs: atMs + 1 };
    for (const condition of order.conditions) {
      if (condition.kind === 'trail') continue;
      const name = `${order.order_id} ${condition.condition_id}`;
      windows.set(name, effectiveWindows(condition, order.time_zone, span, seen));
    }
  }
  const found = new Set<string>();
  for (const { version } of versions) {
    if (version.conditionId === null) continue;
    const its = windows.get(`${version.orderId} ${version.conditionId}`) ?? [];
    const moments = momentsOf(version);
    if (its.some(({ startMs, endMs }) => moments.every((ms) => startMs <= ms && ms <= endMs))) continue;
    found.add(
      `invariant 6: ${version.type} ${version.orderId} ${version.conditionId} speaks of ${moments.map(iso).join(', ')}`,
    );
  }
  return [...found];
}

/** Evidence too: a record's time tells where somebody was then. */
const momentsOf = ({ startMs, endMs, eventMs, records }: AlertVersion): number[] => [
  startMs,
  ...(endMs === null ? [] : [endMs]),
  eventMs,
  ...records.map(({ timeMs }) => timeMs),
];

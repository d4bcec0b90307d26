/** Alcohol readings, straight from rules.md §5. */
import type { Case, Known } from './evidence.js';
import type { FoundAlert } from './lines.js';

export function alcoholFindings(c: Case): FoundAlert[] {
  const isTampered = (r: Known) =>
    r.body.alcohol?.flags?.some((flag) => flag === 'OBSTRUCTED' || flag === 'REMOVED') === true;
  return c.assigned.flatMap((device) => {
    const { deviceId, fromMs, toMs } = device;
    const readings = c.records.filter(
      (r) => r.deviceId === deviceId && r.body.alcohol !== undefined && r.timeMs >= fromMs && r.timeMs < toMs,
    );
    // a device that no longer speaks for the order has nothing more to tell of it
    const lastMs = c.untilMs >= toMs ? toMs : null;
    const alerts = runs(readings, isTampered, lastMs).map(
      ({ span }): FoundAlert => ({ type: 'alcohol.tamper', deviceId, ...span }),
    );
    // a sensor kept from the skin is evidence neither of a level nor against one
    const telling = readings.filter((r) => !isTampered(r));
    for (const condition of c.order.conditions) {
      if (condition.kind !== 'alcohol_abstinence' && condition.kind !== 'alcohol_level') continue;
      const isOver = (r: Known) => (r.body.alcohol?.tac_ug_l ?? 0) >= condition.threshold_ug_l;
      for (const { length, span } of runs(telling, isOver, lastMs))
        if (length >= (condition.consecutive ?? 2))
          alerts.push({ type: 'alcohol.suspected', conditionId: condition.condition_id, deviceId, ...span });
    }
    return alerts;
  });
}

/** Maximal rows of readings that pass the test, each from its first to the first that does not. */
function runs(readings: readonly Known[], test: (r: Known) => boolean, lastMs: number | null) {
  const found: { length: number; span: { fromMs: number; toMs: number | null } }[] = [];
  for (const [i, reading] of readings.entries()) {
    if (!test(reading) || (i > 0 && test(readings[i - 1] as Known))) continue;
    const rest = readings.slice(i).findIndex((r) => !test(r));
    const length = rest === -1 ? readings.length - i : rest;
    found.push({ length, span: { fromMs: reading.timeMs, toMs: readings[i + length]?.timeMs ?? lastMs } });
  }
  return found;
}

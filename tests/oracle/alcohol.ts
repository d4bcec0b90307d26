/** Alcohol readings, straight from rules.md §5. */
import type { Case, Known } from './evidence.js';
import type { FoundAlert } from './lines.js';

export function alcoholFindings(c: Case): FoundAlert[] {
  const readings = c.records.filter((r) => r.body.alcohol !== undefined);
  const alerts: FoundAlert[] = [];
  for (const condition of c.order.conditions) {
    if (condition.kind !== 'alcohol_abstinence' && condition.kind !== 'alcohol_level') continue;
    const isOver = (r: Known) => (r.body.alcohol?.tac_ug_l ?? 0) >= condition.threshold_ug_l;
    for (const run of runs(readings, isOver))
      if (run.length >= (condition.consecutive ?? 2))
        alerts.push({ type: 'alcohol.suspected', conditionId: condition.condition_id, ...run.span });
  }
  const isTampered = (r: Known) =>
    r.body.alcohol?.flags?.some((flag) => flag === 'OBSTRUCTED' || flag === 'REMOVED') === true;
  for (const deviceId of new Set(readings.map((r) => r.deviceId))) {
    const own = readings.filter((r) => r.deviceId === deviceId);
    for (const run of runs(own, isTampered)) alerts.push({ type: 'alcohol.tamper', deviceId, ...run.span });
  }
  return alerts;
}

/** Maximal rows of readings that pass the test, each from its first to the first that does not. */
function runs(readings: readonly Known[], test: (r: Known) => boolean) {
  const found: { length: number; span: { fromMs: number; toMs: number | null } }[] = [];
  for (const [i, reading] of readings.entries()) {
    if (!test(reading) || (i > 0 && test(readings[i - 1] as Known))) continue;
    const rest = readings.slice(i).findIndex((r) => !test(r));
    const length = rest === -1 ? readings.length - i : rest;
    found.push({ length, span: { fromMs: reading.timeMs, toMs: readings[i + length]?.timeMs ?? null } });
  }
  return found;
}

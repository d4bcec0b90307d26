/** Whether two states of one stream will judge everything to come alike. */
import { type Finding, INTEGRITY_TYPES } from '../domain/alert.js';
import type { SubjectState } from '../domain/subject-state.js';

/** Location jumps come of the records; what else is counted comes of the gateway, at arrival, and stays as it is. */
const SEEN_BY_GATEWAY: ReadonlySet<string> = new Set(INTEGRITY_TYPES.filter((t) => t !== 'integrity.location_jump'));

/** Raised by what the gateway saw, which no re-run sees again. */
export const seenByGateway = (type: Finding['type']): boolean => SEEN_BY_GATEWAY.has(type);

/**
 * Everything that a rule reads is compared. What is not: where the state came from, what was told and is over, which
 * late data waits, the names of running alerts, and when and why the rules last spoke of them.
 */
export function sameJudgement(a: SubjectState, b: SubjectState): boolean {
  return sameValue(judging(a), judging(b));
}

function judging({ position: _, settled: __, late: ___, dueMs: ____, open, ...judged }: SubjectState): unknown {
  const running = Object.entries(open)
    .filter(([, { finding }]) => !seenByGateway(finding.type))
    .map(([name, { finding }]) => [name, { ...finding, op: null, cause: null, eventMs: null }] as const);
  return { ...judged, open: Object.fromEntries(running) };
}

/** Plain values, whatever the order of their keys. */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) && sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

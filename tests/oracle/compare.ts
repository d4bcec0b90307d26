/** What `replay` printed against what the oracle expects: every field, as sets of lines. */
import type { AlertLine, Line } from './contract.js';
import type { Expected } from './oracle.js';

export interface Difference {
  readonly expected: readonly string[];
  readonly got: readonly string[];
}

/** Integrity alerts that count are compared by what they are about: rules.md does not say when such a one begins. */
const COUNTED = new Set([
  'integrity.clock_ahead',
  'integrity.beyond_horizon',
  'integrity.unassigned_record',
  'integrity.location_jump',
]);

/** What the gateway alone sees, from envelopes and sessions. */
const GATEWAY = new Set([
  'integrity.replayed',
  'integrity.bad_seal',
  'integrity.sequence_gap',
  'integrity.double_session',
  'integrity.malformed',
  'integrity.unknown_key',
]);

/** Lines that only one side has, once for each time it has them more often. Empty: they agree. */
export function differenceOf(expected: Expected, lines: readonly Line[], only: 'violations' | 'all'): Difference {
  const wanted = [...expected.violations.map(whole), ...(only === 'all' ? expected.alerts.map(alertText) : [])];
  const got = lines
    .filter((line) => line.kind === 'violation' || (only === 'all' && isInScope(line)))
    .map((line) => (line.kind === 'violation' ? whole(line) : alertText(line)));
  return { expected: without(wanted, got), got: without(got, wanted) };
}

export const agrees = ({ expected, got }: Difference): boolean => expected.length === 0 && got.length === 0;

const isInScope = (line: AlertLine): boolean => line.state !== 'withdrawn' && !GATEWAY.has(line.type);

const alertText = (line: AlertLine): string =>
  COUNTED.has(line.type)
    ? `${line.type} order ${line.order_id} subject ${line.subject_id} device ${line.device_id}`
    : whole(line);

const whole = (line: Line): string =>
  JSON.stringify(Object.fromEntries(Object.entries(line).sort(([a], [b]) => (a < b ? -1 : 1))));

function without(lines: readonly string[], taken: readonly string[]): string[] {
  const rest = new Map<string, number>();
  for (const line of taken) rest.set(line, (rest.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = rest.get(line) ?? 0;
    rest.set(line, left - 1);
    return left <= 0;
  });
}

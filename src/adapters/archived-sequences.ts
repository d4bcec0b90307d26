/** Which sequences of one device are archived, as disjoint ranges in order: first, last, first, last, … */

/**
 * Beyond this many, the two lowest become one, and the gap between them counts as archived. Gaps are nearly always
 * numbers that the device left out (one a restart); a check of what was acknowledged is about the newest.
 */
export const RANGES_MAX = 256;

export type Ranges = readonly bigint[];

export function withSequences(ranges: Ranges, sequences: Iterable<bigint>): Ranges {
  const all: [bigint, bigint][] = [...pairs(ranges), ...[...sequences].map((one): [bigint, bigint] => [one, one])];
  all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const merged: [bigint, bigint][] = [];
  for (const [first, last] of all) {
    const before = merged.at(-1);
    if (before === undefined || first > before[1] + 1n) merged.push([first, last]);
    else if (last > before[1]) before[1] = last;
  }
  const over = merged.length - RANGES_MAX;
  if (over > 0) {
    const [lowest] = merged as [[bigint, bigint]];
    const joined = merged.splice(0, over + 1);
    merged.unshift([lowest[0], (joined.at(-1) ?? lowest)[1]]);
  }
  return merged.flat();
}

export function hasSequence(ranges: Ranges, sequence: bigint): boolean {
  return pairs(ranges).some(([first, last]) => first <= sequence && sequence <= last);
}

function pairs(ranges: Ranges): [bigint, bigint][] {
  const out: [bigint, bigint][] = [];
  for (let i = 0; i + 1 < ranges.length; i += 2) out.push([ranges[i] as bigint, ranges[i + 1] as bigint]);
  return out;
}

/**
 * Small-number suppression (¶32): which counts of a table may be published so that none of the others can be worked out,
 * not even by someone who knows these rules and the true total of all cells (from another table, say).
 */
import type { Cell } from '../ports/duties/statistics.js';

/** Counts below this are not published. */
export const THRESHOLD = 10;

type Count = { readonly key: readonly string[]; readonly count: number };

/**
 * `counts`: every combination that occurs, so each is 1 or more. Primary: what is below the threshold is hidden.
 * Secondary: while the hidden counts could be narrowed down from their sum, the smallest that is left is hidden as well,
 * and with it all that are equal to it, for a choice among equals would tell which they are. Cells come back in their
 * order; a table with nothing left to publish is empty, for its keys alone would tell something.
 */
export function suppress(counts: readonly Count[]): Cell[] {
  const hidden = new Set(counts.filter(({ count }) => count < THRESHOLD));
  let rest = counts.filter((cell) => !hidden.has(cell));
  while (hidden.size > 0 && rest.length > 0 && isTelling([...hidden].map(({ count }) => count))) {
    const smallest = Math.min(...rest.map(({ count }) => count));
    for (const cell of rest) if (cell.count === smallest) hidden.add(cell);
    rest = rest.filter((cell) => !hidden.has(cell));
  }
  return rest.length === 0
    ? []
    : counts.map((cell) => ({ key: cell.key, count: hidden.has(cell) ? null : cell.count }));
}

/** How far the sum of hidden counts must lie from where it would fix each of them. */
const SLACK = THRESHOLD / 2;

function isTelling(counts: readonly number[]): boolean {
  const sum = counts.reduce((total, count) => total + count, 0);
  if (counts.length < 2 || sum < THRESHOLD) return true;
  // all are known to be small: near the ends of 1 to 9 each, the sum tells every one
  const allSmall = counts.every((count) => count < THRESHOLD);
  return allSmall && (sum > counts.length * (THRESHOLD - 1) - SLACK || sum < counts.length + SLACK);
}

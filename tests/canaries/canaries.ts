/** Ten thousand positions that nothing may ever show: seeded, spread wide, no two with a value in common. */

import type { Canary } from './hunt.js';
import { seededRandom } from './random.js';

/** All in a box of the North Sea and its coasts: no person is anywhere near them. */
export function canaries(count: number, seed: number): Canary[] {
  const next = seededRandom(seed);
  const used = new Set<number>();
  const draw = (from: number, to: number): number => {
    for (;;) {
      const value = Math.round((from + next() * (to - from)) * 1e7);
      // a whole number of 10^-5 degrees looks like what people type
      if (value % 100 === 0 || used.has(value)) continue;
      used.add(value);
      return value;
    }
  };
  return Array.from({ length: count }, () => ({ latE7: draw(54, 58), lonE7: draw(1, 4) }));
}

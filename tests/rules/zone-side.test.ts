/** Inside, outside or neither, as a table. */
import t from 'tap';
import { sideOf } from '../../src/rules/zone-side.js';

const TABLE: readonly [distanceM: number, radiusM: number, side: string][] = [
  [-20.001, 20, 'inside'],
  [-20, 20, 'inside'],
  [-19.999, 20, 'indeterminate'],
  [0, 20, 'indeterminate'],
  [19.999, 20, 'indeterminate'],
  [20, 20, 'outside'],
  [5_000, 1_500, 'outside'],
  // an exact position is never in doubt, and on the boundary it is inside
  [-0.001, 0, 'inside'],
  [0, 0, 'inside'],
  [0.001, 0, 'outside'],
];
for (const [distanceM, radiusM, side] of TABLE) {
  t.test(`${distanceM} m from a zone with an accuracy of ${radiusM} m is ${side}`, async (t) => {
    t.equal(sideOf(distanceM, radiusM), side);
  });
}

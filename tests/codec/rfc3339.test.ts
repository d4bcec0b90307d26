/** Moments as clients read them: letter for letter what `toISOString` says. */
import t from 'tap';
import { rfc3339 } from '../../src/codec/rfc3339.js';
import { seeded, seedOfRun } from '../rules/seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

t.test('every moment is told as toISOString tells it', (t) => {
  const random = seeded(seed);
  const told = (ms: number) => {
    const [own, its] = [rfc3339(ms), new Date(ms).toISOString()];
    if (own !== its) t.fail(`${ms}: ${own} for ${its}`);
  };
  for (const ms of [0, -1, 1, -0, 86_399_999, 86_400_000, -86_400_000, 951_782_400_000, 1_773_086_410_000.5]) told(ms);
  for (const ms of [-62_167_219_200_001, -62_167_219_200_000, 253_402_300_799_999, 253_402_300_800_000, 8.64e15])
    told(ms);
  for (let i = 0; i < 5_000; i++) {
    const ms = Math.floor(8.64e15 * (2 * random() - 1) * 10 ** (-5 * random()));
    for (let n = 0; n < 3; n++) told(ms + Math.floor(200_000_000 * random()));
  }
  for (const ms of [Number.NaN, Infinity, 8.64e15 + 1]) t.throws(() => rfc3339(ms), RangeError);
  t.end();
});

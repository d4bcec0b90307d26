/** Small numbers cannot be worked out (¶32): an attacker who knows the rules and the true total tries every possibility. */
import t from 'tap';
import { suppress, THRESHOLD } from '../../src/lawful/suppress.js';
import { randomFrom } from '../support/samples.js';

const table = (counts: readonly number[]) => counts.map((count, n) => ({ key: [`cell-${n}`], count }));
const published = (counts: readonly number[]) => suppress(table(counts)).map(({ count }) => count);

/**
 * Every table of whole numbers that agrees with what is published and with the total, and from which our rules would
 * have published the same: what the hidden cells may be, to someone who knows everything but them.
 */
function possibilities(shown: readonly (number | null)[], total: number): number[][] {
  const places = shown.flatMap((count, at) => (count === null ? [at] : []));
  const sum = total - shown.reduce<number>((known, count) => known + (count ?? 0), 0);
  const found: number[][] = [];
  const fill = (values: readonly number[], left: number): void => {
    if (values.length === places.length - 1) {
      if (left < 1) return;
      const guess = shown.map((count, at) => count ?? [...values, left][places.indexOf(at)] ?? 0);
      if (JSON.stringify(published(guess)) === JSON.stringify(shown)) found.push([...values, left]);
      return;
    }
    for (let value = 1; value <= left; value++) fill([...values, value], left - value);
  };
  if (places.length > 0) fill([], sum);
  return found;
}

t.test('a count below ten is never published, and a table without small counts is published whole', async (t) => {
  t.same(published([12, 40, 10]), [12, 40, 10]);
  t.same(published([]), []);
  t.same(published([9]), [], 'nothing is left: not even the keys are told');
  for (let count = 1; count < THRESHOLD; count++) t.equal(published([count, 50, 60])[0], null);
});

t.test('one small count takes a second one with it, the smallest that is left', async (t) => {
  t.same(published([3, 50, 20, 30]), [null, 50, null, 30]);
  t.same(published([3, 20, 50, 20]), [null, null, 50, null], 'and its equals');
});

t.test('no hidden count can be worked out from the total, the published counts and these rules', async (t) => {
  const seed = Number(process.env.SEED ?? 20_261_122);
  t.comment(`SEED=${seed}`);
  const random = randomFrom(seed);
  const draw = (max: number) => Math.floor(random() * max);
  let hiddenTables = 0;
  for (let round = 0; round < 300; round++) {
    // three cells of small numbers, and sometimes bigger ones: hidden sums stay small enough to try everything
    const counts = Array.from({ length: 2 + draw(4) }, () => 1 + draw(random() < 0.6 ? 12 : 20));
    const shown = published(counts);
    const hidden = shown.filter((count) => count === null).length;
    if (hidden === 0) continue;
    hiddenTables++;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const possible = possibilities(shown, total);
    for (let cell = 0; cell < hidden; cell++) {
      const values = new Set(possible.map((values) => values[cell]));
      if (values.size < 2) t.fail(`${JSON.stringify(counts)} is told by ${JSON.stringify(shown)} (SEED=${seed})`);
    }
  }
  t.ok(hiddenTables > 100, `${hiddenTables} tables were attacked`);
});

t.test('the attack finds a count that is hidden alone: it would notice if the second were not hidden', async (t) => {
  const alone = [null, 50, 20];
  const counts = [3, 50, 20];
  const total = 73;
  const guesses: number[] = [];
  for (let value = 0; value <= total; value++) if (value + 70 === total) guesses.push(value);
  t.same(guesses, [counts[0]]);
  t.not(JSON.stringify(published(counts)), JSON.stringify(alone));
});

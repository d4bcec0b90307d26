import { createHash } from 'node:crypto';
import t from 'tap';
import { PackedKeys } from '../../src/adapters/files/packed-keys.js';
import { Random } from '../../src/sim/random.js';

/** Few first bytes: many names want the same row. */
const nameOf = (n: number): string =>
  `0000${(n % 7).toString(16).padStart(4, '0')}${createHash('md5').update(`${n}`).digest('hex').slice(8)}`;
const keyOf = (n: number, time: number): Buffer => createHash('sha256').update(`${n} ${time}`).digest();

t.test('it is a map of names to keys, whatever is put and destroyed', async (t) => {
  for (const seed of [1, 2, 3]) {
    const random = Random.of(seed, 'packed keys');
    const keys = new PackedKeys();
    const twin = new Map<number, Buffer>();
    for (let time = 0; time < 6_000; time++) {
      const n = random.whole(0, 1_500);
      if (random.chance(0.6)) {
        keys.put(nameOf(n), keyOf(n, time));
        twin.set(n, keyOf(n, time));
      } else {
        keys.destroy(nameOf(n));
        twin.delete(n);
      }
      const asked = random.whole(0, 1_500);
      const found = keys.get(nameOf(asked));
      const wanted = twin.get(asked) ?? null;
      if (found === null ? wanted !== null : wanted === null || !found.equals(wanted)) t.fail(`seed ${seed}, ${time}`);
    }
    t.equal(keys.size, twin.size);
    for (let n = 0; n <= 1_500; n++) t.same(keys.get(nameOf(n)), twin.get(n) ?? null);
  }
});

t.test('what was destroyed is overwritten where it lay', async (t) => {
  const keys = new PackedKeys();
  keys.put(nameOf(1), keyOf(1, 1));
  const view = keys.get(nameOf(1));
  keys.destroy(nameOf(1));
  t.same(view, Buffer.alloc(32));
  keys.destroy(nameOf(1));
  t.equal(keys.size, 0);
});

t.test('a name or a key of another length is refused', async (t) => {
  const keys = new PackedKeys();
  t.throws(() => keys.get('00'), RangeError);
  t.throws(() => keys.put(nameOf(1), Buffer.alloc(31)), RangeError);
});

import t from 'tap';
import type { JournalEntry, PlacedEntry } from '../../src/domain/entry.js';
import { type Commit, CommitQueue } from '../../src/intake/commit-queue.js';
import { entry } from '../support/samples.js';

/** A queue on a journal whose appends are settled by hand, in any order. */
function handHeld() {
  const appends: { entries: readonly JournalEntry[]; durable(): void; lost(): void }[] = [];
  const delivered: PlacedEntry[] = [];
  const faults: string[] = [];
  let last = 0;
  const queue = new CommitQueue({
    journal: {
      append: (entries) =>
        new Promise((resolve, reject) => {
          const first = last + 1;
          last += entries.length;
          appends.push({ entries, durable: () => resolve(first), lost: () => reject(new Error('lost')) });
        }),
    },
    deliver: (entries) => delivered.push(...entries),
    failed: () => faults.push('failed'),
    broken: () => faults.push('broken'),
    acknowledged: () => {},
  });
  return { queue, appends, delivered, faults };
}

const commit = (...entries: JournalEntry[]): Commit => ({ entries, settled: () => {} });
const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('what comes in one turn is one append, prepared in the tick of the append', async (t) => {
  const { queue, appends } = handHeld();
  const order: string[] = [];
  for (const n of [1, 2, 3]) {
    void queue.add(() => {
      order.push(`prepared ${n} before ${appends.length} appends`);
      return commit(entry(n));
    });
  }
  await turn();
  t.same(order, ['prepared 1 before 0 appends', 'prepared 2 before 0 appends', 'prepared 3 before 0 appends']);
  t.same(appends[0]?.entries, [entry(1), entry(2), entry(3)]);
});

t.test('a batch whose append is told durable early waits for the ones before it', async (t) => {
  const { queue, appends, delivered } = handHeld();
  const settled: number[] = [];
  for (const n of [1, 2]) {
    void queue.add(() => commit(entry(n))).then(() => settled.push(n));
    await turn();
  }
  appends[1]?.durable();
  await turn();
  t.same(settled, []);
  t.same(delivered, []);
  appends[0]?.durable();
  await queue.idle();
  await turn();
  t.same(settled, [1, 2]);
  t.same(
    delivered.map(({ position }) => position),
    [1, 2],
  );
});

t.test('a repeat behind a lost append fails, though its own batch was saved', async (t) => {
  const { queue, appends } = handHeld();
  const first = queue.add(() => commit(entry(1)));
  await turn();
  const repeat = queue.add(() => commit());
  const other = queue.add(() => commit(entry(2)));
  await turn();
  appends[1]?.durable();
  appends[0]?.lost();
  t.same(await Promise.all([first, repeat, other]), ['fail', 'fail', 'ack']);
});

t.test('what cannot be prepared fails alone', async (t) => {
  const { queue, appends, faults } = handHeld();
  const bad = queue.add(() => {
    throw new Error('a broken invariant');
  });
  const good = queue.add(() => commit(entry(1)));
  await turn();
  appends[0]?.durable();
  t.same(await Promise.all([bad, good]), ['fail', 'ack']);
  t.same(faults, ['broken']);
});

t.test('an append that failed fails everybody in it', async (t) => {
  const { queue, appends, delivered } = handHeld();
  const settled: string[] = [];
  const all = [1, 2, 3, 4].map((n) =>
    queue.add(() => ({ entries: [entry(n)], settled: (verdict) => settled.push(`${n} ${verdict}`) })),
  );
  await turn();
  t.equal(appends.length, 1);
  appends[0]?.lost();
  t.same(await Promise.all(all), ['fail', 'fail', 'fail', 'fail']);
  t.same(settled, ['1 fail', '2 fail', '3 fail', '4 fail']);
  t.same(delivered, []);
});

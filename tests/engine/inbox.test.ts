// Entries come out of the inbox in the journal's order, each once, however they were handed over.
import fc from 'fast-check';
import t from 'tap';
import type { JournalEntry, PlacedEntry } from '../../src/domain/entry.js';
import { Inbox } from '../../src/engine/inbox.js';
import type { Journal } from '../../src/ports/journal.js';
import { seedOfRun } from '../rules/seeded.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);

const placed = (position: number): PlacedEntry => ({
  position,
  entry: { kind: 'alive', stream: '~gateway', receivedMs: position } as unknown as JournalEntry,
});

/** A journal in memory; between two entries that it gives, `between` may happen. */
class Paper {
  last = 0;
  read = 0;
  between = (): void => {};

  get journal(): Journal {
    const paper = this;
    const reading = async function* (from: number): AsyncGenerator<PlacedEntry> {
      for (let at = from; at <= paper.last; at += 1) {
        paper.between();
        paper.read += 1;
        yield placed(at);
      }
    };
    return {
      get last() {
        return paper.last;
      },
      read: reading,
    } as unknown as Journal;
  }
}

t.test('handed over in any order, in part or not at all, they come in theirs', async (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('durable' as const), many: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constant('put' as const), picks: fc.array(fc.nat(), { maxLength: 20 }) }),
    fc.record({ kind: fc.constant('take' as const), max: fc.integer({ min: 1, max: 12 }) }),
  );
  let fromMemory = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.nat(), { maxLength: 60 }),
      async (steps, max, picksBetween) => {
        const paper = new Paper();
        const inbox = new Inbox(paper.journal, max);
        let next = 1;
        const put = (picks: readonly number[]): void =>
          inbox.put(paper.last === 0 ? [] : picks.map((pick) => placed(1 + (pick % paper.last))));
        const between = [...picksBetween];
        paper.between = () => put(between.splice(0, 2));
        const take = async (many: number): Promise<void> => {
          const before = paper.read;
          const taken = await inbox.take(many, 1_000);
          for (const { position, entry } of taken) {
            if (position !== next || entry.receivedMs !== next) throw new Error(`${position} in the place of ${next}`);
            next += 1;
          }
          if (taken.length > many) throw new Error(`${taken.length} of ${many}`);
          fromMemory += taken.length - (paper.read - before);
        };
        for (const one of steps) {
          if (one.kind === 'durable') paper.last += one.many;
          else if (one.kind === 'put') put(one.picks);
          else await take(one.max);
        }
        while (inbox.ready) await take(7);
        if (next !== paper.last + 1) throw new Error(`${next - 1} of ${paper.last} came`);
      },
    ),
    { seed, numRuns: 400 },
  );
  t.ok(fromMemory > 100, `${fromMemory} from memory`);
});

t.test('while it keeps up nothing is read back, and at its bound it lets go', async (t) => {
  const paper = new Paper();
  const inbox = new Inbox(paper.journal, 100);
  for (let n = 0; n < 50; n += 1) {
    paper.last += 20;
    inbox.put(Array.from({ length: 20 }, (_, i) => placed(paper.last - 19 + i)));
    t.equal((await inbox.take(20, 1_000)).length, 20);
  }
  t.equal(paper.read, 0);
  paper.last += 300;
  inbox.put(Array.from({ length: 300 }, (_, i) => placed(paper.last - 299 + i)));
  let taken = 0;
  while (inbox.ready) taken += (await inbox.take(50, 1_000)).length;
  t.same([taken, paper.read], [300, 200], 'a hundred from memory, the rest from the journal');
});

t.test('a batch ends with the entry that fills its records', async (t) => {
  const paper = new Paper();
  const inbox = new Inbox(paper.journal, 100);
  const heavy = (position: number): PlacedEntry => ({
    position,
    entry: { kind: 'upload', records: [1, 2, 3] } as unknown as JournalEntry,
  });
  paper.last = 6;
  inbox.put([1, 2, 3, 4, 5, 6].map(heavy));
  t.same(
    (await inbox.take(10, 5)).map(({ position }) => position),
    [1, 2],
  );
  t.same(
    (await inbox.take(3, 100)).map(({ position }) => position),
    [3, 4, 5],
  );
});

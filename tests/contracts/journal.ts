/** What every journal promises, crashes included. */
import t, { type Test } from 'tap';
import type { JournalEntry, PlacedEntry } from '../../src/domain/entry.js';
import { type Journal, JournalFailed } from '../../src/ports/journal.js';
import { entry, randomFrom } from '../support/samples.js';

export interface JournalPlace {
  /** Opens the one journal of this place for an owner. */
  open(epoch: number): Promise<Journal>;
  /** The owner dies without a word: what was not durable is gone, and its journal is left as it is. */
  crash(): Promise<void>;
  /** Clears the place away. */
  remove(): Promise<void>;
}

export async function readAll(journal: Journal, position = 1): Promise<PlacedEntry[]> {
  const all: PlacedEntry[] = [];
  for await (const placed of journal.read(position)) all.push(placed);
  return all;
}

const entries = (from: number, count: number): JournalEntry[] =>
  Array.from({ length: count }, (_, i) => entry(from + i));

export function journalContract(name: string, make: () => Promise<JournalPlace>): void {
  const clause = (text: string, run: (place: JournalPlace, t: Test) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      await run(place, t);
    });

  clause('an empty journal stands at 0 and reads nothing', async (place, t) => {
    const journal = await place.open(1);
    t.equal(journal.last, 0);
    t.same(await readAll(journal), []);
    await journal.close();
  });

  clause('entries come back whole, in call order, with consecutive positions from 1', async (place, t) => {
    const journal = await place.open(1);
    const calls = [entries(0, 3), entries(3, 1), entries(4, 5)];
    const firsts = await Promise.all(calls.map((call) => journal.append(call)));
    t.same(firsts, [1, 4, 5]);
    t.equal(journal.last, 9);
    const read = await readAll(journal);
    t.same(
      read,
      calls.flat().map((written, index) => ({ position: index + 1, entry: written })),
    );
    t.same(await readAll(journal, 7), read.slice(6));
    t.same(await readAll(journal, 10), []);
    await journal.close();
  });

  clause('what was acknowledged is there after a crash, and positions go on from it', async (place, t) => {
    const journal = await place.open(1);
    await journal.append(entries(0, 10));
    await Promise.all([journal.append(entries(10, 2)), journal.append(entries(12, 2))]);
    await place.crash();

    const again = await place.open(2);
    t.equal(again.last, 14);
    t.same(
      (await readAll(again)).map(({ entry }) => entry),
      entries(0, 14),
    );
    t.equal(await again.append(entries(14, 1)), 15);
    t.equal((await readAll(again, 15)).length, 1);
    await again.close();
  });

  clause('crash after crash loses nothing that was acknowledged and invents nothing', async (place, t) => {
    const seed = 20_260_302;
    t.comment(`seed ${seed}`);
    const random = randomFrom(seed);
    const acknowledged: JournalEntry[] = [];
    for (let epoch = 1; epoch <= 8; epoch++) {
      const journal = await place.open(epoch);
      const kept = (await readAll(journal)).map(({ entry }) => entry);
      // a call that was under way when the owner died may be there, whole
      t.same(kept.slice(0, acknowledged.length), acknowledged);
      acknowledged.splice(0, acknowledged.length, ...kept);
      for (let call = 0; call < 5; call++) {
        const written = entries(Math.floor(random() * 1_000), 1 + Math.floor(random() * 6));
        await journal.append(written);
        acknowledged.push(...written);
      }
      await place.crash();
    }
  });

  clause('a reader sees durable entries while appends go on', async (place, t) => {
    const journal = await place.open(1);
    await journal.append(entries(0, 4));
    const seen: number[] = [];
    for await (const { position } of journal.read(1)) {
      seen.push(position);
      if (position <= 3) await journal.append(entries(position, 1));
    }
    t.same(seen, [1, 2, 3, 4, 5, 6, 7]);
    await journal.close();
  });

  clause('an owner whose epoch is not the highest cannot open it', async (place, t) => {
    const journal = await place.open(5);
    await journal.append(entries(0, 1));
    await journal.close();
    await t.rejects(place.open(4), JournalFailed);
    await t.rejects(place.open(5), JournalFailed);
    await (await place.open(6)).close();
  });

  clause('a superseded owner writes nothing, ever again', async (place, t) => {
    const paused = await place.open(1);
    await paused.append(entries(0, 2));
    const owner = await place.open(2);
    await owner.append(entries(2, 2));
    await t.rejects(paused.append(entries(90, 1)), JournalFailed);
    await t.rejects(paused.append(entries(91, 1)), JournalFailed);
    await owner.append(entries(4, 1));
    t.same(
      (await readAll(owner)).map(({ entry }) => entry),
      entries(0, 5),
    );
    await paused.close();
    await owner.close();
    const next = await place.open(3);
    t.equal(next.last, 5);
    await next.close();
  });

  clause('a superseded owner takes nothing away from the one that came after', async (place, t) => {
    const paused = await place.open(1);
    for (let n = 0; n < 40; n++) await paused.append(entries(n, 1));
    const owner = await place.open(2);
    const before = (await readAll(owner)).length;
    // where there is nothing that could be dropped it need not notice
    await paused.trim(30).catch((error: unknown) => t.type(error, JournalFailed));
    t.equal((await readAll(owner)).length, before);
    await paused.close();
    await owner.close();
  });

  clause('trimming drops nothing at or after the position, and positions go on', async (place, t) => {
    const journal = await place.open(1);
    for (let n = 0; n < 40; n++) await journal.append(entries(n, 1));
    await journal.trim(25);
    t.same(
      (await readAll(journal, 25)).map(({ position }) => position),
      Array.from({ length: 16 }, (_, index) => 25 + index),
    );
    t.ok(journal.first <= 25, `it begins at ${journal.first}`);
    await journal.trim(41);
    await journal.close();
    const again = await place.open(2);
    t.equal(again.last, 40);
    t.equal(await again.append(entries(40, 1)), 41);
    await again.close();
  });

  clause(
    'what is old goes some day, however little comes: a segment that holds some of it takes no more',
    async (place, t) => {
      const journal = await place.open(1);
      t.equal(journal.first, 1, 'of an empty one');
      for (let n = 0; n < 3; n++) await journal.append(entries(n, 1));
      await journal.trim(3);
      await journal.append(entries(3, 1));
      await journal.trim(4);
      t.equal(journal.first, 4);
      t.same(
        (await readAll(journal, 4)).map(({ position }) => position),
        [4],
      );
      t.equal(await journal.append(entries(4, 1)), 5);
      await journal.close();
    },
  );

  clause('an append of nothing is refused and does no harm', async (place, t) => {
    const journal = await place.open(1);
    await t.rejects(journal.append([]), RangeError);
    t.equal(await journal.append(entries(0, 1)), 1);
    await journal.close();
  });

  clause('close waits for what is under way; afterwards nothing is taken', async (place, t) => {
    const journal = await place.open(1);
    const under = [journal.append(entries(0, 1)), journal.append(entries(1, 1))];
    await journal.close();
    t.same(await Promise.all(under), [1, 2]);
    await t.rejects(journal.append(entries(2, 1)), JournalFailed);
  });
}

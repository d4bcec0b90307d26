/** What every store of hot state promises, crashes and emptying included. */
import t, { type Test } from 'tap';
import { decodeState } from '../../src/codec/state-record.js';
import type { StreamKey } from '../../src/domain/ids.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import { type StateBytes, StatesLost, type SubjectStates, Superseded } from '../../src/ports/subject-states.js';
import { deviceStream, orderStream, state, stateBytes } from '../support/samples.js';

export interface StatesPlace {
  /** A new client of the one store of this place. */
  open(): Promise<SubjectStates>;
  /** The process dies without a word: what was not durable is gone. */
  crash(): Promise<void>;
  /** Empties the store behind its owner's back; absent where nothing can. */
  empty?(): Promise<void>;
  remove(): Promise<void>;
}

const batchOf = (epoch: number, previousPosition: number, position: number, people: Iterable<number>) => ({
  epoch,
  previousPosition,
  position,
  states: new Map<StreamKey, StateBytes>([...people].map((n) => [orderStream(n), stateBytes(n, position)])),
});

async function all(states: SubjectStates): Promise<Map<StreamKey, SubjectState>> {
  const found = new Map<StreamKey, SubjectState>();
  for await (const [key, bytes] of states.scan()) found.set(key, decodeState(bytes));
  return found;
}

const decoded = (saved: Iterable<readonly [StreamKey, StateBytes]>): Map<StreamKey, SubjectState> =>
  new Map([...saved].map(([key, bytes]) => [key, decodeState(bytes)]));

async function loaded(states: SubjectStates, keys: readonly StreamKey[]): Promise<(SubjectState | null)[]> {
  return (await states.load(keys)).map((bytes) => (bytes === null ? null : decodeState(bytes)));
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Claimed for epoch 1 and standing, empty, at position 0. */
async function fresh(place: StatesPlace): Promise<SubjectStates> {
  const states = await place.open();
  await states.claim(1);
  await states.replaceAll(1, 0, []);
  return states;
}

export function subjectStatesContract(name: string, make: () => Promise<StatesPlace>): void {
  const clause = (text: string, run: (place: StatesPlace, t: Test) => Promise<void>) =>
    t.test(`${name}: ${text}`, async (t) => {
      const place = await make();
      t.teardown(() => place.remove());
      await run(place, t);
    });

  clause('a new store has no position and nobody in it', async (place, t) => {
    const states = await place.open();
    t.equal(await states.position(), null);
    t.equal((await all(states)).size, 0);
    t.same(await states.load([orderStream(1)]), [null]);
    await states.close();
  });

  clause('a saved batch is read back whole, with its position, by load and by scan', async (place, t) => {
    const states = await fresh(place);
    const batch = batchOf(1, 0, 12, range(5));
    batch.states.set(deviceStream(9), stateBytes(9, 12));
    await states.save(batch);
    t.equal(await states.position(), 12);
    t.same(await loaded(states, [orderStream(3), orderStream(77), deviceStream(9)]), [
      state(3, 12),
      null,
      state(9, 12),
    ]);
    t.same(await all(states), decoded(batch.states));
    await states.close();
  });

  clause('a later save replaces the states it names and leaves the others', async (place, t) => {
    const states = await fresh(place);
    await states.save(batchOf(1, 0, 10, range(4)));
    await states.save(batchOf(1, 10, 20, [2]));
    t.same(await loaded(states, [orderStream(1), orderStream(2)]), [state(1, 10), state(2, 20)]);
    t.equal(await states.position(), 20);
    await states.close();
  });

  clause('a batch without states moves the position', async (place, t) => {
    const states = await fresh(place);
    await states.save(batchOf(1, 0, 7, []));
    t.equal(await states.position(), 7);
    await states.close();
  });

  clause('a batch larger than one chunk arrives whole', async (place, t) => {
    const states = await fresh(place);
    const batch = batchOf(1, 0, 5_000, range(2_500));
    await states.save(batch);
    t.same(await all(states), decoded(batch.states));
    t.equal((await states.load([...batch.states.keys()])).filter((found) => found === null).length, 0);
    await states.close();
  });

  clause('saved states survive a crash', async (place, t) => {
    const states = await fresh(place);
    const batch = batchOf(1, 0, 3, range(20));
    await states.save(batch);
    await place.crash();
    const again = await place.open();
    t.equal(await again.position(), 3);
    t.same(await all(again), decoded(batch.states));
    await again.claim(2);
    await again.save(batchOf(2, 3, 4, [1]));
    await again.close();
  });

  clause('the same batch once more succeeds: its answer may have got lost', async (place, t) => {
    const states = await fresh(place);
    await states.save(batchOf(1, 0, 10, range(3)));
    await states.save(batchOf(1, 0, 10, range(3)));
    t.equal(await states.position(), 10);
    t.same((await all(states)).size, 3);
    await states.close();
  });

  clause('a store that stands elsewhere than its owner left it takes nothing', async (place, t) => {
    const states = await fresh(place);
    await states.save(batchOf(1, 0, 10, range(3)));
    await t.rejects(states.save(batchOf(1, 9, 11, range(3))), StatesLost);
    t.equal(await states.position(), 10);
    t.same(await loaded(states, [orderStream(0)]), [state(0, 10)]);
    await states.close();
  });

  clause('replaceAll leaves exactly what it was given', async (place, t) => {
    const states = await fresh(place);
    await states.save(batchOf(1, 0, 10, range(30)));
    const content = batchOf(
      1,
      0,
      8,
      range(5_000).map((n) => n + 10),
    ).states;
    await states.replaceAll(1, 8, content);
    t.equal(await states.position(), 8);
    t.same(await all(states), decoded(content));
    await states.save(batchOf(1, 8, 9, [1]));
    await states.close();
  });

  clause('a replacement that breaks off half way is not taken for whole', async (place, t) => {
    const before = await fresh(place);
    const old = batchOf(1, 0, 10, range(30));
    await before.save(old);
    const breaksOff = function* () {
      yield* batchOf(1, 0, 12, range(5_000)).states;
      throw new Error('the process ends here');
    };
    await t.rejects(before.replaceAll(1, 12, breaksOff()), /the process ends here/);
    await before.close();
    await place.crash();
    const after = await place.open();
    const position = await after.position();
    if (position !== null) {
      t.equal(position, 10);
      t.same(await all(after), decoded(old.states), 'all that was there before');
    } else t.equal(position, null, 'nothing that stands for anything');
    await after.close();
  });

  clause('an epoch that is not the highest claims nothing', async (place, t) => {
    const states = await place.open();
    await states.claim(4);
    await t.rejects(states.claim(4), Superseded);
    await t.rejects(states.claim(3), Superseded);
    await states.claim(5);
    await states.close();
  });

  clause('a superseded owner writes nothing', async (place, t) => {
    const paused = await fresh(place);
    await paused.save(batchOf(1, 0, 10, range(3)));
    const owner = await place.open();
    await owner.claim(2);
    await t.rejects(paused.save(batchOf(1, 10, 11, range(3))), Superseded);
    await t.rejects(paused.replaceAll(1, 0, []), Superseded);
    t.equal(await owner.position(), 10);
    t.equal((await all(owner)).size, 3);
    await owner.save(batchOf(2, 10, 11, [1]));
    await paused.close();
    await owner.close();
  });

  clause('an emptied store says so, to a save and to a load, and is filled anew', async (place, t) => {
    if (place.empty === undefined) {
      t.pass('nothing can empty this store behind its owner');
      return;
    }
    const states = await fresh(place);
    await states.save(batchOf(1, 0, 10, range(3)));
    await place.empty();
    t.equal(await states.position(), null);
    // a person who is "new" here would be judged without a past, and the alerts would be told
    await t.rejects(states.load([orderStream(1)]), StatesLost);
    await t.rejects(states.save(batchOf(1, 10, 11, [1])), StatesLost);
    t.equal((await all(states)).size, 0);
    await states.replaceAll(1, 10, batchOf(1, 0, 10, range(3)).states);
    await states.save(batchOf(1, 10, 11, [1]));
    t.equal(await states.position(), 11);
    t.equal((await all(states)).size, 3);
    await states.close();
  });

  clause('a state that is removed is gone, with the same save that changes others', async (place, t) => {
    const states = await fresh(place);
    await states.save(batchOf(1, 0, 10, range(3)));
    const mixed = new Map<StreamKey, StateBytes | null>([
      [orderStream(0), null],
      [orderStream(1), stateBytes(1, 11)],
      [orderStream(9), null],
    ]);
    await states.save({ epoch: 1, previousPosition: 10, position: 11, states: mixed });
    t.same([...(await all(states)).keys()].sort(), [orderStream(1), orderStream(2)].sort());
    t.same(
      (await loaded(states, [orderStream(0), orderStream(1)])).map((found) => found?.position ?? null),
      [null, 11],
    );
    await states.close();
  });
}

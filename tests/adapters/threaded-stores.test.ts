/** States and recent log whose batches are sealed and written on a thread of their own keep every promise of their ports. */
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { LmdbRecentLog } from '../../src/adapters/lmdb/lmdb-recent-log.js';
import { LmdbStates } from '../../src/adapters/lmdb/lmdb-states.js';
import { BorrowedKeys } from '../../src/crypto/lent-keys.js';
import { KeyDestroyed } from '../../src/crypto/seals.js';
import { StatesLost, Superseded } from '../../src/ports/subject-states.js';
import { recentLogContract } from '../contracts/recent-log.js';
import { subjectStatesContract } from '../contracts/subject-states.js';
import { temporaryFolder } from '../support/folder.js';
import { orderStream, stateBytes, T0, uploadEntry } from '../support/samples.js';
import { alone, closeAll, EPOCH_KEY, HOUR, hourlySeals, openThreaded } from '../support/threaded.js';

subjectStatesContract('LMDB states, written on a thread', async () => {
  const folder = await temporaryFolder();
  return {
    async open() {
      const stores = await openThreaded(folder.path);
      return alone(stores, stores.states);
    },
    async crash() {},
    remove: folder.remove,
  };
});

recentLogContract('LMDB recent log, written on a thread', async () => {
  const folder = await temporaryFolder();
  return {
    async open() {
      const stores = await openThreaded(folder.path);
      return alone(stores, stores.recentLog);
    },
    async crash() {},
    remove: folder.remove,
  };
});

const batch = (previousPosition: number, position: number) => ({
  epoch: 1,
  previousPosition,
  position,
  states: new Map([[orderStream(position), stateBytes(position, position)]]),
});

const change = (position: number) => {
  const entry = uploadEntry(position);
  if (entry.kind !== 'upload') throw new Error('an upload it should be');
  const uploads = [{ position, entry: { ...entry, stream: orderStream(1) } }];
  return { stream: orderStream(1), uploads, kept: [], snapshots: [], dropped: [], arrivedMs: T0 };
};

t.test('what the thread has sealed, one that has the keys and no thread opens', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const stores = await openThreaded(folder.path);
  await stores.recentLog.claim(1);
  await stores.states.claim(1);
  await stores.states.replaceAll(1, 0, []);
  await stores.recentLog.commit(1, [change(7)]);
  await stores.states.save(batch(0, 1));
  await closeAll(stores);
  const log = LmdbRecentLog.open(folder.path, hourlySeals());
  t.same(
    log.uploads(orderStream(1), 0).map(({ position }) => position),
    [7],
  );
  await log.close();
  const states = LmdbStates.open(folder.path, hourlySeals());
  t.same(await states.load([orderStream(1)]), [stateBytes(1, 1)]);
  await states.close();
});

t.test('every batch is read at once when its write resolves, hundreds in a row, others beside it', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const stores = await openThreaded(folder.path);
  const { recentLog, states, ledger } = stores;
  for (const store of [recentLog, states, ledger]) await store.claim(1);
  await states.replaceAll(1, 0, []);
  for (let n = 1; n <= 200; n++) {
    const saved = states.save(batch(n - 1, n));
    const ordered = ledger.commit({ epoch: 1, orders: [], zones: [], versions: [] });
    await recentLog.commit(1, [change(n)]);
    if (recentLog.uploads(orderStream(1), 0).length !== n) throw new Error(`upload ${n} is not there`);
    await Promise.all([saved, ordered]);
    if ((await states.position()) !== n) throw new Error(`the states do not stand at ${n}`);
  }
  await closeAll(stores);
  t.pass('each was there');
});

t.test('errors are of their kind on this side: superseded, lost', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const [first, second] = [await openThreaded(folder.path), await openThreaded(folder.path)];
  await first.states.claim(1);
  await first.states.replaceAll(1, 5, []);
  await t.rejects(first.states.save(batch(4, 6)), StatesLost);
  await t.rejects(first.states.save(batch(4, 6)), /stands at 5, not at 4/);
  await first.states.save(batch(5, 6));
  await second.states.claim(2);
  await t.rejects(first.states.save(batch(6, 7)), Superseded);
  await t.rejects(first.states.save(batch(6, 7)), /belongs to epoch 2/);
  // a fence of another store guards the whole environment, on the thread as well
  await second.recentLog.claim(2);
  await second.states.save({ ...batch(6, 7), epoch: 2 });
  const third = await openThreaded(folder.path);
  await third.recentLog.claim(3);
  await t.rejects(second.states.save({ ...batch(7, 8), epoch: 2 }), Superseded);
  for (const stores of [first, second, third]) await closeAll(stores);
});

t.test(
  'an hour’s key that is destroyed is gone from the thread’s memory at once, and seals nothing more',
  async (t) => {
    const seals = hourlySeals();
    const memory = seals.lend();
    const holds = () => Buffer.from(new Uint8Array(memory)).includes(sealKey);
    seals.lentEpoch();
    const sealKey = Buffer.from(new Uint8Array(memory)).subarray(32 + (HOUR % 4) * 40 + 8, 32 + (HOUR % 4) * 40 + 40);
    const keys = new BorrowedKeys(memory);
    const sealed = keys.with(HOUR, () => keys.seal('states', 'a', Buffer.from('plain')));
    t.same(seals.open('states', 'a', sealed).toString(), 'plain');
    t.ok(holds(), 'it is lent');
    t.notOk(Buffer.from(new Uint8Array(memory)).includes(EPOCH_KEY), 'the key that it is made of is not');
    seals.add(HOUR + 1, Buffer.alloc(32, 8));
    seals.destroy(HOUR);
    t.notOk(holds(), 'it is gone from the memory that the thread sees');
    t.throws(() => keys.with(HOUR, () => keys.seal('states', 'a', Buffer.from('plain'))), KeyDestroyed);
    t.throws(() => seals.open('states', 'a', sealed), KeyDestroyed);
  },
);

t.test('the next hour’s key is lent with the first batch of its hour', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  let hour = HOUR;
  const seals = hourlySeals();
  Object.defineProperty(seals, 'now', { value: () => hour * 3_600_000 });
  const stores = await openThreaded(folder.path, seals);
  await stores.states.claim(1);
  await stores.states.replaceAll(1, 0, []);
  for (let n = 1; n <= 6; n++) {
    hour = HOUR + n;
    seals.add(hour, Buffer.alloc(32, n));
    await stores.states.save(batch(n - 1, n));
    if (n > 1) seals.destroy(hour - 2);
  }
  t.same(await stores.states.load([orderStream(6)]), [stateBytes(6, 6)]);
  t.same(await stores.states.load([orderStream(5)]), [stateBytes(5, 5)]);
  await t.rejects(stores.states.load([orderStream(1)]), KeyDestroyed);
  await closeAll(stores);
});

t.test('a thread that dies is told of, fails what waits for it, and takes nothing more', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const threads: Worker[] = [];
  const told: Error[] = [];
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, ...args: Parameters<typeof post>) {
    threads.push(this);
    return post.apply(this, args);
  };
  t.teardown(() => {
    Worker.prototype.postMessage = post;
  });
  const stores = await openThreaded(folder.path, hourlySeals(), (error) => told.push(error));
  await stores.states.claim(1);
  await stores.states.replaceAll(1, 0, []);
  await stores.states.save(batch(0, 1));
  const [thread] = threads;
  const waiting = stores.states.save(batch(1, 2)).then(
    () => 'written',
    () => 'failed',
  );
  await thread?.terminate();
  // killed before or behind its commit: never both written and told that it failed is no promise, silence would be a lie
  t.ok(['written', 'failed'].includes(await waiting));
  t.equal(told.length, 1);
  t.match(told[0]?.message, /thread that writes the hot stores ended/);
  await t.rejects(stores.states.save(batch(1, 2)), /thread that writes/);
  await closeAll(stores);
});

t.test('the file grows under a reader that has it open', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const stores = await openThreaded(folder.path);
  await stores.states.claim(1);
  await stores.states.replaceAll(1, 0, []);
  const other = Environment.openReadOnly(folder.path).enter();
  const people = (round: number) => Array.from({ length: 2_000 }, (_, n) => orderStream(round * 2_000 + n));
  for (let round = 0; round < 6; round++) {
    const states = new Map(people(round).map((stream, n) => [stream, stateBytes(n, round)]));
    const saving = stores.states.save({ epoch: 1, previousPosition: round, position: round + 1, states });
    // read on this thread while the other writes and the map grows
    const before = await stores.states.load(people(Math.max(round - 1, 0)));
    if (round > 0) t.notOk(before.includes(null));
    await saving;
  }
  t.notOk((await stores.states.load(people(5))).includes(null));
  await other.leave();
  await closeAll(stores);
});

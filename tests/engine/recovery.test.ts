// Killed anywhere, the engine tells in the end what it would have told anyhow: the same versions, each once, in the same places.
import { cp } from 'node:fs/promises';
import t from 'tap';
import type { PlacedVersion } from '../../src/ports/ledger.js';
import { seedOfRun } from '../rules/seeded.js';
import { startChild } from '../support/child.js';
import { temporaryFolder } from '../support/folder.js';
import { startRedis } from '../support/redis-server.js';
import { openRoom, type RoomOptions } from './room.js';
import { NOON, playEvening, setUp } from './story.js';

const seed = seedOfRun();
t.comment(`SEED=${seed}`);
const PEOPLE = 5;

const source = await temporaryFolder();
t.teardown(() => source.remove());
const live = await openRoom(source.path, 1, { startMs: NOON, limits: { batchEntriesMax: 64 } });
await setUp(live, PEOPLE);
await playEvening(live, { seed, people: PEOPLE });
const told = live.told();
const last = live.journal.last;
await live.close();
t.ok(told.length > 100, `${told.length} versions of ${last} entries`);

/** A folder with nothing but the evening's journal. */
async function journalAlone(from = source.path) {
  const folder = await temporaryFolder();
  await cp(`${from}/journal`, `${folder.path}/journal`, { recursive: true });
  return folder;
}

/** What a room tells after a start over what is in the folder. */
async function toldAfterStart(folder: string, epoch: number, o: RoomOptions = {}): Promise<PlacedVersion[]> {
  const room = await openRoom(folder, epoch, o);
  const found = room.told();
  await room.close();
  return found;
}

t.test(
  'what came in memory and what is read back from the journal lead to the same, in batches of any size',
  async (t) => {
    for (const batchEntriesMax of [1, 50, 4_096]) {
      const folder = await journalAlone();
      t.teardown(() => folder.remove());
      t.same(await toldAfterStart(folder.path, 2, { limits: { batchEntriesMax } }), told, `${batchEntriesMax} a batch`);
      t.same(await toldAfterStart(folder.path, 3), told, 'and a start more tells nothing anew');
    }
  },
);

t.test('killed before or after the commit or the save, again and again, it tells everything once', async (t) => {
  const folder = await journalAlone();
  t.teardown(() => folder.remove());
  let epoch = 2;
  for (const [point, count] of [
    ['after-commit', 1],
    ['before-commit', 2],
    ['before-save', 2],
    ['after-save', 1],
    ['after-commit', 3],
    ['before-save', 1],
  ] as const) {
    const child = startChild('engine/children/recover.js', [folder.path, `${epoch}`, '-', point, `${count}`, '40']);
    t.equal(await child.ended, null, `killed ${point}`);
    t.notOk(child.lines.includes('done'));
    epoch += 1;
  }
  t.same(await toldAfterStart(folder.path, epoch), told);
});

t.test('killed while it lives, it goes on from there, and its ledger is what its journal says', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  for (const [epoch, step] of [
    [1, 12],
    [2, 25],
    [3, 40],
  ]) {
    const child = startChild('engine/children/live.js', [folder.path, `${epoch}`, '-', `${seed}`]);
    await child.line(new RegExp(`^step ${step}$`));
    await child.kill();
  }
  const journal = await journalAlone(folder.path);
  t.teardown(() => journal.remove());
  const found = await toldAfterStart(folder.path, 4);
  t.ok(found.length > 50, `${found.length} versions`);
  t.same(found, await toldAfterStart(journal.path, 4));
});

t.test(
  'killed with its states in Redis, and Redis emptied meanwhile: the checkpoint and the journal are enough',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.stop());
    const folder = await temporaryFolder();
    t.teardown(() => folder.remove());
    const child = startChild('engine/children/live.js', [folder.path, '1', redis.url, `${seed}`]);
    await child.line(/^step 21$/);
    await child.kill();
    await redis.command('FLUSHALL');
    const second = startChild('engine/children/live.js', [folder.path, '2', redis.url, `${seed}`]);
    await second.line(/^step 38$/);
    await second.kill();
    await redis.kill();
    await redis.start();
    const journal = await journalAlone(folder.path);
    t.teardown(() => journal.remove());
    const found = await toldAfterStart(folder.path, 3, { redisUrl: redis.url });
    t.same(found, await toldAfterStart(journal.path, 4));
    t.same(await toldAfterStart(folder.path, 5), found, 'and without Redis');
  },
);

t.test('emptied, killed and started again in the middle, Redis changes nothing that is told', async (t) => {
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const room = await openRoom(folder.path, 1, { startMs: NOON, redisUrl: redis.url, limits: { batchEntriesMax: 64 } });
  await setUp(room, PEOPLE);
  await playEvening(room, {
    seed,
    people: PEOPLE,
    async pause(step) {
      if (step === 10) await redis.command('FLUSHALL');
      if (step === 24) await redis.kill();
      if (step === 30) await room.engine.checkpoint();
      if (step === 36) await redis.start();
    },
  });
  t.same(room.told(), told);
  t.same(room.failures, []);
  t.ok(room.telemetry.codes.includes('state_save_failed'), 'it was away');
  t.ok(room.telemetry.codes.includes('hot_state_rewritten'), 'it was emptied');
  await room.close();
});

// An owner that stood still while another took over: whatever it then asks of a store is refused, and changes nothing.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FileBookmark } from '../../src/adapters/files/file-bookmark.js';
import { FolderLock } from '../../src/adapters/files/folder-lock.js';
import { PipelineStatusFile } from '../../src/adapters/files/pipeline-status.js';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { LmdbArchive } from '../../src/adapters/lmdb/lmdb-archive.js';
import { LmdbCommandLog } from '../../src/adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../../src/adapters/lmdb/lmdb-device-registry.js';
import { LmdbDownlinks } from '../../src/adapters/lmdb/lmdb-downlinks.js';
import { LmdbRegister } from '../../src/adapters/lmdb/lmdb-register.js';
import { LmdbSignIns } from '../../src/adapters/lmdb/lmdb-sign-ins.js';
import { Superseded } from '../../src/ports/subject-states.js';
import { commands } from '../contracts/command-log.js';
import { device } from '../contracts/device-registry.js';
import { engineKeys, oneKey, temporaryFolder, testSeals } from '../support/folder.js';
import { MemoryReviewKeys } from '../support/review-keys.js';
import { agencyId, deviceId, orderId, orderStream, stateBytes, T0, version } from '../support/samples.js';
import { openThreaded } from '../support/threaded.js';

async function place(t: Test): Promise<string> {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  return folder.path;
}

/** Everything that lies in a folder, byte for byte, and when it was touched. */
const left = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'lock.mdb')
    .map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return `${path} ${statSync(path).mtimeMs} ${readFileSync(path, 'base64')}`;
    })
    .sort();

/** Each of `acts` throws or rejects with `Superseded`, and nothing lies otherwise than before. */
async function refused(t: Test, folder: string, acts: Readonly<Record<string, () => unknown>>): Promise<void> {
  const before = left(folder);
  for (const [name, act] of Object.entries(acts)) {
    await t.rejects(
      async () => {
        await act();
      },
      Superseded,
      name,
    );
  }
  t.same(left(folder), before, 'nothing was written');
}

const poison = {
  position: 7,
  deviceId: deviceId(1),
  receivedMs: T0,
  reason: 'bad_seal',
  bytes: Buffer.from('x'),
} as const;

const OPENED = {
  'on one thread': (folder: string) => openEngineStores(folder, engineKeys(testSeals())),
  'written on a thread of their own': (folder: string) => openThreaded(folder),
};

for (const [how, openStores] of Object.entries(OPENED))
  t.test(`the engine’s stores, ${how}: ledger, states, recent log and quarantine`, async (t) => {
    const folder = await place(t);
    const open = () => openStores(folder);
    const [paused, next] = [await open(), await open()];
    t.teardown(() =>
      Promise.all([paused, next].flatMap((stores) => Object.values(stores).map((store) => store.close()))),
    );
    const claim = async ({ ledger, states, recentLog }: typeof paused, epoch: number) => {
      for (const store of [ledger, states, recentLog]) await store.claim(epoch);
    };
    await claim(paused, 1);
    await paused.quarantine.keep([poison]);
    await paused.ledger.commit({ epoch: 1, orders: [], zones: [], versions: [version(1, 1)] });
    await paused.states.replaceAll(1, 0, []);
    await claim(next, 2);
    await refused(t, folder, {
      'ledger.commit': () => paused.ledger.commit({ epoch: 1, orders: [], zones: [], versions: [version(2, 1)] }),
      'ledger.removeOrder': () => paused.ledger.removeOrder(orderId(1)),
      'states.save': () =>
        paused.states.save({
          epoch: 1,
          position: 2,
          previousPosition: 0,
          states: new Map([[orderStream(1), stateBytes(1, 2)]]),
        }),
      'states.replaceAll': () => paused.states.replaceAll(1, 3, []),
      'recentLog.commit': () => paused.recentLog.commit(1, []),
      'quarantine.keep': () => paused.quarantine.keep([{ ...poison, position: 8 }]),
      'quarantine.relabel': () => paused.quarantine.relabel(7, 'unknown_key'),
      'quarantine.remove': () => paused.quarantine.remove(7),
      'quarantine.expire': () => paused.quarantine.expire(T0 + 1),
      'claim again': () => paused.ledger.claim(1),
    });
    t.ok(next.quarantine.has(7));
    await next.quarantine.remove(7);
    await next.ledger.commit({ epoch: 2, orders: [], zones: [], versions: [version(2, 1)] });
    t.equal(next.ledger.head(), 2, 'the new owner goes on');
  });

t.test('the archive', async (t) => {
  const folder = await place(t);
  const [paused, next] = [LmdbArchive.open(folder, testSeals()), LmdbArchive.open(folder, testSeals())];
  t.teardown(() => Promise.all([paused.close(), next.close()]));
  await paused.claim(1);
  await next.claim(2);
  await refused(t, folder, {
    append: () =>
      paused.append({ epoch: 1, segments: [], archivedUpTo: new Map([[orderStream(1), 4]]), sequences: [] }),
    remove: () => paused.remove(orderStream(1)),
  });
  t.equal(await next.remove(orderStream(1)), 0);
});

t.test(
  'the command log: a former owner settles nothing by what it has not heard of; who only appends goes on',
  async (t) => {
    const folder = await place(t);
    const open = () => LmdbCommandLog.open(folder, oneKey(testSeals()));
    const [paused, next, api] = [open(), open(), open()];
    t.teardown(() => Promise.all([paused.close(), next.close(), api.close()]));
    await paused.claim(1);
    await api.append(commands[0]!, T0);
    await paused.settle(1, { ok: true, created: true });
    await next.claim(2);
    t.equal(await api.append(commands[1]!, T0), 2);
    await refused(t, folder, {
      settle: () => paused.settle(2, { ok: false, code: 'not_found', problems: [] }),
      append: () => paused.append(commands[0]!, T0),
      expire: () => paused.expire(T0 + 1),
      removeOrder: () => paused.removeOrder(orderId(1)),
    });
    await next.settle(2, { ok: true, created: true });
    t.same(api.outcome(2), { ok: true, created: true });
  },
);

t.test('the device registry: keys of a former owner are offered to nobody; who enrols goes on', async (t) => {
  const folder = await place(t);
  const open = () => LmdbDeviceRegistry.open(folder, testSeals());
  const [paused, next, api] = [open(), open(), open()];
  t.teardown(() => Promise.all([paused.close(), next.close(), api.close()]));
  await paused.claim(1);
  await api.put(device(1));
  await next.claim(2);
  await refused(t, folder, {
    put: () => paused.put(device(2)),
    update: () => paused.update(deviceId(1), (one) => ({ ...one, disabledMs: T0 })),
  });
  await api.put(device(3));
  t.ok(next.get(deviceId(3)));
});

t.test('numbers of downlinks, sign-ins, the register of the review service', async (t) => {
  const folder = await place(t);
  const numbers = () => LmdbDownlinks.open(join(folder, 'downlinks'), testSeals());
  const signIns = () => LmdbSignIns.open(join(folder, 'sign-ins'), testSeals());
  const register = () => LmdbRegister.open(join(folder, 'register'), new MemoryReviewKeys());
  const paused = { numbers: numbers(), signIns: signIns(), register: register() };
  const next = { numbers: numbers(), signIns: signIns(), register: register() };
  t.teardown(() => Promise.all([paused, next].flatMap((all) => Object.values(all).map((store) => store.close()))));
  const signIn = {
    atMs: T0,
    user: 'ann',
    role: 'supervising_officer',
    agency: agencyId(1),
    topicOf: agencyId(1),
    allowed: true,
    untilMs: T0 + 1,
  } as const;
  const hold = {
    kind: 'hold',
    id: 'H',
    version: 1,
    orderId: null,
    subjectId: null,
    agency: null,
    atMs: T0,
    by: 'ann',
    body: {},
  } as const;
  for (const store of Object.values(paused)) await store.claim(1);
  t.equal(await paused.numbers.reserve(deviceId(1), 64), 1n);
  await paused.signIns.note(signIn);
  for (const store of Object.values(next)) await store.claim(2);
  await refused(t, folder, {
    'numbers.reserve': () => paused.numbers.reserve(deviceId(1), 64),
    'numbers.update': () => paused.numbers.update(deviceId(1), (one) => one),
    'numbers.rotateBeforeDownlink': () => paused.numbers.rotateBeforeDownlink(T0),
    'signIns.note': () => paused.signIns.note(signIn),
    'register.put': () => paused.register.put(hold),
    'register.removeOrder': () => paused.register.removeOrder(orderId(1)),
    'register.forgetOlder': () => paused.register.forgetOlder('hold', 'H'),
  });
  t.equal(await next.numbers.reserve(deviceId(1), 64), 65n);
  await next.register.put(hold);
});

t.test('what no store can refuse asks the lock: bookmarks, and the beat that makes an owner look alive', async (t) => {
  const folder = await place(t);
  const paused = await FolderLock.take(folder);
  const bookmark = new FileBookmark(join(folder, 'topics.place'), paused);
  await bookmark.write(5);
  const status = await PipelineStatusFile.open(join(folder, 'pipeline.status'), paused);
  await status.write({ reasons: [], degraded: [] });
  paused.check();
  await paused.beat();
  // taken by a process that does not see the first one's: as in another container
  await writeFile(join(folder, 'LOCK'), '');
  const next = await FolderLock.take(folder);
  t.equal(paused.isSuperseded(), true);
  t.equal(next.isSuperseded(), false);
  await refused(t, folder, {
    'bookmark.write': () => bookmark.write(9),
    'status.write': () => status.write({ reasons: [], degraded: [] }),
    check: () => paused.check(),
    beat: () => paused.beat(),
  });
  t.equal(await new FileBookmark(join(folder, 'topics.place'), next).read(), 5);
  await status.close();
  await paused.release();
  t.equal(FolderLock.isHeld(folder, Date.now()), true, 'nor does it release what is another’s');
  await next.release();
});

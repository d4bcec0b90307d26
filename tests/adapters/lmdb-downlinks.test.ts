/** What was told to devices: numbers that nobody gets twice, over crashes, processes and restores; state that stays. */
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { LmdbDownlinks } from '../../src/adapters/lmdb/lmdb-downlinks.js';
import { TierSeals } from '../../src/crypto/seals.js';
import { FRESH_DOWNLINK_STATE } from '../../src/ports/downlinks.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { deviceId } from '../support/samples.js';

const open = (folder: string) => LmdbDownlinks.open(folder, testSeals());

async function place(t: { teardown(end: () => unknown): void }): Promise<string> {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  return join(folder.path, 'downlinks');
}

t.test('ranges follow each other, each device by itself, whoever asks at once', async (t) => {
  const store = open(await place(t));
  t.teardown(() => store.close());
  const firsts = await Promise.all(Array.from({ length: 20 }, () => store.reserve(deviceId(1), 64)));
  t.same(
    firsts.sort((a, b) => (a < b ? -1 : 1)),
    Array.from({ length: 20 }, (_, n) => 1n + 64n * BigInt(n)),
  );
  t.equal(await store.reserve(deviceId(2), 1), 1n);
  t.equal(await store.reserve(deviceId(1), 3), 1n + 64n * 20n);
  await t.rejects(store.reserve(deviceId(1), 0), RangeError);
});

t.test('after a crash the rest of a range is skipped', async (t) => {
  const folder = await place(t);
  const before = open(folder);
  t.equal(await before.reserve(deviceId(1), 64), 1n);
  // the process dies without a word
  const after = open(folder);
  t.teardown(() => Promise.all([before.close(), after.close()]));
  t.equal(await after.reserve(deviceId(1), 64), 65n);
});

t.test('after a restore numbers are above any that can have been used, also when it is restored again', async (t) => {
  const folder = await place(t);
  const backup = `${folder}-backup`;
  const used = new Set<bigint>();
  const use = async (at: string, restoredMs: number | null): Promise<number> => {
    const store = open(at);
    if (restoredMs !== null) await store.rotateBeforeDownlink(restoredMs);
    for (let n = 0; n < 5; n += 1) {
      const first = await store.reserve(deviceId(1), 64);
      for (let sequence = first; sequence < first + 64n; sequence += 1n) {
        if (used.has(sequence)) throw new Error(`${sequence} was used before`);
        used.add(sequence);
      }
    }
    const { generation } = store;
    await store.close();
    return generation;
  };
  await use(folder, null);
  await cp(folder, backup, { recursive: true });
  t.equal(await use(folder, null), 0, 'it goes on after the backup');
  const now = Date.UTC(2026, 10, 22);
  for (const [n, restoredMs] of [now, now + 1, now + 60_000].entries()) {
    const again = `${folder}-restored-${n}`;
    await cp(backup, again, { recursive: true });
    t.equal(await use(again, restoredMs), 1);
    t.equal(await use(again, null), 1, 'and is there after a start');
  }
  t.ok(
    [...used].every((sequence) => sequence < 1n << 63n),
    'with room to go on',
  );
});

t.test('a change sees what was changed before it, and comes back with every digit', async (t) => {
  const folder = await place(t);
  const store = open(folder);
  t.same(store.state(deviceId(1)), FRESH_DOWNLINK_STATE);
  const add = () => store.update(deviceId(1), (state) => ({ ...state, configVersion: state.configVersion + 1 }));
  await Promise.all([add(), add(), add()]);
  const resend = { first: 9_007_199_254_740_993n, last: (1n << 64n) - 1n };
  await store.update(deviceId(1), (state) => ({ ...state, resend, nextSequence: 1n << 63n, timeSentMs: 5 }));
  await store.close();
  const again = open(folder);
  t.teardown(() => again.close());
  t.same(again.state(deviceId(1)), {
    ...FRESH_DOWNLINK_STATE,
    configVersion: 3,
    resend,
    nextSequence: 1n << 63n,
    timeSentMs: 5,
  });
});

t.test('nothing in it can be read, moved to another device, or read under another key', async (t) => {
  const folder = await place(t);
  const store = open(folder);
  await store.update(deviceId(1), (state) => ({ ...state, nextSequence: 123_456_789n }));
  await store.reserve(deviceId(1), 64);
  for (const file of await readdir(folder)) {
    const bytes = await readFile(join(folder, file));
    for (const text of [deviceId(1), '123456789', 'nextSequence']) t.notOk(bytes.includes(text), `${file}: ${text}`);
  }
  await store.close();
  const other = LmdbDownlinks.open(folder, TierSeals.fromKey(Buffer.alloc(32, 8), 1));
  t.same(other.state(deviceId(1)), FRESH_DOWNLINK_STATE, 'under another key it has another name');
  await other.close();
});

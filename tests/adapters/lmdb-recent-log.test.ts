/** The recent log in LMDB keeps every promise of its port. */
import t from 'tap';
import { LmdbRecentLog } from '../../src/adapters/lmdb/lmdb-recent-log.js';
import { makeRecord } from '../../src/codec/record.js';
import { epochOf, KeyDestroyed, TierSeals } from '../../src/crypto/seals.js';
import type { StreamKey } from '../../src/domain/ids.js';
import type { LoggedUpload } from '../../src/ports/recent-log.js';
import type { Seals } from '../../src/ports/seals.js';
import { Superseded } from '../../src/ports/subject-states.js';
import { recentLogContract } from '../contracts/recent-log.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { deviceId, orderStream, state, T0, uploadEntry } from '../support/samples.js';

recentLogContract('LMDB recent log', async () => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbRecentLog.open(folder.path, testSeals()),
    async crash() {},
    remove: folder.remove,
  };
});

t.test('of a stream that is removed nothing is left in any hour, and of the others all', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(() => folder.remove());
  const log = LmdbRecentLog.open(folder.path, testSeals());
  await log.claim(1);
  const [gone, stays] = [orderStream(1), orderStream(2)];
  const logged = (stream: StreamKey, position: number) => {
    const entry = uploadEntry(position);
    if (entry.kind !== 'upload') throw new Error('an upload it should be');
    return { position, entry: { ...entry, stream } };
  };
  for (const hour of [0, 1, 30]) {
    const arrivedMs = T0 + hour * 3_600_000;
    const part = (stream: StreamKey, position: number) => ({
      stream,
      uploads: [logged(stream, position)],
      kept: [logged(stream, position + 1)],
      snapshots: [{ state: { ...state(1, 1), atMs: arrivedMs }, coversMs: arrivedMs }],
      dropped: [],
      arrivedMs,
    });
    await log.commit(1, [part(gone, hour * 10 + 1), part(stays, hour * 10 + 5)]);
  }
  const count = (stream: StreamKey) => [
    log.uploads(stream, 0).length,
    [...log.snapshots(stream)].length,
    log.since(stream, 0, 100).length,
  ];
  const before = count(stays);
  t.same(count(gone), before);
  await log.remove(1, gone);
  await log.remove(1, gone);
  t.same(count(gone), [0, 0, 0]);
  t.same(count(stays), before);
  await t.rejects(log.remove(0, stays), Superseded, 'nobody else removes anything');
  await log.close();
});

t.test(
  'what no longer opens is gone: uploads are told to be, snapshots are passed over, and nothing throws',
  async (t) => {
    const folder = await temporaryFolder();
    t.teardown(() => folder.remove());
    const dead = new Set<number>();
    let epoch = 1;
    const keys = [1, 2].map((n) => TierSeals.fromKey(Buffer.alloc(32, 7), n));
    const seals: Seals = {
      seal: (...asked) => (keys[epoch - 1] as TierSeals).seal(...asked),
      open: (store, name, sealed) => {
        const of = epochOf(sealed);
        if (dead.has(of)) throw new KeyDestroyed('destroyed');
        return (keys[of - 1] as TierSeals).open(store, name, sealed);
      },
      pseudonym: (id) => (keys[0] as TierSeals).pseudonym(id),
    };
    const log = LmdbRecentLog.open(folder.path, seals);
    await log.claim(1);
    const stream = orderStream(1);
    const put = (position: number, atMs: number) => {
      const said = makeRecord(atMs, { kind: 'unknown' });
      const place = { deviceId: deviceId(1), sequence: 1n, index: 0, digest: '', receivedMs: T0 };
      const uploads: LoggedUpload[] = [{ position, entry: { kind: 'upload', stream, ...place, records: [said] } }];
      const snapshots = [{ state: { ...state(1, position), atMs }, coversMs: atMs }];
      return log.commit(1, [{ stream, uploads, kept: [], snapshots, dropped: [], arrivedMs: T0 }]);
    };
    await put(1, T0);
    await put(2, T0 + 1);
    epoch = 2;
    await put(3, T0 + 2);
    t.equal(log.brokenMs(stream), null);
    dead.add(1);
    t.same(
      log.uploads(stream, 0).map(({ position }) => position),
      [3],
    );
    t.equal(log.brokenMs(stream), T0 + 1, 'the latest that is gone');
    t.same(
      [...log.snapshots(stream)].map(({ coversMs }) => coversMs),
      [T0 + 2],
    );
    t.same(
      log.since(stream, 0, 9).map(({ position }) => position),
      [3],
    );
    t.same(
      [...log.everything()].map(({ position }) => position),
      [3],
    );
    await log.close();
  },
);

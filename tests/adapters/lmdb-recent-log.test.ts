/** The recent log in LMDB keeps every promise of its port. */
import t from 'tap';
import { LmdbRecentLog } from '../../src/adapters/lmdb/lmdb-recent-log.js';
import type { StreamKey } from '../../src/domain/ids.js';
import { Superseded } from '../../src/ports/subject-states.js';
import { recentLogContract } from '../contracts/recent-log.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { orderStream, state, T0, uploadEntry } from '../support/samples.js';

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

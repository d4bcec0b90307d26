/** `kill -9` at any moment: what was acknowledged is there, whole, and the next process starts at once. */
import t from 'tap';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { FolderLock } from '../../src/adapters/files/folder-lock.js';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { decodeState } from '../../src/codec/state-record.js';
import { readAll } from '../contracts/journal.js';
import { startChild } from '../support/child.js';
import { engineKeys, temporaryFolder, testSeals } from '../support/folder.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { alertId, orderStream, randomFrom, state, uploadEntry } from '../support/samples.js';

const seed = Number(process.env.SEED ?? 41);
const random = randomFrom(seed);
const numberIn = (line: string) => Number(line.split(' ')[1]);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

t.test('a journal whose writer is killed again and again keeps every acknowledged entry', async (t) => {
  t.comment(`seed ${seed}`);
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  let acked = 0;
  for (let round = 0; round < 6; round++) {
    const child = startChild('adapters/children/append.js', [folder.path]);
    const last = numberIn(await child.line(/^last /));
    t.ok(last >= acked, `round ${round}: ${acked} acknowledged, ${last} found by the next process`);
    await child.line(/^acked /);
    await pause(random() * 60);
    await child.kill();
    for (const line of child.lines.filter((line) => line.startsWith('acked '))) acked = Math.max(acked, numberIn(line));
  }

  const lock = await FolderLock.take(folder.path);
  const journal = await FileJournal.open({
    folder: `${folder.path}/journal`,
    seals: testSeals(),
    epoch: lock.epoch,
    telemetry: new RecordingTelemetry(),
  });
  const kept = await readAll(journal);
  t.ok(kept.length >= acked && acked > 20, `${kept.length} kept, ${acked} acknowledged`);
  t.same(
    kept,
    kept.map((_, index) => ({ position: index + 1, entry: uploadEntry(index + 1) })),
  );
  await journal.close();
  await lock.release();
});

t.test('a ledger and states whose writer is killed again and again keep every acknowledged commit', async (t) => {
  t.comment(`seed ${seed}`);
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  let acked = 0;
  const rounds = 4;
  for (let round = 1; round <= rounds; round++) {
    const child = startChild('adapters/children/commit.js', [folder.path, String(round)]);
    t.ok(numberIn(await child.line(/^at /)) >= acked, `round ${round}: ${acked} acknowledged`);
    await child.line(/^acked /);
    await pause(random() * 60);
    await child.kill();
    for (const line of child.lines.filter((line) => line.startsWith('acked '))) acked = Math.max(acked, numberIn(line));
  }

  const { ledger, states, quarantine, recentLog } = await openEngineStores(folder.path, engineKeys(testSeals()));
  const position = (await states.position()) ?? 0;
  t.ok(position >= acked && acked > 4, `${position} saved, ${acked} acknowledged`);
  t.ok(ledger.head() >= position, 'the ledger is never behind the states');
  t.same(
    ledger.versionsAfter(0, ledger.head()).map(({ version }) => version.alertId),
    Array.from({ length: ledger.head() }, (_, index) => alertId(index + 1)),
  );
  const [saved] = await states.load([orderStream(position % 50)]);
  t.same(saved == null ? null : decodeState(saved), state(position, position));
  await Promise.all([ledger.close(), states.close(), quarantine.close(), recentLog.close()]);
});

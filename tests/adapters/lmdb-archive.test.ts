/** The archive in LMDB keeps every promise of the port: when it is killed, beside a reader, and in what its files tell. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { LmdbArchive } from '../../src/adapters/lmdb/lmdb-archive.js';
import { LmdbArchiveReader } from '../../src/adapters/lmdb/lmdb-archive-reader.js';
import { archiveContract } from '../contracts/archive.js';
import { startChild } from '../support/child.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { deviceId, orderStream, randomFrom } from '../support/samples.js';

archiveContract('LMDB archive', async () => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbArchive.open(folder.path, testSeals()),
    async crash() {},
    remove: folder.remove,
  };
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const numberIn = (line: string) => Number(line.split(' ')[1]);

t.test('an archive whose writer is killed again and again has every batch whole, or not at all', async (t) => {
  const seed = Number(process.env.SEED ?? 43);
  t.comment(`seed ${seed}`);
  const random = randomFrom(seed);
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  let acked = 0;
  for (let epoch = 1; epoch <= 4; epoch++) {
    const child = startChild('adapters/children/archive.js', [folder.path, String(epoch)]);
    t.ok(numberIn(await child.line(/^at /)) >= acked, `round ${epoch}: ${acked} acknowledged`);
    await child.line(/^acked /);
    await pause(random() * 60);
    await child.kill();
    for (const line of child.lines.filter((line) => line.startsWith('acked '))) acked = Math.max(acked, numberIn(line));
  }
  const archive = LmdbArchive.open(folder.path, testSeals());
  const upTo = archive.archivedUpTo(orderStream(1));
  t.ok(upTo >= acked && acked > 4, `${upTo} archived, ${acked} acknowledged`);
  const expected = Array.from({ length: upTo }, (_, n) => Buffer.alloc(20_000, `batch ${n + 1} `).toString()).sort();
  for (const n of [1, 2, 3]) {
    t.equal(archive.archivedUpTo(orderStream(n)), upTo);
    const found = [...archive.segments(orderStream(n), 0, 7)].map(({ sealed }) => Buffer.from(sealed).toString());
    t.ok(found.sort().join() === expected.join(), `every batch once in stream ${n}`);
  }
  t.equal(archive.hasSequence(deviceId(1), BigInt(upTo)), true);
  t.equal(archive.hasSequence(deviceId(1), BigInt(upTo + 1)), false);
  await archive.close();
});

const batch = {
  epoch: 1,
  segments: [{ stream: orderStream(1), day: 9, sealed: Buffer.alloc(9_000, 1) }],
  archivedUpTo: new Map([[orderStream(1), 77]]),
  sequences: [{ deviceId: deviceId(1), sequence: 5n }],
};

t.test('a process that only reads sees what another one archives', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const path = join(folder.path, 'archive');
  t.throws(() => LmdbArchiveReader.openReader(path, testSeals()), /start the gateway/);
  const archive = LmdbArchive.open(path, testSeals());
  await archive.claim(1);
  const child = startChild('adapters/children/archive-reader.js', [path]);
  t.teardown(() => child.kill());
  t.equal(await child.line(/^first/), 'first 0');
  await archive.append(batch);
  t.equal(await child.line(/^found/), 'found 9:9000 up to 77 true');
  t.equal(await child.ended, 0);
  await archive.close();
});

t.test('the files name no person and no device, and only their user may read the folder', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const path = join(folder.path, 'archive');
  const archive = LmdbArchive.open(path, testSeals());
  await archive.claim(1);
  await archive.append(batch);
  await archive.close();
  t.equal((await stat(path)).mode & 0o777, 0o700);
  for (const name of await readdir(path)) t.notMatch(await readFile(join(path, name), 'latin1'), /ORD-1|HU-1/, name);
});

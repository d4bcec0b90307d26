/** What breaks a journal's files: torn tails, damaged blocks, full disks, failed syncs. */
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Disk, type OpenFile, systemDisk } from '../../src/adapters/files/disk.js';
import { FileJournal, type FileJournalOptions } from '../../src/adapters/files/file-journal.js';
import { JournalFailed } from '../../src/ports/journal.js';
import { readAll } from '../contracts/journal.js';
import { startChild } from '../support/child.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';
import { entry, randomFrom, uploadEntry } from '../support/samples.js';

async function place(t: Test) {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const telemetry = new RecordingTelemetry();
  let epoch = 0;
  return {
    path: folder.path,
    telemetry,
    open: (change: Partial<FileJournalOptions> = {}) =>
      FileJournal.open({ folder: folder.path, seals: testSeals(), epoch: ++epoch, telemetry, ...change }),
    async segments(): Promise<string[]> {
      const names = (await readdir(folder.path)).filter((name) => name.endsWith('.seg'));
      return names.sort().map((name) => join(folder.path, name));
    },
  };
}

const positions = async (journal: FileJournal) => (await readAll(journal)).map(({ position }) => position);

t.test('a last block that is torn at any byte is cut off, and nothing before it', async (t) => {
  const at = await place(t);
  const journal = await at.open();
  await journal.append([uploadEntry(1), uploadEntry(2)]);
  const [segment] = (await at.segments()) as [string];
  const whole = (await stat(segment)).size;
  await journal.append([uploadEntry(3)]);
  await journal.close();
  const full = await readFile(segment);
  for (let bytes = whole; bytes < full.length; bytes++) {
    for (const later of (await at.segments()).slice(1)) await systemDisk.unlink(later);
    await writeFile(segment, full.subarray(0, bytes));
    const again = await at.open();
    if (again.last !== 2) t.fail(`torn at byte ${bytes}: last is ${again.last}`);
    await again.close();
  }
  t.equal((await stat(segment)).size, whole, 'the torn bytes are gone');
  t.ok(at.telemetry.codes.includes('journal_torn_tail_cut'));
  const again = await at.open();
  t.equal(await again.append([uploadEntry(3)]), 3);
  t.same(await positions(again), [1, 2, 3]);
  await again.close();
});

t.test('pages of the last block that never reached the disk are a torn block, too', async (t) => {
  const at = await place(t);
  const journal = await at.open();
  await journal.append([uploadEntry(1)]);
  const [segment] = (await at.segments()) as [string];
  const whole = (await stat(segment)).size;
  await journal.append([uploadEntry(2)]);
  await journal.close();
  const bytes = await readFile(segment);
  bytes.fill(0, whole + 60);
  await writeFile(segment, bytes);
  const again = await at.open();
  t.equal(again.last, 1);
  await again.close();
});

t.test('a broken block before a good one is refused, with file, offset and what to do', async (t) => {
  const seed = 7;
  t.comment(`seed ${seed}`);
  const random = randomFrom(seed);
  const at = await place(t);
  const journal = await at.open();
  await journal.append([uploadEntry(1)]);
  const [segment] = (await at.segments()) as [string];
  const first = (await stat(segment)).size;
  await journal.append([uploadEntry(2)]);
  await journal.close();
  const good = await readFile(segment);
  for (let round = 0; round < 40; round++) {
    const bytes = Buffer.from(good);
    const offset = Math.floor(random() * first);
    bytes[offset] = (bytes[offset] as number) ^ 0x10;
    await writeFile(segment, bytes);
    await t.rejects(
      at.open(),
      { name: 'JournalCorrupt', message: /\.seg at byte 0: .*restore this file from a backup/ },
      `byte ${offset}`,
    );
  }
  t.same((await readFile(segment)).length, good.length, 'nothing was changed');
  await writeFile(segment, good);
  const again = await at.open();
  t.equal(again.last, 2);
  await again.close();
});

t.test('a missing or shortened segment in the middle is refused', async (t) => {
  const at = await place(t);
  const journal = await at.open({ segmentBytesMax: 1 });
  for (let n = 1; n <= 4; n++) await journal.append([uploadEntry(n)]);
  await journal.close();
  const segments = await at.segments();
  const second = segments[1] as string;
  await copyFile(second, `${second}.kept`);
  await systemDisk.unlink(second);
  await t.rejects(at.open(), { name: 'JournalCorrupt', message: /ends before position 2/ });
  await copyFile(`${second}.kept`, second);
  await truncate(second, 50);
  await t.rejects(at.open(), { name: 'JournalCorrupt', message: /next segment starts at 3/ });
});

t.test(
  'what a superseded owner left in front of a trimmed journal is passed over, and goes with the next trimming',
  async (t) => {
    const at = await place(t);
    const first = await at.open({ segmentBytesMax: 1 });
    for (let n = 1; n <= 4; n++) await first.append([uploadEntry(n)]);
    const second = await at.open({ segmentBytesMax: 1 });
    // as if it had stood still between the look at its ownership and the write
    const [, , , fourth] = (await at.segments()) as [string, string, string, string];
    const stray = await readFile(fourth);
    for (let n = 5; n <= 8; n++) await second.append([uploadEntry(n)]);
    await second.trim(7);
    await writeFile(fourth, stray);
    await writeFile(fourth.replace('0000000000000004-', '0000000000000005-'), '');
    const third = await at.open({ segmentBytesMax: 1 });
    t.same([third.first, third.last], [7, 8]);
    t.ok((await at.segments()).includes(fourth), 'nobody has checked yet that nothing is missing between');
    t.ok(at.telemetry.codes.includes('journal_stray_segments'));
    await third.trim(7);
    t.notOk((await at.segments()).includes(fourth));
    for (const journal of [first, second, third]) await journal.close();
  },
);

t.test('segments that vanish under a reader, for a former owner trims them, are passed over', async (t) => {
  const at = await place(t);
  const first = await at.open({ segmentBytesMax: 1 });
  for (let n = 1; n <= 4; n++) await first.append([uploadEntry(n)]);
  const second = await at.open({ segmentBytesMax: 1 });
  for (const path of (await at.segments()).slice(0, 2)) await systemDisk.unlink(path);
  t.same(await positions(second), [3, 4]);
  t.equal(second.first, 3);
  await systemDisk.unlink((await at.segments())[1] as string);
  await t.rejects(readAll(second, 3), /ENOENT/, 'in the middle it is a loss');
  for (const journal of [first, second]) await journal.close();
});

t.test('a block that was moved to another place does not open', async (t) => {
  const at = await place(t);
  const journal = await at.open({ segmentBytesMax: 1 });
  await journal.append([uploadEntry(1)]);
  await journal.append([uploadEntry(1)]);
  const [first, second] = (await at.segments()) as [string, string];
  const moved = await readFile(first);
  // the header of the second place over the content of the first, checksums made to fit
  const { crc32 } = await import('node:zlib');
  const header = (await readFile(second)).subarray(0, 40);
  header.writeUInt32BE(moved.length - 40, 28);
  header.writeUInt32BE(crc32(moved.subarray(40)), 32);
  header.writeUInt32BE(crc32(header.subarray(0, 36)), 36);
  await writeFile(second, Buffer.concat([header, moved.subarray(40)]));
  await t.rejects(readAll(journal), { name: 'SealBroken' });
  await journal.close();
});

/** The real disk, but for one call on a segment that fails. */
function faultyDisk(fault: { on: 'write' | 'datasync'; after: number; error: Error | 'short' }): Disk {
  let calls = 0;
  const strikes = () => calls++ === fault.after;
  return {
    ...systemDisk,
    async create(path) {
      const file = await systemDisk.create(path);
      if (!path.endsWith('.seg')) return file;
      const write = async (bytes: Uint8Array, offset: number, length: number, position: number) => {
        if (fault.on !== 'write' || !strikes()) return file.write(bytes, offset, length, position);
        if (fault.error !== 'short') throw fault.error;
        return file.write(bytes, offset, length - 1, position);
      };
      const datasync = async () => {
        if (fault.on === 'datasync' && strikes()) throw fault.error;
        return file.datasync();
      };
      return {
        write: write as OpenFile['write'],
        datasync,
        read: file.read.bind(file) as OpenFile['read'],
        sync: () => file.sync(),
        truncate: (length) => file.truncate(length),
        stat: file.stat.bind(file) as OpenFile['stat'],
        close: () => file.close(),
      };
    },
  };
}

const errno = (code: string) => Object.assign(new Error(`${code}: injected`), { code });
for (const [what, fault] of [
  ['a write without space (ENOSPC)', { on: 'write', after: 2, error: errno('ENOSPC') }],
  ['a short write', { on: 'write', after: 2, error: 'short' }],
  ['a sync that fails (EIO)', { on: 'datasync', after: 2, error: errno('EIO') }],
] as const) {
  t.test(`after ${what} nothing is acknowledged until the journal is opened anew`, async (t) => {
    const at = await place(t);
    const journal = await at.open({ disk: faultyDisk(fault) });
    await journal.append([entry(1)]);
    await journal.append([entry(2)]);
    const under = await Promise.allSettled([journal.append([entry(3)]), journal.append([entry(4)])]);
    for (const result of under) {
      t.equal(result.status, 'rejected');
      if (result.status === 'rejected') t.type(result.reason, JournalFailed);
    }
    await t.rejects(journal.append([entry(5)]), JournalFailed);
    t.equal(journal.last, 2);
    t.same(await positions(journal), [1, 2]);
    t.ok(at.telemetry.codes.includes('journal_failed'));
    await journal.close();

    const again = await at.open();
    // what was not acknowledged may be there (a failed sync leaves it in the page cache) or not, but whole
    t.ok(again.last === 2 || again.last === 4, `last is ${again.last}`);
    t.equal(await again.append([entry(9)]), again.last);
    await again.close();
  });
}

t.test('a real limit on file size ends the appends, and what was acknowledged is there', async (t) => {
  const at = await place(t);
  const limited = ['bash', '-c', 'ulimit -f 16 && exec "$@"', '-'];
  const child = startChild('adapters/children/append.js', [at.path], limited);
  await child.line(/^failed JournalFailed .*could not be written/);
  t.equal(await child.ended, 3);
  const acked = Math.max(
    ...child.lines.filter((line) => line.startsWith('acked ')).map((line) => Number(line.slice(6))),
  );
  const journal = await FileJournal.open({
    folder: `${at.path}/journal`,
    seals: testSeals(),
    epoch: 99,
    telemetry: at.telemetry,
  });
  const kept = await readAll(journal);
  t.ok(kept.length >= acked, `${kept.length} kept, ${acked} acknowledged`);
  await journal.close();
});

t.test('many appends at once share blocks, and a block is bounded', async (t) => {
  const at = await place(t);
  let syncs = 0;
  const counting: Disk = {
    ...systemDisk,
    async create(path) {
      const file = await systemDisk.create(path);
      const datasync = file.datasync.bind(file);
      file.datasync = () => {
        syncs++;
        return datasync();
      };
      return file;
    },
  };
  const journal = await at.open({ disk: counting });
  await Promise.all(Array.from({ length: 1_000 }, (_, n) => journal.append([uploadEntry(n)])));
  t.equal(syncs, 1);
  await journal.close();

  syncs = 0;
  const bounded = await at.open({ disk: counting, blockBytesMax: 1_000 });
  await Promise.all(Array.from({ length: 100 }, (_, n) => bounded.append([uploadEntry(n)])));
  t.ok(syncs > 5, `${syncs} blocks`);
  t.equal((await readAll(bounded)).length, 1_100);
  await bounded.close();
});

t.test('an entry that cannot be encoded harms its own call alone', async (t) => {
  const at = await place(t);
  const journal = await at.open();
  const impossible = { kind: 'nonsense' } as unknown as ReturnType<typeof uploadEntry>;
  const results = await Promise.allSettled([
    journal.append([uploadEntry(1)]),
    journal.append([impossible]),
    journal.append([uploadEntry(2)]),
  ]);
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  t.same(await positions(journal), [1, 2]);
  await journal.close();
});

t.test('a position that was trimmed is not passed over in silence', async (t) => {
  const at = await place(t);
  const journal = await at.open({ segmentBytesMax: 1 });
  for (let n = 1; n <= 5; n++) await journal.append([uploadEntry(n)]);
  await journal.trim(4);
  t.equal(journal.first, 4);
  await t.rejects(readAll(journal, 3), /position 3 was trimmed; the journal starts at 4/);
  t.same(
    (await readAll(journal, 4)).map(({ position }) => position),
    [4, 5],
  );
  await journal.close();
});

/** Every store on a file system that is really full: who asked is refused, nothing that was answered is lost, nobody dies. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { FileBookmark } from '../../src/adapters/files/file-bookmark.js';
import { FileKeyVault } from '../../src/adapters/files/file-key-vault.js';
import { FolderLock } from '../../src/adapters/files/folder-lock.js';
import { Environment } from '../../src/adapters/lmdb/environment.js';
import { startChild } from '../support/child.js';
import { smallDisk } from '../support/small-disk.js';
import { TRIED_STORES } from '../support/tried-stores.js';

for (const name of Object.keys(TRIED_STORES)) {
  t.test(
    `a full disk: the ${name} refuses with what and where, keeps what it has, and goes on when there is room`,
    async (t) => {
      const disk = smallDisk(2_048, (why) => t.comment(why));
      if (disk === null) return;
      t.teardown(() => disk.unmount());
      // beside the disk: what says that it is full needs room itself
      const folder = `${disk.path}/store`;
      const child = startChild('adapters/children/full-disk.js', [folder, name]);
      t.teardown(() => child.kill());
      await child.line(/^begun/);
      writeFileSync(`${folder}.full`, '');
      disk.fill();
      await child.line(/^kept/);
      const refusals = child.lines.filter((line) => line.startsWith('refused '));
      t.equal(refusals.length, 2, 'refused, and refused again');
      for (const refusal of refusals) {
        t.match(refusal, name === 'journal' ? /^refused JournalFailed / : /^refused StoreFailed /);
        t.ok(refusal.includes(folder), 'says where');
        t.match(refusal, /disk.* full/, 'says what');
      }
      disk.makeRoom();
      writeFileSync(`${folder}.room`, '');
      await child.line(/^again/);
      t.equal(await child.ended, 0, 'the process lives on');
      t.same(
        child.lines.filter((line) => line.startsWith('lost ')),
        [],
      );
      const acked = child.lines.filter((line) => line.startsWith('acked ')).map((line) => Number(line.split(' ')[1]));
      const store = await TRIED_STORES[name]?.(folder, 3);
      for (const n of acked) t.equal(await store?.has(n), true, `${n} was acknowledged`);
      await store?.close();
    },
  );
}

t.test('a store that is made on a full disk is refused, and takes no process with it', async (t) => {
  const disk = smallDisk(256, (why) => t.comment(why));
  if (disk === null) return;
  t.teardown(() => disk.unmount());
  disk.fill();
  t.throws(() => Environment.open(`${disk.path}/store`), { name: 'StoreFailed', reason: 'ENOSPC' });
});

t.test('with hardly any room left, whatever it is, a new store is made or refused', async (t) => {
  const disk = smallDisk(1_024, (why) => t.comment(why));
  if (disk === null) return;
  t.teardown(() => disk.unmount());
  for (const freeKilobytes of [8, 20, 40, 120, 300]) {
    const room = `${disk.path}/room`;
    writeFileSync(room, Buffer.alloc(freeKilobytes * 1_024));
    disk.fill();
    rmSync(room);
    // in a process of its own: lmdb-js has died of this
    const child = startChild('adapters/children/full-disk.js', [`${disk.path}/store-${freeKilobytes}`, 'ledger']);
    await Promise.race([child.ended, child.line(/^begun/)]).catch(() => {});
    t.ok(child.signal() === null, `${freeKilobytes} KiB: ${child.errors().slice(0, 100)}`);
    await child.kill();
    disk.makeRoom();
    rmSync(`${disk.path}/store-${freeKilobytes}`, { recursive: true, force: true });
  }
});

t.test('a full vault takes no key, leaves nothing half made, and still forgets', async (t) => {
  const disk = smallDisk(256, (why) => t.comment(why));
  if (disk === null) return;
  t.teardown(() => disk.unmount());
  const folder = `${disk.path}/vault`;
  const vault = await FileKeyVault.open(folder);
  await vault.create('epoch-1', 'a.b.c.d.e');
  disk.fill();
  for (let n = 0; n < 3; n++) {
    await t.rejects(vault.create('epoch-2', 'f.g.h.i.j'), { name: 'StoreFailed', reason: 'ENOSPC', where: /epoch-2/ });
  }
  t.same(readdirSync(folder), ['epoch-1.key'], 'tried again each minute, it would fill with leftovers');
  t.equal(await vault.read('epoch-1'), 'a.b.c.d.e');
  await vault.destroy('epoch-1');
  t.same(readdirSync(folder), [], 'what is overdue goes all the same');
  disk.makeRoom();
  await vault.create('epoch-2', 'f.g.h.i.j');
  t.same(await vault.list(), ['epoch-2']);
});

t.test('a bookmark that cannot be written stays where it was; a folder that cannot be taken is not', async (t) => {
  const disk = smallDisk(256, (why) => t.comment(why));
  if (disk === null) return;
  t.teardown(() => disk.unmount());
  const bookmark = new FileBookmark(`${disk.path}/place`);
  await bookmark.write(7);
  const first = await FolderLock.take(disk.path);
  await first.release();
  disk.fill();
  await t.rejects(bookmark.write(8), { code: 'ENOSPC' });
  t.equal(await bookmark.read(), 7);
  await t.rejects(FolderLock.take(disk.path), { name: 'StoreFailed', reason: 'ENOSPC' });
  disk.makeRoom();
  const next = await FolderLock.take(disk.path);
  t.equal(next.epoch, 2, 'a start that failed has used up nothing');
  t.same(readdirSync(disk.path).sort(), ['EPOCH', 'LOCK', 'place', 'place.next'], 'and left nothing behind');
  await next.release();
});

/** The key vault in files: the contract, and who may read it. */
import { link, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import t from 'tap';
import { type Disk, systemDisk } from '../../src/adapters/files/disk.js';
import { FileKeyVault } from '../../src/adapters/files/file-key-vault.js';
import { keyVaultContract } from '../contracts/key-vault.js';
import { temporaryFolder } from '../support/folder.js';

keyVaultContract('file vault', async () => {
  const folder = await temporaryFolder();
  return { open: () => FileKeyVault.open(`${folder.path}/vault`), remove: folder.remove };
});

t.test('only its own user may read the folder and the keys', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const vault = await FileKeyVault.open(`${folder.path}/vault`);
  await vault.create('k', 'wrapped');
  t.equal((await stat(`${folder.path}/vault`)).mode & 0o777, 0o700);
  t.equal((await stat(`${folder.path}/vault/k.key`)).mode & 0o777, 0o600);
});

t.test('destroying a key overwrites the bytes on disk, not only the name', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const vault = await FileKeyVault.open(`${folder.path}/vault`);
  await vault.create('k', 'wrapped key material');
  // a second name for the same bytes shows what became of them
  await link(`${folder.path}/vault/k.key`, `${folder.path}/bytes`);
  await vault.destroy('k');
  t.notMatch(await readFile(`${folder.path}/bytes`, 'latin1'), /wrapped|key|material/);
});

t.test('a creation that a crash cut short leaves nothing behind', async (t) => {
  const folder = await temporaryFolder();
  t.teardown(folder.remove);
  const path = `${folder.path}/vault`;
  await (await FileKeyVault.open(path)).create('k', 'wrapped');
  await writeFile(`${path}/half.key.0123456789abcdef.new`, 'wrap');
  const vault = await FileKeyVault.open(path);
  t.same(await vault.list(), ['k']);
  await vault.create('half', 'whole');
  t.equal(await vault.read('half'), 'whole');
});

t.test(
  'a destruction that a crash cut short leaves no key that does not open, and is finished at the next start',
  async (t) => {
    const folder = await temporaryFolder();
    t.teardown(folder.remove);
    const path = `${folder.path}/vault`;
    for (const step of ['rename', 'openToWrite', 'unlink'] as const) {
      const dying: Disk = {
        ...systemDisk,
        // dies behind what it does, all that comes after included
        rename: async (from, to) => {
          await systemDisk.rename(from, to);
          if (step === 'rename') throw new Error('killed');
        },
        openToWrite: async (file) => {
          const opened = await systemDisk.openToWrite(file);
          if (step !== 'openToWrite') return opened;
          await opened.close();
          throw new Error('killed');
        },
        unlink: async (file) => {
          if (step === 'unlink') throw new Error('killed');
          await systemDisk.unlink(file);
        },
      };
      await (await FileKeyVault.open(path)).create(step, 'wrapped key material');
      await t.rejects((await FileKeyVault.open(path, dying)).destroy(step), /killed/, step);
      const again = await FileKeyVault.open(path);
      t.equal(await again.read(step), null, `${step}: it is gone, or it would be whole`);
      t.same(await readdir(path), [], `${step}: nothing is left`);
      await again.destroy(step);
    }
  },
);

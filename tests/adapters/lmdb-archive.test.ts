/** The archive in LMDB keeps every promise of the port. */
import { LmdbArchive } from '../../src/adapters/lmdb/lmdb-archive.js';
import { archiveContract } from '../contracts/archive.js';
import { temporaryFolder, testSeals } from '../support/folder.js';

archiveContract('LMDB archive', async () => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbArchive.open(folder.path, testSeals()),
    async crash() {},
    remove: folder.remove,
  };
});

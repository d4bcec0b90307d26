/** The recent log in LMDB keeps every promise of its port. */
import { LmdbRecentLog } from '../../src/adapters/lmdb/lmdb-recent-log.js';
import { recentLogContract } from '../contracts/recent-log.js';
import { temporaryFolder, testSeals } from '../support/folder.js';

recentLogContract('LMDB recent log', async () => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbRecentLog.open(folder.path, testSeals()),
    async crash() {},
    remove: folder.remove,
  };
});

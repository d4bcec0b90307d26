/** The recent log that laws are tried on keeps every promise of the port. */

import { MemoryRecentLog } from '../../src/adapters/memory/memory-recent-log.js';
import { recentLogContract } from '../contracts/recent-log.js';

recentLogContract('recent log in memory', async () => {
  const log = new MemoryRecentLog();
  return { open: async () => log, async crash() {}, async remove() {} };
});

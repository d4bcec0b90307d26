/** The archive that the simulator runs on keeps every promise of the port. */
import { archiveContract } from '../contracts/archive.js';
import { ArchiveContent, MemoryArchive } from '../support/memory-archive.js';

archiveContract('archive in memory', async () => {
  const content = new ArchiveContent();
  return { open: async () => new MemoryArchive(content), async crash() {}, async remove() {} };
});

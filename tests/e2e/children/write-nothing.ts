/** Takes the write lock of each LMDB environment it is given, one after the other, and lets it go. */
import { open } from 'lmdb';

for (const path of process.argv.slice(2)) {
  const root = open({ path, maxDbs: 24, encoding: 'binary', overlappingSync: false });
  await root.transaction(() => {});
  await root.close();
}

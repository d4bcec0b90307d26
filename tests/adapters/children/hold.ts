/** A process that takes a folder's lock: `hold.js FOLDER`. Prints `epoch N` and stays, or `refused …` and ends. */
import { writeSync } from 'node:fs';
import { FolderLock } from '../../../src/adapters/files/folder-lock.js';

const lock = await FolderLock.take(process.argv[2] as string).catch((error: Error) => error);
if (lock instanceof Error) {
  writeSync(1, `refused ${lock.name} ${lock.message}\n`);
} else {
  writeSync(1, `epoch ${lock.epoch}\n`);
  process.on('SIGTERM', () => void lock.release().then(() => process.exit(0)));
  setInterval(() => {}, 1_000);
}

/**
 * A process that appends for as long as it lives: `append.js FOLDER`. Prints `last N` when it has opened, then `acked N`
 * for every position that was acknowledged. Entry N is `uploadEntry(N)`.
 */
import { writeSync } from 'node:fs';
import { FileJournal } from '../../../src/adapters/files/file-journal.js';
import { FolderLock } from '../../../src/adapters/files/folder-lock.js';
import { testSeals } from '../../support/folder.js';
import { RecordingTelemetry } from '../../support/recording-telemetry.js';
import { uploadEntry } from '../../support/samples.js';

const folder = process.argv[2] as string;
const lock = await FolderLock.take(folder);
const journal = await FileJournal.open({
  folder: `${folder}/journal`,
  seals: testSeals(),
  epoch: lock.epoch,
  telemetry: new RecordingTelemetry(),
  segmentBytesMax: 20_000,
});
writeSync(1, `last ${journal.last}\n`);

let next = journal.last + 1;
async function appendForever(): Promise<void> {
  for (;;) {
    const count = 1 + (next % 3);
    const entries = Array.from({ length: count }, (_, index) => uploadEntry(next + index));
    next += count;
    const first = await journal.append(entries);
    writeSync(1, `${entries.map((_, index) => `acked ${first + index}`).join('\n')}\n`);
  }
}
const failures = await Promise.race(Array.from({ length: 8 }, () => appendForever().catch((error: Error) => error)));
writeSync(1, `failed ${failures?.name} ${failures?.message}\n`);
process.exit(3);

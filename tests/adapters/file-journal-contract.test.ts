/** The file journal keeps every promise of the journal port. */
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { journalContract } from '../contracts/journal.js';
import { temporaryFolder, testSeals } from '../support/folder.js';
import { RecordingTelemetry } from '../support/recording-telemetry.js';

for (const [name, segmentBytesMax] of [
  ['one segment', 64 * 1_048_576],
  ['many small segments', 700],
] as const) {
  journalContract(`file journal, ${name}`, async () => {
    const folder = await temporaryFolder();
    const abandoned: FileJournal[] = [];
    return {
      async open(epoch) {
        const journal = await FileJournal.open({
          folder: `${folder.path}/journal`,
          seals: testSeals(),
          epoch,
          telemetry: new RecordingTelemetry(),
          segmentBytesMax,
        });
        abandoned.push(journal);
        return journal;
      },
      // the process that appends is killed in file-journal-kill.test: here its journal is left open
      async crash() {},
      async remove() {
        await Promise.allSettled(abandoned.map((journal) => journal.close()));
        await folder.remove();
      },
    };
  });
}

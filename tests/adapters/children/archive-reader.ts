/** Another process that looks at the archive: `archive-reader.js FOLDER`. Prints what it finds until a segment is there. */
import { writeSync } from 'node:fs';
import { LmdbArchiveReader } from '../../../src/adapters/lmdb/lmdb-archive-reader.js';
import { testSeals } from '../../support/folder.js';
import { deviceId, orderStream } from '../../support/samples.js';

const reader = LmdbArchiveReader.openReader(process.argv[2] as string, testSeals());
const found = () => [...reader.segments(orderStream(1), 0, 100)].map(({ day, sealed }) => `${day}:${sealed.length}`);
writeSync(1, `first ${found().length}\n`);
// without a turn of the event loop in between: it is the reader that looks again, not its library
while (found().length === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
const upTo = reader.archivedUpTo(orderStream(1));
writeSync(1, `found ${found().join(' ')} up to ${upTo} ${reader.hasSequence(deviceId(1), 5n)}\n`);

/** Another process that looks at the archive: `archive-reader.js FOLDER`. Prints what it finds until a segment is there. */
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { LmdbArchiveReader } from '../../../src/adapters/lmdb/lmdb-archive-reader.js';
import { testSeals } from '../../support/folder.js';
import { deviceId, orderStream } from '../../support/samples.js';

const reader = LmdbArchiveReader.openReader(process.argv[2] as string, testSeals());
const found = () => [...reader.segments(orderStream(1), 0, 100)].map(({ day, sealed }) => `${day}:${sealed.length}`);
writeSync(1, `first ${found().length}\n`);
while (found().length === 0) await setTimeout(20);
const upTo = reader.archivedUpTo(orderStream(1));
writeSync(1, `found ${found().join(' ')} up to ${upTo} ${reader.hasSequence(deviceId(1), 5n)}\n`);

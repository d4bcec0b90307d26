/**
 * A process that appends to the archive for as long as it lives: `archive.js FOLDER EPOCH`. Prints `at N` once it has
 * opened, then `acked N` when batch N is archived: a segment of each of three streams, all up to position N.
 */
import { writeSync } from 'node:fs';
import { LmdbArchive } from '../../../src/adapters/lmdb/lmdb-archive.js';
import { testSeals } from '../../support/folder.js';
import { deviceId, orderStream } from '../../support/samples.js';

const [folder, epoch] = [process.argv[2] as string, Number(process.argv[3])];
const archive = LmdbArchive.open(folder, testSeals());
await archive.claim(epoch);
let at = archive.archivedUpTo(orderStream(1));
writeSync(1, `at ${at}\n`);
for (;;) {
  at += 1;
  const streams = [1, 2, 3].map(orderStream);
  await archive.append({
    epoch,
    // of many pages, so that a batch is no single write
    segments: streams.map((stream) => ({ stream, day: at % 7, sealed: Buffer.alloc(20_000, `batch ${at} `) })),
    archivedUpTo: new Map(streams.map((stream) => [stream, at])),
    sequences: [{ deviceId: deviceId(1), sequence: BigInt(at) }],
  });
  writeSync(1, `acked ${at}\n`);
}

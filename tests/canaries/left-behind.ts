/** One scenario in a process of its own, for the runner: prints what is seen of it, a line each. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/folder.js';
import { leaveCanaries } from './scenario.js';
import { sightingsIn, sightingsInArchive } from './sightings.js';

const [fixes = 0, seed = 0] = process.argv.slice(2).map(Number);
const ends: (() => unknown)[] = [];
try {
  const remains = await leaveCanaries({ teardown: (end) => ends.push(end) }, fixes, seed);
  for (const line of sightingsIn(remains)) process.stdout.write(`seen ${line}\n`);
  const archive = remains.places.get('data/archive/data.mdb');
  if (archive !== undefined) {
    const folder = await temporaryFolder();
    ends.push(() => folder.remove());
    writeFileSync(join(folder.path, 'data.mdb'), archive);
    const count = await sightingsInArchive(join(folder.path, 'data.mdb'), remains);
    if (count > 0) process.stdout.write(`seen data/archive/data.mdb: ${count} positions of segments, decoded\n`);
  }
} finally {
  for (const end of ends.reverse()) await end();
}

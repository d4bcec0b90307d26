/** Plays an evening for as long as it lives: `live.js FOLDER EPOCH REDIS|- SEED`. Prints `step N` as it goes on. */
import { writeSync } from 'node:fs';
import { openRoom } from '../room.js';
import { NOON, playEvening, setUp } from '../story.js';

const [folder = '', epoch, redis, seed] = process.argv.slice(2);
const room = await openRoom(folder, Number(epoch), {
  ...(redis === '-' || redis === undefined ? {} : { redisUrl: redis }),
  limits: { batchEntriesMax: 8 },
  startMs: NOON,
});
await setUp(room, 4);
await playEvening(room, {
  seed: Number(seed),
  people: 4,
  async pause(step) {
    if (step % 7 === 3) await room.engine.checkpoint();
    writeSync(1, `step ${step}\n`);
  },
});
await room.close();
writeSync(1, 'done\n');

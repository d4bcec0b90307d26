/**
 * Recovers a room and dies at one point of its way: `recover.js FOLDER EPOCH REDIS|- POINT COUNT BATCH`. Points are
 * before-commit, after-commit, before-save, after-save; at the COUNT-th of them it kills itself. Else it prints `done`.
 */
import { writeSync } from 'node:fs';
import { around } from '../around.js';
import { openRoom } from '../room.js';

const [folder = '', epoch, redis, point, count, batch] = process.argv.slice(2);
let left = Number(count);
function at(here: string): void {
  if (here !== point) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}
const room = await openRoom(folder, Number(epoch), {
  ...(redis === '-' || redis === undefined ? {} : { redisUrl: redis }),
  limits: { batchEntriesMax: Number(batch) },
  wrapLedger: (ledger) =>
    around(ledger, {
      async commit(harvest) {
        at('before-commit');
        await ledger.commit(harvest);
        at('after-commit');
      },
    }),
  wrapStates: (states) =>
    around(states, {
      async save(harvest) {
        at('before-save');
        await states.save(harvest);
        at('after-save');
      },
    }),
});
await room.close();
writeSync(1, 'done\n');

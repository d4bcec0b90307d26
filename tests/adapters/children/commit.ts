/**
 * A process that commits to the engine's stores for as long as it lives: `commit.js FOLDER EPOCH`. Prints `at N` once it
 * has opened, then `acked N` when version N is in the ledger and the states stand at position N.
 */
import { writeSync } from 'node:fs';
import { openEngineStores } from '../../../src/adapters/lmdb/engine-stores.js';
import { engineKeys, testSeals } from '../../support/folder.js';
import { orderStream, stateBytes, version } from '../../support/samples.js';

const [folder, epoch] = [process.argv[2] as string, Number(process.argv[3])];
const { ledger, states } = await openEngineStores(folder, engineKeys(testSeals()));
await ledger.claim(epoch);
await states.claim(epoch);
let at = await states.position();
if (at === null) {
  await states.replaceAll(epoch, 0, []);
  at = 0;
}
writeSync(1, `at ${at}\n`);
for (;;) {
  const position: number = at + 1;
  await ledger.commit({ epoch, orders: [], zones: [], versions: [version(position, 1)] });
  const saved = new Map([[orderStream(position % 50), stateBytes(position, position)]]);
  await states.save({ epoch, previousPosition: at, position, states: saved });
  at = position;
  writeSync(1, `acked ${position}\n`);
}

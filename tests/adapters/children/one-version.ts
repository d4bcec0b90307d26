/** The engine's process: `one-version.js FOLDER N` commits the first version of alert N to the ledger there, as owner N, and ends. */
import { LmdbLedger } from '../../../src/adapters/lmdb/lmdb-ledger.js';
import { oneKey, testSeals } from '../../support/folder.js';
import { version } from '../../support/samples.js';

const ledger = await LmdbLedger.open(process.argv[2] as string, oneKey(testSeals()));
const n = Number(process.argv[3]);
await ledger.claim(n);
await ledger.commit({ epoch: n, orders: [], zones: [], versions: [version(n, 1)] });
await ledger.close();

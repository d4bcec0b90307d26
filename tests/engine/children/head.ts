/** Prints how far the ledger in a folder has come, as another process sees it: `head.js FOLDER`. */
import { LmdbLedgerReader } from '../../../src/adapters/lmdb/lmdb-ledger-reader.js';
import { oneKey, testSeals } from '../../support/folder.js';

process.stdout.write(`${LmdbLedgerReader.openReader(process.argv[2] ?? '', oneKey(testSeals())).head()}\n`);

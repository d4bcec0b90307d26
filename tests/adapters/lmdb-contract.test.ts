/** The stores in LMDB keep every promise of their ports. */
import { LmdbLedger } from '../../src/adapters/lmdb/lmdb-ledger.js';
import { LmdbStates } from '../../src/adapters/lmdb/lmdb-states.js';
import { ledgerContract } from '../contracts/ledger.js';
import { subjectStatesContract } from '../contracts/subject-states.js';
import { temporaryFolder, testSeals } from '../support/folder.js';

subjectStatesContract('LMDB states', async () => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbStates.open(folder.path, testSeals()),
    async crash() {},
    remove: folder.remove,
  };
});

ledgerContract('LMDB ledger', async () => {
  const folder = await temporaryFolder();
  return {
    open: () => LmdbLedger.open(folder.path, testSeals()),
    async crash() {},
    remove: folder.remove,
  };
});

/** The stores in LMDB keep every promise of their ports. */
import { generateKeyPairSync } from 'node:crypto';
import { LmdbCommandLog } from '../../src/adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../../src/adapters/lmdb/lmdb-device-registry.js';
import { LmdbLedger } from '../../src/adapters/lmdb/lmdb-ledger.js';
import { LmdbQuarantine } from '../../src/adapters/lmdb/lmdb-quarantine.js';
import { LmdbQuarantineReader } from '../../src/adapters/lmdb/lmdb-quarantine-reader.js';
import { LmdbStates } from '../../src/adapters/lmdb/lmdb-states.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import { commandLogContract } from '../contracts/command-log.js';
import { deviceRegistryContract } from '../contracts/device-registry.js';
import { ledgerContract } from '../contracts/ledger.js';
import { quarantineContract } from '../contracts/quarantine.js';
import { subjectStatesContract } from '../contracts/subject-states.js';
import { oneKey, temporaryFolder, testSeals } from '../support/folder.js';

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
    open: () => LmdbLedger.open(folder.path, oneKey(testSeals())),
    async crash() {},
    remove: folder.remove,
  };
});

quarantineContract('LMDB quarantine', async () => {
  const folder = await temporaryFolder();
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const opener = { kek: Buffer.alloc(32, 9), identity: privateKey };
  return {
    open: async () => LmdbQuarantine.open(folder.path, { shared: testSeals(), reader: new OneReader(publicKey) }),
    reader: async () => LmdbQuarantineReader.open(folder.path, { shared: testSeals(), opener }),
    async crash() {},
    remove: folder.remove,
  };
});

deviceRegistryContract('LMDB device registry', async () => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbDeviceRegistry.open(folder.path, testSeals()),
    async crash() {},
    remove: folder.remove,
  };
});

commandLogContract('LMDB command log', async () => {
  const folder = await temporaryFolder();
  return {
    open: async () => LmdbCommandLog.open(folder.path, oneKey(testSeals())),
    async crash() {},
    remove: folder.remove,
  };
});

/** The audit log in LMDB keeps every promise of its port. */
import { LmdbAuditLog } from '../../src/adapters/lmdb/lmdb-audit-log.js';
import { auditLogContract } from '../contracts/audit-log.js';
import { auditTestKeys, newSigningKey } from '../support/audit-keys.js';
import { temporaryFolder } from '../support/folder.js';
import { orderId, T0 } from '../support/samples.js';

auditLogContract('LMDB audit log', async () => {
  const folder = await temporaryFolder();
  const keys = await auditTestKeys();
  const signingKey = newSigningKey();
  return {
    open: async () => LmdbAuditLog.open({ folder: folder.path, keys, signingKey, clock: { nowMs: () => T0 } }),
    async crash() {},
    erase: (n) => keys.destroy(orderId(n)),
    remove: folder.remove,
  };
});

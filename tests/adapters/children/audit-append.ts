/**
 * A process that logs for as long as it lives, eight callers at a time: `audit-append.js FOLDER KEY`. Prints `at N` once
 * it has opened, `acked INDEX` with each answer, `refused NAME` and `after …` where the log cannot be written, and ends.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { LmdbAuditLog } from '../../../src/adapters/lmdb/lmdb-audit-log.js';
import { auditEvent } from '../../support/audit-events.js';
import { auditTestKeys } from '../../support/audit-keys.js';

// node passes a write beyond `ulimit -f` by with an error; tap's child processes would end by the signal
process.on('SIGXFSZ', () => {});

const [folder, key] = process.argv.slice(2) as [string, string];
const signingKey = createPrivateKey(readFileSync(key));
const log = LmdbAuditLog.open({ folder, keys: await auditTestKeys(), signingKey, clock: { nowMs: () => Date.now() } });
writeSync(1, `at ${log.size}\n`);
let n = log.size;
const callers = Array.from({ length: 8 }, async () => {
  for (;;) writeSync(1, `acked ${await log.append(auditEvent(n++))}\n`);
});
await Promise.race(callers).catch((error: Error) => writeSync(1, `refused ${error.name}\n`));
await Promise.allSettled(callers);
await log.append(auditEvent(n)).catch(() => {});
writeSync(1, `after ${log.size} ${log.head()?.size}\n`);

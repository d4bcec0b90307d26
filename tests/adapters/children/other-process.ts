/**
 * The command line beside a running gateway: `other-process.js FOLDER`. Appends a command, enrols a device, waits for the
 * outcome, and reads the ledger that another process writes; prints each.
 */
import { writeSync } from 'node:fs';
import { LmdbCommandLog } from '../../../src/adapters/lmdb/lmdb-command-log.js';
import { LmdbDeviceRegistry } from '../../../src/adapters/lmdb/lmdb-device-registry.js';
import { LmdbLedgerReader } from '../../../src/adapters/lmdb/lmdb-ledger-reader.js';
import { commands } from '../../contracts/command-log.js';
import { device } from '../../contracts/device-registry.js';
import { oneKey, testSeals } from '../../support/folder.js';
import { T0 } from '../../support/samples.js';

const folder = process.argv[2] as string;
const say = (line: string) => writeSync(1, `${line}\n`);

const reader = LmdbLedgerReader.openReader(`${folder}/engine`, oneKey(testSeals()));
say(`head ${reader.head()} of ${reader.ledgerId}`);
let seen = reader.head();
reader.onCommit(() => {
  const found = reader.versionsAfter(seen, 10_000);
  seen = found.at(-1)?.place ?? seen;
  say(`woken at ${seen} with ${found.length}`);
});

const log = LmdbCommandLog.open(`${folder}/commands`, oneKey(testSeals()));
const place = await log.append(commands[0] as (typeof commands)[number], T0);
say(`appended ${place}`);
const registry = LmdbDeviceRegistry.open(`${folder}/devices`, testSeals());
await registry.put(device(4));
say('enrolled');
say(`outcome ${JSON.stringify(await log.awaitOutcome(place, 10_000))}`);
setInterval(() => {}, 1_000);

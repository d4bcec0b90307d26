/** `fairwatch quarantine list`: what was acknowledged and not understood, and why; never the payload. */
import type { Command } from 'commander';
import { LmdbQuarantineReader } from '../adapters/lmdb/lmdb-quarantine-reader.js';
import { print, printJson, runs } from './cli-run.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';
import { mustExist, openFolder } from './cli-stores.js';

export function register(program: Command): void {
  const quarantine = program.command('quarantine').description('what was acknowledged and not understood');
  settingFlags(quarantine.command('list').description('lists it, oldest first, with reasons'), FOLDER_SETTINGS)
    .option('--json', 'one line of JSON each')
    .addHelpText('after', '\nExample:\n  fairwatch quarantine list --data-dir ./data --json\n')
    .action(runs(list));
}

async function list(flags: Record<string, unknown>): Promise<void> {
  const folder = await openFolder(flags);
  mustExist(folder.folders.engine, folder.configuration);
  const quarantine = LmdbQuarantineReader.open(folder.folders.engine, folder.either);
  try {
    let count = 0;
    for (const { position, deviceId, receivedMs, reason, byteLength } of quarantine.list()) {
      count++;
      const received = new Date(receivedMs).toISOString();
      if (flags.json) printJson({ position, device_id: deviceId, received, reason, bytes: byteLength });
      else print(`${position}\t${received}\t${deviceId}\t${reason}\t${byteLength} bytes`);
    }
    if (count === 0 && !flags.json) print('the quarantine is empty');
  } finally {
    await quarantine.close();
  }
}

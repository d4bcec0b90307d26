/** `fairwatch restore`: puts a backup in place in folders that are new. */
import type { Command } from 'commander';
import { restore } from '../adapters/files/restore.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { configurationOf, FOLDER_SETTINGS, settingFlags } from './cli-settings.js';

export function register(program: Command): void {
  settingFlags(program.command('restore').description('puts a backup in place, in new folders'), FOLDER_SETTINGS)
    .requiredOption('--data-from <folder>', 'a backup of the data')
    .requiredOption('--vault-from <folder>', 'a backup of the keys, made no earlier than that of the data')
    .option('--json', 'one line of JSON')
    .addHelpText(
      'after',
      '\nThe gateway that starts there next asks every device to send again what it still holds from after the backup, and\n' +
        'gives each a new key before it sends it anything else. What was erased after the backup was made must be erased\n' +
        'again: send the erasures of the certificates since then once more (POST /v1/erasures).\n' +
        '\nExample:\n  fairwatch restore --data-from /backup/data-1 --vault-from /safe/vault-1 --data-dir ./data --vault-dir ./vault\n',
    )
    .action(runs(restoreFrom));
}

async function restoreFrom(flags: Record<string, unknown>): Promise<void> {
  const { dataFrom, vaultFrom } = flags as { dataFrom: string; vaultFrom: string };
  const { dataDir, vaultDir } = configurationOf(flags, { forServe: false });
  const done = await restore({ data: dataFrom, vault: vaultFrom }, { dataDir, vaultDir }, Date.now());
  if (!done.ok) throw new CommandFailed([done.fault, 'nothing was restored']);
  const { journalPosition, madeAt } = done.value;
  if (flags.json) {
    printJson({ data_dir: dataDir, vault_dir: vaultDir, made_at: madeAt, journal_position: journalPosition });
    return;
  }
  print(`${dataDir} and ${vaultDir} stand as of ${madeAt}, up to journal entry ${journalPosition}`);
  print('start the gateway there: it asks the devices for what came after, and gives them new keys first');
}

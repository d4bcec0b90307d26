/** `fairwatch backup`: copies the data and the vault, apart, while the gateway runs. */
import type { Command } from 'commander';
import { backUpData, backUpVault, VAULT_BACKUP_DAYS } from '../adapters/files/backup.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { configurationOf, FOLDER_SETTINGS, settingFlags } from './cli-settings.js';

export function register(program: Command): void {
  settingFlags(
    program.command('backup').description('copies data and keys, apart, while the gateway runs'),
    FOLDER_SETTINGS,
  )
    .option('--data-out <folder>', 'where the copy of the data goes: a new folder')
    .option('--vault-out <folder>', `where the copy of the keys goes: a new folder, never beside the data's`)
    .option('--json', 'one line of JSON a backup')
    .addHelpText(
      'after',
      '\nThe data is sealed, and noise without the keys. Keep the two apart: who has both has everything.\n' +
        `A backup of the keys must be destroyed within ${VAULT_BACKUP_DAYS} days, for it holds keys that erasure destroys ` +
        'meanwhile; `fairwatch restore` refuses an older one.\n' +
        '\nExample:\n  fairwatch backup --data-dir ./data --data-out /backup/data-1 --vault-out /safe/vault-1\n',
    )
    .action(runs(backup));
}

async function backup(flags: Record<string, unknown>): Promise<void> {
  const { dataOut, vaultOut } = flags as { dataOut?: string; vaultOut?: string };
  if (dataOut === undefined && vaultOut === undefined) {
    throw new CommandFailed('name --data-out or --vault-out, or both', 2);
  }
  if (dataOut !== undefined && vaultOut !== undefined && within(vaultOut, dataOut)) {
    throw new CommandFailed('--vault-out and --data-out are the same place: keys and data must lie apart', 2);
  }
  const { dataDir, vaultDir } = configurationOf(flags, { forServe: false });
  // data first: every key that it lies under is then in the vault's copy
  if (dataOut !== undefined) tell(await backUpData(dataDir, dataOut, Date.now()), dataOut, flags);
  if (vaultOut !== undefined) tell(await backUpVault(vaultDir, vaultOut, Date.now()), vaultOut, flags);
}

function tell(manifest: Awaited<ReturnType<typeof backUpData>>, out: string, flags: Record<string, unknown>): void {
  const { kind, madeAt, expiresAt, journalPosition, files } = manifest;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (flags.json) {
    printJson({ kind, folder: out, made_at: madeAt, expires_at: expiresAt, journal_position: journalPosition, bytes });
    return;
  }
  print(`${out}: ${kind}, ${files.length} files, ${bytes} bytes`);
  if (journalPosition !== null) print(`  up to journal entry ${journalPosition}`);
  if (expiresAt !== null) print(`  to be destroyed by ${expiresAt}`);
}

/** One inside the other, either way. */
function within(a: string, b: string): boolean {
  const [x, y] = [`${a}/`.replaceAll(/\/+/g, '/'), `${b}/`.replaceAll(/\/+/g, '/')];
  return x.startsWith(y) || y.startsWith(x);
}

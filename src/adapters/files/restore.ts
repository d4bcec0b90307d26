/** Puts a backup of the data and one of the vault in place, in folders that are new, and leaves word of it for the gateway. */
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bad, ok, type Result } from '../../domain/result.js';
import { copyTree, VAULT_BACKUP_DAYS } from './backup.js';
import { type BackupManifest, newFolder, readBackup } from './backup-manifest.js';
import { replaceFile, systemDisk, unlessMissing } from './disk.js';

/** What a gateway finds that starts on restored data. */
export interface Restored {
  /** RFC 3339. */
  readonly restoredAt: string;
  /** When the data was copied: what was acknowledged since is with nobody but the devices that still hold it. */
  readonly backupMadeAt: string;
  readonly journalPosition: number;
}

const MARK = 'RESTORED';

export interface RestoreFrom {
  readonly data: string;
  readonly vault: string;
}

/**
 * Refuses (with what is wrong and what to do) backups that are damaged, of the wrong kind or, of a vault, too old: its
 * keys may have been destroyed since. Throws when a target is not empty.
 */
export async function restore(
  from: RestoreFrom,
  to: { readonly dataDir: string; readonly vaultDir: string },
  nowMs: number,
): Promise<Result<BackupManifest, string>> {
  const data = await readBackup(from.data, 'data');
  if (!data.ok) return data;
  const vault = await readBackup(from.vault, 'vault');
  if (!vault.ok) return vault;
  const { expiresAt } = vault.value;
  if (expiresAt === null || Date.parse(expiresAt) <= nowMs) {
    return bad(
      `${from.vault} is older than ${VAULT_BACKUP_DAYS} days: it may hold keys that were destroyed since; ` +
        'destroy it, and take a newer one',
    );
  }
  await newFolder(to.dataDir);
  await newFolder(to.vaultDir);
  await copyTree(from.vault, to.vaultDir);
  await copyTree(from.data, to.dataDir);
  for (const folder of [to.vaultDir, to.dataDir]) await unlink(join(folder, 'BACKUP.json')).catch(unlessMissing);
  const mark: Restored = {
    restoredAt: new Date(nowMs).toISOString(),
    backupMadeAt: data.value.madeAt,
    journalPosition: data.value.journalPosition ?? 0,
  };
  await replaceFile(systemDisk, to.dataDir, MARK, `${JSON.stringify(mark)}\n`);
  return ok(data.value);
}

/** Null: this data was not restored, or a gateway has done since what a restore asks for. */
export async function restoredMark(dataDir: string): Promise<Restored | null> {
  const text = await readFile(join(dataDir, MARK), 'utf8').catch((error: unknown) => {
    unlessMissing(error);
    return null;
  });
  return text === null ? null : (JSON.parse(text) as Restored);
}

/** Everything that a restore asks for is done, durably. */
export async function clearRestoredMark(dataDir: string): Promise<void> {
  if ((await readdir(dataDir)).includes(MARK)) await unlink(join(dataDir, MARK));
  await systemDisk.syncFolder(dataDir);
}

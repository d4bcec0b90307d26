/** Opens the stores of a data folder for one command, beside a running gateway or without one. */
import { existsSync } from 'node:fs';
import { type DataFolder, dataFolder, type Keys, openKeys } from '../adapters/files/data-folder.js';
import { CommandFailed } from './cli-run.js';
import { configurationOf } from './cli-settings.js';
import type { Configuration } from './configuration.js';

export interface OpenFolder extends Keys {
  readonly configuration: Configuration;
  readonly folders: DataFolder;
}

/**
 * `flags` as commander gives them (`dataDir`, `vaultDir`, `config`). With a KEK given, the keys of a folder that no
 * gateway has used yet are made: devices can be enrolled before the first start. Throws `CommandFailed`.
 */
export async function openFolder(flags: Record<string, unknown>): Promise<OpenFolder> {
  const configuration = configurationOf(flags, { forServe: false });
  const make = configuration.kek !== undefined;
  // looking into a mistyped folder must not make one
  if (!make) mustExist(configuration.vaultDir, configuration);
  try {
    return { configuration, folders: dataFolder(configuration.dataDir), ...(await openKeys(configuration, { make })) };
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'KeysMissing') throw new CommandFailed((error as Error).message);
    if (name !== 'KeyUnwrapFailed') throw error;
    throw new CommandFailed(`the keys in ${configuration.vaultDir} belong to another KEK: use the one that made them`);
  }
}

/** Throws `CommandFailed` when a folder that a gateway makes is not there. */
export function mustExist(folder: string, { dataDir }: Configuration): void {
  if (existsSync(folder)) return;
  throw new CommandFailed([
    `${dataDir} is not the data of a gateway: ${folder} is missing`,
    'check DATA_DIR and VAULT_DIR (or --data-dir, --vault-dir), or start `fairwatch serve` there once',
  ]);
}

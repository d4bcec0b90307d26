/** What the commands about devices have in common: their flags, and the registry of a data folder. */
import type { Command } from 'commander';
import { LmdbDeviceRegistry } from '../adapters/lmdb/lmdb-device-registry.js';
import type { DeviceRegistry } from '../ports/device-registry.js';
import { apiFlags } from './cli-api.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';
import { type OpenFolder, openFolder } from './cli-stores.js';

export interface Flags extends Record<string, unknown> {
  readonly json?: true;
  readonly api?: string;
  readonly tokenFile?: string;
}

export const both = (command: Command): Command =>
  settingFlags(apiFlags(command), FOLDER_SETTINGS).option('--json', 'JSON, one value a line');

export async function withRegistry<T>(
  flags: Flags,
  use: (registry: DeviceRegistry, folder: OpenFolder) => Promise<T>,
): Promise<T> {
  const folder = await openFolder(flags);
  const registry = LmdbDeviceRegistry.open(folder.folders.devices, folder.either.shared);
  try {
    return await use(registry, folder);
  } finally {
    await registry.close();
  }
}

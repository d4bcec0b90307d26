/** What lies where under DATA_DIR and VAULT_DIR, and the keys that open it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { TierSeals } from '../../crypto/seals.js';
import { createTierKey, unwrapTierKey, wrapTierKey } from '../../crypto/tier-key.js';
import type { KeyVault } from '../../ports/key-vault.js';
import type { Seals } from '../../ports/seals.js';
import { FileKeyVault } from './file-key-vault.js';

export interface DataFolder {
  readonly journal: string;
  /** Ledger, states and quarantine: written by the engine alone. */
  readonly engine: string;
  /** The command log: written by the API and the command line. */
  readonly commands: string;
  readonly devices: string;
  /** How far the agencies' topics have been told. */
  readonly topicsBookmark: string;
}

export function dataFolder(dataDir: string): DataFolder {
  return {
    journal: join(dataDir, 'journal'),
    engine: join(dataDir, 'engine'),
    commands: join(dataDir, 'commands'),
    devices: join(dataDir, 'devices'),
    topicsBookmark: join(dataDir, 'topics.place'),
  };
}

export interface Keys {
  /** Wraps device keys and the tier's key. */
  readonly kek: Buffer;
  readonly seals: Seals;
}

/** What of the configuration the keys depend on. */
export interface KeySettings {
  readonly vaultDir: string;
  /** Key-encryption key, 32 bytes. */
  readonly kek?: Buffer | undefined;
  readonly dev: boolean;
}

const DEV_KEK = 'dev-kek';
const TIER_KEY = 'tier-key';
const FIRST_EPOCH = 1;

/** There is no key to open the folder with; the message says what to do. */
export class KeysMissing extends Error {
  override readonly name = 'KeysMissing';
}

/**
 * The keys of a data folder. `make`: what is missing is made (a gateway's first start); otherwise `KeysMissing`, for a
 * command that finds no keys looks at a folder that no gateway has used.
 */
export async function openKeys(settings: KeySettings, o: { readonly make: boolean }): Promise<Keys> {
  const vault = await FileKeyVault.open(settings.vaultDir);
  const kek = settings.kek ?? (await developmentKek(vault, settings, o.make));
  let wrapped = await vault.read(TIER_KEY);
  if (wrapped === null) {
    if (!o.make)
      throw new KeysMissing(`${settings.vaultDir} holds no keys: start a gateway there first (fairwatch serve)`);
    await vault.create(TIER_KEY, await wrapTierKey(kek, createTierKey(), FIRST_EPOCH));
    wrapped = (await vault.read(TIER_KEY)) ?? '';
  }
  const { key, epoch } = await unwrapTierKey(kek, wrapped);
  return { kek, seals: TierSeals.fromKey(key, epoch) };
}

/** A development gateway makes a key for itself; nothing else has a default secret. */
async function developmentKek(vault: KeyVault, { dev, vaultDir }: KeySettings, make: boolean): Promise<Buffer> {
  let text = await vault.read(DEV_KEK);
  if (text === null && dev && make) {
    await vault.create(DEV_KEK, randomBytes(32).toString('base64url'));
    text = await vault.read(DEV_KEK);
  }
  if (text === null)
    throw new KeysMissing(`${vaultDir} holds no development key: set KEK or KEK_FILE, or start serve --dev`);
  return Buffer.from(text.trim(), 'base64url');
}

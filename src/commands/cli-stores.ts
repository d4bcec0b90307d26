/** Opens the stores of a data folder for one command, beside a running gateway or without one. */
import { existsSync } from 'node:fs';
import { type DataFolder, dataFolder } from '../adapters/files/data-folder.js';
import { EpochReader } from '../adapters/files/epoch-keys.js';
import { FileOrderKeyRing } from '../adapters/files/order-key-ring.js';
import { FileReviewKeys } from '../adapters/files/review-keys.js';
import type { TierKeys } from '../adapters/files/tier-keys.js';
import { mustHave, openTiers, type Tiers } from '../adapters/files/tiers.js';
import type { RowKeys } from '../adapters/lmdb/owned-rows.js';
import type { ReviewKeys } from '../ports/order-keys.js';
import type { Seals } from '../ports/seals.js';
import { CommandFailed } from './cli-run.js';
import { configurationOf } from './cli-settings.js';
import type { Configuration } from './configuration.js';

export interface OpenFolder extends Tiers {
  readonly configuration: Configuration;
  readonly folders: DataFolder;
  /** Either tier: for what both may see. */
  readonly either: TierKeys;
  /** Opens the ledger and the command log. */
  readonly rows: RowKeys;
}

/**
 * `flags` as commander gives them (`dataDir`, `vaultDir`, `config`). With both KEKs given, the keys of a folder that no
 * gateway has used yet are made: devices can be enrolled before the first start. Throws `CommandFailed`.
 */
export async function openFolder(flags: Record<string, unknown>): Promise<OpenFolder> {
  const configuration = configurationOf(flags, { forServe: false });
  const { vaultDir } = configuration;
  const make = configuration.kek !== undefined && configuration.reviewKek !== undefined;
  // looking into a mistyped folder must not make one
  if (!make) mustExist(vaultDir, configuration);
  return withKeyFaults(vaultDir, async () => {
    const tiers = await openTiers(configuration, { make, wanted: ['ingest', 'review'] });
    const either = mustHave(tiers.review ?? tiers.ingest, 'ingest', vaultDir);
    const orders = tiers.review === null ? new FileOrderKeyRing(either) : new FileReviewKeys(tiers.review);
    const rows = { shared: either.shared, orders };
    return { configuration, folders: dataFolder(configuration.dataDir), ...tiers, either, rows };
  });
}

/** The keys of orders; throws `CommandFailed` without the review tier's KEK. */
export function reviewKeysOf({ review, configuration }: OpenFolder): ReviewKeys {
  if (review !== null) return new FileReviewKeys(review);
  throw new CommandFailed([
    `${configuration.vaultDir}: an order's keys are made by the review tier`,
    'set REVIEW_KEK or REVIEW_KEK_FILE, or send it through a running gateway with --api',
  ]);
}

/** Opens what lies in the journal and the other hot stores, as far as its hours' keys still live. */
export async function hotSealsOf({ either }: OpenFolder): Promise<Seals> {
  return (await EpochReader.look(either)).seals;
}

/** A fault of the keys as an operator reads it. */
export async function withKeyFaults<T>(vaultDir: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'KeysMissing') throw new CommandFailed((error as Error).message);
    if (name !== 'KeyUnwrapFailed') throw error;
    throw new CommandFailed(`the keys in ${vaultDir} belong to another KEK: use the one that made them`);
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

/** A vault with both tiers' keys in a folder of its own, for one test. */
import { join } from 'node:path';
import {
  initKeys,
  openIngestTier,
  openReviewTier,
  type ReviewTier,
  type TierKeys,
} from '../../src/adapters/files/tier-keys.js';
import { temporaryFolder } from './folder.js';

export const KEKS = { ingest: Buffer.alloc(32, 1), review: Buffer.alloc(32, 2) };

export interface TestVault {
  readonly path: string;
  ingest(): Promise<TierKeys>;
  review(): Promise<ReviewTier>;
  /** Where a key lies. */
  file(tier: 'ingest' | 'review', name: string): string;
  remove(): Promise<void>;
}

export async function testVault(): Promise<TestVault> {
  const folder = await temporaryFolder();
  await initKeys(folder.path, KEKS);
  return {
    path: folder.path,
    ingest: () => openIngestTier(folder.path, KEKS.ingest),
    review: () => openReviewTier(folder.path, KEKS.review),
    file: (tier, name) => join(folder.path, tier, `${name}.key`),
    remove: () => folder.remove(),
  };
}

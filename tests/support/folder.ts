/** A folder for one test, and seals with a key that is no secret. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TierSeals } from '../../src/crypto/seals.js';

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'fairwatch-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export const testSeals = (): TierSeals => TierSeals.fromKey(Buffer.alloc(32, 7), 1);

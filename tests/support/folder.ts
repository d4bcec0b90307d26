/** A folder for one test, and seals with a key that is no secret. */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineKeys } from '../../src/adapters/lmdb/engine-stores.js';
import type { RowKeys } from '../../src/adapters/lmdb/owned-rows.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import { TierSeals } from '../../src/crypto/seals.js';
import type { Seals } from '../../src/ports/seals.js';

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'fairwatch-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export const testSeals = (): TierSeals => TierSeals.fromKey(Buffer.alloc(32, 7), 1);

/** Every order's rows under the one key: for tests that are about something else. */
export const oneKey = (seals: Seals): RowKeys => ({
  shared: seals,
  orders: { nameOf: (orderId) => seals.pseudonym(orderId), sealsNamed: () => seals },
});

const someReader = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
/** The same for all of the engine's stores; what is quarantined is for nobody here. */
export const engineKeys = (seals: Seals): EngineKeys => ({
  ...oneKey(seals),
  hot: seals,
  reader: new OneReader(someReader),
});

/** What a gateway that has ended has left in its journal and its states, of whom. */
import { dataFolder } from '../../src/adapters/files/data-folder.js';
import { EpochKeys } from '../../src/adapters/files/epoch-keys.js';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { FolderLock } from '../../src/adapters/files/folder-lock.js';
import { FileOrderKeyRing } from '../../src/adapters/files/order-key-ring.js';
import { mustHave, openTiers } from '../../src/adapters/files/tiers.js';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { createTelemetry } from '../../src/adapters/system/telemetry.js';
import { decodeState } from '../../src/codec/state-record.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import type { StreamKey } from '../../src/domain/ids.js';

export interface Left {
  /** Journal entries behind a position, by stream. */
  readonly entries: ReadonlyMap<StreamKey, number>;
  /** Streams whose state has seen something behind it. */
  readonly written: ReadonlySet<StreamKey>;
}

/** `position`: what lies at or before it was there before. */
export async function readLeft(dataDir: string, vaultDir: string, nowMs: number, position: number): Promise<Left> {
  const folder = dataFolder(dataDir);
  const lock = await FolderLock.take(dataDir);
  const tiers = await openTiers({ vaultDir, dev: true }, { make: false, wanted: ['ingest'] });
  const tier = mustHave(tiers.ingest, 'ingest', vaultDir);
  const { seals } = await EpochKeys.open(tier, () => nowMs);
  const telemetry = createTelemetry({ level: 'silent' });
  const journal = await FileJournal.open({ folder: folder.journal, seals, epoch: lock.epoch, telemetry });
  const entries = new Map<StreamKey, number>();
  for await (const { entry } of journal.read(position + 1)) {
    entries.set(entry.stream, (entries.get(entry.stream) ?? 0) + 1);
  }
  await journal.close();
  const orders = new FileOrderKeyRing(tier);
  const keys = { shared: tier.shared, orders, hot: seals, reader: new OneReader(tier.peer.publicKey) };
  const stores = await openEngineStores(folder.engine, keys);
  const written = new Set<StreamKey>();
  for await (const [stream, state] of stores.states.scan())
    if (decodeState(state).position > position) written.add(stream);
  for (const store of Object.values(stores)) await store.close();
  await lock.release();
  return { entries, written };
}

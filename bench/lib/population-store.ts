/**
 * Fills a gateway's data folder with people who have been heard, in bulk: what a million uploads and imports would have
 * left there, made by the engine's own judge and put into its own stores, but without MQTT, HTTP, or a sync a person.
 */
import { availableParallelism } from 'node:os';
import { dataFolder } from '../../src/adapters/files/data-folder.js';
import { EpochKeys } from '../../src/adapters/files/epoch-keys.js';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { FolderLock } from '../../src/adapters/files/folder-lock.js';
import { mustHave, openTiers } from '../../src/adapters/files/tiers.js';
import { openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { createTelemetry } from '../../src/adapters/system/telemetry.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import { GATEWAY_STREAM } from '../../src/domain/ids.js';
import { startChild } from './child.js';
import { ALIVE_MS, type EdgeCrowd, edgePeople, ORDERED_MS } from './edge-people.js';
import { OrderKeyFiles } from './order-key-files.js';
import { ENTRIES, fillPart, ORDERED_AT } from './population-part.js';

export interface PopulationStore {
  readonly dataDir: string;
  readonly vaultDir: string;
  readonly crowd: EdgeCrowd;
  readonly people: number;
  /** How many processes share the work (default: one a core, and a single one for so few that it is not worth it). */
  readonly parts?: number;
  readonly say?: (line: string) => void;
}

const PEOPLE_A_PART = 4_096;
/** With Node's default a sixth of the time goes into copying what lives for a batch. */
const CHILD_OPTIONS = ['--max-semi-space-size=64'];

/**
 * Resolves when all is on disk and closed; with the journal's last position, which every state is at or before. Throws
 * where what was heard leads to an alert: then these people are not who they were meant to be.
 */
export async function fillStore(o: PopulationStore): Promise<{ readonly position: number }> {
  const telemetry = createTelemetry({ level: 'silent' });
  const folder = dataFolder(o.dataDir);
  const lock = await FolderLock.take(o.dataDir);
  const { epoch } = lock;
  const tiers = await openTiers({ vaultDir: o.vaultDir, dev: true }, { make: true, wanted: ['ingest', 'review'] });
  const tier = mustHave(tiers.ingest, 'ingest', o.vaultDir);
  const hours = await EpochKeys.open(tier, () => ALIVE_MS);
  await hours.ensure(ALIVE_MS);
  const { seals } = hours;
  const journal = await FileJournal.open({ folder: folder.journal, seals, epoch, telemetry });
  await journal.append(
    Array.from({ length: ENTRIES }, () => ({ kind: 'alive', stream: GATEWAY_STREAM, receivedMs: ALIVE_MS })),
  );
  await journal.close();
  const orders = OrderKeyFiles.of(o.vaultDir, tier);
  const keys = { shared: tier.shared, orders, hot: seals, reader: new OneReader(tier.peer.publicKey) };
  const stores = await openEngineStores(folder.engine, keys);
  for (const store of [stores.ledger, stores.states, stores.recentLog]) await store.claim(epoch);
  await stores.states.replaceAll(epoch, ENTRIES, []);
  const zones = [...edgePeople(o.crowd).shared].map(([zoneId, shape]) => ({
    position: ORDERED_AT,
    zoneId,
    zone: { zoneId, revision: 1, shape },
    receivedMs: ORDERED_MS,
  }));
  await stores.ledger.commit({ epoch, orders: [], zones, versions: [] });
  for (const store of Object.values(stores)) await store.close();

  const parts = o.parts ?? Math.min(availableParallelism(), Math.ceil(o.people / PEOPLE_A_PART));
  const { say = () => {}, dataDir, vaultDir, crowd, people } = o;
  const shared = { dataDir, vaultDir, crowd, people, epoch, parts };
  if (parts === 1) await fillPart({ ...shared, part: 0 }, say);
  else {
    const options = Array.from({ length: parts }, (_, part) => ({ ...shared, part }));
    await Promise.all(options.map((one) => startChild('population-child.js', one, say, CHILD_OPTIONS).figures));
  }
  await lock.release();
  return { position: ENTRIES };
}

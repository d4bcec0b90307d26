/**
 * Fills a gateway's data folder with people who have been heard, in bulk: what a million uploads and imports would have
 * left there, made by the engine's own judge and put into its own stores, but without MQTT, HTTP, or a sync a person.
 */
import { dataFolder } from '../../src/adapters/files/data-folder.js';
import { EpochKeys } from '../../src/adapters/files/epoch-keys.js';
import { FileJournal } from '../../src/adapters/files/file-journal.js';
import { FolderLock } from '../../src/adapters/files/folder-lock.js';
import { vaultFolder } from '../../src/adapters/files/tier-keys.js';
import { mustHave, openTiers } from '../../src/adapters/files/tiers.js';
import { type EngineStores, openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { createTelemetry } from '../../src/adapters/system/telemetry.js';
import { encodeState } from '../../src/codec/state-record.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import type { UploadEntry } from '../../src/domain/entry.js';
import { GATEWAY_STREAM, type StreamKey, streamOfOrder, type ZoneId } from '../../src/domain/ids.js';
import type { Order } from '../../src/domain/order.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import type { ZoneShape } from '../../src/domain/zone.js';
import { Judge, noHarvest } from '../../src/engine/judge.js';
import { LateData } from '../../src/engine/late-data.js';
import { Policies } from '../../src/engine/policies.js';
import { OrderKeyFiles } from './order-key-files.js';

/** An order, and what its devices have said since it was taken in. */
export interface HeardPerson {
  readonly order: Order;
  readonly uploads: readonly Omit<UploadEntry, 'kind' | 'stream'>[];
}

export interface PopulationStore {
  readonly dataDir: string;
  readonly vaultDir: string;
  readonly shared: ReadonlyMap<ZoneId, ZoneShape>;
  readonly people: number;
  readonly person: (index: number) => HeardPerson;
  /** When the orders were taken in: before anything was heard. */
  readonly orderedMs: number;
  /** When the gateway was last there: at or after all that was heard. */
  readonly aliveMs: number;
  readonly say?: (line: string) => void;
}

/** Position of every order and zone; the uploads of each person stand behind it, everybody's first at the same one. */
const ORDERED_AT = 1;
/** So many fit behind it. */
const ENTRIES = 64;
const PEOPLE_AT_ONCE = 8_192;

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
  const hours = await EpochKeys.open(tier, () => o.aliveMs);
  await hours.ensure(o.aliveMs);
  const orders = new OrderKeyFiles(vaultFolder(o.vaultDir, 'ingest'), tier.names, tier.publicKey);
  const { seals } = hours;
  const journal = await FileJournal.open({ folder: folder.journal, seals, epoch, telemetry });
  await journal.append(
    Array.from({ length: ENTRIES }, () => ({ kind: 'alive', stream: GATEWAY_STREAM, receivedMs: o.aliveMs })),
  );
  const keys = { shared: tier.shared, orders, hot: seals, reader: new OneReader(tier.peer.publicKey) };
  const stores = await openEngineStores(folder.engine, keys);
  for (const store of [stores.ledger, stores.states, stores.recentLog]) await store.claim(epoch);
  await stores.states.replaceAll(epoch, ENTRIES, []);
  const zones = [...o.shared].map(([zoneId, shape]) => ({
    position: ORDERED_AT,
    zoneId,
    zone: { zoneId, revision: 1, shape },
    receivedMs: o.orderedMs,
  }));
  await stores.ledger.commit({ epoch, orders: [], zones, versions: [] });

  for (let from = 0; from < o.people; from += PEOPLE_AT_ONCE) {
    const to = Math.min(o.people, from + PEOPLE_AT_ONCE);
    await fillSome(o, stores, epoch, orders, from, to);
    orders.forget();
    o.say?.(`${to} of ${o.people} people`);
  }
  await journal.close();
  for (const store of Object.values(stores)) await store.close();
  await lock.release();
  return { position: ENTRIES };
}

async function fillSome(
  o: PopulationStore,
  { ledger, states, recentLog }: EngineStores,
  epoch: number,
  keys: OrderKeyFiles,
  from: number,
  to: number,
): Promise<void> {
  const made = new Map<StreamKey, SubjectState>();
  const policies = new Policies(DEFAULT_POLICY);
  const late = new LateData(recentLog);
  const judge = new Judge({
    policies,
    late,
    states: {
      get: (stream) => made.get(stream) ?? null,
      set: (stream, state) => void made.set(stream, state),
      remove: (stream) => void made.delete(stream),
    },
  });
  const harvest = noHarvest();
  for (const [zoneId, shape] of o.shared) {
    policies.putZone(zoneId, { position: ORDERED_AT, atMs: o.orderedMs, zone: { zoneId, revision: 1, shape } });
  }
  for (let index = from; index < to; index++) {
    const { order, uploads } = o.person(index);
    const stream = streamOfOrder(order.orderId);
    keys.make(order.orderId);
    judge.takeInOrder(ORDERED_AT, { kind: 'order', stream, receivedMs: o.orderedMs, order }, harvest);
    if (ORDERED_AT + uploads.length > ENTRIES) throw new RangeError(`${uploads.length} uploads of one person`);
    for (const [i, upload] of uploads.entries()) {
      judge.takeIn(ORDERED_AT + 1 + i, { kind: 'upload', stream, ...upload }, harvest);
    }
  }
  const [version] = harvest.versions;
  if (version !== undefined) throw new Error(`what was heard led to an alert: ${version.type} of ${version.orderId}`);
  await recentLog.commit(epoch, late.takeChanges());
  await ledger.commit({ epoch, orders: harvest.orders, zones: [], versions: [] });
  const encoded = new Map([...made].map(([stream, state]) => [stream, encodeState(state)]));
  await states.save({ epoch, position: ENTRIES, previousPosition: ENTRIES, states: encoded });
}

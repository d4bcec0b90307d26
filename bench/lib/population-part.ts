/** One process's share of the people that a data folder is filled with; several fill the same folder side by side. */
import { dataFolder } from '../../src/adapters/files/data-folder.js';
import { EpochKeys } from '../../src/adapters/files/epoch-keys.js';
import { mustHave, openTiers } from '../../src/adapters/files/tiers.js';
import { type EngineStores, openEngineStores } from '../../src/adapters/lmdb/engine-stores.js';
import { encodeState } from '../../src/codec/state-record.js';
import { OneReader } from '../../src/crypto/one-reader.js';
import { type StreamKey, streamOfOrder } from '../../src/domain/ids.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { SubjectState } from '../../src/domain/subject-state.js';
import { type Harvest, Judge, noHarvest } from '../../src/engine/judge.js';
import { LateData } from '../../src/engine/late-data.js';
import { Policies } from '../../src/engine/policies.js';
import type { RecentChange, RecentLog } from '../../src/ports/recent-log.js';
import type { StateBytes } from '../../src/ports/subject-states.js';
import { ALIVE_MS, type EdgeCrowd, type EdgePeople, edgePeople, type HeardPerson, ORDERED_MS } from './edge-people.js';
import { OrderKeyFiles } from './order-key-files.js';

export interface PopulationPart {
  readonly dataDir: string;
  readonly vaultDir: string;
  readonly crowd: EdgeCrowd;
  /** Of all parts. */
  readonly people: number;
  /** By which the stores are claimed. */
  readonly epoch: number;
  /** Which of how many, from 0. */
  readonly part: number;
  readonly parts: number;
}

/** Position of every order and zone; the uploads of each person stand behind it, everybody's first at the same one. */
export const ORDERED_AT = 1;
/** So many fit behind it. */
export const ENTRIES = 64;
const PEOPLE_AT_ONCE = 4_096;
/** What an order is compiled to is garbage soon, and never copied by a collection. */
const JUDGED_AT_ONCE = 64;
const PEOPLE_A_LINE = 65_536;

/** The stores must be claimed, and their zones there. Resolves when this part is on disk and the stores are closed. */
export async function fillPart(o: PopulationPart, say: (line: string) => void): Promise<void> {
  const tiers = await openTiers({ vaultDir: o.vaultDir, dev: true }, { make: false, wanted: ['ingest'] });
  const tier = mustHave(tiers.ingest, 'ingest', o.vaultDir);
  const { seals } = await EpochKeys.open(tier, () => ALIVE_MS);
  const orders = OrderKeyFiles.of(o.vaultDir, tier);
  const keys = { shared: tier.shared, orders, hot: seals, reader: new OneReader(tier.peer.publicKey) };
  const stores = await openEngineStores(dataFolder(o.dataDir).engine, keys);
  const people = edgePeople(o.crowd);
  const own = shareOf(o, (index) => orders.nameOf(people.orderId(index)));
  for (let from = 0; from < own.length; from += PEOPLE_AT_ONCE) {
    const some = own.subarray(from, from + PEOPLE_AT_ONCE);
    await fillSome(people, some, stores, o.epoch, orders);
    orders.forget();
    const done = from + some.length;
    if (done % PEOPLE_A_LINE === 0 || done === own.length) say(`part ${o.part + 1}: ${done} of ${own.length} people`);
  }
  for (const store of Object.values(stores)) await store.close();
}

/**
 * In the order of their pseudonyms, by which the rows lie: each batch then fills pages of its own, where a person here and
 * a person there would have a million people's pages written again and again.
 */
function shareOf({ people, part, parts }: PopulationPart, nameOf: (index: number) => string): Uint32Array {
  const names = Array.from({ length: people }, (_, index) => nameOf(index));
  const sorted = new Uint32Array(people).map((_, index) => index);
  sorted.sort((a, b) => ((names[a] as string) < (names[b] as string) ? -1 : 1));
  return sorted.slice(Math.floor((people * part) / parts), Math.floor((people * (part + 1)) / parts));
}

async function fillSome(
  people: EdgePeople,
  some: Uint32Array,
  { ledger, states, recentLog }: EngineStores,
  epoch: number,
  keys: OrderKeyFiles,
): Promise<void> {
  const harvest = noHarvest();
  const changes: RecentChange[] = [];
  const encoded = new Map<StreamKey, StateBytes>();
  for (let from = 0; from < some.length; from += JUDGED_AT_ONCE) {
    const heard = Array.from(some.subarray(from, from + JUDGED_AT_ONCE), (index) => people.person(index));
    const { made, recent } = judged(heard, people.shared, recentLog, harvest);
    for (const [stream, state] of made) encoded.set(stream, encodeState(state));
    changes.push(...recent);
    for (const { order } of heard) keys.make(order.orderId);
  }
  const [version] = harvest.versions;
  if (version !== undefined) throw new Error(`what was heard led to an alert: ${version.type} of ${version.orderId}`);
  await recentLog.commit(epoch, changes);
  await ledger.commit({ epoch, orders: harvest.orders, zones: [], versions: [] });
  await states.save({ epoch, position: ENTRIES, previousPosition: ENTRIES, states: encoded });
}

/** What was said of these people and by them, as the engine takes it in. */
function judged(
  heard: readonly HeardPerson[],
  shared: EdgePeople['shared'],
  recentLog: RecentLog,
  harvest: Harvest,
): { readonly made: ReadonlyMap<StreamKey, SubjectState>; readonly recent: readonly RecentChange[] } {
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
  for (const [zoneId, shape] of shared) {
    policies.putZone(zoneId, { position: ORDERED_AT, atMs: ORDERED_MS, zone: { zoneId, revision: 1, shape } });
  }
  for (const { order, uploads } of heard) {
    const stream = streamOfOrder(order.orderId);
    let position = ORDERED_AT;
    const tickUntil = (toMs: number): void => {
      for (;;) {
        const dueMs = made.get(stream)?.dueMs ?? null;
        if (dueMs === null || dueMs > toMs) return;
        const entry = { kind: 'tick', stream, receivedMs: dueMs, atMs: dueMs, cause: 'timer' } as const;
        judge.takeIn(++position, entry, harvest);
      }
    };
    judge.takeInOrder(position, { kind: 'order', stream, receivedMs: ORDERED_MS, order }, harvest);
    for (const upload of uploads) {
      tickUntil(upload.receivedMs);
      judge.takeIn(++position, { kind: 'upload', stream, ...upload }, harvest);
    }
    tickUntil(ALIVE_MS);
    if (position > ENTRIES) throw new RangeError(`${position} entries of one person`);
  }
  return { made, recent: late.takeChanges() };
}

/** A ledger in memory, for runs that are tried on thousands of seeds; it passes the port's contract. */
import { decodeOrder, encodeOrder } from '../../src/codec/order-record.js';
import type { AlertVersion } from '../../src/domain/alert.js';
import type { AlertId, OrderId, ZoneId } from '../../src/domain/ids.js';
import type { SharedZone } from '../../src/domain/zone.js';
import type {
  AlertFilter,
  Ledger,
  LedgerBatch,
  LedgerPlace,
  OrderRevision,
  OrderStanding,
  PlacedVersion,
  StoredZone,
  ZoneChange,
} from '../../src/ports/ledger.js';
import { Superseded } from '../../src/ports/subject-states.js';

/** What outlives every client. */
export class LedgerContent {
  epoch = 0;
  readonly versions: PlacedVersion[] = [];
  /** Their places stay empty. */
  readonly removed = new Set<AlertVersion>();
  readonly byAlert = new Map<AlertId, PlacedVersion[]>();
  readonly orders = new Map<OrderId, OrderRevision[]>();
  readonly zones = new Map<ZoneId, ZoneChange[]>();
}

export interface MemoryLedgerOptions {
  /** Told of a version that is there already, with what it was said to be this time. */
  readonly again?: (stood: AlertVersion, said: AlertVersion) => void;
}

export class MemoryLedger implements Ledger {
  readonly ledgerId = 'memory-ledger';
  readonly #content: LedgerContent;
  readonly #options: MemoryLedgerOptions;
  readonly #listeners = new Set<() => void>();

  constructor(content: LedgerContent, options: MemoryLedgerOptions = {}) {
    this.#content = content;
    this.#options = options;
  }

  async claim(epoch: number): Promise<void> {
    if (this.#content.epoch >= epoch) throw new Superseded(`the ledger belongs to epoch ${this.#content.epoch}`);
    this.#content.epoch = epoch;
  }

  async commit(batch: LedgerBatch): Promise<void> {
    const { epoch } = this.#content;
    if (epoch > batch.epoch) throw new Superseded(`the ledger belongs to epoch ${epoch}`);
    if (epoch < batch.epoch) throw new Error(`the ledger was not claimed for epoch ${batch.epoch}`);
    for (const version of batch.versions) this.#put(version);
    for (const revision of batch.orders) this.#putOrder(revision);
    for (const change of batch.zones) this.#putZone(change);
    if (batch.versions.length > 0) for (const listener of [...this.#listeners]) listener();
  }

  async removeOrder(orderId: OrderId): Promise<number> {
    const revisions = this.#content.orders.get(orderId) ?? [];
    this.#content.orders.delete(orderId);
    const gone = this.#content.versions.filter(
      ({ version }) => version.orderId === orderId && !this.#content.removed.has(version),
    );
    for (const { version } of gone) {
      this.#content.removed.add(version);
      this.#content.byAlert.delete(version.alertId);
    }
    return revisions.length + gone.length;
  }

  head(): LedgerPlace {
    return this.#content.versions.length;
  }

  versionsAfter(place: LedgerPlace, max: number): PlacedVersion[] {
    const standing = this.#content.versions.slice(place).filter(({ version }) => !this.#content.removed.has(version));
    return standing.slice(0, max);
  }

  alert(alertId: AlertId): PlacedVersion[] {
    return [...(this.#content.byAlert.get(alertId) ?? [])];
  }

  alerts(filter: AlertFilter, place: LedgerPlace, max: number): PlacedVersion[] {
    const newest = [...this.#content.byAlert.values()].flatMap((versions) => versions.slice(-1));
    return newest
      .filter(({ place: at, version }) => at > place && matches(filter, version))
      .sort((a, b) => a.place - b.place)
      .slice(0, max);
  }

  orderRevisions(orderId: OrderId): OrderRevision[] {
    return (this.#content.orders.get(orderId) ?? []).map(read);
  }

  standing(orderId: OrderId): OrderStanding | null {
    const order = this.#content.orders.get(orderId)?.at(-1)?.order;
    if (order === undefined) return null;
    const { revision, restricted, supervisor } = order;
    return { revision, restricted, supervisor };
  }

  lastOrderPosition(): number {
    const all = [...this.#content.orders.values()].flat();
    return Math.max(0, ...all.map(({ position }) => position));
  }

  *orders(upToPosition = Number.POSITIVE_INFINITY): Generator<OrderRevision> {
    for (const [, revisions] of [...this.#content.orders].sort(byId)) {
      const newest = revisions.findLast(({ position }) => position <= upToPosition);
      if (newest !== undefined) yield read(newest);
    }
  }

  *histories(upToPosition = Number.POSITIVE_INFINITY): Generator<readonly OrderRevision[]> {
    for (const [, revisions] of [...this.#content.orders].sort(byId)) {
      const said = revisions.filter(({ position }) => position <= upToPosition);
      if (said.length > 0) yield said.map(read);
    }
  }

  zone(zoneId: ZoneId): SharedZone | null {
    return this.#content.zones.get(zoneId)?.at(-1)?.zone ?? null;
  }

  *zones(upToPosition = Number.POSITIVE_INFINITY): Generator<SharedZone> {
    for (const [, changes] of [...this.#content.zones].sort(byId)) {
      const zone = changes.findLast(({ position }) => position <= upToPosition)?.zone;
      if (zone !== undefined && zone !== null) yield zone;
    }
  }

  zonesStored(afterPosition: number, upToPosition: number): StoredZone[] {
    return [...this.#content.zones.values()]
      .flat()
      .flatMap(({ zone, ...change }) => (zone === null ? [] : [{ ...change, zone }]))
      .filter(({ position }) => position > afterPosition && position <= upToPosition)
      .sort((a, b) => a.position - b.position);
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  #put(version: AlertVersion): void {
    const { versions, byAlert } = this.#content;
    const known = byAlert.get(version.alertId) ?? [];
    const stood = known.find((one) => one.version.version === version.version);
    if (stood !== undefined) {
      this.#options.again?.(stood.version, version);
      return;
    }
    const placed = { place: versions.length + 1, version };
    versions.push(placed);
    byAlert.set(
      version.alertId,
      [...known, placed].sort((a, b) => a.version.version - b.version.version),
    );
  }

  #putOrder(revision: OrderRevision): void {
    const { orderId } = revision.order;
    const known = this.#content.orders.get(orderId) ?? [];
    if (known.some(({ order }) => order.revision === revision.order.revision)) return;
    const all = [...known, revision].sort((a, b) => a.order.revision - b.order.revision);
    this.#content.orders.set(orderId, all);
  }

  #putZone(change: ZoneChange): void {
    const known = this.#content.zones.get(change.zoneId) ?? [];
    if (known.some(({ position }) => position === change.position)) return;
    const all = [...known, change].sort((a, b) => a.position - b.position);
    this.#content.zones.set(change.zoneId, all);
  }
}

/** Through the codec, as out of every store that lasts: a reader never gets the writer's own object. */
const read = (revision: OrderRevision): OrderRevision => ({
  ...revision,
  order: decodeOrder(encodeOrder(revision.order)),
});

const byId = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function matches(filter: AlertFilter, version: AlertVersion): boolean {
  return (
    (filter.state === undefined || filter.state === version.state) &&
    (filter.type === undefined || filter.type === version.type) &&
    (filter.agency === undefined || filter.agency === version.agency) &&
    (filter.orderId === undefined || filter.orderId === version.orderId)
  );
}

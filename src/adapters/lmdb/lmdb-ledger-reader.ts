/** Reading the ledger: in the process that writes it, or in another one. */
import type { AlertId, OrderId, ZoneId } from '../../domain/ids.js';
import type { SharedZone } from '../../domain/zone.js';
import type {
  AlertFilter,
  LedgerPlace,
  LedgerReader,
  OrderRevision,
  OrderStanding,
  PlacedVersion,
  StoredZone,
} from '../../ports/ledger.js';
import type { Seals } from '../../ports/seals.js';
import { Environment, newestOf, readNumber, rows } from './environment.js';
import {
  EVERY_ORDER,
  Facets,
  LAST_ORDER,
  type LedgerDbs,
  openLedgerDbs,
  openPlainOrder,
  openStanding,
  openVersion,
  openZone,
  positionOfOrder,
  readOrder,
  standingOf,
} from './ledger-rows.js';
import { OrdersAtHand } from './orders-at-hand.js';
import type { RowKeys } from './owned-rows.js';
import { Wakeups } from './wakeups.js';

export interface OrderRow {
  readonly key: [string, number];
  readonly value: Buffer;
}

export class LmdbLedgerReader implements LedgerReader {
  protected readonly dbs: LedgerDbs;
  protected readonly facets: Facets;
  protected readonly wakeups: Wakeups;
  /** Zones, and names. */
  protected readonly seals: Seals;
  /** Null: this process has no keys of hours, and reads the ledger's own rows. */
  protected readonly atHand: OrdersAtHand | null;
  #id: string | null = null;

  constructor(
    protected readonly env: Environment,
    protected readonly keys: RowKeys,
  ) {
    this.seals = keys.shared;
    env.enter();
    this.dbs = openLedgerDbs(env);
    this.facets = new Facets(this.seals);
    this.atHand = keys.atHand === undefined ? null : new OrdersAtHand(env, keys.atHand);
    this.wakeups = new Wakeups(() => {
      env.refresh();
      return this.head();
    }, env.readOnly);
  }

  /** For a process that only looks while another one writes. Throws while there is no ledger in `folder`. */
  static openReader(folder: string, keys: RowKeys): LmdbLedgerReader {
    return new LmdbLedgerReader(Environment.openReadOnly(folder), keys);
  }

  get ledgerId(): string {
    this.#id ??= this.dbs.meta.get('id')?.toString('latin1') ?? null;
    if (this.#id === null) throw new Error(`there is no ledger in ${this.env.folder} yet: start the gateway first`);
    return this.#id;
  }

  head(): LedgerPlace {
    // what another process has committed, and told, since this turn of the loop first read something
    if (this.env.readOnly) this.env.refresh();
    return readNumber(this.dbs.meta.get('head')) ?? 0;
  }

  versionsAfter(place: LedgerPlace, max: number): PlacedVersion[] {
    const found: PlacedVersion[] = [];
    for (const { key, value } of rows(this.dbs.versions, place + 1, undefined, max)) {
      const version = openVersion(this.keys, key, value);
      if (version !== null) found.push(version);
      if (found.length >= max) break;
    }
    return found;
  }

  alert(alertId: AlertId): PlacedVersion[] {
    const name = this.seals.pseudonym(alertId);
    return [...rows(this.dbs.byAlert, [name, 0], [name, Number.POSITIVE_INFINITY])].flatMap(
      ({ value }) => this.#versionAt(readNumber(value) ?? 0) ?? [],
    );
  }

  alerts(filter: AlertFilter, place: LedgerPlace, max: number): PlacedVersion[] {
    const scope = filter.orderId === undefined ? EVERY_ORDER : this.seals.pseudonym(filter.orderId);
    const matches = this.facets.matcher(filter);
    const found: PlacedVersion[] = [];
    for (const { key, value } of rows(this.dbs.newest, [scope, place + 1], [scope, Number.POSITIVE_INFINITY], max)) {
      if (found.length >= max) break;
      const version = matches(value) ? this.#versionAt(key[1]) : null;
      if (version !== null) found.push(version);
    }
    return found;
  }

  orderRevisions(orderId: OrderId): OrderRevision[] {
    const name = this.seals.pseudonym(orderId);
    return [...rows(this.dbs.orders, [name, 0], [name, Number.POSITIVE_INFINITY])].flatMap(
      ({ key, value }) => readOrder(value, openPlainOrder(this.keys, key, value)) ?? [],
    );
  }

  standing(orderId: OrderId): OrderStanding | null {
    const name = this.seals.pseudonym(orderId);
    const row = this.dbs.standings.get(name);
    if (row !== undefined) return openStanding(this.keys, name, row);
    const newest = newestOf(this.dbs.orders, name);
    const revision = newest === undefined ? null : this.#revision(newest);
    return revision === null ? null : standingOf(revision.order);
  }

  lastOrderPosition(): number {
    const noted = readNumber(this.dbs.meta.get(LAST_ORDER));
    if (noted !== null) return noted;
    // of an older build, or none yet
    let last = 0;
    for (const { value } of rows(this.dbs.orders)) last = Math.max(last, positionOfOrder(value));
    return last;
  }

  *orders(upToPosition = Number.POSITIVE_INFINITY): Generator<OrderRevision> {
    for (const said of this.#orderRows(upToPosition)) {
      const revision = this.#revision(said.at(-1) as OrderRow);
      if (revision !== null) yield revision;
    }
  }

  *histories(upToPosition = Number.POSITIVE_INFINITY): Generator<readonly OrderRevision[]> {
    for (const said of this.#orderRows(upToPosition)) {
      const revisions = said.flatMap((row) => this.#revision(row) ?? []);
      if (revisions.length > 0) yield revisions;
    }
  }

  /** Of each order, oldest first, and at least one. */
  *#orderRows(upToPosition: number): Generator<readonly OrderRow[]> {
    let said: OrderRow[] = [];
    for (const row of rows(this.dbs.orders)) {
      if (said.length > 0 && said[0]?.key[0] !== row.key[0]) {
        yield said;
        said = [];
      }
      if (positionOfOrder(row.value) <= upToPosition) said.push(row);
    }
    if (said.length > 0) yield said;
  }

  #revision(row: OrderRow): OrderRevision | null {
    return readOrder(row.value, this.plainOf(row));
  }

  /** Null: its order's keys are destroyed. */
  protected plainOf({ key, value }: OrderRow): Buffer | null {
    return this.atHand?.open(key, positionOfOrder(value)) ?? openPlainOrder(this.keys, key, value);
  }

  zone(zoneId: ZoneId): SharedZone | null {
    const name = this.seals.pseudonym(zoneId);
    const newest = newestOf(this.dbs.zones, name);
    return newest === undefined ? null : openZone(this.seals, newest.key, newest.value).zone;
  }

  *zones(upToPosition = Number.POSITIVE_INFINITY): Generator<SharedZone> {
    let newest: { key: [string, number]; value: Buffer } | null = null;
    const standing = () => (newest === null ? null : openZone(this.seals, newest.key, newest.value).zone);
    for (const row of rows(this.dbs.zones)) {
      if (newest !== null && newest.key[0] !== row.key[0]) {
        const zone = standing();
        newest = null;
        if (zone !== null) yield zone;
      }
      if (row.key[1] <= upToPosition) newest = row;
    }
    const zone = standing();
    if (zone !== null) yield zone;
  }

  zonesStored(afterPosition: number, upToPosition: number): StoredZone[] {
    const stored: StoredZone[] = [];
    for (const { key, value } of rows(this.dbs.zones)) {
      const [, position] = key;
      if (position <= afterPosition || position > upToPosition) continue;
      const { receivedMs, zone } = openZone(this.seals, key, value);
      if (zone !== null) stored.push({ position, zoneId: zone.zoneId, zone, receivedMs });
    }
    return stored.sort((a, b) => a.position - b.position);
  }

  onCommit(listener: () => void): () => void {
    return this.wakeups.add(listener);
  }

  close(): Promise<void> {
    this.wakeups.close();
    return this.env.leave();
  }

  protected newestVersion(alertId: AlertId): PlacedVersion | null {
    const name = this.seals.pseudonym(alertId);
    const place = readNumber(newestOf(this.dbs.byAlert, name)?.value);
    return place === null ? null : this.#versionAt(place);
  }

  /** Null: its order's keys are destroyed, and its row may be gone with them. */
  #versionAt(place: LedgerPlace): PlacedVersion | null {
    const row = this.dbs.versions.get(place);
    return row === undefined ? null : openVersion(this.keys, place, row);
  }
}

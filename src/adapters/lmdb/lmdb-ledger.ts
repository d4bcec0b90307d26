/** The ledger in LMDB: alert versions by place, order revisions, zones. One process writes, others may read. */
import { randomBytes } from 'node:crypto';
import type { AlertVersion } from '../../domain/alert.js';
import type { OrderId } from '../../domain/ids.js';
import type { Ledger, LedgerBatch } from '../../ports/ledger.js';
import { type Db, Environment, newestOf, numberValue, readNumber, rows } from './environment.js';
import { EpochFence } from './epoch.js';
import {
  EVERY_ORDER,
  LAST_ORDER,
  LEDGER_META,
  plainOrder,
  positionOfOrder,
  sealOrder,
  sealStanding,
  sealVersion,
  sealZone,
} from './ledger-rows.js';
import { LmdbLedgerReader, type OrderRow } from './lmdb-ledger-reader.js';
import { ownerOf, type RowKeys } from './owned-rows.js';

/** A row to be written: everything is sealed before the transaction, for nothing may fail half way in it. */
type Write = () => void;

export class LmdbLedger extends LmdbLedgerReader implements Ledger {
  readonly #fence: EpochFence;
  /** Up to which order's revision the round of renewals has come; undefined: a new one begins. */
  #renewed: [string, number] | undefined;
  #turn: Promise<void> = Promise.resolve();

  /** In an environment that is shared with the engine's other stores; `open` for one of its own. */
  protected constructor(env: Environment, keys: RowKeys) {
    super(env, keys);
    this.#fence = new EpochFence(env, LEDGER_META, 'epoch', `the ledger in ${env.folder}`);
  }

  static open(folder: string, keys: RowKeys): Promise<LmdbLedger> {
    return LmdbLedger.inside(Environment.open(folder), keys);
  }

  static async inside(env: Environment, keys: RowKeys): Promise<LmdbLedger> {
    const ledger = new LmdbLedger(env, keys);
    const { meta } = ledger.dbs;
    await env.transaction(() => {
      if (meta.get('id') === undefined) meta.put('id', Buffer.from(randomBytes(16).toString('hex'), 'latin1'));
    });
    return ledger;
  }

  claim(epoch: number): Promise<void> {
    return this.#fence.claim(epoch);
  }

  async commit(batch: LedgerBatch): Promise<void> {
    // one at a time: a batch is prepared against what the one before it left
    const turn = this.#turn.then(() => this.#commitNow(batch));
    this.#turn = turn.catch(() => {});
    await turn;
    this.wakeups.look();
  }

  async #commitNow(batch: LedgerBatch): Promise<void> {
    const head = this.head();
    const versions = this.#newVersions(batch.versions);
    const lastOrder = this.#lastOrderWith(batch);
    const writes = [
      ...versions.map((version, index) => this.#placeVersion(head + 1 + index, version)),
      ...this.#newestOf(versions, head + 1),
      ...this.#newOrders(batch),
      ...this.#newZones(batch),
    ];
    await this.env.transaction(() => {
      this.#fence.check(batch.epoch);
      const now = readNumber(this.dbs.meta.get('head')) ?? 0;
      if (now !== head)
        throw new Error(`the ledger in ${this.env.folder} moved from ${head} to ${now} under its owner`);
      for (const write of writes) write();
      if (lastOrder !== null) this.dbs.meta.put(LAST_ORDER, numberValue(lastOrder));
      if (versions.length > 0) this.dbs.meta.put('head', numberValue(head + versions.length));
    });
  }

  /**
   * Removes every row of an order whose keys are destroyed, or about to be; returns how many. Its places in the ledger stay
   * empty. The rows are looked for in pieces, so that nobody's alert waits for it.
   */
  async removeOrder(orderId: OrderId): Promise<number> {
    const name = this.keys.orders.nameOf(orderId);
    const places = new Set<number>();
    const revisions = [...this.dbs.orders.getKeys({ start: [name, 0], end: [name, Number.POSITIVE_INFINITY] })];
    const alerts: [string, number][] = [];
    for await (const { key, value } of inPieces(this.dbs.versions)) if (ownerOf(value) === name) places.add(key);
    for await (const { key, value } of inPieces(this.dbs.byAlert)) {
      if (places.has(readNumber(value) ?? 0)) alerts.push(key);
    }
    await this.#inTurn(() => {
      for (const key of revisions) this.dbs.orders.remove(key);
      this.dbs.standings.remove(name);
      this.atHand?.removeOrder(name);
      for (const key of alerts) this.dbs.byAlert.remove(key);
      for (const place of places) {
        this.dbs.versions.remove(place);
        this.dbs.newest.remove([EVERY_ORDER, place]);
        this.dbs.newest.remove([name, place]);
      }
    });
    return revisions.length + places.size;
  }

  /**
   * Seals what is at hand of the next `max` revisions anew, under the hour of now, and puts there what was missing; a round
   * of them all must not take longer than an hour's key lives, or a start opens orders' own keys. Resolves with how many.
   */
  async renewAtHand(max: number): Promise<number> {
    const { atHand } = this;
    if (atHand === null) return 0;
    const slice: OrderRow[] = [];
    for (const row of rows(this.dbs.orders, this.#renewed)) {
      if (row.key.join() !== this.#renewed?.join()) slice.push(row);
      if (slice.length >= max) break;
    }
    this.#renewed = slice.length < max ? undefined : slice.at(-1)?.key;
    const sealed: { readonly key: [string, number]; readonly row: Buffer }[] = [];
    for (const [i, row] of slice.entries()) {
      const plain = this.plainOf(row);
      if (plain !== null) sealed.push({ key: row.key, row: atHand.sealed(row.key, positionOfOrder(row.value), plain) });
      if (i % RENEWED_AT_ONCE === RENEWED_AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#inTurn(() => {
      // an order that was erased meanwhile has no row, and gets none
      for (const { key, row } of sealed) if (this.dbs.orders.doesExist(key)) atHand.put(key, row);
    });
    return sealed.length;
  }

  async #inTurn(change: () => void): Promise<void> {
    const turn = this.#turn.then(() => this.env.transaction(change));
    this.#turn = turn.catch(() => {});
    await turn;
  }

  /** How many revisions there are of all orders. */
  get revisions(): number {
    return (this.dbs.orders.getStats() as { readonly entryCount: number }).entryCount;
  }

  /** The pseudonyms of the orders that have rows here; opens none. */
  *orderNames(): Generator<string> {
    let last: string | null = null;
    for (const [name] of this.dbs.orders.getKeys({})) {
      if (name !== last) yield name;
      last = name;
    }
  }

  /** What is done again after a crash may still speak of an order that was erased since: nothing of it is kept. */
  #isErased(orderId: OrderId | null): boolean {
    if (orderId === null || this.keys.orders.sealsNamed(this.keys.orders.nameOf(orderId)) !== null) return false;
    this.keys.leftOut?.();
    return true;
  }

  /** Without those that are there already, and each only once. */
  #newVersions(versions: readonly AlertVersion[]): AlertVersion[] {
    const seen = new Set<string>();
    return versions.filter((version) => {
      const name = `${version.alertId}.${version.version}`;
      if (seen.has(name)) return false;
      seen.add(name);
      if (this.#isErased(version.orderId)) return false;
      return !this.dbs.byAlert.doesExist([this.seals.pseudonym(version.alertId), version.version]);
    });
  }

  #placeVersion(place: number, version: AlertVersion): Write {
    const name = this.seals.pseudonym(version.alertId);
    const sealed = sealVersion(this.keys, place, version);
    if (sealed === null) throw new Error('the keys of an order went while its alert was being sealed');
    return () => {
      this.dbs.versions.put(place, sealed);
      this.dbs.byAlert.put([name, version.version], numberValue(place));
    };
  }

  /** Moves each alert to the place of its newest version in the lists. */
  #newestOf(versions: readonly AlertVersion[], firstPlace: number): Write[] {
    const newest = new Map<string, { place: number; version: AlertVersion }>();
    for (const [index, version] of versions.entries()) {
      const known = newest.get(version.alertId);
      if (known === undefined || version.version > known.version.version) {
        newest.set(version.alertId, { place: firstPlace + index, version });
      }
    }
    const writes: Write[] = [];
    for (const { place, version } of newest.values()) {
      // A first version that is here is not there yet (`#newVersions`), and none of its alert is: they are committed in order.
      const before = version.version === 1 ? null : this.newestVersion(version.alertId);
      if (before !== null && before.version.version > version.version) continue;
      const facets = this.facets.of(version);
      const scopes = (of: AlertVersion) =>
        of.orderId === null ? [EVERY_ORDER] : [EVERY_ORDER, this.seals.pseudonym(of.orderId)];
      const leave = before === null ? [] : scopes(before.version);
      const enter = scopes(version);
      writes.push(() => {
        for (const scope of leave) this.dbs.newest.remove([scope, before?.place ?? 0]);
        for (const scope of enter) this.dbs.newest.put([scope, place], facets);
      });
    }
    return writes;
  }

  /** Null: there is no order in it. */
  #lastOrderWith({ orders }: LedgerBatch): number | null {
    if (orders.length === 0) return null;
    return orders.reduce((last, { position }) => Math.max(last, position), this.lastOrderPosition());
  }

  #newOrders(batch: LedgerBatch): Write[] {
    const writes = new Map<string, Write>();
    for (const revision of batch.orders) {
      const name = this.seals.pseudonym(revision.order.orderId);
      const key: [string, number] = [name, revision.order.revision];
      if (writes.has(key.join('.')) || this.dbs.orders.doesExist(key)) continue;
      const plain = plainOrder(revision);
      const row = sealOrder(this.keys, name, revision, plain);
      const standing = row === null ? null : sealStanding(this.keys, name, revision.order);
      if (row === null || standing === null) continue;
      const atHand = this.atHand?.sealed(key, revision.position, plain);
      writes.set(key.join('.'), () => {
        this.dbs.orders.put(key, row);
        if (atHand !== undefined) this.atHand?.put(key, atHand);
        // in order of their writing: of what is there by then the newest speaks
        if ((newestOf(this.dbs.orders, name)?.key[1] ?? 0) <= key[1]) this.dbs.standings.put(name, standing);
      });
    }
    return [...writes.values()];
  }

  #newZones(batch: LedgerBatch): Write[] {
    const writes = new Map<string, Write>();
    for (const change of batch.zones) {
      const name = this.seals.pseudonym(change.zoneId);
      const key: [string, number] = [name, change.position];
      if (writes.has(key.join('.')) || this.dbs.zones.doesExist(key)) continue;
      const row = sealZone(this.seals, name, change);
      writes.set(key.join('.'), () => this.dbs.zones.put(key, row));
    }
    return [...writes.values()];
  }
}

/** Some of them may have their order's own key to be opened. */
const RENEWED_AT_ONCE = 16;
const PIECE = 4_096;

async function* inPieces<K extends number | [string, number]>(
  db: Db<K>,
): AsyncGenerator<{ readonly key: K; readonly value: Buffer }> {
  let seen = 0;
  for (const row of rows(db)) {
    yield row;
    seen++;
    if (seen % PIECE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

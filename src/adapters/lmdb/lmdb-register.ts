/**
 * The register of lawful business in LMDB, an environment of its own that the API alone writes. Rows are named by
 * pseudonyms; a document of an order lies under that order's data key, any other under the office's.
 */
import { decodeDocument, encodeDocument } from '../../codec/register-document.js';
import type { OrderId } from '../../domain/ids.js';
import type { ReviewKeys } from '../../ports/order-keys.js';
import {
  type DocumentFilter,
  type DocumentKind,
  OrderKeysGone,
  type Register,
  type RegisterDocument,
  VersionTaken,
} from '../../ports/register.js';
import type { Seals } from '../../ports/seals.js';
import { type Db, Environment, newestOf, numberValue, readNumber, rows } from './environment.js';
import { EpochFence } from './epoch.js';

const STORE = 'register';

export class LmdbRegister implements Register {
  readonly #env: Environment;
  readonly #keys: ReviewKeys;
  /** (document's name, version) → length of the order's name (1 byte; 0: none) ‖ order's name ‖ sealed document. */
  readonly #versions: Db<[string, number]>;
  /** (kind, place) → document's name: the order in which documents were first put. */
  readonly #places: Db<[string, number]>;
  /** (order's name, place) → document's name. */
  readonly #ofOrder: Db<[string, number]>;
  /** `head`: the newest place. */
  readonly #meta: Db<string>;

  private constructor(env: Environment, keys: ReviewKeys) {
    this.#env = env.enter();
    this.#keys = keys;
    this.#versions = env.db('documents');
    this.#places = env.db('document-places');
    this.#ofOrder = env.db('documents-of-order');
    this.#meta = env.db('register');
  }

  static open(folder: string, keys: ReviewKeys): LmdbRegister {
    return new LmdbRegister(Environment.open(folder), keys);
  }

  /** For a process that only looks. Throws while nothing was ever stored there. */
  static openReader(folder: string, keys: ReviewKeys): LmdbRegister {
    return new LmdbRegister(Environment.openReadOnly(folder), keys);
  }

  async put(document: RegisterDocument): Promise<void> {
    const { kind, version, orderId } = document;
    const name = this.#nameOf(kind, document.id);
    const order = orderId === null ? '' : this.#keys.nameOf(orderId);
    const seals = orderId === null ? this.#keys.office : this.#keys.sealsOf(orderId);
    if (seals === null) throw new OrderKeysGone(`the order of this ${kind} has no keys: nothing of it can be kept`);
    const sealed = seals.seal(STORE, boundName(name, version), encodeDocument(document));
    const row = Buffer.concat([Uint8Array.of(order.length), Buffer.from(order, 'latin1'), sealed]);
    await this.#env.transaction(() => {
      const newest = newestOf(this.#versions, name);
      const next = (newest?.key[1] ?? 0) + 1;
      if (version !== next) throw new VersionTaken(`version ${version} of a ${kind} was put where ${next} is the next`);
      if (newest === undefined) this.#place(kind, name, order);
      else if (orderName(newest.value) !== order) throw new Error(`a ${kind} cannot pass from one order to another`);
      this.#versions.put([name, version], row);
    });
  }

  get(kind: DocumentKind, id: string): RegisterDocument | null {
    this.#env.refresh();
    return this.#newest(this.#nameOf(kind, id));
  }

  history(kind: DocumentKind, id: string): RegisterDocument[] {
    this.#env.refresh();
    const name = this.#nameOf(kind, id);
    const versions = rows(this.#versions, [name, 0], [name, Number.POSITIVE_INFINITY]);
    return [...versions].flatMap(({ key, value }) => this.#open(key, value) ?? []);
  }

  *list(kind: DocumentKind, filter: DocumentFilter = {}): Generator<RegisterDocument> {
    this.#env.refresh();
    for (const name of this.#names(kind, filter.orderId)) {
      const document = this.#newest(name);
      if (document !== null) yield document;
    }
  }

  removeOrder(orderId: OrderId): Promise<number> {
    const order = this.#keys.nameOf(orderId);
    return this.#env.transaction(() => {
      let removed = 0;
      for (const { key, value } of [...rows(this.#ofOrder, [order, 0], [order, Number.POSITIVE_INFINITY])]) {
        const name = value.toString('latin1');
        removed += this.#removeVersions(name, Number.POSITIVE_INFINITY);
        this.#places.remove([kindOf(name), key[1]]);
        this.#ofOrder.remove(key);
      }
      return removed;
    });
  }

  async forgetOlder(kind: DocumentKind, id: string): Promise<void> {
    const name = this.#nameOf(kind, id);
    await this.#env.transaction(() => {
      const newest = newestOf(this.#versions, name);
      if (newest !== undefined) this.#removeVersions(name, newest.key[1]);
    });
  }

  /**
   * What this process puts is refused (`Superseded`) from when a later review service has claimed: a hold that was checked
   * for before a pause may have been put since.
   */
  claim(epoch: number): Promise<void> {
    return new EpochFence(this.#env, 'register', 'epoch', `the register in ${this.#env.folder}`).claim(epoch);
  }

  close(): Promise<void> {
    return this.#env.leave();
  }

  /** Within a transaction. */
  #place(kind: DocumentKind, name: string, order: string): void {
    const place = (readNumber(this.#meta.get('head')) ?? 0) + 1;
    const value = Buffer.from(name, 'latin1');
    this.#meta.put('head', numberValue(place));
    this.#places.put([kind, place], value);
    if (order !== '') this.#ofOrder.put([order, place], value);
  }

  /** Within a transaction: removes the versions below one. */
  #removeVersions(name: string, below: number): number {
    const old = [...rows(this.#versions, [name, 0], [name, below])];
    for (const { key } of old) this.#versions.remove(key);
    return old.length;
  }

  *#names(kind: DocumentKind, orderId: OrderId | undefined): Generator<string> {
    const order = orderId === undefined ? null : this.#keys.nameOf(orderId);
    const found =
      order === null
        ? rows(this.#places, [kind, 0], [kind, Number.POSITIVE_INFINITY])
        : rows(this.#ofOrder, [order, 0], [order, Number.POSITIVE_INFINITY]);
    for (const { value } of found) {
      const name = value.toString('latin1');
      if (kindOf(name) === kind) yield name;
    }
  }

  #newest(name: string): RegisterDocument | null {
    const row = newestOf(this.#versions, name);
    return row === undefined ? null : this.#open(row.key, row.value);
  }

  /** Null: under an order's key that is destroyed. Throws `SealBroken` for what is damaged or lies in a wrong place. */
  #open([name, version]: [string, number], row: Buffer): RegisterDocument | null {
    const order = orderName(row);
    const seals: Seals | null = order === '' ? this.#keys.office : this.#keys.sealsNamed(order);
    if (seals === null) return null;
    const plain = seals.open(STORE, boundName(name, version), row.subarray(1 + order.length));
    return decodeDocument(plain) as unknown as RegisterDocument;
  }

  #nameOf(kind: DocumentKind, id: string): string {
    return `${kind}/${this.#keys.office.pseudonym(`${kind}/${id}`)}`;
  }
}

const boundName = (name: string, version: number): string => `${name}@${version}`;
const kindOf = (name: string): string => name.slice(0, name.indexOf('/'));
const orderName = (row: Buffer): string => row.toString('latin1', 1, 1 + (row[0] ?? 0));

/**
 * What was said of each order once more, under keys of an hour like the states: a start reads everybody's orders, and to
 * open a million orders' own keys for that would take minutes. The ledger's rows stay the truth: what is missing here, or
 * opens no more, is read there and put here again. A row goes with the ledger's, in one transaction; and while the order's
 * own key is gone and the row is not yet, it is passed over.
 */
import { SealBroken } from '../../crypto/seals.js';
import type { Seals } from '../../ports/seals.js';
import type { Db, Environment } from './environment.js';

export const ORDERS_AT_HAND = 'orders-at-hand';

/** (order's pseudonym, revision), as the ledger's rows. */
export type RevisionKey = [string, number];

export interface AtHandKeys {
  /** Of hours; those of which a row was sealed longer ago open it no more. */
  readonly seals: Pick<Seals, 'seal' | 'open'>;
  /** Whether the order of that pseudonym still has keys of its own. */
  readonly holds: (name: string) => boolean;
}

export class OrdersAtHand {
  readonly #db: Db<RevisionKey>;
  readonly #keys: AtHandKeys;

  constructor(env: Environment, keys: AtHandKeys) {
    this.#db = env.db(ORDERS_AT_HAND);
    this.#keys = keys;
  }

  /** `plain`: as in the ledger's row, which names the position too. */
  sealed(key: RevisionKey, position: number, plain: Uint8Array): Buffer {
    return this.#keys.seals.seal(ORDERS_AT_HAND, boundTo(key, position), plain);
  }

  /** Null: it must be read in the ledger. */
  open(key: RevisionKey, position: number): Buffer | null {
    const row = this.#db.get(key);
    if (row === undefined || !this.#keys.holds(key[0])) return null;
    try {
      return this.#keys.seals.open(ORDERS_AT_HAND, boundTo(key, position), row);
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }

  /** Within a transaction. */
  put(key: RevisionKey, row: Buffer): void {
    this.#db.put(key, row);
  }

  /** Within a transaction: also what the ledger has no row of. */
  removeOrder(name: string): void {
    const keys = [...this.#db.getKeys({ start: [name, 0], end: [name, Number.POSITIVE_INFINITY] })];
    for (const key of keys) this.#db.remove(key);
  }
}

const boundTo = ([name, revision]: RevisionKey, position: number): string => `${name}.${revision}@${position}`;

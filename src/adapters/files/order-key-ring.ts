/** Orders' keys, read from a tier's vault when a row first asks for them; the ingest tier's ring of them. */
import type { KeyObject } from 'node:crypto';
import { type IngestOrderKeys, unwrapIngestKeys } from '../../crypto/order-keys.js';
import type { Pseudonyms } from '../../crypto/pseudonyms.js';
import {
  epochOf,
  KeyDestroyed,
  openUnder,
  SealBroken,
  sealKeyOf,
  sealUnder,
  type TierSeals,
} from '../../crypto/seals.js';
import type { OrderId } from '../../domain/ids.js';
import type { IngestKeyRing } from '../../ports/order-keys.js';
import type { Seals } from '../../ports/seals.js';
import type { FileKeyVault } from './file-key-vault.js';
import { Generations } from './generations.js';
import { PackedKeys } from './packed-keys.js';
import type { TierKeys } from './tier-keys.js';

/** The order's pseudonym in a file's name tells nobody who is monitored. */
export const orderFile = (name: string): string => `${ORDER}${name}`;
const ORDER = 'order-';
/** A name that comes from a row, not from an id: it must not lead to another file. */
const NAME = /^[0-9a-f]{32}$/;

/** What a ring keeps at hand of one order. */
export interface HeldKeys {
  readonly data: TierSeals;
  readonly archivePublic: KeyObject;
  /** Overwrites what can be. */
  destroy(): void;
}

/** Keys by the order's pseudonym, from one vault: what is not at hand is read from disk, synchronously. The review tier's. */
export class OrderKeyFiles<K extends HeldKeys> {
  readonly #held = new Generations<string, K>(KEYS_HELD_MAX);

  constructor(
    readonly names: Pseudonyms,
    readonly vault: FileKeyVault,
    private readonly read: (name: string, jwe: string) => K,
  ) {}

  /** Null: none was made, or it is destroyed. Throws `KeyUnwrapFailed` for a file that is not ours. */
  of(name: string): K | null {
    const held = this.#held.get(name);
    if (held !== undefined) return held;
    if (!NAME.test(name)) return null;
    const jwe = this.vault.readNow(orderFile(name));
    if (jwe === null) return null;
    const keys = this.read(name, jwe);
    this.#held.put(name, keys);
    return keys;
  }

  /** Forgets what is no longer on disk. */
  async refresh(name: string): Promise<void> {
    if ((await this.vault.read(orderFile(name))) === null) this.forget(name);
  }

  forget(name: string): void {
    this.#held.take(name)?.destroy();
  }
}

/** Some 1 KiB each: who has more to do with others reads those again, at some 150 µs. */
const KEYS_HELD_MAX = 100_000;

/**
 * Of every order that was ever asked for the key that seals stays at hand, packed: at a curfew's edge thousands are told of
 * at once of whom nothing was heard since the start, and to open their keys anew would take longer than all the rest.
 */
export class FileOrderKeyRing implements IngestKeyRing {
  readonly #tier: TierKeys;
  readonly #sealKeys = new PackedKeys();
  /** Pseudonyms of all that have keys, while everybody's is asked for; null: the disk is asked. */
  #listed: Set<string> | null = null;

  constructor(tier: TierKeys) {
    this.#tier = tier;
  }

  /** Lists who has keys, once for a start that asks of everybody. */
  async list(): Promise<void> {
    const files = await this.#tier.vault.list(ORDER);
    this.#listed = new Set(files.map((file) => file.slice(ORDER.length)));
  }

  /** The start is over. */
  forgetList(): void {
    this.#listed = null;
  }

  /** Whether there are keys under a pseudonym; opens none. */
  holds(name: string): boolean {
    if (this.#listed !== null) return this.#listed.has(name);
    return NAME.test(name) && this.#tier.vault.hasNow(orderFile(name));
  }

  nameOf(orderId: OrderId): string {
    return this.#tier.names.of(orderId);
  }

  sealsOf(orderId: OrderId): Seals | null {
    return this.sealsNamed(this.nameOf(orderId));
  }

  sealsNamed(name: string): Seals | null {
    if (!NAME.test(name) || (this.#sealKeys.get(name) === null && !this.#load(name))) return null;
    return new PackedSeals(name, this.#sealKeys, this.#tier.names);
  }

  /** Read anew each time: it is asked for once a day of each order. */
  archivePublicKey(orderId: OrderId): KeyObject | null {
    return this.#read(this.nameOf(orderId))?.archivePublic ?? null;
  }

  async refresh(orderId: OrderId): Promise<void> {
    const name = this.nameOf(orderId);
    if ((await this.#tier.vault.read(orderFile(name))) === null) this.#drop(name);
    else this.#listed?.add(name);
  }

  async forget(orderId: OrderId): Promise<void> {
    const name = this.nameOf(orderId);
    this.#drop(name);
    await this.#tier.vault.destroy(orderFile(name));
    // somebody may have opened it once more before it was gone
    this.#drop(name);
  }

  #drop(name: string): void {
    this.#sealKeys.destroy(name);
    this.#listed?.delete(name);
  }

  #load(name: string): boolean {
    const keys = this.#read(name);
    if (keys === null) return false;
    const sealKey = sealKeyOf(keys.data);
    keys.data.fill(0);
    this.#sealKeys.put(name, sealKey);
    sealKey.fill(0);
    return true;
  }

  #read(name: string): IngestOrderKeys | null {
    const jwe = this.#tier.vault.readNow(orderFile(name));
    return jwe === null ? null : unwrapIngestKeys(this.#tier.opener, name, jwe);
  }
}

/** An order's data key has no hours: its number is always this. */
const EPOCH = 1;

/** Seals under a key that is looked up at each call: where it was destroyed meanwhile, whoever holds these holds nothing. */
class PackedSeals implements Seals {
  constructor(
    private readonly order: string,
    private readonly keys: PackedKeys,
    private readonly names: Pseudonyms,
  ) {}

  seal(store: string, name: string, plain: Uint8Array): Buffer {
    return sealUnder(this.#key(), EPOCH, store, name, plain);
  }

  open(store: string, name: string, sealed: Uint8Array): Buffer {
    const epoch = epochOf(sealed);
    if (epoch !== EPOCH) throw new SealBroken(`sealed under key epoch ${epoch}, not ${EPOCH}`);
    return openUnder(this.#key(), store, name, sealed);
  }

  pseudonym(id: string): string {
    return this.names.of(id);
  }

  #key(): Buffer {
    const key = this.keys.get(this.order);
    if (key === null) throw new KeyDestroyed('the key of this seal is destroyed');
    return key;
  }
}

/** The ingest tier's part of orders' keys: read from its vault when a row first asks for them. */
import type { KeyObject } from 'node:crypto';
import { type IngestOrderKeys, unwrapIngestKeys } from '../../crypto/order-keys.js';
import type { Pseudonyms } from '../../crypto/pseudonyms.js';
import { TierSeals } from '../../crypto/seals.js';
import type { OrderId } from '../../domain/ids.js';
import type { IngestKeyRing } from '../../ports/order-keys.js';
import type { FileKeyVault } from './file-key-vault.js';
import { Generations } from './generations.js';
import type { TierKeys } from './tier-keys.js';

/** The order's pseudonym in a file's name tells nobody who is monitored. */
export const orderFile = (name: string): string => `order-${name}`;
/** A name that comes from a row, not from an id: it must not lead to another file. */
const NAME = /^[0-9a-f]{32}$/;

/** What a ring keeps at hand of one order. */
export interface HeldKeys {
  readonly data: TierSeals;
  readonly archivePublic: KeyObject;
  /** Overwrites what can be. */
  destroy(): void;
}

/** Keys by the order's pseudonym, from one vault: what is not at hand is read from disk, synchronously. */
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

/** Some 1 KiB each: a gateway of a million people reads the rest again, at some 150 µs. */
const KEYS_HELD_MAX = 100_000;

export class FileOrderKeyRing implements IngestKeyRing {
  readonly #files: OrderKeyFiles<HeldKeys>;

  constructor(tier: TierKeys) {
    this.#files = new OrderKeyFiles(tier.names, tier.vault, (name, jwe) =>
      held(unwrapIngestKeys(tier.opener, name, jwe), tier.names),
    );
  }

  nameOf(orderId: OrderId): string {
    return this.#files.names.of(orderId);
  }

  sealsOf(orderId: OrderId): TierSeals | null {
    return this.sealsNamed(this.nameOf(orderId));
  }

  sealsNamed(name: string): TierSeals | null {
    return this.#files.of(name)?.data ?? null;
  }

  archivePublicKey(orderId: OrderId): KeyObject | null {
    return this.#files.of(this.nameOf(orderId))?.archivePublic ?? null;
  }

  refresh(orderId: OrderId): Promise<void> {
    return this.#files.refresh(this.nameOf(orderId));
  }

  async forget(orderId: OrderId): Promise<void> {
    const name = this.nameOf(orderId);
    this.#files.forget(name);
    await this.#files.vault.destroy(orderFile(name));
  }
}

function held(keys: IngestOrderKeys, names: Pseudonyms): HeldKeys {
  const data = TierSeals.fromKey(keys.data, 1, names);
  return {
    data,
    get archivePublic() {
      return keys.archivePublic;
    },
    destroy: () => data.destroy(),
  };
}

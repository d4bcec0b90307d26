/** The review tier's keys of orders: it makes them, gives the ingest tier its part, and destroys every copy. */
import type { KeyObject } from 'node:crypto';
import {
  createOrderKeys,
  type ReviewOrderKeys,
  unwrapReviewKeys,
  wrapIngestKeys,
  wrapReviewKeys,
} from '../../crypto/order-keys.js';
import { TierSeals } from '../../crypto/seals.js';
import type { OrderId } from '../../domain/ids.js';
import type { ReviewKeys } from '../../ports/order-keys.js';
import type { Seals } from '../../ports/seals.js';
import { type HeldKeys, OrderKeyFiles, orderFile } from './order-key-ring.js';
import type { ReviewTier } from './tier-keys.js';

interface Held extends HeldKeys {
  readonly audit: TierSeals;
  readonly archivePrivate: KeyObject;
}

export class FileReviewKeys implements ReviewKeys {
  readonly office: Seals;
  readonly #tier: ReviewTier;
  readonly #files: OrderKeyFiles<Held>;
  /** One after another for one order: two imports at once make one set of keys. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(tier: ReviewTier) {
    this.#tier = tier;
    this.office = tier.office;
    this.#files = new OrderKeyFiles(tier.names, tier.vault, (name, jwe) =>
      held(unwrapReviewKeys(tier.opener, name, jwe), tier),
    );
  }

  nameOf(orderId: OrderId): string {
    return this.#tier.names.of(orderId);
  }

  sealsOf(orderId: OrderId): Seals | null {
    return this.sealsNamed(this.nameOf(orderId));
  }

  sealsNamed(name: string): Seals | null {
    return this.#files.of(name)?.data ?? null;
  }

  archivePublicKey(orderId: OrderId): KeyObject | null {
    return this.#files.of(this.nameOf(orderId))?.archivePublic ?? null;
  }

  archivePrivateKey(orderId: OrderId): KeyObject | null {
    return this.#files.of(this.nameOf(orderId))?.archivePrivate ?? null;
  }

  auditSealsOf(orderId: OrderId): Seals | null {
    return this.auditSealsNamed(this.nameOf(orderId));
  }

  auditSealsNamed(name: string): Seals | null {
    return this.#files.of(name)?.audit ?? null;
  }

  refresh(orderId: OrderId): Promise<void> {
    return this.#files.refresh(this.nameOf(orderId));
  }

  make(orderId: OrderId): Promise<void> {
    const name = this.nameOf(orderId);
    return this.#inTurn(name, () => this.#make(name));
  }

  destroy(orderId: OrderId): Promise<void> {
    return this.#destroy(this.nameOf(orderId));
  }

  async destroyNamed(name: string): Promise<boolean> {
    const { vault, peer } = this.#tier;
    const file = orderFile(name);
    if ((await vault.read(file)) === null && (await peer.vault.read(file)) === null) return false;
    await this.#destroy(name);
    return true;
  }

  #destroy(name: string): Promise<void> {
    return this.#inTurn(name, async () => {
      this.#files.forget(name);
      // the one that can open everything goes first: a crash in between leaves the ingest tier's, and a second call takes it
      await this.#tier.vault.destroy(orderFile(name));
      await this.#tier.peer.vault.destroy(orderFile(name));
      this.#files.forget(name);
    });
  }

  /** Our own file first: what a crash leaves without the ingest tier's part is completed from it, with the same keys. */
  async #make(name: string): Promise<void> {
    const file = orderFile(name);
    const { vault, opener, peer } = this.#tier;
    const own = await vault.read(file);
    if (own !== null && (await peer.vault.read(file)) !== null) return;
    const keys = own === null ? createOrderKeys() : unwrapReviewKeys(opener, name, own);
    if (own === null) {
      // a part without the whole is left of a destruction that a crash cut short: it opens nothing that is kept
      await peer.vault.destroy(file);
      await vault.create(file, await wrapReviewKeys(opener.kek, name, keys));
    }
    await peer.vault.create(file, await wrapIngestKeys(peer.publicKey, name, keys));
  }

  async #inTurn(name: string, work: () => Promise<void>): Promise<void> {
    const mine = (this.#turns.get(name) ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#turns.set(name, mine);
    try {
      await mine;
    } finally {
      if (this.#turns.get(name) === mine) this.#turns.delete(name);
    }
  }
}

function held(keys: ReviewOrderKeys, { names }: ReviewTier): Held {
  const data = TierSeals.fromKey(keys.data, 1, names);
  const audit = TierSeals.fromKey(keys.audit, 1, names);
  const destroy = () => {
    data.destroy();
    audit.destroy();
  };
  return {
    data,
    audit,
    get archivePublic() {
      return keys.archivePublic;
    },
    get archivePrivate() {
      return keys.archivePrivate;
    },
    destroy,
  };
}

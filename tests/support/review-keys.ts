/** The review service's keys in memory: real seals, real P-256 pairs, and nothing on disk. */
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { TierSeals } from '../../src/crypto/seals.js';
import type { OrderId } from '../../src/domain/ids.js';
import type { ReviewKeys } from '../../src/ports/order-keys.js';
import type { Seals } from '../../src/ports/seals.js';

interface Keys {
  readonly data: Seals;
  readonly audit: Seals;
  readonly archive: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

export class MemoryReviewKeys implements ReviewKeys {
  readonly office: Seals = TierSeals.fromKey(randomBytes(32), 1);
  readonly #names = TierSeals.fromKey(randomBytes(32), 1);
  readonly #keys = new Map<string, Keys>();

  async make(orderId: OrderId): Promise<void> {
    const name = this.nameOf(orderId);
    if (this.#keys.has(name)) return;
    this.#keys.set(name, {
      data: TierSeals.fromKey(randomBytes(32), 1),
      audit: TierSeals.fromKey(randomBytes(32), 1),
      archive: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    });
  }

  nameOf(orderId: OrderId): string {
    return this.#names.pseudonym(orderId);
  }

  sealsOf(orderId: OrderId): Seals | null {
    return this.sealsNamed(this.nameOf(orderId));
  }

  sealsNamed(name: string): Seals | null {
    return this.#keys.get(name)?.data ?? null;
  }

  archivePublicKey(orderId: OrderId): KeyObject | null {
    return this.#keys.get(this.nameOf(orderId))?.archive.publicKey ?? null;
  }

  archivePrivateKey(orderId: OrderId): KeyObject | null {
    return this.#keys.get(this.nameOf(orderId))?.archive.privateKey ?? null;
  }

  auditSealsOf(orderId: OrderId): Seals | null {
    return this.auditSealsNamed(this.nameOf(orderId));
  }

  auditSealsNamed(name: string): Seals | null {
    return this.#keys.get(name)?.audit ?? null;
  }

  async refresh(): Promise<void> {}

  async destroy(orderId: OrderId): Promise<void> {
    this.#keys.delete(this.nameOf(orderId));
  }

  async destroyNamed(name: string): Promise<boolean> {
    return this.#keys.delete(name);
  }
}

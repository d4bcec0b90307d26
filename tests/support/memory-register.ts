/** The register in memory, for tests of what is built on it. */
import type { OrderId } from '../../src/domain/ids.js';
import type { ReviewKeys } from '../../src/ports/order-keys.js';
import {
  type DocumentFilter,
  type DocumentKind,
  OrderKeysGone,
  type Register,
  type RegisterDocument,
  VersionTaken,
} from '../../src/ports/register.js';

export class MemoryRegister implements Register {
  /** In the order of first puts, each with its versions, oldest first. */
  readonly #documents = new Map<string, RegisterDocument[]>();

  constructor(private readonly keys: ReviewKeys) {}

  async put(document: RegisterDocument): Promise<void> {
    const { kind, id, version, orderId } = document;
    if (orderId !== null && this.keys.sealsOf(orderId) === null) throw new OrderKeysGone(`the order of this ${kind}`);
    const versions = this.#documents.get(`${kind}/${id}`) ?? [];
    const next = (versions.at(-1)?.version ?? 0) + 1;
    if (version !== next) throw new VersionTaken(`version ${version} of a ${kind} was put where ${next} is the next`);
    const before = versions[0]?.orderId;
    if (before !== undefined && before !== orderId) throw new Error(`a ${kind} cannot pass to another order`);
    this.#documents.set(`${kind}/${id}`, [...versions, structuredClone(document)]);
  }

  get(kind: DocumentKind, id: string): RegisterDocument | null {
    return this.history(kind, id).at(-1) ?? null;
  }

  history(kind: DocumentKind, id: string): RegisterDocument[] {
    const versions = this.#documents.get(`${kind}/${id}`) ?? [];
    return structuredClone(versions.filter((version) => this.#readable(version)));
  }

  *list(kind: DocumentKind, filter: DocumentFilter = {}): Generator<RegisterDocument> {
    for (const versions of [...this.#documents.values()]) {
      const newest = versions.at(-1);
      if (newest === undefined || newest.kind !== kind || !this.#readable(newest)) continue;
      if (filter.orderId === undefined || newest.orderId === filter.orderId) yield structuredClone(newest);
    }
  }

  async removeOrder(orderId: OrderId): Promise<number> {
    let removed = 0;
    for (const [key, versions] of [...this.#documents]) {
      if (versions[0]?.orderId !== orderId) continue;
      removed += versions.length;
      this.#documents.delete(key);
    }
    return removed;
  }

  async forgetOlder(kind: DocumentKind, id: string): Promise<void> {
    const newest = this.#documents.get(`${kind}/${id}`)?.at(-1);
    if (newest !== undefined) this.#documents.set(`${kind}/${id}`, [newest]);
  }

  async close(): Promise<void> {}

  #readable({ orderId }: RegisterDocument): boolean {
    return orderId === null || this.keys.sealsOf(orderId) !== null;
  }
}

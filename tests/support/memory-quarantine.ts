/** A quarantine in memory. */
import type { QuarantineReason } from '../../src/domain/entry.js';
import type { Quarantine, Quarantined, QuarantineReader } from '../../src/ports/quarantine.js';

export class MemoryQuarantine implements Quarantine, QuarantineReader {
  readonly #kept: Map<number, Quarantined>;

  /** `kept` outlives every client. */
  constructor(kept: Map<number, Quarantined>) {
    this.#kept = kept;
  }

  async keep(items: readonly Quarantined[]): Promise<void> {
    for (const { position, deviceId, receivedMs, reason, bytes } of items) {
      if (this.#kept.has(position)) continue;
      this.#kept.set(position, { position, deviceId, receivedMs, reason, bytes: Buffer.from(bytes) });
    }
  }

  async relabel(position: number, reason: QuarantineReason): Promise<void> {
    const item = this.#kept.get(position);
    if (item !== undefined) this.#kept.set(position, { ...item, reason });
  }

  async remove(position: number): Promise<void> {
    this.#kept.delete(position);
  }

  has(position: number): boolean {
    return this.#kept.has(position);
  }

  *list(): Generator<Omit<Quarantined, 'bytes'> & { readonly byteLength: number }> {
    for (const position of [...this.#kept.keys()].sort((a, b) => a - b)) {
      const item = this.#kept.get(position);
      if (item === undefined) continue;
      const { bytes, ...label } = item;
      yield { ...label, byteLength: bytes.length };
    }
  }

  size(): number {
    return this.#kept.size;
  }

  async open(position: number): Promise<Quarantined | null> {
    return this.#kept.get(position) ?? null;
  }

  async expire(beforeMs: number): Promise<number> {
    const old = [...this.#kept.values()].filter(({ receivedMs }) => receivedMs < beforeMs);
    for (const { position } of old) this.#kept.delete(position);
    return old.length;
  }

  async close(): Promise<void> {}
}

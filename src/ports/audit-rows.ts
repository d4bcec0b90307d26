/** The audit log as it lies in its store, for whoever checks it: nothing here is trusted, and no key is needed. */

/** A row under whatever key somebody has put it. */
export interface AuditRow {
  readonly key: unknown;
  readonly bytes: Uint8Array;
}

export interface AuditRows {
  /** By index: the bytes that the leaves are hashes of. */
  entries(): Iterable<AuditRow>;
  /** By place (crypto/merkle `nodePlace`): 32 bytes each. */
  nodes(): Iterable<AuditRow>;
  /** By size: signed heads, ASCII. */
  heads(): Iterable<AuditRow>;
  /** By (pseudonym of an order, index): nothing. */
  byOrder(): Iterable<AuditRow>;
  /** The entry at an index; null: none. */
  entry(index: number): Uint8Array | null;
  /** The signed head of a size, or the newest one; null: none. */
  head(size?: number): string | null;
  /** Hash of a perfect subtree as it is stored; null: none. */
  node(level: number, n: number): Uint8Array | null;
  close(): Promise<void>;
}

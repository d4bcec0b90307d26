/** The audit log: append-only, a Merkle tree as RFC 6962 has it, its heads signed. Nothing in it is changed, ever. */
import type { AuditEvent } from '../domain/audit.js';
import type { OrderId } from '../domain/ids.js';

/** A head of the tree, and the JWS (ES256, compact) that signs exactly these three members as JSON. */
export interface SignedHead {
  readonly size: number;
  /** Lower-case hex of 32 bytes. */
  readonly root: string;
  readonly atMs: number;
  readonly jws: string;
}

export interface PlacedEvent {
  /** From 0, without gaps. */
  readonly index: number;
  /** Null members where the key of its person fields is destroyed: the entry itself still stands in the tree. */
  readonly event: AuditEvent;
  readonly erased: boolean;
}

/** The log cannot be written: what was to be logged must not happen (the API answers 503). */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
}

/** What is stored contradicts itself: it was tampered with, and nothing may be added that would cover it up. */
export class AuditBroken extends Error {
  override readonly name = 'AuditBroken';
}

export interface AuditLog {
  /** Number of durable entries. */
  readonly size: number;
  /** The public key that checks the heads, as a JWK (P-256). */
  readonly verificationKey: Readonly<Record<string, unknown>>;
  /**
   * Durable, and covered by a signed head, when it resolves with the entry's index. Many calls share one commit.
   * Rejects with `AuditUnavailable` when that is not certain; the act must then be given up.
   */
  append(event: AuditEvent): Promise<number>;
  /** The bytes that the leaf at `index` is the hash of; null: no such entry. Person fields are sealed in them. */
  stored(index: number): Uint8Array | null;
  /** Entries from an index on, at most `max`. */
  read(from: number, max: number): PlacedEvent[];
  /** Those of one order, oldest first, from an index on. */
  ofOrder(orderId: OrderId, from: number, max: number): PlacedEvent[];
  /** The signed head of exactly that many entries, or the newest one; null: there is none. */
  head(size?: number): SignedHead | null;
  /** Signed heads, newest first, at most `max`. */
  heads(max: number): SignedHead[];
  /** RFC 6962 §2.1.1: the audit path of an entry in the tree of `size` entries; hex hashes, leaf first. Null: no such entry. */
  inclusion(index: number, size: number): { readonly leaf: string; readonly path: readonly string[] } | null;
  /** RFC 6962 §2.1.2: that the tree of `first` entries is a beginning of that of `second`. Null: no such sizes. */
  consistency(first: number, second: number): readonly string[] | null;
  close(): Promise<void>;
}

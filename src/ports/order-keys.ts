/** The keys of an order: what is kept of it longer than the recent log is opened by these alone, and is noise without them. */
import type { KeyObject } from 'node:crypto';
import type { OrderId } from '../domain/ids.js';
import type { Seals } from './seals.js';

/** What both tiers have: alert versions, decisions, zone geometry and addresses lie under the data key. */
export interface OrderKeyRing {
  /** Seals under the order's data key; null: none was made, or it is destroyed. */
  sealsOf(orderId: OrderId): Seals | null;
  /** The same by the order's pseudonym, as rows name it. */
  sealsNamed(name: string): Seals | null;
  /** The order's pseudonym, the same for both tiers and for ever. */
  nameOf(orderId: OrderId): string;
  /** P-256, for sealing archive segments; null as above. */
  archivePublicKey(orderId: OrderId): KeyObject | null;
  /** Loads what was made since, or forgets what was destroyed; the tier that did not do it itself calls this. */
  refresh(orderId: OrderId): Promise<void>;
}

/** The ring of the tier that takes in and judges. */
export interface IngestKeyRing extends OrderKeyRing {
  /** Destroys this tier's own copy of an order's keys, on disk and in memory; done twice it changes nothing. */
  forget(orderId: OrderId): Promise<void>;
}

/** What the review service has besides; the ingest tier never. */
export interface ReviewKeys extends OrderKeyRing {
  /** Makes an order's keys and offers the ingest tier its part. Durable when it resolves; a second time changes nothing. */
  make(orderId: OrderId): Promise<void>;
  /** P-256, opens archive segments. */
  archivePrivateKey(orderId: OrderId): KeyObject | null;
  /** Seals the person fields of audit entries. */
  auditSealsOf(orderId: OrderId): Seals | null;
  auditSealsNamed(name: string): Seals | null;
  /** Destroys every copy, the ingest tier's too. Resolves when they are gone from disk. */
  destroy(orderId: OrderId): Promise<void>;
  /** The same by the order's pseudonym: of one that is destroyed nothing else is known. Resolves with whether there was any. */
  destroyNamed(name: string): Promise<boolean>;
  /** What concerns nobody's order: register documents, audit entries. */
  readonly office: Seals;
}

/** The register of lawful business: grants, holds, incidents, disclosures, … Each document has versions; none is edited. */
import type { AgencyId, OrderId, SubjectId } from '../domain/ids.js';

export const DOCUMENT_KINDS = [
  'grant',
  'hold',
  'incident',
  'disclosure',
  'warning',
  'rectification',
  'erasure',
  'certificate',
  'export',
  'escalation',
  /** Who may not look at a restricted order; its id is the order's. */
  'restriction',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export interface RegisterDocument<Body = unknown> {
  readonly kind: DocumentKind;
  /** Unique within its kind. */
  readonly id: string;
  /** 1, 2, 3…, each a whole picture. */
  readonly version: number;
  /** Whose it is: sealed under that order's data key, and gone with it. Null: sealed under the review service's own. */
  readonly orderId: OrderId | null;
  readonly subjectId: SubjectId | null;
  /** The agency whose officers may see it; null: the monitoring centre's own. */
  readonly agency: AgencyId | null;
  readonly atMs: number;
  /** Who made this version; `gateway` for what it did itself. */
  readonly by: string;
  /** JSON. */
  readonly body: Body;
}

export interface DocumentFilter {
  readonly orderId?: OrderId;
}

/** Somebody else has put that version meanwhile: read again and decide anew. */
export class VersionTaken extends Error {
  override readonly name = 'VersionTaken';
}

/** The document is of an order whose keys were never made or are destroyed: it can be kept no more. */
export class OrderKeysGone extends Error {
  override readonly name = 'OrderKeysGone';
}

export interface Register {
  /**
   * Durable when it resolves. Throws `VersionTaken` unless the version is the newest plus one (1 for a new id),
   * `OrderKeysGone` where its order has no keys. All versions of a document are of one order.
   */
  put(document: RegisterDocument): Promise<void>;
  /** The newest version; null: none, or its order's keys are destroyed. */
  get(kind: DocumentKind, id: string): RegisterDocument | null;
  /** Every version, oldest first. */
  history(kind: DocumentKind, id: string): RegisterDocument[];
  /** The newest version of each document that matches, in the order in which they were first put. */
  list(kind: DocumentKind, filter?: DocumentFilter): Iterable<RegisterDocument>;
  /** Removes the rows of everything under an order's key; returns how many. Certificates lie under no order's key. */
  removeOrder(orderId: OrderId): Promise<number>;
  /** Keeps the newest version alone: for the notes of a work that is done, which said more than its outcome may. */
  forgetOlder(kind: DocumentKind, id: string): Promise<void>;
  close(): Promise<void>;
}

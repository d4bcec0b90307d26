/** Erasure on request (¶44–45), retention (¶49–50), and the certificate that proves either. */
import type { Person } from '../../domain/grant.js';
import type { OrderId } from '../../domain/ids.js';
import type { Order } from '../../domain/order.js';
import type { RegisterDocument } from '../register.js';
import type { Duty } from './duty.js';

export const ERASURE_GROUNDS = ['subject_request', 'unlawful_processing', 'no_longer_needed'] as const;
export type ErasureGround = (typeof ERASURE_GROUNDS)[number];

export interface ErasureRequest {
  readonly ground: ErasureGround;
  readonly reason: string;
}

/** How much of each there was, before the keys went. */
export type DestroyedCounts = Readonly<Record<string, number>>;

/** A refusal lies under the order's key and goes with it; a destruction under the office's, for it outlives the order. */
export type ErasureBody =
  | {
      readonly state: 'refused';
      readonly ground: ErasureGround;
      readonly reason: string;
      readonly refusal: string;
      readonly toThePerson: string;
    }
  | {
      readonly state: 'under_way';
      readonly cause: 'erasure' | 'retention';
      readonly ground: string;
      readonly reason: string;
      /** Needed to finish; forgotten when all is done. */
      readonly orderId: string;
      readonly orderName: string;
      readonly counts: DestroyedCounts;
      readonly begunMs: number;
      readonly keysDestroyedMs: number | null;
      readonly rowsRemovedMs: number | null;
    }
  | {
      readonly state: 'done';
      readonly cause: 'erasure' | 'retention';
      readonly ground: string;
      readonly orderName: string;
      readonly certificateId: string;
      readonly doneMs: number;
      readonly completeMs: number;
    };
export type ErasureDocument = RegisterDocument<ErasureBody>;

/** What was destroyed. It names the order by its pseudonym alone. */
export interface DestructionCertificate {
  readonly certificateId: string;
  readonly orderName: string;
  readonly cause: 'erasure' | 'retention';
  /** The paragraphs of the Code of Practice it was done under. */
  readonly basis: string;
  readonly ground: string;
  readonly by: string;
  readonly destroyed: DestroyedCounts;
  /** Every copy, in both vaults. */
  readonly keys: readonly string[];
  readonly begunMs: number;
  readonly keysDestroyedMs: number;
  readonly rowsRemovedMs: number;
  /** The last sealed hour that could hold anything, and the last backup of the vault, are gone then. */
  readonly completeMs: number;
}

export interface CertificateBody {
  readonly certificate: DestructionCertificate;
  /** JWS (RFC 7515), compact, ES256, typ `fairwatch-destruction+jws`; its payload is the certificate as JSON. */
  readonly jws: string;
  /** The public key that checks it, so that the certificate can be tried offline. */
  readonly jwk: Readonly<Record<string, unknown>>;
}
export type CertificateDocument = RegisterDocument<CertificateBody>;

export interface Erasures {
  /** Refused while a hold stands or the order runs. Otherwise the keys are gone when it resolves; the rows soon are. */
  erase(by: Person, order: Order, request: ErasureRequest): Duty<ErasureDocument>;
  /**
   * Runs `work` on an order while no destruction of it can begin; null: it is destroyed, or being destroyed. An id that
   * was destroyed is never used again: what is still sealed under its old keys would be taken for the new order's.
   */
  unlessDestroyed<T>(orderId: OrderId, work: () => Promise<T>): Promise<{ readonly value: T } | null>;
  get(id: string): ErasureDocument | null;
  list(): ErasureDocument[];
  certificate(id: string): CertificateDocument | null;
  certificates(): CertificateDocument[];
  /** Finishes what a crash, or an engine that did not answer, has left half done; returns how many are still open. */
  finish(): Promise<number>;
}

export interface RetentionRow {
  readonly orderId: OrderId;
  readonly endMs: number;
  readonly dueMs: number;
  readonly state: 'running' | 'due' | 'held';
}

export interface Retention {
  /** Every order by due time. */
  rows(): Promise<RetentionRow[]>;
  /** Destroys what is due and not held; returns the erasures it made. */
  sweep(): Promise<readonly ErasureDocument[]>;
}

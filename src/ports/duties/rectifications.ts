/** Corrections (¶43, ¶45): asked for, decided by a named person, told to the person concerned. */
import type { Person } from '../../domain/grant.js';
import type { Order } from '../../domain/order.js';
import type { DocumentKind, RegisterDocument } from '../register.js';
import type { Duty } from './duty.js';

/** What is said to be wrong. */
export type RectificationTarget =
  /** The order's own data: the correction is a new revision of it. */
  | { readonly kind: 'order' }
  /** A document of the register: the correction is a new version of it. */
  | { readonly kind: 'document'; readonly documentKind: DocumentKind; readonly documentId: string }
  /** An alert is what the engine saw: it is not changed, and the dispute stands beside it. */
  | { readonly kind: 'alert'; readonly alertId: string };

export interface RectificationRequest {
  readonly target: RectificationTarget;
  /** ¶45 or ¶43. */
  readonly requestedBy: 'subject' | 'stakeholder';
  readonly inaccuracy: string;
}

export type RectificationDecision =
  | { readonly outcome: 'accepted'; readonly reason: string; readonly revision?: number; readonly set?: Texts }
  | { readonly outcome: 'refused'; readonly reason: string };

/** Fields of a document's body and their right text. */
export type Texts = Readonly<Record<string, string>>;

export interface RectificationBody extends RectificationRequest {
  readonly state: 'requested' | 'accepted' | 'refused';
  readonly requestedMs: number;
  readonly decidedMs: number | null;
  readonly decidedBy: string | null;
  readonly reason: string | null;
  /** Where the right data stands: a revision of the order, a version of the document; null: a note beside the alert. */
  readonly correctedIn: number | null;
  /** What the person is to be told, with their rights where it is refused (¶45). */
  readonly toThePerson: string | null;
  readonly toldMs: number | null;
}
export type RectificationDocument = RegisterDocument<RectificationBody>;

export interface Rectifications {
  request(by: Person, order: Order, request: RectificationRequest): Duty<RectificationDocument>;
  decide(by: Person, id: string, decision: RectificationDecision): Duty<RectificationDocument>;
  /** The person was told the outcome. */
  told(by: Person, id: string): Duty<RectificationDocument>;
  get(id: string): RectificationDocument | null;
  list(order: Order): RectificationDocument[];
}

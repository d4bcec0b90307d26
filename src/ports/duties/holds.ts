/** Legal holds: while one stands, nothing of the order is destroyed (¶44, ¶50). */
import type { Person } from '../../domain/grant.js';
import type { OrderId } from '../../domain/ids.js';
import type { Order } from '../../domain/order.js';
import type { RegisterDocument } from '../register.js';
import type { Duty } from './duty.js';

/** Why what is held may be needed, in the words in which a person may be told. */
export const HOLD_REASONS = {
  investigation: 'it may be needed in an investigation',
  prosecution_evidence: 'it may be needed as evidence in a prosecution',
  appeal: 'it may be needed in an appeal',
  court_order: 'a court has ordered that it be kept',
  legal_claim: 'it may be needed to establish, exercise or defend a legal claim',
  complaint: 'a complaint or request about it is being looked into',
  inquiry: 'it may be needed in an inquiry or inquest',
} as const;
export type HoldReason = keyof typeof HOLD_REASONS;

export interface HoldRequest {
  readonly reasonClass: HoldReason;
  /** The law that permits keeping it longer, in the controller's words. */
  readonly legalBasis: string;
  readonly reason: string;
  readonly caseReference: string | null;
  /** DPA 2018 s.45(4): telling the person would prejudice the investigation. The hold is then left out of their export. */
  readonly withhold: boolean;
}

export interface HoldBody extends HoldRequest {
  readonly state: 'standing' | 'lifted';
  readonly placedMs: number;
  readonly placedBy: string;
  readonly liftedMs: number | null;
  readonly liftedBy: string | null;
  readonly liftReason: string | null;
}
export type HoldDocument = RegisterDocument<HoldBody>;

export interface Holds {
  place(by: Person, order: Order, request: HoldRequest): Duty<HoldDocument>;
  lift(by: Person, id: string, reason: string): Duty<HoldDocument>;
  get(id: string): HoldDocument | null;
  list(orderId?: OrderId): HoldDocument[];
  /** Those that stand now: none may be there when anything of the order is destroyed. */
  standing(orderId: OrderId): HoldDocument[];
}

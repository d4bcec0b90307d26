/** Sharing with others (¶22–30): what leaves, to whom, by which law; recorded before it leaves. */
import type { AlertVersion } from '../../domain/alert.js';
import type { Person } from '../../domain/grant.js';
import type { Order } from '../../domain/order.js';
import type { Reviewed } from '../evidence.js';
import type { RegisterDocument } from '../register.js';
import type { Duty } from './duty.js';

/** The law that permits it (¶23–29). */
export const DISCLOSURE_BASES = [
  /** ¶23: Offender Management Act 2007 s.14(4). */
  'offender_management_act_2007_s14',
  /** ¶24: DPA 2018 s.36(3), another law enforcement purpose. */
  'data_protection_act_2018_s36',
  /** ¶25: common law powers of a Minister's department. */
  'common_law',
  /** ¶29: a court has directed it. */
  'court_direction',
  /** ¶28: the person agrees (their solicitor, say). */
  'consent',
  /** ¶26, ¶30: to save life or property, to safeguard. */
  'safeguarding',
] as const;
export type DisclosureBasis = (typeof DISCLOSURE_BASES)[number];

export interface DisclosureRequest {
  readonly recipient: string;
  /** ¶54: who is the controller of what they then hold. */
  readonly onwardController: string;
  readonly legalBasis: DisclosureBasis;
  /** ¶22, ¶29: why it is necessary and proportionate; what they may use it for. */
  readonly necessity: string;
  readonly caseReference: string | null;
  /** ¶26, ¶33: portal, secure e-mail, telephone. */
  readonly means: 'portal' | 'secure_email' | 'telephone';
  readonly what: 'alerts' | 'fixes';
  readonly fromMs: number;
  readonly toMs: number;
  /** Fixes leave under a grant alone. */
  readonly grantId: string | null;
  /** DPA 2018 s.45(4): the person is not told of it for the time being. */
  readonly withhold: boolean;
}

export interface DisclosureBody extends DisclosureRequest {
  readonly purpose: string;
  readonly byRole: string;
  readonly byAgency: string;
  /** ¶53, ¶56: on whose behalf it was held until then. */
  readonly controller: string;
  readonly processor: string;
}
export type DisclosureDocument = RegisterDocument<DisclosureBody>;

export type Disclosed =
  | { readonly what: 'alerts'; readonly alerts: readonly AlertVersion[] }
  | { readonly what: 'fixes'; readonly fixes: AsyncIterable<Reviewed> };

export interface Disclosures {
  /** The record is durable when it resolves; only then is there anything to give away. */
  make(
    by: Person,
    purpose: string,
    order: Order,
    request: DisclosureRequest,
  ): Duty<{ readonly record: DisclosureDocument; readonly data: Disclosed }>;
  get(id: string): DisclosureDocument | null;
  list(order?: Order): DisclosureDocument[];
}

/** Disclosures (¶22–30): the record is durable before anything is handed out. */
import type { AlertVersion } from '../domain/alert.js';
import type { Person } from '../domain/grant.js';
import type { Order } from '../domain/order.js';
import type { Purpose } from '../domain/purpose.js';
import { ok, type Result } from '../domain/result.js';
import type { Clock } from '../ports/clock.js';
import type {
  Disclosed,
  DisclosureBody,
  DisclosureDocument,
  DisclosureRequest,
  Disclosures,
} from '../ports/duties/disclosures.js';
import type { Duty, DutyRefusal } from '../ports/duties/duty.js';
import type { Evidence } from '../ports/evidence.js';
import type { Grants } from '../ports/grants.js';
import type { LedgerReader } from '../ports/ledger.js';
import type { Register } from '../ports/register.js';
import { alertsOf } from './alerts-of.js';
import { documentOf, newId, refusal } from './documents.js';

export interface DisclosureParts {
  readonly clock: Clock;
  readonly register: Register;
  readonly ledger: Pick<LedgerReader, 'alerts'>;
  readonly grants: Pick<Grants, 'get' | 'sightOf'>;
  readonly evidence: Pick<Evidence, 'fixes'>;
  /** ¶53 and ¶56. */
  readonly roles: { readonly controller: string; readonly processor: string };
}

export class RegisterDisclosures implements Disclosures {
  constructor(private readonly p: DisclosureParts) {}

  async make(
    by: Person,
    purpose: string,
    order: Order,
    request: DisclosureRequest,
  ): Duty<{ readonly record: DisclosureDocument; readonly data: Disclosed }> {
    if (request.fromMs >= request.toMs) return refusal('invalid', 'The window ends before it begins.');
    const prepared = this.#prepare(by, purpose as Purpose, order, request);
    if (!prepared.ok) return prepared;
    const { orderId, subjectId, supervisor: agency } = order;
    const head = { kind: 'disclosure', id: newId('D'), version: 1, orderId, subjectId, agency } as const;
    const body = { ...request, purpose, byRole: by.role, byAgency: by.agency, ...this.p.roles };
    const record = { ...head, atMs: this.p.clock.nowMs(), by: by.user, body };
    await this.p.register.put(record);
    return ok({ record, data: prepared.value() });
  }

  get(id: string): DisclosureDocument | null {
    return documentOf<DisclosureBody>(this.p.register, 'disclosure', id);
  }

  list(order?: Order): DisclosureDocument[] {
    const filter = order === undefined ? {} : { orderId: order.orderId };
    return [...this.p.register.list('disclosure', filter)] as DisclosureDocument[];
  }

  /** Whether it may leave, and how it is read once the record stands: nothing is opened before. */
  #prepare(
    by: Person,
    purpose: Purpose,
    { orderId }: Order,
    { what, fromMs, toMs, grantId }: DisclosureRequest,
  ): Result<() => Disclosed, DutyRefusal> {
    const { ledger, grants, evidence, clock } = this.p;
    if (what === 'alerts') {
      return ok(() => ({ what, alerts: alertsOf(ledger, orderId).filter(touching(fromMs, toMs)) }));
    }
    const grant = grantId === null ? null : grants.get(grantId);
    if (grant === null || grant.orderId !== orderId) {
      return refusal('grant_needed', 'Positions leave under a grant alone: name an open one of this order.');
    }
    const sight = grants.sightOf(grant, by, purpose, { fromMs, toMs }, clock.nowMs());
    if (!sight.ok) return refusal('grant_needed', sight.fault.detail);
    if (!sight.value.fixes) return refusal('grant_needed', 'The grant does not open positions.');
    return ok(() => ({ what, fixes: evidence.fixes(orderId, sight.value) }));
  }
}

/** Did the episode lie, with any part of it, in [fromMs, toMs)? One that still runs has no end yet. */
const touching =
  (fromMs: number, toMs: number) =>
  ({ startMs, endMs }: AlertVersion): boolean =>
    startMs < toMs && (endMs ?? Number.POSITIVE_INFINITY) >= fromMs;

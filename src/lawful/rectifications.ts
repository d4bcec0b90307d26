/** Rectification (¶43, ¶45): a correction is a new version with its reason; what was written before still stands. */
import type { Person } from '../domain/grant.js';
import { parseAlertId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { ok, type Result } from '../domain/result.js';
import type { Clock } from '../ports/clock.js';
import { type Duty, type DutyRefusal, RIGHTS } from '../ports/duties/duty.js';
import type {
  RectificationBody,
  RectificationDecision,
  RectificationDocument,
  RectificationRequest,
  Rectifications,
} from '../ports/duties/rectifications.js';
import type { LedgerReader } from '../ports/ledger.js';
import type { Register, RegisterDocument } from '../ports/register.js';
import { documentOf, newId, notFound, putNext, refusal } from './documents.js';

export interface RectificationParts {
  readonly clock: Clock;
  readonly register: Register;
  readonly ledger: Pick<LedgerReader, 'orderRevisions' | 'alert'>;
}

/** Written by people in their own words; what is counted, timed or decided follows from acts, not from a correction. */
const CORRECTABLE = new Set([
  'reason',
  'text',
  'necessity',
  'recipient',
  'onwardController',
  'caseReference',
  'legalBasis',
  'basis',
]);

export class RegisterRectifications implements Rectifications {
  constructor(private readonly p: RectificationParts) {}

  async request(by: Person, order: Order, request: RectificationRequest): Duty<RectificationDocument> {
    const { orderId, subjectId, supervisor: agency } = order;
    if (!this.#isOf(order, request)) return notFound(`${request.target.kind} of this order`);
    const atMs = this.p.clock.nowMs();
    const undecided = { decidedMs: null, decidedBy: null, reason: null, correctedIn: null };
    const body: RectificationBody = {
      state: 'requested',
      ...request,
      requestedMs: atMs,
      ...undecided,
      toThePerson: null,
      toldMs: null,
    };
    const whose = { orderId, subjectId, agency, atMs, by: by.user };
    const document = { kind: 'rectification', id: newId('R'), version: 1, ...whose, body } as const;
    await this.p.register.put(document);
    return ok(document);
  }

  async decide(by: Person, id: string, decision: RectificationDecision): Duty<RectificationDocument> {
    const standing = this.get(id);
    if (standing === null) return notFound('request for rectification');
    if (standing.body.state !== 'requested')
      return refusal('conflict', `The request is ${standing.body.state} already.`);
    const corrected = decision.outcome === 'accepted' ? await this.#correct(by, standing, decision) : ok(null);
    if (!corrected.ok) return corrected;
    const atMs = this.p.clock.nowMs();
    const body: RectificationBody = {
      ...standing.body,
      state: decision.outcome,
      decidedMs: atMs,
      decidedBy: by.user,
      reason: decision.reason,
      correctedIn: corrected.value,
      toThePerson: outcomeText(standing.body, decision),
    };
    return putNext(this.p.register, standing, { atMs, by: by.user, body });
  }

  async told(by: Person, id: string): Duty<RectificationDocument> {
    const standing = this.get(id);
    if (standing === null) return notFound('request for rectification');
    if (standing.body.state === 'requested') return refusal('conflict', 'There is no outcome to tell yet.');
    const atMs = this.p.clock.nowMs();
    return putNext(this.p.register, standing, { atMs, by: by.user, body: { ...standing.body, toldMs: atMs } });
  }

  get(id: string): RectificationDocument | null {
    return documentOf<RectificationBody>(this.p.register, 'rectification', id);
  }

  list({ orderId }: Order): RectificationDocument[] {
    return [...this.p.register.list('rectification', { orderId })] as RectificationDocument[];
  }

  #isOf({ orderId }: Order, { target }: RectificationRequest): boolean {
    switch (target.kind) {
      case 'order':
        return true;
      case 'document':
        return this.p.register.get(target.documentKind, target.documentId)?.orderId === orderId;
      case 'alert': {
        const alertId = parseAlertId(target.alertId);
        return alertId.ok && this.p.ledger.alert(alertId.value).at(-1)?.version.orderId === orderId;
      }
    }
  }

  /** Writes the correction, or makes sure that it is written: answers the number under which it stands. */
  async #correct(
    by: Person,
    request: RectificationDocument,
    decision: Extract<RectificationDecision, { outcome: 'accepted' }>,
  ): Promise<Result<number | null, DutyRefusal>> {
    const { target } = request.body;
    switch (target.kind) {
      case 'alert':
        return ok(null);
      case 'order':
        return this.#revisionOf(request, decision.revision);
      case 'document': {
        const wrong = this.p.register.get(target.documentKind, target.documentId) as RegisterDocument<Fields> | null;
        return wrong === null ? notFound('document') : this.#correctDocument(by, request, wrong, decision);
      }
    }
  }

  #revisionOf({ orderId }: RectificationDocument, revision: number | undefined): Result<number, DutyRefusal> {
    const known = orderId === null ? [] : this.p.ledger.orderRevisions(orderId);
    if (revision !== undefined && known.some(({ order }) => order.revision === revision)) return ok(revision);
    return refusal('invalid', 'Store the corrected order as a new revision first (PUT /v1/orders), then name it.');
  }

  async #correctDocument(
    by: Person,
    { id }: RectificationDocument,
    wrong: RegisterDocument<Fields>,
    { set = {}, reason }: Extract<RectificationDecision, { outcome: 'accepted' }>,
  ): Promise<Result<number, DutyRefusal>> {
    const names = Object.keys(set);
    const unknown = names.find((name) => !CORRECTABLE.has(name) || typeof wrong.body[name] !== 'string');
    if (names.length === 0 || unknown !== undefined) {
      const words = Object.keys(wrong.body).filter((n) => CORRECTABLE.has(n) && typeof wrong.body[n] === 'string');
      return refusal('invalid', `Say in "set" which of these is to read how: ${words.join(', ')}.`);
    }
    const atMs = this.p.clock.nowMs();
    const corrections = [...(Array.isArray(wrong.body.corrections) ? wrong.body.corrections : [])];
    corrections.push({ rectificationId: id, reason, fields: names, atMs });
    const next = await putNext(this.p.register, wrong, {
      atMs,
      by: by.user,
      body: { ...wrong.body, ...set, corrections },
    });
    return next.ok ? ok(next.value.version) : next;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function outcomeText({ target }: RectificationBody, { outcome, reason }: RectificationDecision): string {
  if (outcome === 'refused') return `We have not changed what is recorded about you. The reason: ${reason} ${RIGHTS}`;
  return target.kind === 'alert'
    ? `What you say about this alert is recorded beside it and stays with it. ${reason}`
    : `We have corrected what was recorded about you. What was written before is kept with it, marked as corrected. ${reason}`;
}

/** Grants in the register: each act reads the newest version, decides, and puts the next one durably. */
import { randomBytes } from 'node:crypto';
import type { Grant, GrantRequest, GrantState, Person, Sight, Trigger } from '../domain/grant.js';
import { type OrderId, parseOrderId } from '../domain/ids.js';
import type { Purpose } from '../domain/purpose.js';
import type { Result } from '../domain/result.js';
import type { Role, Scope } from '../domain/role.js';
import type { GrantRefusal, Grants } from '../ports/grants.js';
import type { LedgerReader } from '../ports/ledger.js';
import { type Register, type RegisterDocument, VersionTaken } from '../ports/register.js';
import {
  decideApproval,
  decideRequest,
  decideReview,
  decideRevocation,
  type Grounds,
  grantState,
  refusal,
} from './grant-decisions.js';
import { GRANT_POLICY } from './grant-policy.js';
import { type AskedWindow, decideSight, decideTrailSight, trailIntervals } from './grant-sight.js';

export interface GrantsParts {
  readonly ledger: Pick<LedgerReader, 'orderRevisions' | 'alert'>;
  readonly register: Pick<Register, 'put' | 'get' | 'history' | 'list'>;
  /** Does this hold stand for this order? */
  readonly holdStands: (orderId: OrderId, holdId: string) => boolean;
}

type Answer<T> = Result<T, GrantRefusal>;

const TRAIL = 'trail.';

export class RegisterGrants implements Grants {
  readonly #o: GrantsParts;

  constructor(parts: GrantsParts) {
    this.#o = parts;
  }

  reachOf(trigger: Trigger, role: Role): Scope | null {
    return GRANT_POLICY[trigger].request[role] ?? null;
  }

  async request(asked: GrantRequest, purpose: Purpose, by: Person, nowMs: number): Promise<Answer<Grant>> {
    const grounds = this.#grounds(asked, nowMs);
    if (grounds === null) return refusal('invalid', 'There is no such order.');
    const decided = decideRequest(`G-${randomBytes(10).toString('hex')}`, asked, purpose, by, grounds);
    return decided.ok ? this.#put(decided.value, 1, by, nowMs) : decided;
  }

  approve(grantId: string, by: Person, nowMs: number): Promise<Answer<Grant>> {
    return this.#change(grantId, by, nowMs, (grant, grounds) => decideApproval(grant, by, grounds));
  }

  review(
    grantId: string,
    finding: { readonly justified: boolean; readonly note: string },
    by: Person,
    nowMs: number,
  ): Promise<Answer<Grant>> {
    return this.#change(grantId, by, nowMs, (grant, grounds) => decideReview(grant, finding, by, grounds));
  }

  revoke(grantId: string, reason: string, by: Person, nowMs: number): Promise<Answer<Grant>> {
    return this.#change(grantId, by, nowMs, (grant, grounds) => decideRevocation(grant, reason, by, grounds));
  }

  get(grantId: string): Grant | null {
    if (grantId.startsWith(TRAIL)) return this.#trail(grantId);
    const document = this.#o.register.get('grant', grantId);
    return document === null ? null : grantOf(document);
  }

  history(grantId: string): readonly Grant[] {
    const trail = this.#trail(grantId);
    return trail === null ? this.#o.register.history('grant', grantId).map(grantOf) : [trail];
  }

  *list(orderId?: OrderId): Iterable<Grant> {
    for (const document of this.#o.register.list('grant', orderId === undefined ? {} : { orderId })) {
      yield grantOf(document);
    }
  }

  stateOf(grant: Grant, nowMs: number): GrantState {
    const grounds = this.#grounds(grant, nowMs);
    if (grounds === null) return 'closed';
    if (grant.trigger === 'trail') return nowMs >= grounds.order.endMs ? 'expired' : 'open';
    return grantState(grant, grounds);
  }

  sightOf(grant: Grant, reader: Person, purpose: Purpose, asked: AskedWindow, nowMs: number): Answer<Sight> {
    const grounds = this.#grounds(grant, nowMs);
    if (grounds === null) return refusal('grant_not_open', 'There is no such order any more.');
    if (grant.trigger !== 'trail') return decideSight(grant, reader, purpose, asked, grounds);
    const revisions = this.#o.ledger.orderRevisions(grant.orderId);
    return decideTrailSight(grant, reader, purpose, asked, grounds, revisions);
  }

  overdueReviews(nowMs: number): readonly Grant[] {
    return [...this.list()].filter(
      ({ reviewDueMs, reviewed }) => reviewDueMs !== null && reviewed === null && nowMs >= reviewDueMs,
    );
  }

  /** The standing grant of a trail condition: nobody asked for it, and no document is kept of it. */
  #trail(grantId: string): Grant | null {
    if (!grantId.startsWith(TRAIL)) return null;
    const orderId = parseOrderId(grantId.slice(TRAIL.length));
    const revisions = orderId.ok ? this.#o.ledger.orderRevisions(orderId.value) : [];
    const newest = revisions.at(-1);
    const intervals = trailIntervals(revisions);
    const [first, last] = [intervals[0], intervals.at(-1)];
    if (newest === undefined || first === undefined || last === undefined) return null;
    const { order } = newest;
    const byOrder: Person = { user: 'order', role: 'supervising_officer', agency: order.supervisor };
    const act = { by: byOrder, atMs: revisions[0]?.receivedMs ?? first.startMs };
    return {
      grantId,
      orderId: order.orderId,
      subjectId: order.subjectId,
      fromMs: first.startMs,
      toMs: last.endMs,
      purpose: 'location_monitoring',
      legalBasis: 'the trail condition of the order (Code of Practice, paragraph 18)',
      trigger: 'trail',
      alertId: null,
      caseReference: null,
      beyondCurfew: false,
      requested: act,
      readers: [],
      approved: act,
      expiresMs: order.endMs,
      reviewDueMs: null,
      reviewed: null,
      revoked: null,
    };
  }

  async #change(
    grantId: string,
    by: Person,
    nowMs: number,
    decide: (grant: Grant, grounds: Grounds) => Answer<Grant>,
  ): Promise<Answer<Grant>> {
    const document = grantId.startsWith(TRAIL) ? null : this.#o.register.get('grant', grantId);
    const grant = document === null ? this.get(grantId) : grantOf(document);
    const grounds = grant === null ? null : this.#grounds(grant, nowMs);
    if (grant === null || grounds === null) return refusal('grant_not_open', 'There is no such grant any more.');
    const decided = decide(grant, grounds);
    if (!decided.ok) return decided;
    return this.#put(decided.value, (document?.version ?? 0) + 1, by, nowMs);
  }

  async #put(grant: Grant, version: number, by: Person, atMs: number): Promise<Answer<Grant>> {
    const { grantId: id, orderId, subjectId } = grant;
    try {
      await this.#o.register.put({
        kind: 'grant',
        id,
        version,
        orderId,
        subjectId,
        agency: grant.requested.by.agency,
        atMs,
        by: by.user,
        body: grant,
      });
    } catch (error) {
      if (!(error instanceof VersionTaken)) throw error;
      return refusal('conflict', 'Somebody else has just changed this grant: look at it again.');
    }
    return { ok: true, value: grant };
  }

  #grounds(of: Pick<Grant, 'orderId' | 'alertId' | 'caseReference'>, nowMs: number): Grounds | null {
    const order = this.#o.ledger.orderRevisions(of.orderId).at(-1)?.order;
    if (order === undefined) return null;
    const alert = of.alertId === null ? null : (this.#o.ledger.alert(of.alertId).at(-1)?.version ?? null);
    const held = of.caseReference !== null && this.#o.holdStands(of.orderId, of.caseReference);
    return { order, alert, held, nowMs };
  }
}

/** The body is what this file put: JSON of a `Grant`, whole in each version. */
const grantOf = ({ body }: RegisterDocument): Grant => body as Grant;

/** Subject access (¶31): everything that is held on one person, with the log of who read it. */
import { dutyJson } from '../codec/duty-json.js';
import { membersOf } from '../codec/record-json.js';
import type { AuditEvent } from '../domain/audit.js';
import type { Person, Sight } from '../domain/grant.js';
import type { OrderId, SubjectId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { ok } from '../domain/result.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';
import type { Duty } from '../ports/duties/duty.js';
import type { ExportItem, ExportSection, Exports, SubjectExport } from '../ports/duties/exports.js';
import type { Evidence, Reviewed } from '../ports/evidence.js';
import type { LedgerReader } from '../ports/ledger.js';
import { DOCUMENT_KINDS, type Register, type RegisterDocument } from '../ports/register.js';
import { alertsOf } from './alerts-of.js';
import { newId, notFound } from './documents.js';
import { exportHtml } from './export-html.js';
import { alertForThePerson, orderForThePerson, withoutNames } from './third-parties.js';

export interface ExportParts {
  readonly clock: Clock;
  readonly register: Register;
  readonly audit: Pick<AuditLog, 'append' | 'ofOrder'>;
  readonly ledger: Pick<LedgerReader, 'alerts' | 'alert' | 'orderRevisions'>;
  readonly evidence: Evidence;
  /** Who answers for what is held (¶53), and who holds it (¶56). */
  readonly roles: { readonly controller: string; readonly processor: string };
}

const LOG_PAGE = 256;

const LEFT_OUT = [
  'Where exclusion zones lie, and how far within one you were: such a zone may be the home of somebody else.',
  'Names of members of staff: their role and agency are given.',
  'Whose home unit your tag passed, where it was not your own.',
  'Data whose disclosure would prejudice an investigation, a prosecution or the rights of others may be left out (Data Protection Act 2018, section 45(4)). You may ask the Information Commissioner to check (section 51).',
] as const;

export class PersonExports implements Exports {
  constructor(private readonly p: ExportParts) {}

  async make(by: Person, purpose: string, subjectId: SubjectId, orders: readonly Order[]): Duty<SubjectExport> {
    if (orders.length === 0) return notFound('person with an order');
    const { clock, register, audit } = this.p;
    const exportId = newId('X');
    const atMs = clock.nowMs();
    for (const order of orders) {
      const event = exported(by, purpose, order, exportId, atMs);
      const attempt = await audit.append({ ...event, phase: 'attempt', attempt: null });
      const { orderId, supervisor: agency } = order;
      const head = { kind: 'export', id: `${exportId}.${orderId}`, version: 1, orderId, subjectId, agency } as const;
      await register.put({ ...head, atMs, by: by.user, body: { exportId, purpose, toMs: atMs } });
      await audit.append({ ...event, phase: 'allowed', attempt });
    }
    return ok({ exportId, items: this.#items(exportId, subjectId, orders, atMs) });
  }

  html(items: AsyncIterable<ExportItem>): AsyncIterable<string> {
    return exportHtml(items);
  }

  async *#items(
    exportId: string,
    subjectId: SubjectId,
    orders: readonly Order[],
    atMs: number,
  ): AsyncGenerator<ExportItem> {
    const about = { export_id: exportId, subject_id: subjectId, made: rfc3339(atMs), ...this.p.roles };
    yield { section: 'about', order_id: null, item: about };
    for (const { orderId } of orders) yield* this.#revisions(orderId);
    for (const order of orders) yield* this.#alerts(order);
    for (const { orderId } of orders) yield* this.#reviewed('positions', orderId, 'fixes', atMs);
    for (const { orderId } of orders) yield* this.#reviewed('records', orderId, 'records', atMs);
    for (const { orderId } of orders) yield* this.#documents(orderId);
    for (const { orderId } of orders) yield* this.#readers(orderId);
    for (const reason of LEFT_OUT) yield { section: 'left_out', order_id: null, item: { reason } };
  }

  *#revisions(orderId: OrderId): Generator<ExportItem> {
    for (const { order, receivedMs } of this.p.ledger.orderRevisions(orderId)) {
      yield {
        section: 'orders',
        order_id: orderId,
        item: { received: rfc3339(receivedMs), ...orderForThePerson(order) },
      };
    }
  }

  *#alerts(newest: Order): Generator<ExportItem> {
    const { ledger } = this.p;
    const { orderId } = newest;
    // a condition that an older revision had is still what an old alert was about
    const conditions = ledger.orderRevisions(orderId).flatMap(({ order }) => order.conditions);
    const order = { ...newest, conditions: [...newest.conditions, ...conditions] };
    for (const { alertId } of alertsOf(ledger, orderId)) {
      for (const { version } of ledger.alert(alertId)) {
        yield { section: 'alerts', order_id: orderId, item: alertForThePerson(version, order) };
      }
    }
  }

  async *#reviewed(
    section: ExportSection,
    orderId: OrderId,
    what: 'fixes' | 'records',
    toMs: number,
  ): AsyncGenerator<ExportItem> {
    const sight: Sight = {
      intervals: [{ startMs: this.#beginOf(orderId), endMs: toMs }],
      fixes: true,
      records: 'all',
      beyondCurfew: true,
      namesOthers: false,
    };
    for await (const reviewed of this.p.evidence[what](orderId, sight)) {
      yield { section, order_id: orderId, item: reviewedJson(reviewed) };
    }
  }

  /** The earliest that any revision of the order began: what was said before has no basis in it (¶16). */
  #beginOf(orderId: OrderId): number {
    return Math.min(...this.p.ledger.orderRevisions(orderId).map(({ order }) => order.startMs));
  }

  *#documents(orderId: OrderId): Generator<ExportItem> {
    const { register } = this.p;
    for (const kind of DOCUMENT_KINDS) {
      // who may not look at a restricted order is about staff, and protects somebody
      if (kind === 'restriction') continue;
      for (const { id } of register.list(kind, { orderId })) {
        for (const document of register.history(kind, id)) {
          if (isWithheld(document)) break;
          const { version, atMs, body } = document;
          const item = dutyJson(withoutNames({ kind, id, version, atMs, ...(body as object) }));
          yield { section: 'documents', order_id: orderId, item: item as ExportItem['item'] };
        }
      }
    }
  }

  /** Outcomes alone: an attempt says nothing that its outcome does not. */
  *#readers(orderId: OrderId): Generator<ExportItem> {
    const secret = this.#isInvestigated(orderId);
    for (let from = 0; ; ) {
      const page = this.p.audit.ofOrder(orderId, from, LOG_PAGE);
      for (const { event } of page) {
        if (event.phase === 'attempt' || (secret && event.purpose === 'criminal_justice_enquiry')) continue;
        yield { section: 'readers', order_id: orderId, item: readerJson(event) };
      }
      const last = page.at(-1);
      if (last === undefined || page.length < LOG_PAGE) return;
      from = last.index + 1;
    }
  }

  /** Does something stand of which the person must not hear yet? */
  #isInvestigated(orderId: OrderId): boolean {
    const { register } = this.p;
    return (['hold', 'disclosure', 'grant'] as const).some((kind) =>
      [...register.list(kind, { orderId })].some(isWithheld),
    );
  }
}

function isWithheld({ body }: RegisterDocument): boolean {
  const { withhold, state } = body as { withhold?: unknown; state?: unknown };
  return withhold === true && state !== 'lifted';
}

function exported(
  { user, role, agency }: Person,
  purpose: string,
  { orderId, subjectId }: Order,
  exportId: string,
  atMs: number,
): Omit<AuditEvent, 'phase' | 'attempt'> {
  return {
    atMs,
    actor: { kind: 'person', user, role, agency },
    action: 'exports.make',
    category: 'disclosure',
    purpose,
    reason: null,
    orderId,
    subjectId,
    detail: { export_id: exportId },
  };
}

function readerJson({ atMs, actor, action, category, phase, purpose, reason }: AuditEvent): ExportItem['item'] {
  const who = actor.kind === 'person' ? { role: actor.role, agency: actor.agency } : { role: actor.kind, agency: null };
  return { time: rfc3339(atMs), ...who, action, category, outcome: phase, purpose, reason };
}

const reviewedJson = ({ deviceId, receivedS, record }: Reviewed): ExportItem['item'] => ({
  time: rfc3339(record.timeMs),
  received: rfc3339(receivedS * 1_000),
  device_id: deviceId,
  ...membersOf(record.body),
});

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

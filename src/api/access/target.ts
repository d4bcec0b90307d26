/** Whose data a request concerns, as far as its path, query and body say it: what the log keeps of an attempt. */
import type { FastifyRequest } from 'fastify';
import { type OrderId, parseAlertId, parseOrderId, parseSubjectId, type SubjectId } from '../../domain/ids.js';
import type { LedgerReader } from '../../ports/ledger.js';
import type { Office } from '../../ports/office.js';
import type { OrderIndex } from '../order-index.js';
import type { Target } from './audited.js';

const textMax = 128;
const membersMax = 16;
/** Members of a body that name what it is about; nothing else of a body is kept here. */
const bodyNames = [
  'order_id',
  'subject_id',
  'alert_id',
  'grant_id',
  'device_id',
  'trigger',
  'case_reference',
  'decision',
] as const;

export interface TargetParts {
  readonly ledger: LedgerReader;
  readonly orders: OrderIndex;
  readonly grants: Pick<Office['grants'], 'get'>;
}

type Named = { readonly orderId: OrderId; readonly subjectId: SubjectId } | null;

/** An alert, a grant or a person is logged under the order that it lies under, so that its person can be told who looked. */
export function targetOf(request: FastifyRequest, parts: TargetParts): Target {
  const detail: Record<string, string | number | boolean | null> = {};
  // the path first: a query that a route does not even read must not move its entry into somebody else's log
  const sources = [request.params, request.query, ofBody(request.body)].map(
    (source) => (source ?? {}) as Record<string, unknown>,
  );
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) {
      if (Object.keys(detail).length >= membersMax) break;
      if (Object.hasOwn(detail, name.slice(0, textMax))) continue;
      if (typeof value === 'string') detail[name.slice(0, textMax)] = value.slice(0, textMax);
      else if (typeof value === 'number' || typeof value === 'boolean') detail[name.slice(0, textMax)] = value;
    }
  }
  const order = parseOrderId(detail.order_id);
  const subject = parseSubjectId(detail.subject_id);
  const said = { orderId: order.ok ? order.value : null, subjectId: subject.ok ? subject.value : null, detail };
  try {
    for (const source of sources) {
      const named =
        ofOrder(source.order_id, parts) ??
        ofAlert(source.alert_id, parts) ??
        ofGrant(source.grant_id, parts) ??
        ofSubject(source.subject_id, parts);
      if (named !== null) return { ...named, detail };
    }
    return said;
  } catch {
    // a store that cannot be read is the handler's to say; the log has what the request says
    return said;
  }
}

function ofBody(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null) return {};
  const members = body as Record<string, unknown>;
  return Object.fromEntries(
    bodyNames.flatMap((name) => (Object.hasOwn(members, name) ? [[name, members[name]] as const] : [])),
  );
}

function ofOrder(raw: unknown, { ledger }: TargetParts): Named {
  const orderId = parseOrderId(raw);
  const order = orderId.ok ? ledger.orderRevisions(orderId.value).at(-1)?.order : undefined;
  return order === undefined ? null : { orderId: order.orderId, subjectId: order.subjectId };
}

function ofAlert(raw: unknown, { ledger }: TargetParts): Named {
  const alertId = parseAlertId(raw);
  const version = alertId.ok ? ledger.alert(alertId.value).at(-1)?.version : undefined;
  if (version === undefined || version.orderId === null || version.subjectId === null) return null;
  return { orderId: version.orderId, subjectId: version.subjectId };
}

function ofGrant(raw: unknown, { grants }: TargetParts): Named {
  const grant = typeof raw === 'string' ? grants.get(raw) : null;
  return grant === null ? null : { orderId: grant.orderId, subjectId: grant.subjectId };
}

function ofSubject(raw: unknown, { orders }: TargetParts): Named {
  const subjectId = parseSubjectId(raw);
  const order = subjectId.ok ? orders.ofSubject(subjectId.value).at(-1) : undefined;
  return order === undefined ? null : { orderId: order.orderId, subjectId: order.subjectId };
}

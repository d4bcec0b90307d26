/** `/v1/audit`: who looked at whose data, and the proofs that the log is what it was. Reading it is logged as well. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { auditProof, headJson } from '../crypto/audit-proof.js';
import { AUDIT_CATEGORIES, AUDIT_PHASES, type AuditEvent } from '../domain/audit.js';
import type { OrderId } from '../domain/ids.js';
import { parseOrderId } from '../domain/ids.js';
import type { AuditLog, PlacedEvent, SignedHead } from '../ports/audit-log.js';
import { type Access, accessOf } from './access/gate.js';
import { LOG_REFERENCES, LOG_SIGHT } from './access/log-sight.js';
import type { Restrictions } from './access/restricted.js';
import { describe } from './documentation.js';
import { orderIdField } from './duty.js';
import { parseId, parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented } from './schemas.js';

const index = z.coerce
  .number('an index, from 0')
  .int('an index, from 0')
  .min(0, 'an index, from 0')
  .max(2 ** 52);
const size = z.coerce
  .number('a size, from 1')
  .int('a size, from 1')
  .min(1, 'a size, from 1')
  .max(2 ** 52);
const limit = (max: number) =>
  z.coerce.number(`a number from 1 to ${max}`).int().min(1).max(max, `a number from 1 to ${max}`).default(100);
const listQuery = z.strictObject({ from: index.default(0), limit: limit(1_000), order_id: orderIdField.optional() });
const headsQuery = z.strictObject({ limit: limit(1_000) });
const proofQuery = z.strictObject({
  entry: index.optional().meta({ description: 'an inclusion proof: of this entry, in the tree of `size`' }),
  size: size.optional().meta({ description: 'of a signed head; absent: the newest' }),
  first: size
    .optional()
    .meta({ description: 'a consistency proof: the tree of `first` is a beginning of that of `second`' }),
  second: size.optional().meta({ description: 'of a signed head; absent: the newest' }),
});

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const count = { type: 'integer', minimum: 0 };
const object = (properties: Record<string, unknown>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const head = object({
  size: count,
  root: hash,
  at_ms: { type: 'integer' },
  jws: { ...text, description: 'ES256 over exactly size, root and at_ms' },
});
const key = { type: 'object', description: 'the public key (JWK, P-256) that checks the heads' };
const entry = object({
  index: count,
  at: { type: 'string', format: 'date-time' },
  actor: {
    type: 'object',
    properties: { kind: { enum: ['person', 'gateway', 'stranger'] }, user: text, role: text, agency: text },
    required: ['kind'],
  },
  action: { ...text, examples: ['grants.fixes'] },
  category: { enum: AUDIT_CATEGORIES },
  phase: { enum: AUDIT_PHASES },
  attempt: { type: ['integer', 'null'], description: 'index of the attempt that this is the outcome of' },
  purpose: textOrNull,
  reason: textOrNull,
  order_id: textOrNull,
  subject_id: textOrNull,
  detail: { type: 'object' },
  withheld: { type: 'array', items: text, description: 'what this role, or this person, is not shown' },
  erased: { type: 'boolean', description: 'the keys of its person fields are destroyed' },
});
const page = object({ entries: { type: 'array', items: entry }, next: { type: ['integer', 'null'] }, size: count });
const proof = {
  type: 'object',
  properties: {
    index: count,
    entry: text,
    leaf: hash,
    path: { type: 'array', items: hash },
    head,
    first: head,
    second: head,
    key,
  },
  required: ['path', 'key'],
};

export function auditRoutes(app: FastifyInstance, audit: AuditLog, restrictions: Restrictions): void {
  app.get(
    '/v1/audit',
    {
      config: { action: 'audit.read' },
      schema: describe({
        summary: 'Entries of the audit log from an index on, of everybody or of one order, oldest first',
        tag: 'audit',
        query: documented(listQuery),
        answers: { 200: page },
        refusals: [404, 422, 503],
      }),
    },
    async (request) => {
      const access = accessOf(request);
      const query = parseWith(listQuery, request.query, 'query');
      const orderId = query.order_id === undefined ? null : parseId(parseOrderId, query.order_id, 'order_id');
      if (orderId !== null && isExcluded(access, orderId, restrictions)) throw new Fault('not_found', 'No such order.');
      const max = query.limit + 1;
      const found = orderId === null ? audit.read(query.from, max) : audit.ofOrder(orderId, query.from, max);
      return {
        entries: found.slice(0, query.limit).map((placed) => entryJson(placed, access, restrictions)),
        next: found[query.limit]?.index ?? null,
        size: audit.size,
      };
    },
  );

  app.get(
    '/v1/audit/heads',
    {
      config: { action: 'audit.read' },
      schema: describe({
        summary: 'Signed heads of the log, newest first, and the key that checks them: for a witness to keep',
        tag: 'audit',
        query: documented(headsQuery),
        answers: { 200: object({ heads: { type: 'array', items: head }, key }) },
        refusals: [422, 503],
      }),
    },
    async (request) => {
      const query = parseWith(headsQuery, request.query, 'query');
      return { heads: audit.heads(query.limit).map(({ jws }) => headJson(jws)), key: audit.verificationKey };
    },
  );

  app.get(
    '/v1/audit/proof',
    {
      config: { action: 'audit.read' },
      schema: describe({
        summary:
          'That an entry stands in a signed tree (RFC 6962 §2.1.1), or that one signed tree continues another (§2.1.2)',
        tag: 'audit',
        query: documented(proofQuery),
        answers: { 200: proof },
        refusals: [404, 422, 503],
      }),
    },
    async (request) => {
      const query = parseWith(proofQuery, request.query, 'query');
      const inclusion = query.entry !== undefined && query.first === undefined && query.second === undefined;
      const consistency = query.first !== undefined && query.entry === undefined && query.size === undefined;
      if (inclusion) return inclusionJson(audit, query.entry as number, headOf(audit, query.size));
      if (consistency) return consistencyJson(audit, headOf(audit, query.first), headOf(audit, query.second));
      throw new Fault('invalid', 'Ask for entry (and size), or for first (and second).');
    },
  );
}

function inclusionJson(audit: AuditLog, entry: number, { size, jws }: SignedHead): unknown {
  const bytes = audit.stored(entry);
  const proved = audit.inclusion(entry, size);
  if (bytes === null || proved === null) throw new Fault('not_found', `There is no entry ${entry} among ${size}.`);
  return auditProof(entry, bytes, proved.path, jws, audit.verificationKey);
}

function consistencyJson(audit: AuditLog, first: SignedHead, second: SignedHead): unknown {
  const path = audit.consistency(first.size, second.size);
  if (path === null) throw new Fault('invalid', 'first is the smaller tree: it cannot continue one that is larger.');
  return { first: headJson(first.jws), second: headJson(second.jws), path, key: audit.verificationKey };
}

function headOf(audit: AuditLog, size: number | undefined): SignedHead {
  const head = audit.head(size);
  if (head !== null) return head;
  throw new Fault(
    'not_found',
    size === undefined ? 'Nothing was logged yet.' : `No head of ${size} entries was signed.`,
  );
}

function entryJson({ index, event, erased }: PlacedEvent, access: Access, restrictions: Restrictions): unknown {
  const { atMs, orderId, subjectId, detail, actor, action, category, phase, attempt, purpose, reason } = event;
  const person = seen(access, event, restrictions);
  const withheld = [
    ...(person.orderId === orderId ? [] : ['order_id']),
    ...(person.subjectId === subjectId ? [] : ['subject_id']),
    ...Object.keys(detail).flatMap((name) => (Object.hasOwn(person.detail, name) ? [] : [`detail.${name}`])),
  ];
  return {
    index,
    at: new Date(atMs).toISOString(),
    actor,
    action,
    category,
    phase,
    attempt,
    purpose,
    reason,
    order_id: person.orderId,
    subject_id: person.subjectId,
    detail: person.detail,
    withheld,
    erased,
  };
}

/** As far as the policy lets this role see (log-sight), and of an order that may not be looked at, nothing of its person. */
function seen(
  access: Access,
  { orderId, subjectId, detail }: AuditEvent,
  restrictions: Restrictions,
): Pick<AuditEvent, 'orderId' | 'subjectId' | 'detail'> {
  if (orderId !== null && isExcluded(access, orderId, restrictions))
    return { orderId: null, subjectId: null, detail: {} };
  if (LOG_SIGHT[access.role] === 'whole') return { orderId, subjectId, detail };
  const references = Object.entries(detail).filter(([name]) => LOG_REFERENCES.has(name));
  return { orderId, subjectId: null, detail: Object.fromEntries(references) };
}

/**
 * An auditor oversees restricted orders too, for there a look that was not due matters most; but nobody whom the order's
 * own list keeps away from it.
 */
const isExcluded = ({ user }: Access, orderId: OrderId, restrictions: Restrictions): boolean =>
  restrictions.excluded(orderId).users.includes(user);

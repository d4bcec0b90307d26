/** What the routes of the duties share: which order is meant, how a document reads, how a refusal is answered. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { dutyJson } from '../codec/duty-json.js';
import type { Person } from '../domain/grant.js';
import { ID_EXPECTED, type OrderId, parseOrderId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Result } from '../domain/result.js';
import type { Duties } from '../ports/duties/duties.js';
import type { DutyRefusal } from '../ports/duties/duty.js';
import type { RegisterDocument } from '../ports/register.js';
import { type Auditor, concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import type { Restrictions } from './access/restricted.js';
import type { ApiDeps } from './deps.js';
import { shown } from './parse.js';
import { Fault } from './problems.js';

export interface DutyRoutes {
  readonly deps: ApiDeps;
  readonly duties: Duties;
  readonly restrictions: Restrictions;
  readonly auditor: Auditor;
}

// Shapes that several bodies have.
export const orderIdField = z
  .string()
  .refine((id) => parseOrderId(id).ok, ID_EXPECTED)
  .meta({ pattern: '^[A-Za-z0-9._-]{1,64}$', examples: ['ORD-1'] });
export const prose = (max = 4_000) => z.string(`text of 1 to ${max} characters`).trim().min(1, 'text').max(max);
export const instant = z
  .string('an RFC 3339 time')
  .refine((text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/.test(text), 'an RFC 3339 time')
  .refine((text) => !Number.isNaN(Date.parse(text)), 'a time that there is')
  .meta({ format: 'date-time', examples: ['2026-03-02T19:00:00Z'] });
const pageMembers = {
  limit: z.coerce.number('a number from 1 to 1000').int().min(1).max(1_000).default(1_000),
  after: z.string().min(1).max(128).optional().meta({ description: 'the id of the last one that was listed' }),
};
export const pageQuery = z.strictObject(pageMembers);
export const pageOfOrderQuery = z.strictObject({ ...pageMembers, order_id: orderIdField.optional() });
export const byOrderQuery = z.strictObject({ order_id: orderIdField });

/** Who asks, as the duties know them. */
export function personOf(request: FastifyRequest): Person {
  const { user, role, agency } = accessOf(request);
  return { user, role, agency };
}

/** An order that this caller may look at; it is what the request concerns. Throws `not_found`. */
export function orderOf({ deps, restrictions }: DutyRoutes, request: FastifyRequest, raw: string | OrderId): Order {
  const orderId = parseOrderId(raw);
  const order = orderId.ok ? deps.ledger.orderRevisions(orderId.value).at(-1)?.order : undefined;
  if (order === undefined || !restrictions.mayLook(accessOf(request), order)) {
    throw new Fault('not_found', 'No such order.');
  }
  concerns(request, { orderId: order.orderId, subjectId: order.subjectId });
  return order;
}

/** A document of an order that this caller may look at. Throws `not_found`. */
export function documentOf<D extends RegisterDocument>(o: DutyRoutes, request: FastifyRequest, found: D | null): D {
  if (found === null) throw new Fault('not_found', 'No such document.');
  if (found.orderId !== null) orderOf(o, request, found.orderId);
  return found;
}

/** Those whose orders this caller may look at. */
export function visible<D extends RegisterDocument>(o: DutyRoutes, request: FastifyRequest, found: readonly D[]): D[] {
  const access = accessOf(request);
  const known = new Map<OrderId, boolean>();
  return found.filter(({ orderId }) => {
    if (orderId === null) return access.scope === 'all';
    const order = o.deps.ledger.orderRevisions(orderId).at(-1)?.order;
    const may = known.get(orderId) ?? (order !== undefined && o.restrictions.mayLook(access, order));
    known.set(orderId, may);
    return may;
  });
}

/** A page of a list that only grows at its end. Throws `invalid` where `after` is none of it. */
export function pageOf<D extends { readonly id: string }>(
  found: readonly D[],
  { limit, after }: z.output<typeof pageQuery>,
): { readonly page: readonly D[]; readonly more: boolean } {
  const from = after === undefined ? 0 : found.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && from === 0) {
    throw new Fault('invalid', 'The query is refused; see problems.', [
      { path: 'after', expected: 'the id of one that is listed', got: shown(after) },
    ]);
  }
  return { page: found.slice(from, from + limit), more: found.length > from + limit };
}

/** What a duty answered. Throws its refusal as the API answers it. */
export function done<T>(result: Result<T, DutyRefusal>): T {
  if (result.ok) return result.value;
  const { code, detail, toThePerson } = result.fault;
  throw new Fault(code, detail, [], toThePerson);
}

export function documentJson({ id, version, orderId, subjectId, agency, atMs, by, body }: RegisterDocument) {
  return dutyJson({ id, version, orderId, subjectId, agency, atMs, by, ...(body as object) }) as Record<
    string,
    unknown
  >;
}

type JsonSchema = Readonly<Record<string, unknown>>;

/** A document of the register, with what its kind says besides. */
export const documentSchema = (about: string, members: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  description: about,
  properties: {
    id: { type: 'string' },
    version: { type: 'integer' },
    order_id: { type: ['string', 'null'] },
    subject_id: { type: ['string', 'null'] },
    agency: { type: ['string', 'null'] },
    at: { type: 'string', format: 'date-time' },
    by: { type: 'string' },
    ...members,
  },
  required: ['id', 'version', 'at', 'by'],
});

export const listSchema = (name: string, items: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { [name]: { type: 'array', items } },
  required: [name],
});

export const pageSchema = (name: string, items: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { [name]: { type: 'array', items }, more: { type: 'boolean' } },
  required: [name, 'more'],
});

/** `/v1/orders/{order_id}`: imports a revision of an order, and gives one back. */
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { orderToJson, parseOrder } from '../codec/order-json.js';
import { type OrderId, parseOrderId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { LedgerReader } from '../ports/ledger.js';
import { checkOrder } from '../rules/order-checks.js';
import { accessOf } from './access/gate.js';
import type { Restrictions } from './access/restricted.js';
import type { ApiDeps, ApiLimits } from './deps.js';
import { describe } from './documentation.js';
import { parseId, parseWith, refuseProblems, shown } from './parse.js';
import { Fault } from './problems.js';
import { documented, orderQuery, order as orderSchema, stored } from './schemas.js';
import { settle } from './settle.js';

interface Path {
  Params: { order_id: string };
}

export function orderRoutes(app: FastifyInstance, deps: ApiDeps, limits: ApiLimits, restrictions: Restrictions): void {
  const { ledger, commands, clock } = deps;

  app.put<Path>(
    '/v1/orders/:order_id',
    {
      bodyLimit: limits.bodyBytesMax,
      config: { action: 'orders.write' },
      schema: describe({
        summary: 'Stores an order, or a new revision of it; the same revision again changes nothing',
        tag: 'orders',
        params: ['order_id'],
        body: orderSchema,
        answers: { 200: stored, 201: stored, 202: stored },
        refusals: [400, 404, 409, 413, 422],
      }),
    },
    async (request, reply) => {
      const orderId = parseId(parseOrderId, request.params.order_id, 'order_id');
      const parsed = parseOrder(request.body);
      if (!parsed.ok) throw new Fault('invalid', 'The order is refused; see problems.', parsed.fault);
      const order = parsed.value;
      if (order.orderId !== orderId) {
        throw new Fault('invalid', 'The order is refused; see problems.', [
          { path: 'order_id', expected: `the id in the path, ${shown(orderId)}`, got: shown(order.orderId) },
        ]);
      }
      const answer = (outcome: string) => ({ id: orderId, revision: order.revision, outcome });
      const newest = ledger.orderRevisions(orderId).at(-1)?.order;
      if (newest !== undefined && !restrictions.mayReplace(accessOf(request), newest, order)) {
        throw new Fault('not_found', 'It is not yours to change, or not in this way: it is restricted.');
      }
      const standing = compareRevision(ledger, order);
      if (standing === 'same') return answer('unchanged');
      if (typeof standing === 'number') throw notNewer(order, standing);
      refuseProblems(
        checkOrder(order, { zoneExists: (id) => ledger.zone(id) !== null, overlapping: () => null }),
        'order',
      );

      const command = { kind: 'put_order', order, by: accessOf(request).user } as const;
      try {
        const put = await deps.office.duties.erasures.unlessDestroyed(orderId, async () => {
          // its keys come first: what the engine tells of it is sealed under them
          await deps.office.keys.make(orderId);
          return settle(commands, command, clock.nowMs(), limits.settleMs);
        });
        if (put === null) throw new Fault('erased', 'The order of this id was erased: give this one another id.');
        const outcome = put.value;
        if (outcome === null) return reply.code(202).send(answer('logged'));
        return reply.code(outcome.created ? 201 : 200).send(answer(outcome.created ? 'created' : 'replaced'));
      } catch (error) {
        // the same import running twice at once: the second is refused by the engine, and all the same it is stored
        if (error instanceof Fault && error.code === 'conflict' && compareRevision(ledger, order) === 'same') {
          return answer('unchanged');
        }
        throw error;
      }
    },
  );

  app.get<Path>(
    '/v1/orders/:order_id',
    {
      config: { action: 'orders.read' },
      schema: describe({
        summary: 'The newest revision of an order, or the one asked for',
        tag: 'orders',
        params: ['order_id'],
        query: documented(orderQuery),
        answers: { 200: orderSchema, 304: null },
        refusals: [404, 422],
      }),
    },
    async (request, reply) => {
      const orderId = parseId(parseOrderId, request.params.order_id, 'order_id');
      const { revision } = parseWith(orderQuery, request.query, 'query');
      const order = visibleOrder(deps, restrictions, orderId, revision, request);
      const etag = `"${order.revision}"`;
      reply.header('etag', etag).header('cache-control', 'private, no-cache');
      return request.headers['if-none-match'] === etag ? reply.code(304).send() : orderToJson(order);
    },
  );
}

/** `same`: stored already, word for word; a number: the newest stored revision, which this one is not above; `newer`. */
function compareRevision(ledger: LedgerReader, order: Order): 'same' | 'newer' | number {
  const history = ledger.orderRevisions(order.orderId);
  const stored = history.find((past) => past.order.revision === order.revision);
  if (stored !== undefined && isDeepStrictEqual(stored.order, order)) return 'same';
  const newest = history.at(-1)?.order.revision ?? 0;
  return order.revision > newest ? 'newer' : newest;
}

function notNewer(order: Order, newest: number): Fault {
  return new Fault(
    'revision_not_newer',
    `Revision ${newest} is stored, and differs. A change is a new revision: send ${newest + 1} or higher.`,
    [{ path: 'revision', expected: `higher than ${newest}`, got: shown(order.revision) }],
  );
}

function visibleOrder(
  deps: ApiDeps,
  restrictions: Restrictions,
  orderId: OrderId,
  revision: number | undefined,
  request: Parameters<typeof accessOf>[0],
): Order {
  const history = deps.ledger.orderRevisions(orderId);
  const newest = history.at(-1)?.order;
  // who supervises now sees the history; who did once does not
  const visible = newest !== undefined && restrictions.mayLook(accessOf(request), newest);
  const asked = revision === undefined ? newest : history.find((past) => past.order.revision === revision)?.order;
  if (!visible || asked === undefined) throw new Fault('not_found', 'No such order or revision.');
  return asked;
}

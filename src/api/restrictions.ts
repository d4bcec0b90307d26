/** `/v1/orders/{order_id}/restriction`: who may not look at a restricted order. The controller keeps the list (¶47). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseOrderId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { VersionTaken } from '../ports/register.js';
import { accessOf } from './access/gate.js';
import type { RestrictionBody, Restrictions } from './access/restricted.js';
import type { ApiDeps } from './deps.js';
import { describe } from './documentation.js';
import { words } from './grant-json.js';
import { parseId, parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented } from './schemas.js';

interface Path {
  Params: { order_id: string };
}

const usersMax = 500;
const restrictionBody = z
  .strictObject({
    users: z.array(z.string().min(1).max(256)).max(usersMax),
    reason: words('why these may not look'),
  })
  .meta({ examples: [{ users: ['ann@probation-north'], reason: 'knows the person: they are her brother' }] });

const answer = {
  type: 'object',
  properties: {
    order_id: { type: 'string' },
    restricted: { type: 'boolean', description: 'whether the newest revision says so; the list holds while it does' },
    users: { type: 'array', items: { type: 'string' } },
    reason: { type: 'string' },
  },
  required: ['order_id', 'restricted', 'users', 'reason'],
};

export function restrictionRoutes(app: FastifyInstance, deps: ApiDeps, restrictions: Restrictions): void {
  const { ledger, clock, office } = deps;
  const shown = (order: Order, { users, reason }: RestrictionBody) => ({
    order_id: order.orderId,
    restricted: order.restricted,
    users,
    reason,
  });

  app.put<Path>(
    '/v1/orders/:order_id/restriction',
    {
      config: { action: 'orders.restrict' },
      schema: describe({
        summary: 'Says who may not look at an order while it is restricted; the list takes the place of the last',
        tag: 'orders',
        params: ['order_id'],
        body: documented(restrictionBody),
        answers: { 200: answer },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request) => {
      const order = orderOf(request);
      const body = parseWith(restrictionBody, request.body, 'list');
      const { orderId, subjectId, supervisor } = order;
      const before = office.register.get('restriction', orderId);
      try {
        await office.register.put({
          kind: 'restriction',
          id: orderId,
          version: (before?.version ?? 0) + 1,
          orderId,
          subjectId,
          agency: supervisor,
          atMs: clock.nowMs(),
          by: accessOf(request).user,
          body,
        });
      } catch (error) {
        if (!(error instanceof VersionTaken)) throw error;
        throw new Fault('conflict', 'Somebody else has just changed the list: look at it again.');
      }
      return shown(order, body);
    },
  );

  app.get<Path>(
    '/v1/orders/:order_id/restriction',
    {
      config: { action: 'orders.restrict' },
      schema: describe({
        summary: 'Who may not look at an order while it is restricted',
        tag: 'orders',
        params: ['order_id'],
        answers: { 200: answer },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const order = orderOf(request);
      return shown(order, restrictions.excluded(order.orderId));
    },
  );

  /** Whoever is on the list neither sees it nor takes themselves off it. */
  function orderOf(request: FastifyRequest<Path>): Order {
    const order = ledger.orderRevisions(parseId(parseOrderId, request.params.order_id, 'order_id')).at(-1)?.order;
    if (order === undefined || restrictions.excludes(accessOf(request), order.orderId))
      throw new Fault('not_found', 'No such order.');
    return order;
  }
}

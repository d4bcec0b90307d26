/** `GET /v1/subjects/{subject_id}`: what is ordered and what is open for a person; no position, no presence. */
import type { FastifyInstance } from 'fastify';
import { alertToJson } from '../codec/alert-json.js';
import { rfc3339 } from '../codec/rfc3339.js';
import { parseSubjectId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { accessOf } from './access/gate.js';
import type { Restrictions } from './access/restricted.js';
import type { ApiDeps } from './deps.js';
import { describe } from './documentation.js';
import type { OrderIndex } from './order-index.js';
import { parseId } from './parse.js';
import { Fault } from './problems.js';
import { subject as subjectSchema } from './schemas.js';

/** Open alerts of one order that the answer lists; `/v1/alerts` has them all. */
const openMax = 100;

export function subjectRoutes(
  app: FastifyInstance,
  deps: ApiDeps,
  orders: OrderIndex,
  restrictions: Restrictions,
): void {
  const { ledger, clock } = deps;

  app.get<{ Params: { subject_id: string } }>(
    '/v1/subjects/:subject_id',
    {
      config: { action: 'subjects.read' },
      schema: describe({
        summary: 'Status of a person: orders, devices, open alerts; no position and no presence',
        tag: 'subjects',
        params: ['subject_id'],
        answers: { 200: subjectSchema },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const subjectId = parseId(parseSubjectId, request.params.subject_id, 'subject_id');
      const access = accessOf(request);
      const visible = orders.ofSubject(subjectId).filter((order) => restrictions.mayLook(access, order));
      if (visible.length === 0) throw new Fault('not_found', 'No order of such a person.');
      const nowMs = clock.nowMs();
      return { subject_id: subjectId, orders: visible.map((order) => statusOf(order, nowMs)) };
    },
  );

  function statusOf(order: Order, nowMs: number) {
    // one episode that people handle ends as `decided`; `open` with an end is over and waits for somebody
    const open = ledger.alerts({ orderId: order.orderId, state: 'open' }, 0, openMax + 1);
    return {
      order_id: order.orderId,
      revision: order.revision,
      type: order.type,
      supervisor: order.supervisor,
      start: rfc3339(order.startMs),
      end: rfc3339(order.endMs),
      in_force: order.startMs <= nowMs && nowMs < order.endMs,
      conditions: order.conditions.map(({ conditionId, kind }) => ({ condition_id: conditionId, kind })),
      devices: order.devices.map(({ deviceId, kind, fromMs, toMs }) => ({
        device_id: deviceId,
        kind,
        from: rfc3339(fromMs),
        to: rfc3339(toMs),
      })),
      open: open.slice(0, openMax).map(({ version }) => alertToJson(version)),
      open_more: open.length > openMax,
    };
  }
}

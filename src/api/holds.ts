/** `/v1/holds`: while one stands, nothing of the order is destroyed (¶44, ¶50). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HOLD_REASONS, type HoldReason } from '../ports/duties/holds.js';
import { describe } from './documentation.js';
import {
  type DutyRoutes,
  documentJson,
  documentOf,
  documentSchema,
  done,
  orderIdField,
  orderOf,
  pageOf,
  pageOfOrderQuery,
  pageSchema,
  personOf,
  prose,
  visible,
} from './duty.js';
import { parseWith } from './parse.js';
import { documented } from './schemas.js';

const reasonClasses = Object.keys(HOLD_REASONS) as [HoldReason, ...HoldReason[]];

const holdBody = z.strictObject({
  order_id: orderIdField,
  reason_class: z.enum(reasonClasses, `one of ${reasonClasses.join(', ')}`),
  legal_basis: prose().meta({ examples: ['Criminal Procedure and Investigations Act 1996'] }),
  reason: prose().meta({ examples: ['Asked for by the investigating officer.'] }),
  case_reference: prose(128).optional(),
  withhold: z.boolean().default(false).meta({ description: 'the person is not told of it for the time being' }),
});
const liftBody = z.strictObject({ reason: prose().meta({ examples: ['The appeal was dismissed.'] }) });

const hold = documentSchema('A legal hold', {
  state: { enum: ['standing', 'lifted'] },
  reason_class: { enum: reasonClasses },
  legal_basis: { type: 'string' },
  reason: { type: 'string' },
  case_reference: { type: ['string', 'null'] },
  withhold: { type: 'boolean' },
  placed: { type: 'string', format: 'date-time' },
  lifted: { type: ['string', 'null'], format: 'date-time' },
});

interface Path {
  Params: { hold_id: string };
}

export function holdRoutes(app: FastifyInstance, o: DutyRoutes): void {
  const { holds } = o.duties;

  app.post(
    '/v1/holds',
    {
      config: { action: 'holds.place' },
      schema: describe({
        summary: 'Places a legal hold on everything of an order',
        tag: 'holds',
        body: documented(holdBody),
        answers: { 201: hold },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request, reply) => {
      const body = parseWith(holdBody, request.body, 'hold');
      const order = orderOf(o, request, body.order_id);
      const placed = await holds.place(personOf(request), order, {
        reasonClass: body.reason_class,
        legalBasis: body.legal_basis,
        reason: body.reason,
        caseReference: body.case_reference ?? null,
        withhold: body.withhold,
      });
      return reply.code(201).send(documentJson(done(placed)));
    },
  );

  app.get(
    '/v1/holds',
    {
      config: { action: 'holds.read' },
      schema: describe({
        summary: 'Holds, in the order in which they were placed',
        tag: 'holds',
        query: documented(pageOfOrderQuery),
        answers: { 200: pageSchema('holds', hold) },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const { order_id, ...asked } = parseWith(pageOfOrderQuery, request.query, 'query');
      // another agency's order does not exist here: an empty list would look like calm
      const found = holds.list(order_id === undefined ? undefined : orderOf(o, request, order_id).orderId);
      const { page, more } = pageOf(visible(o, request, found), asked);
      return { holds: page.map(documentJson), more };
    },
  );

  app.get<Path>(
    '/v1/holds/:hold_id',
    {
      config: { action: 'holds.read' },
      schema: describe({
        summary: 'One hold',
        tag: 'holds',
        params: ['hold_id'],
        answers: { 200: hold },
        refusals: [404],
      }),
    },
    async (request) => documentJson(documentOf(o, request, holds.get(request.params.hold_id))),
  );

  app.post<Path>(
    '/v1/holds/:hold_id/lift',
    {
      config: { action: 'holds.lift' },
      schema: describe({
        summary: 'Lifts a hold; what was due meanwhile is destroyed soon after',
        tag: 'holds',
        params: ['hold_id'],
        body: documented(liftBody),
        answers: { 200: hold },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request) => {
      const { reason } = parseWith(liftBody, request.body, 'lifting');
      const { id } = documentOf(o, request, holds.get(request.params.hold_id));
      return documentJson(done(await holds.lift(personOf(request), id, reason)));
    },
  );
}

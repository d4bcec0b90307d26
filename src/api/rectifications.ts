/** `/v1/rectifications`: what is said to be wrong, what was decided, and that the person was told (¶43, ¶45). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { RectificationDecision, RectificationRequest } from '../ports/duties/rectifications.js';
import { describe } from './documentation.js';
import {
  byOrderQuery,
  type DutyRoutes,
  documentJson,
  documentOf,
  documentSchema,
  done,
  listSchema,
  orderIdField,
  orderOf,
  personOf,
  prose,
} from './duty.js';
import { parseWith } from './parse.js';
import { documented } from './schemas.js';

/** Documents in which people wrote something about the person in their own words. */
const CORRECTABLE = ['hold', 'disclosure', 'warning'] as const;

const requestBody = z.strictObject({
  order_id: orderIdField,
  target: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('order') }),
    z.strictObject({
      kind: z.literal('document'),
      document_kind: z.enum(CORRECTABLE, `one of ${CORRECTABLE.join(', ')}`),
      document_id: prose(128),
    }),
    z.strictObject({ kind: z.literal('alert'), alert_id: prose(64) }),
  ]),
  requested_by: z.enum(['subject', 'stakeholder'], 'subject or stakeholder'),
  inaccuracy: prose().meta({ examples: ['The curfew address is that of my former flat.'] }),
});
const decisionBody = z.discriminatedUnion('outcome', [
  z.strictObject({
    outcome: z.literal('accepted'),
    reason: prose(),
    revision: z.number().int().min(1).optional().meta({ description: 'of an order: where the right data stands' }),
    set: z
      .record(z.string().max(64), prose())
      .optional()
      .meta({ description: 'of a document: which texts are to read how' }),
  }),
  z.strictObject({ outcome: z.literal('refused'), reason: prose() }),
]);

const rectification = documentSchema('A request to correct what is recorded', {
  state: { enum: ['requested', 'accepted', 'refused'] },
  inaccuracy: { type: 'string' },
  reason: { type: ['string', 'null'] },
  corrected_in: { type: ['integer', 'null'] },
  to_the_person: { type: ['string', 'null'], description: 'what the person is to be told' },
  told: { type: ['string', 'null'], format: 'date-time' },
});

interface Path {
  Params: { rectification_id: string };
}

export function rectificationRoutes(app: FastifyInstance, o: DutyRoutes): void {
  const { rectifications } = o.duties;

  app.post(
    '/v1/rectifications',
    {
      config: { action: 'rectifications.make' },
      schema: describe({
        summary: 'Records that something is said to be wrong: of an order, a document, or an alert (disputed)',
        tag: 'rectifications',
        body: documented(requestBody),
        answers: { 201: rectification },
        refusals: [400, 404, 422],
      }),
    },
    async (request, reply) => {
      const body = parseWith(requestBody, request.body, 'request');
      const order = orderOf(o, request, body.order_id);
      const made = await rectifications.request(personOf(request), order, requestOf(body));
      return reply.code(201).send(documentJson(done(made)));
    },
  );

  app.get(
    '/v1/rectifications',
    {
      config: { action: 'rectifications.read' },
      schema: describe({
        summary: 'Requests for correction that concern an order',
        tag: 'rectifications',
        query: documented(byOrderQuery),
        answers: { 200: listSchema('rectifications', rectification) },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const { order_id } = parseWith(byOrderQuery, request.query, 'query');
      return { rectifications: rectifications.list(orderOf(o, request, order_id)).map(documentJson) };
    },
  );

  app.post<Path>(
    '/v1/rectifications/:rectification_id/decide',
    {
      config: { action: 'rectifications.make' },
      schema: describe({
        summary: 'Corrects, with reason, or refuses, with reason; answers what the person is to be told',
        tag: 'rectifications',
        params: ['rectification_id'],
        body: documented(decisionBody),
        answers: { 200: rectification },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request) => {
      const decision = parseWith(decisionBody, request.body, 'decision') as RectificationDecision;
      const { id } = documentOf(o, request, rectifications.get(request.params.rectification_id));
      return documentJson(done(await rectifications.decide(personOf(request), id, decision)));
    },
  );

  app.post<Path>(
    '/v1/rectifications/:rectification_id/told',
    {
      config: { action: 'rectifications.make' },
      schema: describe({
        summary: 'Records that the person was told the outcome',
        tag: 'rectifications',
        params: ['rectification_id'],
        answers: { 200: rectification },
        refusals: [404, 409],
      }),
    },
    async (request) => {
      const { id } = documentOf(o, request, rectifications.get(request.params.rectification_id));
      return documentJson(done(await rectifications.told(personOf(request), id)));
    },
  );
}

function requestOf(body: z.output<typeof requestBody>): RectificationRequest {
  const { target, requested_by: requestedBy, inaccuracy } = body;
  switch (target.kind) {
    case 'order':
      return { target, requestedBy, inaccuracy };
    case 'alert':
      return { target: { kind: 'alert', alertId: target.alert_id }, requestedBy, inaccuracy };
    case 'document': {
      const { document_kind: documentKind, document_id: documentId } = target;
      return { target: { kind: 'document', documentKind, documentId }, requestedBy, inaccuracy };
    }
  }
}

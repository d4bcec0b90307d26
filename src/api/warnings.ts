/** `/v1/warnings`: warning letters and authorised absences (¶59, ¶62). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseAlertId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { describe } from './documentation.js';
import {
  byOrderQuery,
  type DutyRoutes,
  documentJson,
  documentSchema,
  done,
  instant,
  listSchema,
  orderIdField,
  orderOf,
  personOf,
  prose,
} from './duty.js';
import { parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented } from './schemas.js';

const common = { order_id: orderIdField, alert_id: z.string().max(64).optional() };
const warningBody = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      ...common,
      kind: z.literal('warning_letter'),
      text: prose(20_000).meta({ examples: ['You were away for 12 minutes during your curfew on 2 March.'] }),
      sent: instant,
    }),
    z.strictObject({
      ...common,
      kind: z.literal('authorised_absence'),
      basis: prose().meta({ examples: ['Licence condition 5(v): medical appointments'] }),
      reason: prose(),
      from: instant,
      to: instant,
    }),
  ],
  'kind: warning_letter or authorised_absence',
);

const warning = documentSchema('A warning letter or an authorised absence', {
  kind: { enum: ['warning_letter', 'authorised_absence'] },
  alert_id: { type: ['string', 'null'] },
});

export function warningRoutes(app: FastifyInstance, o: DutyRoutes): void {
  const { warnings } = o.duties;

  app.post(
    '/v1/warnings',
    {
      config: { action: 'warnings.write' },
      schema: describe({
        summary: 'Records a warning letter for a minor curfew breach, or an absence that was authorised',
        tag: 'warnings',
        body: documented(warningBody),
        answers: { 201: warning },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request, reply) => {
      const body = parseWith(warningBody, request.body, 'warning');
      const order = orderOf(o, request, body.order_id);
      const alert = body.alert_id === undefined ? null : alertOf(body.alert_id, order);
      const asked =
        body.kind === 'warning_letter'
          ? ({ kind: body.kind, text: body.text, sentMs: Date.parse(body.sent) } as const)
          : ({
              kind: body.kind,
              basis: body.basis,
              reason: body.reason,
              fromMs: Date.parse(body.from),
              toMs: Date.parse(body.to),
            } as const);
      const written = await warnings.write(personOf(request), order, alert, asked);
      return reply.code(201).send(documentJson(done(written)));
    },
  );

  app.get(
    '/v1/warnings',
    {
      config: { action: 'warnings.read' },
      schema: describe({
        summary: 'Warnings and authorised absences of an order',
        tag: 'warnings',
        query: documented(byOrderQuery),
        answers: { 200: listSchema('warnings', warning) },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const { order_id } = parseWith(byOrderQuery, request.query, 'query');
      return { warnings: warnings.list(orderOf(o, request, order_id)).map(documentJson) };
    },
  );

  function alertOf(raw: string, { orderId }: Order) {
    const alertId = parseAlertId(raw);
    const version = alertId.ok ? o.deps.ledger.alert(alertId.value).at(-1)?.version : undefined;
    if (version === undefined || version.orderId !== orderId)
      throw new Fault('not_found', 'No such alert of this order.');
    return version;
  }
}

/** `/v1/disclosures`: what leaves for another organisation, recorded before it leaves (¶22–30). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { alertToJson } from '../codec/alert-json.js';
import type { AlertVersion } from '../domain/alert.js';
import { DISCLOSURE_BASES, type DisclosureDocument } from '../ports/duties/disclosures.js';
import type { Reviewed } from '../ports/evidence.js';
import { concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import { describe } from './documentation.js';
import {
  byOrderQuery,
  type DutyRoutes,
  documentJson,
  documentOf,
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
import { fixFeature } from './review-json.js';
import { documented } from './schemas.js';
import { Counted, slowAnswer } from './slow-answer.js';

const disclosureBody = z.strictObject({
  order_id: orderIdField,
  recipient: prose(256).meta({ examples: ['West Yorkshire Police'] }),
  onward_controller: prose(256).meta({ examples: ['Chief Constable of West Yorkshire Police'] }),
  legal_basis: z.enum(DISCLOSURE_BASES, `one of ${DISCLOSURE_BASES.join(', ')}`),
  necessity: prose().meta({ examples: ['Investigation of a burglary that evening; nothing less would show it.'] }),
  case_reference: prose(128).optional(),
  means: z.enum(['portal', 'secure_email', 'telephone'], 'portal, secure_email or telephone'),
  what: z.enum(['alerts', 'fixes'], 'alerts, or fixes (with a grant)'),
  from: instant,
  to: instant,
  grant_id: prose(128).optional(),
  withhold: z.boolean().default(false),
});

const record = documentSchema('The record of a disclosure', {
  recipient: { type: 'string' },
  onward_controller: { type: 'string' },
  legal_basis: { enum: DISCLOSURE_BASES },
  purpose: { type: 'string' },
  controller: { type: 'string' },
  processor: { type: 'string' },
});
const disclosedAlertSchema = {
  type: 'object',
  properties: {
    alert_id: { type: 'string' },
    version: { type: 'integer' },
    state: { type: 'string' },
    kind: { enum: ['alert', 'violation'] },
    type: { type: 'string' },
    start: { type: 'string', format: 'date-time' },
    end: { type: ['string', 'null'], format: 'date-time' },
    minutes: { type: ['number', 'null'] },
    codes: { type: 'array', items: { type: 'string' } },
    confidence: { type: ['string', 'null'] },
  },
  required: ['alert_id', 'version', 'state', 'kind', 'type', 'start', 'end', 'codes'],
};
const disclosed = {
  type: 'object',
  properties: { record, alerts: { type: 'array', items: disclosedAlertSchema } },
  required: ['record'],
  description: 'The record and the alerts; fixes come as NDJSON: the record on the first line, then a Feature a line.',
};

interface Path {
  Params: { disclosure_id: string };
}

export function disclosureRoutes(app: FastifyInstance, o: DutyRoutes): void {
  const { disclosures } = o.duties;

  app.post(
    '/v1/disclosures',
    {
      config: { action: 'disclosures.make' },
      schema: describe({
        summary: 'Records a disclosure, and then gives what is to be disclosed; Fairwatch-Purpose says what for',
        tag: 'disclosures',
        body: documented(disclosureBody),
        answers: { 201: disclosed },
        refusals: [400, 404, 422],
      }),
    },
    async (request, reply) => {
      const body = parseWith(disclosureBody, request.body, 'disclosure');
      const order = orderOf(o, request, body.order_id);
      const made = await disclosures.make(personOf(request), accessOf(request).purpose, order, {
        recipient: body.recipient,
        onwardController: body.onward_controller,
        legalBasis: body.legal_basis,
        necessity: body.necessity,
        caseReference: body.case_reference ?? null,
        means: body.means,
        what: body.what,
        fromMs: Date.parse(body.from),
        toMs: Date.parse(body.to),
        grantId: body.grant_id ?? null,
        withhold: body.withhold,
      });
      const { record, data } = done(made);
      concerns(request, { detail: { disclosure: record.id, what: data.what } });
      reply.code(201);
      if (data.what === 'alerts') return { record: documentJson(record), alerts: data.alerts.map(disclosedAlert) };
      reply.header('content-type', 'application/x-ndjson').header('cache-control', 'no-store');
      const counted = new Counted();
      const { telemetry } = o.deps;
      const stillMay = () => stillOpen(o, request, body);
      const answer = { request, auditor: o.auditor, telemetry, stillMay, count: () => counted.count };
      return reply.send(slowAnswer(answer, lines(record, counted.of(data.fixes))));
    },
  );

  app.get(
    '/v1/disclosures',
    {
      config: { action: 'disclosures.read' },
      schema: describe({
        summary: 'What was disclosed of an order, to whom, and by which law',
        tag: 'disclosures',
        query: documented(byOrderQuery),
        answers: { 200: listSchema('disclosures', record) },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const { order_id } = parseWith(byOrderQuery, request.query, 'query');
      return { disclosures: disclosures.list(orderOf(o, request, order_id)).map(documentJson) };
    },
  );

  app.get<Path>(
    '/v1/disclosures/:disclosure_id',
    {
      config: { action: 'disclosures.read' },
      schema: describe({
        summary: 'The record of one disclosure',
        tag: 'disclosures',
        params: ['disclosure_id'],
        answers: { 200: record },
        refusals: [404],
      }),
    },
    async (request) => documentJson(documentOf(o, request, disclosures.get(request.params.disclosure_id))),
  );
}

/** ¶22: what was found, when, and how sure it is; not who handled it here, nor how far within a zone it was. */
function disclosedAlert(found: AlertVersion) {
  const { alert_id, version, state, kind, type, order_id, subject_id, condition_id, ...rest } = alertToJson(found);
  const { start, end, ended_by, minutes, codes, confidence, mechanism, count } = rest;
  const what = { alert_id, version, state, kind, type, order_id, subject_id, condition_id };
  return { ...what, start, end, ended_by, minutes, codes, confidence, mechanism, count };
}

/** Throws when the order is no more to be seen, or the grant has ended, while its positions are on their way out (¶22, ¶26). */
function stillOpen(o: DutyRoutes, request: FastifyRequest, body: z.output<typeof disclosureBody>): void {
  orderOf(o, request, body.order_id);
  const { grants } = o.deps.office;
  const { purpose } = accessOf(request);
  const grant = body.grant_id === undefined ? null : grants.get(body.grant_id);
  const window = { fromMs: Date.parse(body.from), toMs: Date.parse(body.to) };
  const sight = grant === null ? null : grants.sightOf(grant, personOf(request), purpose, window, o.deps.clock.nowMs());
  if (sight?.ok !== true) throw new Fault('grant_needed', 'The grant has ended.');
}

async function* lines(record: DisclosureDocument, fixes: AsyncIterable<Reviewed>): AsyncGenerator<string> {
  yield `${JSON.stringify({ record: documentJson(record) })}\n`;
  for await (const fix of fixes) yield `${JSON.stringify(fixFeature(fix))}\n`;
}

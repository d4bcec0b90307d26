/** `/v1/erasures`, `/v1/retention`, `/v1/certificates`: what is destroyed, when, and the proof of it (¶44–45, ¶49–50). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { dutyJson } from '../codec/duty-json.js';
import { type CertificateDocument, ERASURE_GROUNDS, type ErasureDocument } from '../ports/duties/erasures.js';
import { concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import { describe } from './documentation.js';
import {
  type DutyRoutes,
  documentJson,
  documentOf,
  documentSchema,
  done,
  listSchema,
  orderIdField,
  orderOf,
  pageOf,
  pageQuery,
  pageSchema,
  personOf,
  prose,
  visible,
} from './duty.js';
import { parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented } from './schemas.js';

const erasureBody = z.strictObject({
  order_id: orderIdField,
  ground: z.enum(ERASURE_GROUNDS, `one of ${ERASURE_GROUNDS.join(', ')}`),
  reason: prose().meta({ examples: ['The person asks for it; nothing is needed as evidence.'] }),
});

const erasure = documentSchema('An erasure: refused, under way, or done', {
  state: { enum: ['refused', 'under_way', 'done'] },
  to_the_person: { type: 'string', description: 'of one that was refused: what the person is to be told' },
  certificate_id: { type: 'string' },
  complete: { type: 'string', format: 'date-time', description: 'when the last copy of any key is gone' },
});
const certificate = {
  type: 'object',
  description: 'A certificate of destruction; `fairwatch retention verify` checks it offline',
  properties: {
    id: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    certificate: { type: 'object', description: 'the payload of the JWS, to be read' },
    jws: { type: 'string', description: 'JWS, compact, ES256' },
    jwk: { type: 'object', description: 'the public key that checks it' },
  },
  required: ['id', 'at', 'certificate', 'jws', 'jwk'],
};
const retentionRow = {
  type: 'object',
  properties: {
    order_id: { type: 'string' },
    end: { type: 'string', format: 'date-time' },
    due: { type: 'string', format: 'date-time' },
    state: { enum: ['running', 'due', 'held'] },
  },
  required: ['order_id', 'end', 'due', 'state'],
};

const retentionQuery = z.strictObject({
  state: z.enum(['running', 'due', 'held'], 'running, due or held').optional(),
  limit: z.coerce.number('a number from 1 to 10000').int().min(1).max(10_000).default(1_000),
});

export function erasureRoutes(app: FastifyInstance, o: DutyRoutes): void {
  const { erasures, retention } = o.duties;

  app.post(
    '/v1/erasures',
    {
      config: { action: 'erasures.make' },
      schema: describe({
        summary: 'Destroys everything that is held on an order, or says why not and what the person is to be told',
        tag: 'erasures',
        body: documented(erasureBody),
        answers: { 200: erasure, 202: erasure },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request, reply) => {
      const { order_id, ...asked } = parseWith(erasureBody, request.body, 'request');
      const order = orderOf(o, request, order_id);
      const made = done(await erasures.erase(personOf(request), order, asked));
      // the order's audit key is gone: what would have named the person is left out of the outcome
      const name = o.deps.office.keys.nameOf(order.orderId);
      concerns(request, { orderId: null, subjectId: null, detail: { order_id: name, erasure: made.id } });
      return reply.code(made.body.state === 'done' ? 200 : 202).send(documentJson(made));
    },
  );

  app.get(
    '/v1/erasures',
    {
      config: { action: 'erasures.read' },
      schema: describe({
        summary: 'Erasures: refused, under way and done',
        tag: 'erasures',
        query: documented(pageQuery),
        answers: { 200: pageSchema('erasures', erasure) },
        refusals: [422],
      }),
    },
    async (request) => {
      const asked = parseWith(pageQuery, request.query, 'query');
      const { page, more } = pageOf(visible<ErasureDocument>(o, request, erasures.list()), asked);
      return { erasures: page.map(documentJson), more };
    },
  );

  app.get<{ Params: { erasure_id: string } }>(
    '/v1/erasures/:erasure_id',
    {
      config: { action: 'erasures.read' },
      schema: describe({
        summary: 'One erasure',
        tag: 'erasures',
        params: ['erasure_id'],
        answers: { 200: erasure },
        refusals: [404],
      }),
    },
    async (request) => documentJson(documentOf(o, request, erasures.get(request.params.erasure_id))),
  );

  app.get(
    '/v1/certificates',
    {
      config: { action: 'certificates.read' },
      schema: describe({
        summary: 'Certificates of destruction; they name orders by pseudonym alone',
        tag: 'erasures',
        query: documented(pageQuery),
        answers: { 200: pageSchema('certificates', certificate) },
        refusals: [422],
      }),
    },
    async (request) => {
      const { page, more } = pageOf(erasures.certificates(), parseWith(pageQuery, request.query, 'query'));
      return { certificates: page.map(certificateJson), more };
    },
  );

  app.get<{ Params: { certificate_id: string } }>(
    '/v1/certificates/:certificate_id',
    {
      config: { action: 'certificates.read' },
      schema: describe({
        summary: 'One certificate of destruction',
        tag: 'erasures',
        params: ['certificate_id'],
        answers: { 200: certificate },
        refusals: [404],
      }),
    },
    async (request) => {
      const found = erasures.certificate(request.params.certificate_id);
      if (found === null) throw new Fault('not_found', 'No such certificate.');
      return certificateJson(found);
    },
  );

  app.get(
    '/v1/retention',
    {
      config: { action: 'retention.read' },
      schema: describe({
        summary: 'When what is held on each order is to be destroyed, the earliest first',
        tag: 'erasures',
        query: documented(retentionQuery),
        answers: {
          200: {
            type: 'object',
            properties: { orders: { type: 'array', items: retentionRow }, more: { type: 'boolean' } },
            required: ['orders', 'more'],
          },
        },
        refusals: [422],
      }),
    },
    async (request) => {
      const { state, limit } = parseWith(retentionQuery, request.query, 'query');
      const access = accessOf(request);
      const rows = (await retention.rows()).filter((row) => {
        const restricted = o.restrictions.restricted(row.orderId);
        const may = restricted === null || o.restrictions.admits(access, restricted);
        return may && (state === undefined || row.state === state);
      });
      return { orders: rows.slice(0, limit).map(dutyJson), more: rows.length > limit };
    },
  );

  app.post(
    '/v1/retention/run',
    {
      config: { action: 'erasures.make' },
      schema: describe({
        summary: 'Destroys what is due now; the gateway does the same by itself within a minute',
        tag: 'erasures',
        answers: { 200: listSchema('erasures', erasure) },
      }),
    },
    async () => ({ erasures: (await retention.sweep()).map(documentJson) }),
  );
}

/** The certificate and its JWS as they were signed: no name in them is changed. */
const certificateJson = ({ id, atMs, body }: CertificateDocument) => ({
  id,
  at: new Date(atMs).toISOString(),
  ...body,
});

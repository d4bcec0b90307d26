/** `/v1/subjects/{subject_id}/export`: everything that is held on one person, to be read by machine or printed (¶31). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseSubjectId } from '../domain/ids.js';
import type { ExportDocument, ExportItem } from '../ports/duties/exports.js';
import { concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import { describe } from './documentation.js';
import {
  byOrderQuery,
  type DutyRoutes,
  documentJson,
  documentSchema,
  done,
  listSchema,
  orderOf,
  personOf,
} from './duty.js';
import type { OrderIndex } from './order-index.js';
import { parseId, parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented } from './schemas.js';
import { Counted, slowAnswer } from './slow-answer.js';

const exportQuery = z.strictObject({
  format: z
    .enum(['ndjson', 'html'], 'ndjson or html')
    .default('ndjson')
    .meta({ description: 'ndjson: a JSON object a line, {section, order_id, item}; html: one page, to be printed' }),
});
const made = documentSchema('That an export was made', { export_id: { type: 'string' } });

export function exportRoutes(app: FastifyInstance, o: DutyRoutes, orders: OrderIndex): void {
  const { exports } = o.duties;

  app.post<{ Params: { subject_id: string } }>(
    '/v1/subjects/:subject_id/export',
    {
      config: { action: 'exports.make' },
      schema: describe({
        summary: 'Everything that is held on one person, with who read it; third parties’ data are left out',
        tag: 'subjects',
        params: ['subject_id'],
        query: documented(exportQuery),
        answers: {
          200: {
            description: 'NDJSON, or HTML',
            content: {
              'application/x-ndjson': { schema: { type: 'string' } },
              'text/html': { schema: { type: 'string' } },
            },
          },
        },
        refusals: [400, 404, 422],
      }),
    },
    async (request, reply) => {
      const subjectId = parseId(parseSubjectId, request.params.subject_id, 'subject_id');
      const { format } = parseWith(exportQuery, request.query, 'query');
      const held = orders.ofSubject(subjectId);
      // all or nothing: an export that left an order out would not be what it says it is
      const look = (): void => {
        const all = orders.ofSubject(subjectId);
        if (all.length > 0 && all.every((order) => o.restrictions.mayLook(accessOf(request), order))) return;
        throw new Fault('not_found', 'No order of such a person, or not all of them are yours to see.');
      };
      look();
      const { exportId, items } = done(
        await exports.make(personOf(request), accessOf(request).purpose, subjectId, held),
      );
      concerns(request, { subjectId, detail: { export_id: exportId, format } });
      const counted = new Counted();
      const told = counted.of(items);
      const [type, parts] =
        format === 'html' ? ['text/html; charset=utf-8', exports.html(told)] : ['application/x-ndjson', lines(told)];
      const { telemetry } = o.deps;
      const answer = { request, auditor: o.auditor, telemetry, stillMay: look, count: () => counted.count };
      return reply
        .header('content-type', type)
        .header('cache-control', 'no-store')
        .header('content-disposition', `attachment; filename="${exportId}.${format}"`)
        .send(slowAnswer(answer, parts));
    },
  );

  app.get(
    '/v1/exports',
    {
      config: { action: 'exports.read' },
      schema: describe({
        summary: 'When an order’s person was given what is held about them',
        tag: 'subjects',
        query: documented(byOrderQuery),
        answers: { 200: listSchema('exports', made) },
        refusals: [404, 422],
      }),
    },
    async (request) => {
      const { order_id } = parseWith(byOrderQuery, request.query, 'query');
      const { orderId } = orderOf(o, request, order_id);
      const found = [...o.deps.office.register.list('export', { orderId })] as ExportDocument[];
      return { exports: found.map(documentJson) };
    },
  );
}

async function* lines(items: AsyncIterable<ExportItem>): AsyncGenerator<string> {
  for await (const item of items) yield `${JSON.stringify(item)}\n`;
}

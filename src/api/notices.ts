/** `GET /v1/orders/{order_id}/notice`: the fair processing notice of one order (¶21). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { describe } from './documentation.js';
import { type DutyRoutes, orderOf } from './duty.js';
import { parseWith } from './parse.js';
import { documented } from './schemas.js';

const noticeQuery = z.strictObject({
  format: z.enum(['json', 'text', 'html'], 'json, text or html').default('json'),
});
const notice = {
  type: 'object',
  properties: {
    order_id: { type: 'string' },
    revision: { type: 'integer' },
    sections: {
      type: 'array',
      items: {
        type: 'object',
        properties: { title: { type: 'string' }, paragraphs: { type: 'array', items: { type: 'string' } } },
        required: ['title', 'paragraphs'],
      },
    },
  },
  required: ['order_id', 'revision', 'sections'],
};

export function noticeRoutes(app: FastifyInstance, o: DutyRoutes): void {
  app.get<{ Params: { order_id: string } }>(
    '/v1/orders/:order_id/notice',
    {
      config: { action: 'notices.read' },
      schema: describe({
        summary: 'What is collected under this order, why, who may see it, how long, and the person’s rights',
        tag: 'orders',
        params: ['order_id'],
        query: documented(noticeQuery),
        answers: { 200: notice },
        refusals: [404, 422],
      }),
    },
    async (request, reply) => {
      const { format } = parseWith(noticeQuery, request.query, 'query');
      const { orderId, revision, sections, text, html } = o.duties.notices.of(
        orderOf(o, request, request.params.order_id),
      );
      switch (format) {
        case 'json':
          return { order_id: orderId, revision, sections };
        case 'text':
          return reply.header('content-type', 'text/plain; charset=utf-8').send(text);
        case 'html':
          return reply.header('content-type', 'text/html; charset=utf-8').send(html);
      }
    },
  );
}

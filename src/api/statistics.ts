/** `GET /v1/statistics`: counts that name nobody, small numbers suppressed (¶32). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { describe } from './documentation.js';
import type { DutyRoutes } from './duty.js';
import { parseWith } from './parse.js';
import { documented } from './schemas.js';

const statisticsQuery = z.strictObject({
  year: z.coerce
    .number('a year')
    .int()
    .min(2020)
    .max(2100)
    .meta({ examples: [2026] }),
});

const report = {
  type: 'object',
  properties: {
    year: { type: 'integer' },
    threshold: { type: 'integer' },
    notes: { type: 'array', items: { type: 'string' } },
    tables: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          dimensions: { type: 'array', items: { type: 'string' } },
          cells: {
            type: 'array',
            items: {
              type: 'object',
              properties: {
                key: { type: 'array', items: { type: 'string' } },
                count: { type: ['integer', 'null'], description: 'null: suppressed' },
              },
              required: ['key', 'count'],
            },
          },
          published: { type: 'integer', description: 'the sum of the counts that are given' },
        },
        required: ['name', 'dimensions', 'cells', 'published'],
      },
    },
  },
  required: ['year', 'threshold', 'notes', 'tables'],
};

export function statisticsRoutes(app: FastifyInstance, o: DutyRoutes): void {
  app.get(
    '/v1/statistics',
    {
      config: { action: 'statistics.read' },
      schema: describe({
        summary: 'Counts of a calendar year by alert type, month, order type and condition; small numbers suppressed',
        tag: 'statistics',
        query: documented(statisticsQuery),
        answers: { 200: report },
        refusals: [422],
      }),
    },
    async (request) => o.duties.statistics.ofYear(parseWith(statisticsQuery, request.query, 'query').year),
  );
}

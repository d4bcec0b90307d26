/** OpenAPI 3.1 from the routes' own schemas, served at `/documentation`. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { problem } from './schemas.js';

type JsonSchema = Readonly<Record<string, unknown>>;

export async function installDocumentation(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Fairwatch',
        version: '1',
        description:
          'Orders, zones, devices and alerts of electronic monitoring. Errors are RFC 9457 problems with a stable `code`.',
      },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ bearer: [] }],
    },
  });
  await app.register(swaggerUi, { routePrefix: '/documentation' });
}

/**
 * The schema of a route, for the document. Handlers check what comes in by the same zod schemas or by the codec, so
 * that one mapping names every problem; Fastify checks nothing a second time.
 */
export function describe(o: {
  readonly summary: string;
  readonly tag: string;
  readonly params?: readonly string[];
  readonly query?: JsonSchema;
  readonly body?: JsonSchema;
  readonly answers: Readonly<Record<number, JsonSchema | null>>;
  readonly refusals?: readonly number[];
  readonly open?: boolean;
}): FastifySchema {
  const response: Record<string, unknown> = {};
  for (const [status, schema] of Object.entries(o.answers)) response[status] = schema ?? { type: 'null' };
  const refusals = [...(o.refusals ?? []), ...(o.open === true ? [] : [401, 403])].sort((a, b) => a - b);
  for (const status of refusals) {
    response[status] = { description: 'problem', content: { 'application/problem+json': { schema: problem } } };
  }
  return {
    summary: o.summary,
    tags: [o.tag],
    ...(o.params === undefined ? {} : { params: pathOf(o.params) }),
    ...(o.query === undefined ? {} : { querystring: o.query }),
    ...(o.body === undefined ? {} : { body: o.body }),
    ...(o.open === true ? { security: [] } : {}),
    response,
  };
}

function pathOf(names: readonly string[]): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$' }])),
    required: names,
  };
}

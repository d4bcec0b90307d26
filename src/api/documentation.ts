/** OpenAPI 3.1 from the routes' own schemas, served at `/documentation`. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { ABOUT, TAGS } from './document/about.js';
import { recordedExamples, withExamples } from './document/examples.js';
import { operationId, purposeHeader, whoMay } from './document/operation.js';
import { problem } from './schemas.js';

type JsonSchema = Readonly<Record<string, unknown>>;

export async function installDocumentation(app: FastifyInstance): Promise<void> {
  const examples = recordedExamples();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Fairwatch', version: '1', description: ABOUT },
      tags: [...TAGS],
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ bearer: [] }],
    },
    // what the gate reads of a route, so that the document says what the gate does
    transform: ({ schema, url, route }) => {
      const action = route.config?.action;
      const named = { ...schema, operationId: operationId(String(route.method), url) };
      if (action === undefined || action === 'open') return { schema: named, url };
      return { schema: { ...named, description: whoMay(action), headers: purposeHeader(action) }, url };
    },
    transformObject: (document) =>
      'openapiObject' in document ? withExamples(document.openapiObject, examples) : document.swaggerObject,
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
  // every guarded route asks for a token and a purpose, and answers nothing that cannot be logged
  const guarded = o.open === true ? [] : [401, 403, 503];
  const taken = o.body === undefined ? [] : [413, 415];
  const refusals = new Set([...(o.refusals ?? []), ...guarded, ...taken].sort((a, b) => a - b));
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

/** `/livez`, `/readyz`, `/metrics`: for supervisors and scrapers; they hold nothing about anybody. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { ApiDeps } from './deps.js';
import { describe } from './documentation.js';
import { FRONT_LIMITS } from './front/limits.js';
import { boundServer, serverOptions } from './front/sockets.js';
import { readiness } from './schemas.js';

/** Of a process that serves nothing else; it never listens. */
export function buildHealthApp(deps: Pick<ApiDeps, 'ready' | 'metrics' | 'tls'>): FastifyInstance {
  // the port may be open to a network: who asks slowly or without end is cut off here as anywhere
  const app = Fastify({
    logger: false,
    ...serverOptions(FRONT_LIMITS, uncounted, deps.tls),
    forceCloseConnections: true,
  });
  boundServer(app, FRONT_LIMITS, uncounted);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  healthRoutes(app, deps);
  return app;
}

const uncounted = { count: () => {} };

export function healthRoutes(app: FastifyInstance, { ready, metrics }: Pick<ApiDeps, 'ready' | 'metrics'>): void {
  const plain = { description: 'text', content: { 'text/plain': { schema: { type: 'string' } } } };
  const open = { action: 'open' } as const;

  app.get(
    '/livez',
    {
      config: open,
      schema: describe({ summary: 'The process answers', tag: 'health', answers: { 200: plain }, open: true }),
    },
    async (_request, reply) => reply.type('text/plain').send('ok\n'),
  );

  app.get(
    '/readyz',
    {
      config: open,
      schema: describe({
        summary: 'The gateway takes uploads and raises alerts; else why not',
        tag: 'health',
        answers: { 200: readiness, 503: readiness },
        open: true,
      }),
    },
    async (_request, reply) => {
      const state = ready();
      return reply.code(state.ready ? 200 : 503).send(state);
    },
  );

  app.get(
    '/metrics',
    {
      config: open,
      schema: describe({ summary: 'Prometheus metrics', tag: 'health', answers: { 200: plain }, open: true }),
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

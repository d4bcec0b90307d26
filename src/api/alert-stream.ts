/** `GET /v1/alerts/stream`: alerts as they come, as server-sent events that resume without loss. */
import type { FastifyInstance } from 'fastify';
import { type Auditor, auditedOf } from './access/audited.js';
import { accessOf } from './access/gate.js';
import type { Restrictions } from './access/restricted.js';
import { AlertStreams } from './alert-streams.js';
import { alertView, placeOf } from './alert-view.js';
import type { ApiDeps, ApiLimits } from './deps.js';
import { describe } from './documentation.js';
import { parseWith } from './parse.js';
import { Fault } from './problems.js';
import { alertStreamQuery, documented } from './schemas.js';

export function alertStreamRoute(
  app: FastifyInstance,
  deps: ApiDeps,
  limits: ApiLimits,
  restrictions: Restrictions,
  auditor: Auditor,
): void {
  const { ledger } = deps;
  const streams = new AlertStreams({ ...deps, restrictions }, limits, deps.telemetry);
  app.addHook('preClose', async () => streams.close());

  app.get(
    '/v1/alerts/stream',
    {
      config: { action: 'alerts.stream' },
      exposeHeadRoute: false,
      schema: describe({
        summary:
          'Alerts as server-sent events; Last-Event-ID (or ?cursor=) resumes, ?from=start begins with the oldest',
        tag: 'alerts',
        query: documented(alertStreamQuery),
        answers: {
          200: {
            description: '`id: CURSOR` and `data: CLOUDEVENT`; a comment each 15 s',
            content: { 'text/event-stream': { schema: { type: 'string' } } },
          },
        },
        refusals: [410, 422, 503],
      }),
    },
    async (request, reply) => {
      const query = parseWith(alertStreamQuery, request.query, 'query');
      const access = accessOf(request);
      const view = alertView(access, query);
      // the header wins: a browser that reconnects sends it along with the address it was first given
      const header = request.headers['last-event-id'];
      const cursor = typeof header === 'string' && header !== '' ? header : query.cursor;
      const fresh = query.from === 'start' ? 0 : ledger.head();
      const place = cursor === undefined ? fresh : placeOf(ledger, cursor);
      if (streams.full) {
        reply.header('retry-after', '5');
        throw new Fault('streams_full', 'Close streams that are not needed, or try again later.');
      }
      // the socket is taken over: no hook comes after us, so the log is told first (¶15, s.62)
      await auditor.tell(request, 200);
      const audited = auditedOf(request);
      reply.hijack();
      streams.open(reply.raw, view, place, access.expiresMs - Date.now(), (openMs) =>
        auditor.more(audited, { open_s: Math.round(openMs / 1_000) }),
      );
    },
  );
}

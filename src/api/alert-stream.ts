/** `GET /v1/alerts/stream`: alerts as they come, as server-sent events that resume without loss. */
import type { FastifyInstance } from 'fastify';
import { type Auditor, auditedOf } from './access/audited.js';
import { type Access, accessOf, bearerOf } from './access/gate.js';
import { scopeOf } from './access/policy.js';
import type { Restrictions } from './access/restricted.js';
import type { TokenVerifier } from './access/tokens.js';
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
            description:
              '`id: CURSOR` and `data: CLOUDEVENT`; a comment each 15 s; `event: gateway` with a CloudEvent ' +
              '`uk.fairwatch.gateway.stalled` or `…recovered` and no id when nothing can come, and when it can again',
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
      const full = streams.fullFor(access.agency);
      if (full !== null) {
        reply.header('retry-after', '5');
        const whose = full === 'agency' ? 'Your agency has as many as one may. ' : '';
        throw new Fault('streams_full', `${whose}Close streams that are not needed, or try again later.`);
      }
      // the socket is taken over: no hook comes after us, so the log is told first (¶15, s.62)
      await auditor.tell(request, 200);
      const audited = auditedOf(request);
      reply.hijack();
      streams.open(reply.raw, {
        view,
        place,
        validMs: access.expiresMs - Date.now(),
        log: (openMs) => auditor.more(audited, { open_s: Math.round(openMs / 1_000) }),
        stillMay: () => stillMay(deps.tokens, bearerOf(request), access),
      });
    },
  );
}

/** An issuer that is away has withdrawn nothing: what it said before stands until the token ends. */
async function stillMay(tokens: TokenVerifier, token: string | null, access: Access): Promise<boolean> {
  const verified = token === null ? null : await tokens.verify(token);
  if (verified === null || !verified.ok) return verified?.fault === 'keys_unavailable';
  return scopeOf(verified.value.role, 'alerts.stream', tokens.development) === access.scope;
}

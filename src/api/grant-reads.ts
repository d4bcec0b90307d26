/**
 * `GET /v1/grants/{id}/fixes` and `/records`: the one way to a position. The look is in the log before the first byte
 * leaves (onSend), and how much was read when the last has; nothing is held whole in memory.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Grant, Sight } from '../domain/grant.js';
import type { Reviewed } from '../ports/evidence.js';
import { type Auditor, concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import { mayKnowOf } from './access/grant-view.js';
import type { Restrictions } from './access/restricted.js';
import type { ApiDeps } from './deps.js';
import { describe } from './documentation.js';
import { askedWindow, windowQuery } from './grant-json.js';
import { taken } from './grants.js';
import { parseWith } from './parse.js';
import { Fault } from './problems.js';
import { fixFeature, recordJson } from './review-json.js';
import { documented } from './schemas.js';
import { Counted, slowAnswer } from './slow-answer.js';

interface Path {
  Params: { grant_id: string };
}

const NDJSON = 'application/x-ndjson';
const GEOJSON = 'application/geo+json';
/** What stands around and between the items of an answer. */
interface Frame {
  readonly type: string;
  readonly head: string;
  readonly between: string;
  readonly tail: string;
}
const LINES: Frame = { type: NDJSON, head: '', between: '\n', tail: '\n' };
const COLLECTION: Frame = {
  type: GEOJSON,
  head: '{"type":"FeatureCollection","features":[\n',
  between: ',\n',
  tail: '\n]}\n',
};

export function grantReadRoutes(
  app: FastifyInstance,
  deps: ApiDeps,
  restrictions: Restrictions,
  auditor: Auditor,
): void {
  const { office, clock, ledger, telemetry } = deps;

  app.get<Path>(
    '/v1/grants/:grant_id/fixes',
    {
      config: { action: 'grants.fixes' },
      exposeHeadRoute: false,
      schema: describe({
        summary:
          'Positions under a grant, oldest first: GeoJSON, or NDJSON by Accept; Fairwatch-Purpose is the grant’s',
        tag: 'grants',
        params: ['grant_id'],
        query: documented(windowQuery),
        answers: { 200: body({ [GEOJSON]: { type: 'object' }, [NDJSON]: { type: 'string' } }) },
        refusals: [400, 404, 422],
      }),
    },
    async (request, reply) => {
      const { grant, sight } = opened(request);
      if (!sight.fixes) throw new Fault('outside_grant', `${grant.trigger} opens no position: read its records.`);
      const frame = wants(request) === NDJSON ? LINES : COLLECTION;
      return stream(request, reply, frame, office.evidence.fixes(grant.orderId, sight), fixFeature);
    },
  );

  app.get<Path>(
    '/v1/grants/:grant_id/records',
    {
      config: { action: 'grants.records' },
      exposeHeadRoute: false,
      schema: describe({
        summary:
          'What else devices said, under a grant, oldest first, as NDJSON; radio outside curfew if it was granted',
        tag: 'grants',
        params: ['grant_id'],
        query: documented(windowQuery),
        answers: { 200: body({ [NDJSON]: { type: 'string' } }) },
        refusals: [400, 404, 422],
      }),
    },
    async (request, reply) => {
      const { grant, sight } = opened(request);
      if (sight.records === 'none') throw new Fault('outside_grant', `${grant.trigger} opens positions only.`);
      return stream(request, reply, LINES, office.evidence.records(grant.orderId, sight), recordJson);
    },
  );

  /** The grant and what it opens to this caller now. Throws the refusal, which is logged as every other. */
  function opened(request: FastifyRequest<Path>): { grant: Grant; sight: Sight } {
    const { grant, sight } = sightNow(request);
    const [first, last] = [sight.intervals[0], sight.intervals.at(-1)];
    concerns(request, {
      detail: {
        trigger: grant.trigger,
        from_ms: first?.startMs ?? null,
        to_ms: last?.endMs ?? null,
        beyond_curfew: sight.beyondCurfew,
      },
    });
    return { grant, sight };
  }

  function sightNow(request: FastifyRequest<Path>): { grant: Grant; sight: Sight } {
    const access = accessOf(request);
    const grant = office.grants.get(request.params.grant_id);
    const order = grant === null ? undefined : ledger.orderRevisions(grant.orderId).at(-1)?.order;
    if (grant === null || order === undefined || !mayKnowOf(access, grant, order, restrictions)) {
      throw new Fault('not_found', 'No such grant.');
    }
    const asked = askedWindow(parseWith(windowQuery, request.query, 'query'));
    const sight = taken(office.grants.sightOf(grant, access, access.purpose, asked, clock.nowMs()));
    return { grant, sight };
  }

  function stream(
    request: FastifyRequest,
    reply: FastifyReply,
    frame: Frame,
    found: AsyncIterable<Reviewed>,
    toJson: (one: Reviewed) => unknown,
  ): FastifyReply {
    reply.type(frame.type).header('cache-control', 'no-store');
    const counted = new Counted();
    const stillMay = () => void sightNow(request as FastifyRequest<Path>);
    const answer = { request, auditor, telemetry, stillMay, count: () => counted.count };
    return reply.send(slowAnswer(answer, framed(frame, counted.of(found), toJson)));
  }
}

async function* framed(
  frame: Frame,
  found: AsyncIterable<Reviewed>,
  toJson: (one: Reviewed) => unknown,
): AsyncGenerator<string> {
  let first = true;
  for await (const one of found) {
    yield `${first ? frame.head : frame.between}${JSON.stringify(toJson(one))}`;
    first = false;
  }
  // no line at all where there is nothing to say
  if (first && frame === LINES) return;
  yield `${first ? frame.head : ''}${frame.tail}`;
}

function wants(request: FastifyRequest): string {
  const accept = request.headers.accept ?? '';
  return accept.includes(NDJSON) || accept.includes('application/ndjson') ? NDJSON : GEOJSON;
}

const body = (content: Readonly<Record<string, unknown>>) => ({
  description: 'a stream',
  content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])),
});

/** Before anything is known of a caller: what a request must look like, and what every answer says to browsers. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Fault } from '../problems.js';
import type { FrontLimits } from './limits.js';
import { countIn } from './sockets.js';

/** Sent twice, node takes the first and a proxy perhaps the second: who is asking must not depend on it. */
const ONCE = new Set(['authorization', 'host', 'content-type', 'fairwatch-purpose', 'last-event-id']);

/** Nothing of ours is a page, runs a script or stands in a frame, and nothing is kept by a cache unless it says so. */
const ANSWER_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const;

/** To be installed before the gate. */
export function installFront(app: FastifyInstance, limits: FrontLimits): void {
  app.addHook('onRequest', async (request, reply) => {
    const count = countIn(request.raw.socket, reply.raw);
    reply.headers(ANSWER_HEADERS);
    if (count > limits.requestsPerConnectionMax) {
      reply.header('connection', 'close').header('retry-after', '1');
      throw new Fault('rate_limited', 'Wait for answers: too many requests of one connection stand open.');
    }
    check(request, limits);
  });
  app.addHook('onSend', async (_request, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return payload;
  });
}

function check({ raw, url, query }: FastifyRequest, limits: FrontLimits): void {
  const { rawHeaders } = raw;
  if (rawHeaders.length / 2 > limits.headersMax) {
    throw new Fault('headers_too_large', `Send at most ${limits.headersMax} headers.`);
  }
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) throw new Fault('malformed_request', `The header ${name} stands there twice.`);
    seen.add(name);
  }
  if (url.length > limits.urlBytesMax) throw new Fault('uri_too_long', 'The address is too long.');
  const parameters = Object.values(query as Record<string, unknown>).flat().length;
  if (parameters > limits.queryParametersMax) {
    throw new Fault('uri_too_long', `The address has more than ${limits.queryParametersMax} parameters.`);
  }
}

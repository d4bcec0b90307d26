/** An HTTP server over TLS in the place of the plain one that Fastify would make. */
import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer } from 'node:https';
import type { TlsOptions } from 'node:tls';

/** What Fastify sets on a server of its own, and on no other. */
export interface ServerTimes {
  readonly keepAliveMs: number;
  readonly requestMs: number;
  readonly stillMs: number;
}

/** For Fastify's `serverFactory`. */
export function httpsFactory(tls: TlsOptions, http: ServerOptions = {}, times?: ServerTimes) {
  return (handler: RequestListener): Server => {
    const server = createServer({ ...http, ...tls }, handler);
    if (times !== undefined) {
      server.keepAliveTimeout = times.keepAliveMs;
      server.requestTimeout = times.requestMs;
      server.setTimeout(times.stillMs);
    }
    return server;
  };
}

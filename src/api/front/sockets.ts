/** The server under the API: how slow and how many its clients may be, and what is answered to what is no request at all. */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { Telemetry } from '../../ports/telemetry.js';
import { FAULTS, Fault, type FaultCode, problemBody } from '../problems.js';
import { httpsFactory } from './https.js';
import type { FrontLimits } from './limits.js';

/** What Fastify builds its server from. */
export function serverOptions(
  limits: FrontLimits,
  telemetry: Pick<Telemetry, 'count'>,
  tls: TlsOptions | undefined,
): FastifyHttpOptions<Server> {
  const http = {
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
  };
  return {
    ...(tls === undefined ? { http } : { serverFactory: httpsFactory(tls, http, limits) }),
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.stillMs,
    clientErrorHandler: (error, socket) => {
      const fault = faultOf(error.code ?? '');
      telemetry.count('fairwatch_api_refusals_total', { code: fault.code });
      refuse(socket, fault);
    },
  };
}

export function boundServer(app: FastifyInstance, limits: FrontLimits, telemetry: Pick<Telemetry, 'count'>): void {
  app.server.maxConnections = limits.connectionsMax;
  // one more than is allowed: node passes over the rest without a word, and a request that lost a header is another
  app.server.maxHeadersCount = limits.headersMax + 1;
  app.server.on('drop', () => telemetry.count('fairwatch_api_refusals_total', { code: 'connection_dropped' }));
  // an answer that nobody takes ends with its socket
  app.server.on('timeout', (socket: Socket) => socket.destroy());
}

/** Answers of a socket that are not over: what is no request after them must not stand in one of them. */
const answering = new WeakMap<Socket, Set<ServerResponse>>();

/** Counts a request in until its answer is over; how many its connection has now. */
export function countIn(socket: Socket, answer: ServerResponse): number {
  const answers = answering.get(socket) ?? new Set();
  answering.set(socket, answers);
  answers.add(answer);
  answer.once('close', () => answers.delete(answer));
  return answers.size;
}

function refuse(socket: Socket, fault: Fault): void {
  const answers = [...(answering.get(socket) ?? [])];
  // of one whose body broke off nothing is told yet, and this is its answer; before any other it would be the wrong one
  if (socket.writable && answers.length <= 1 && !answers.some(({ headersSent }) => headersSent)) {
    const { status, title } = FAULTS[fault.code];
    const body = JSON.stringify(problemBody(fault));
    const head = [
      `HTTP/1.1 ${status} ${title}`,
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}

/** By node's and llhttp's codes. */
function faultOf(code: string): Fault {
  const found: readonly [FaultCode, string] =
    code === 'HPE_HEADER_OVERFLOW'
      ? ['headers_too_large', 'The request line and its headers are too long.']
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['request_timeout', 'The request did not arrive in time.']
        : ['malformed_request', 'This is no HTTP/1.1 request.'];
  return new Fault(...found);
}

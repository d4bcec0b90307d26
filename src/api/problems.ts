/** The catalogue of faults that the API answers with, and the one mapping from anything thrown to an RFC 9457 body. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import type { Problem } from '../domain/problem.js';
import { StoreFailed } from '../ports/store-failed.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Methods } from './front/methods.js';

/** Code → status and title. A code is never reused for another meaning; clients may rely on it. */
export const FAULTS = {
  malformed_body: { status: 400, title: 'The body is not what its media type says' },
  malformed_request: { status: 400, title: 'The request cannot be read' },
  token_missing: { status: 401, title: 'A bearer token is needed' },
  token_refused: { status: 401, title: 'The bearer token is not accepted' },
  purpose_missing: { status: 400, title: 'It must be said what for' },
  purpose_refused: { status: 403, title: 'The role may not do this for that purpose' },
  role_refused: { status: 403, title: 'The role does not allow this' },
  agency_refused: { status: 403, title: 'The role reads its own agency only' },
  trigger_refused: { status: 403, title: 'There is no lawful reason of this kind for that' },
  second_person_needed: { status: 403, title: 'Another person must do this' },
  outside_grant: { status: 403, title: 'The grant does not reach so far' },
  grant_needed: { status: 403, title: 'It takes a grant' },
  grant_not_open: { status: 403, title: 'The grant is not open' },
  decision_not_yours: { status: 403, title: 'The decision is for others to take' },
  not_found: { status: 404, title: 'There is no such thing, or it is not yours to see' },
  method_refused: { status: 405, title: 'The path does not have this method' },
  request_timeout: { status: 408, title: 'The request came too slowly' },
  conflict: { status: 409, title: 'It contradicts what is stored' },
  alert_withdrawn: { status: 409, title: 'The alert was taken back' },
  alert_moved_on: { status: 409, title: 'The alert is no more what was seen' },
  alert_decided: { status: 409, title: 'Somebody has decided on the alert' },
  alert_not_decided: { status: 409, title: 'Nobody has decided on the alert' },
  revision_not_newer: { status: 409, title: 'The revision is not higher than the stored one' },
  zone_in_use: { status: 409, title: 'An order names the zone' },
  held: { status: 409, title: 'A legal hold stands' },
  erased: { status: 409, title: 'What was held under this id was destroyed' },
  order_in_force: { status: 409, title: 'The order is in force' },
  not_minor: { status: 409, title: 'The breach is not minor, or another handles it' },
  already_enrolled: { status: 409, title: 'The device is enrolled already' },
  device_disabled: { status: 409, title: 'The device is disabled' },
  needs_enrolment: { status: 409, title: 'No key can be sent to the device' },
  cursor_unknown: { status: 410, title: 'The cursor is not one of this ledger, or its events are gone' },
  body_too_large: { status: 413, title: 'The body is too large' },
  uri_too_long: { status: 414, title: 'The address is too long' },
  media_type_refused: { status: 415, title: 'The media type is not taken' },
  invalid: { status: 422, title: 'What was sent is refused' },
  decision_not_applicable: { status: 422, title: 'Nothing of that kind is decided about such an alert' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'The gateway failed' },
  streams_full: { status: 503, title: 'Too many live streams' },
  issuer_unavailable: { status: 503, title: 'Tokens cannot be checked' },
  store_unavailable: { status: 503, title: 'It cannot be stored' },
  audit_unavailable: { status: 503, title: 'It cannot be logged' },
} as const satisfies Record<string, { status: number; title: string }>;
export type FaultCode = keyof typeof FAULTS;

/** An answer other than success. `detail` is for the caller, says what to do, and is never logged. */
export class Fault extends Error {
  override readonly name = 'Fault';
  constructor(
    readonly code: FaultCode,
    readonly detail: string,
    readonly problems: readonly Problem[] = [],
    /** ¶45: what the person concerned is to be told, their rights included. */
    readonly toThePerson: string | null = null,
  ) {
    super(code);
  }
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: FaultCode;
  readonly problems: readonly Problem[];
  readonly to_the_person?: string;
}

export function problemBody(fault: Fault): ProblemBody {
  const { status, title } = FAULTS[fault.code];
  return {
    type: `urn:fairwatch:problem:${fault.code}`,
    title,
    status,
    detail: fault.detail,
    code: fault.code,
    problems: fault.problems,
    ...(fault.toThePerson === null ? {} : { to_the_person: fault.toThePerson }),
  };
}

/** Every refusal is answered, counted and logged by its code and route; ids, bodies and tokens stay out of both. */
export function installProblems(app: FastifyInstance, telemetry: Telemetry, methods: Methods): void {
  app.setErrorHandler((error: FastifyError | Fault, request, reply) => {
    const fault = faultOf(error, request.routeOptions.bodyLimit);
    const route = request.routeOptions.url ?? 'unknown';
    if (request.audited !== null) request.audited.reason = fault.code;
    // what broke in the midst of its body was refused at the socket, which is being ended, and counted there
    if (!request.raw.socket.writableEnded) telemetry.count('fairwatch_api_refusals_total', { code: fault.code });
    if (error instanceof StoreFailed) telemetry.log('error', 'api.store_failed', { route, reason: error.reason });
    if (fault.code === 'internal') telemetry.log('error', 'api.internal', { route, error: error.name });
    else telemetry.log(isAccess(fault.code) ? 'warn' : 'debug', `api.${fault.code}`, { route });
    return answer(request, reply, fault);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.of(request.url);
    const fault =
      allowed.length === 0
        ? new Fault('not_found', 'No route has this method and path; see /documentation.')
        : new Fault('method_refused', `This path has ${allowed.join(', ')}; see /documentation.`);
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    telemetry.count('fairwatch_api_refusals_total', { code: fault.code });
    return answer(request, reply, fault);
  });
}

/** For what the router refuses before any hook or handler of ours: an address that is none. It is not repeated. */
export const frameworkErrors =
  (telemetry: Telemetry): NonNullable<FastifyServerOptions['frameworkErrors']> =>
  (error, request, reply) => {
    const long = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
    const fault = long
      ? new Fault('uri_too_long', 'A part of the address is too long.')
      : new Fault('malformed_request', 'The address is no address: see its percent-encoding.');
    telemetry.count('fairwatch_api_refusals_total', { code: fault.code });
    void answer(request, reply, fault);
  };

function answer(_request: FastifyRequest, reply: FastifyReply, fault: Fault): FastifyReply {
  const { status } = FAULTS[fault.code];
  // RFC 6750 §3: says which scheme is wanted, and whether the token that came was the trouble
  if (status === 401) {
    reply.header('www-authenticate', fault.code === 'token_missing' ? 'Bearer' : 'Bearer error="invalid_token"');
  }
  return reply.code(status).header('content-type', 'application/problem+json').send(problemBody(fault));
}

function isAccess(code: FaultCode): boolean {
  return FAULTS[code].status === 401 || FAULTS[code].status === 403;
}

/** Fastify's own refusals, by their codes; what is not known is our failure and says nothing of its inside. */
function faultOf(error: FastifyError | Fault, bodyBytesMax: number): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof StoreFailed) {
    return new Fault(
      'store_unavailable',
      'The disk did not take it, so nothing was changed. Try again when there is room.',
    );
  }
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Fault('body_too_large', `Send less at once: the limit is ${bodyBytesMax} bytes.`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Fault('media_type_refused', 'Send application/json (zones: application/geo+json too).');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Fault('malformed_body', 'The body is not as long as it says.');
    default:
      return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500
        ? new Fault('malformed_request', 'The request cannot be read.')
        : new Fault('internal', 'The gateway failed to answer; it has been logged. Try again.');
  }
}

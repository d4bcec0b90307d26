/**
 * The gate in front of every route: token → caller → rate → policy → purpose; a route that states no action cannot be
 * registered, and what the gate lets through or refuses is logged (audited.ts).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AgencyId } from '../../domain/ids.js';
import { PURPOSES, type Purpose } from '../../domain/purpose.js';
import type { Scope } from '../../domain/role.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { Fault } from '../problems.js';
import { type Action, mustStatePurpose, PURPOSE_HEADER } from './actions.js';
import type { Auditor } from './audited.js';
import { type Right, rightOf } from './policy.js';
import type { Throttle } from './throttle.js';
import type { Caller, TokenVerifier } from './tokens.js';

/** What the gate found out, for the handler. */
export interface Access extends Caller {
  readonly scope: Scope;
  readonly purpose: Purpose;
  /** The development policy holds: synthetic people only. */
  readonly development: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route does, for the policy; `open`: anybody may (health, documentation). */
    action?: Action | 'open';
  }
  interface FastifyRequest {
    access: Access | null;
  }
}

/** Routes under these paths hold no data of anybody and are registered by plugins. */
const openPrefixes = ['/documentation'];
const ALWAYS = new Set(['/livez', '/readyz']);

export interface GateParts {
  readonly tokens: TokenVerifier;
  readonly throttle: Throttle;
  readonly telemetry: Telemetry;
  readonly auditor: Auditor;
}

export function installGate(app: FastifyInstance, parts: GateParts): void {
  const { tokens, throttle, telemetry, auditor } = parts;
  app.decorateRequest('access', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.action !== undefined || openPrefixes.some((prefix) => route.url.startsWith(prefix))) return;
    throw new Error(`route ${String(route.method)} ${route.url} states no action: nobody would guard it`);
  });
  // before the body is read: a stranger makes us parse nothing
  app.addHook('onRequest', async (request, reply) => {
    const action = request.routeOptions.config.action;
    if (action === undefined || action === 'open') {
      // who asks whether we live comes through the same proxy as a flood may: it must not look like our end
      if (!ALWAYS.has(request.routeOptions.url ?? '')) holdBack(reply, throttle.open(request.ip));
      return;
    }
    const audited = auditor.begin(request, action);
    const token = bearerOf(request);
    holdBack(reply, throttle.beforeLooking(request.ip, token));
    const caller = await identify(request, token, parts);
    const { user, role, agency } = caller;
    audited.actor = { kind: 'person', user, role, agency };
    holdBack(reply, throttle.known(caller, token ?? '', action));
    const right = rightOf(role, action, tokens.development);
    if (right === null) {
      telemetry.log('warn', 'access.role_refused', { role, action });
      throw new Fault('role_refused', `The role ${role} may not do ${action}.`);
    }
    const purpose = purposeOf(request, action, right);
    audited.purpose = purpose;
    request.access = { ...caller, scope: right.scope, purpose, development: tokens.development };
  });
  auditor.install(app);
}

function purposeOf(request: FastifyRequest, action: Action, { purposes }: Right): Purpose {
  const sent = request.headers[PURPOSE_HEADER];
  const choice = `one of ${purposes.join(', ')}`;
  if (sent === undefined || sent === '') {
    if (!mustStatePurpose(action)) return purposes[0];
    throw new Fault('purpose_missing', `Say what for: send the header "Fairwatch-Purpose" with ${choice}.`);
  }
  const purpose = PURPOSES.find((known) => known === sent);
  if (purpose !== undefined && purposes.includes(purpose)) return purpose;
  throw new Fault('purpose_refused', `This is not for that purpose: send "Fairwatch-Purpose" with ${choice}.`);
}

/** The bearer token that came with a request; null: none. */
export function bearerOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization;
  return header === undefined ? null : (/^Bearer +([^\s]+)$/i.exec(header)?.[1] ?? null);
}

function holdBack(reply: FastifyReply, waitMs: number): void {
  if (waitMs === 0) return;
  const waitS = Math.max(1, Math.ceil(waitMs / 1_000));
  reply.header('retry-after', String(waitS));
  throw new Fault('rate_limited', `Ask again in ${waitS} s, and then less often.`);
}

async function identify(
  request: FastifyRequest,
  token: string | null,
  { tokens, throttle, telemetry }: GateParts,
): Promise<Caller> {
  const verified = token === null ? null : await tokens.verify(token);
  if (verified?.ok === true) return verified.value;
  // the token may be good: a client that was told otherwise would throw it away
  if (verified?.fault === 'keys_unavailable') {
    throw new Fault('issuer_unavailable', 'The keys of the issuer of tokens cannot be had. Try again in a moment.');
  }
  throttle.refused(request.ip, token);
  if (verified === null) throw new Fault('token_missing', 'Send the header "Authorization: Bearer TOKEN".');
  telemetry.log('warn', 'access.token_refused', { reason: verified.fault });
  throw new Fault('token_refused', 'The token is expired, altered, or of an issuer that is not trusted here.');
}

/** The access of a guarded route. */
export function accessOf(request: FastifyRequest): Access {
  if (request.access === null) throw new Error('the route is not guarded');
  return request.access;
}

/** May this caller see what that agency supervises? Null: supervised by nobody, the monitoring centre's own. */
export function maySee(access: Access, agency: AgencyId | null, monitoringAgency: AgencyId): boolean {
  return access.scope === 'all' || access.agency === (agency ?? monitoringAgency);
}

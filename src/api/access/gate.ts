/** The gate in front of every route: token → caller → policy; a route that states no action cannot be registered. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AgencyId } from '../../domain/ids.js';
import type { Scope } from '../../domain/role.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { Fault } from '../problems.js';
import type { Action } from './actions.js';
import { scopeOf } from './policy.js';
import type { Caller, TokenVerifier } from './tokens.js';

/** What the gate found out, for the handler. */
export interface Access extends Caller {
  readonly scope: Scope;
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

export function installGate(app: FastifyInstance, tokens: TokenVerifier, telemetry: Telemetry): void {
  app.decorateRequest('access', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.action !== undefined || openPrefixes.some((prefix) => route.url.startsWith(prefix))) return;
    throw new Error(`route ${String(route.method)} ${route.url} states no action: nobody would guard it`);
  });
  // before the body is read: a stranger makes us parse nothing
  app.addHook('onRequest', async (request) => {
    const action = request.routeOptions.config.action;
    if (action === undefined || action === 'open') return;
    const caller = await identify(request, tokens, telemetry);
    const scope = scopeOf(caller.role, action, tokens.development);
    if (scope === null) {
      telemetry.log('warn', 'access.role_refused', { role: caller.role, action });
      throw new Fault('role_refused', `The role ${caller.role} may not do ${action}.`);
    }
    request.access = { ...caller, scope };
  });
}

async function identify(request: FastifyRequest, tokens: TokenVerifier, telemetry: Telemetry): Promise<Caller> {
  const header = request.headers.authorization;
  const token = header === undefined ? null : (/^Bearer +([^\s]+)$/i.exec(header)?.[1] ?? null);
  if (token === null) throw new Fault('token_missing', 'Send the header "Authorization: Bearer TOKEN".');
  const verified = await tokens.verify(token);
  if (verified.ok) return verified.value;
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

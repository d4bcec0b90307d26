/** Builds the HTTP API; it never listens, so that tests inject requests and the composition decides on the socket. */
import Fastify, { type FastifyInstance } from 'fastify';
import { Auditor } from './access/audited.js';
import { installGate } from './access/gate.js';
import { RefusedReadsWatch } from './access/refused-reads.js';
import { Restrictions } from './access/restricted.js';
import { targetOf } from './access/target.js';
import { THROTTLE_LIMITS, Throttle } from './access/throttle.js';
import { alertDecisionRoutes } from './alert-decisions.js';
import { alertStreamRoute } from './alert-stream.js';
import { alertRoutes } from './alerts.js';
import { auditRoutes } from './audit.js';
import { API_LIMITS, type ApiDeps } from './deps.js';
import { devClockRoutes } from './dev-clock.js';
import { deviceWishRoutes } from './device-wishes.js';
import { deviceRoutes } from './devices.js';
import { installDocumentation } from './documentation.js';
import { dutyRoutes } from './duties.js';
import { boundAddresses, isProxy } from './front/addresses.js';
import { installBodies } from './front/bodies.js';
import { installFront } from './front/front.js';
import { FRONT_LIMITS } from './front/limits.js';
import { watchMethods } from './front/methods.js';
import { boundServer, serverOptions } from './front/sockets.js';
import { grantReadRoutes } from './grant-reads.js';
import { grantRoutes } from './grants.js';
import { healthRoutes } from './health.js';
import { OrderIndex } from './order-index.js';
import { orderRoutes } from './orders.js';
import { frameworkErrors, installProblems } from './problems.js';
import { quarantineRoutes } from './quarantine.js';
import { restrictionRoutes } from './restrictions.js';
import { subjectRoutes } from './subjects.js';
import { zoneRoutes } from './zones.js';

/** Plugins load when it is first readied (`await app.ready()`, `listen` or `inject`). */
export function buildApp(deps: ApiDeps): FastifyInstance {
  const limits = { ...API_LIMITS, ...deps.limits };
  const front = { ...FRONT_LIMITS, ...deps.front };
  const app = Fastify({
    logger: false,
    ...serverOptions(front, deps.telemetry, deps.tls),
    // else nobody's word counts for where a request comes from
    trustProxy: deps.trustedProxies === undefined ? false : [...deps.trustedProxies],
    bodyLimit: front.officeBodyBytesMax,
    // an id has at most 64 characters; a longer one is refused by its parser, with a reason
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: frameworkErrors(deps.telemetry),
    forceCloseConnections: 'idle',
  });
  boundServer(app, front, deps.telemetry);
  const proxy = (address: string) => isProxy(address, deps.trustedProxies);
  boundAddresses(app, front.connectionsPerAddressMax, proxy, deps.telemetry);
  // the schemas are the document; handlers check by zod or codec and name every problem
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));

  installProblems(app, deps.telemetry, watchMethods(app));
  installFront(app, front);
  installBodies(app);
  const orders = new OrderIndex(deps.ledger, deps.commands);
  const refused = new RefusedReadsWatch(limits.refusedReadsMax, (over) => deps.onRefusedReads?.(over));
  const { office } = deps;
  const auditor = new Auditor({
    log: office.audit,
    clock: deps.clock,
    telemetry: deps.telemetry,
    targetOf: (request) => targetOf(request, { ledger: deps.ledger, orders, grants: office.grants }),
    strangersPerMinuteMax: limits.strangersPerMinuteMax,
    heldBackPerMinuteMax: limits.heldBackPerMinuteMax,
    onRefusal: (event) => refused.note(event),
  });
  const throttle = new Throttle({ ...THROTTLE_LIMITS, ...deps.throttle });
  installGate(app, { tokens: deps.tokens, throttle, telemetry: deps.telemetry, auditor });
  const restrictions = new Restrictions(orders, office.register, deps.monitoringAgency);
  app.register(async (routes) => {
    await installDocumentation(routes);
    orderRoutes(routes, deps, limits, restrictions);
    restrictionRoutes(routes, deps, restrictions);
    zoneRoutes(routes, deps, limits, orders);
    deviceRoutes(routes, deps);
    deviceWishRoutes(routes, deps, limits);
    if (deps.quarantine !== undefined) quarantineRoutes(routes, deps, deps.quarantine, limits);
    subjectRoutes(routes, deps, orders, restrictions);
    alertRoutes(routes, deps, restrictions, orders);
    alertDecisionRoutes(routes, deps, limits, restrictions);
    alertStreamRoute(routes, deps, limits, restrictions, auditor);
    grantRoutes(routes, deps, orders, restrictions);
    grantReadRoutes(routes, deps, restrictions, auditor);
    auditRoutes(routes, office.audit, restrictions);
    dutyRoutes(routes, { deps, duties: office.duties, restrictions, auditor }, orders);
    healthRoutes(routes, deps);
    if (deps.steppedClock !== undefined) devClockRoutes(routes, deps.steppedClock);
  });
  return app;
}

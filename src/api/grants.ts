/** `/v1/grants`: asked for, approved by another, reviewed, revoked; who may is the tables' to say. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Grant } from '../domain/grant.js';
import { type OrderId, parseAlertId, parseOrderId, parseSubjectId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Result } from '../domain/result.js';
import type { GrantRefusal } from '../ports/grants.js';
import { concerns } from './access/audited.js';
import { type Access, accessOf } from './access/gate.js';
import { mayKnowOf } from './access/grant-view.js';
import type { Restrictions } from './access/restricted.js';
import type { ApiDeps } from './deps.js';
import { describe } from './documentation.js';
import {
  grantBody,
  grantHistorySchema,
  grantListQuery,
  grantListSchema,
  grantSchema,
  grantToJson,
  requestOf,
  reviewBody,
  revokeBody,
} from './grant-json.js';
import type { OrderIndex } from './order-index.js';
import { parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented } from './schemas.js';

interface Path {
  Params: { grant_id: string };
}

export function grantRoutes(app: FastifyInstance, deps: ApiDeps, orders: OrderIndex, restrictions: Restrictions): void {
  const { office, clock, ledger } = deps;
  const { grants } = office;
  const shown = (grant: Grant) => grantToJson(grant, grants.stateOf(grant, clock.nowMs()));

  app.post(
    '/v1/grants',
    {
      config: { action: 'grants.request' },
      schema: describe({
        summary: 'Asks for a look at stored records; Fairwatch-Purpose says what for. Another person approves',
        tag: 'grants',
        body: documented(grantBody),
        answers: { 201: grantSchema },
        refusals: [400, 404, 422],
      }),
    },
    async (request, reply) => {
      const access = accessOf(request);
      const body = parseWith(grantBody, request.body, 'request');
      if (body.purpose !== undefined && body.purpose !== access.purpose) {
        throw new Fault('invalid', 'The request is refused; see problems.', [
          { path: 'purpose', expected: `what the header Fairwatch-Purpose says, ${access.purpose}`, got: body.purpose },
        ]);
      }
      const order = orderOf(body, access);
      const answer = await grants.request(requestOf(body, order.orderId), access.purpose, access, clock.nowMs());
      const grant = taken(answer);
      concerns(request, { orderId: grant.orderId, subjectId: grant.subjectId, detail: { grant_id: grant.grantId } });
      return reply.code(201).header('location', `/v1/grants/${grant.grantId}`).send(shown(grant));
    },
  );

  app.get(
    '/v1/grants',
    {
      config: { action: 'grants.read' },
      schema: describe({
        summary: 'Grants that concern your agency, in the order of asking; standing trail grants are not listed',
        tag: 'grants',
        query: documented(grantListQuery),
        answers: { 200: grantListSchema },
        refusals: [422],
      }),
    },
    async (request) => {
      const { order_id, state, limit, after } = parseWith(grantListQuery, request.query, 'query');
      const orderId = parseOrderId(order_id);
      const found: ReturnType<typeof shown>[] = [];
      let skipping = after !== undefined;
      for (const grant of grants.list(orderId.ok ? orderId.value : undefined)) {
        if (skipping) {
          skipping = grant.grantId !== after;
          continue;
        }
        if (!mayKnow(accessOf(request), grant)) continue;
        const json = shown(grant);
        if (state !== undefined && json.state !== state) continue;
        if (found.length === limit) return { grants: found, more: true };
        found.push(json);
      }
      return { grants: found, more: false };
    },
  );

  app.get<Path>(
    '/v1/grants/:grant_id',
    {
      config: { action: 'grants.read' },
      schema: describe({
        summary: 'A grant with every version of it; trail.ORDER is the standing grant of a trail condition',
        tag: 'grants',
        params: ['grant_id'],
        answers: { 200: grantHistorySchema },
        refusals: [404],
      }),
    },
    async (request) => {
      const grant = known(request);
      return { grant: shown(grant), versions: grants.history(grant.grantId).map(shown) };
    },
  );

  const act = (
    name: 'approve' | 'review' | 'revoke',
    summary: string,
    body: Parameters<typeof documented>[0] | null,
    run: (grant: Grant, raw: unknown, access: Access) => Promise<Result<Grant, GrantRefusal>>,
  ) =>
    app.post<Path>(
      `/v1/grants/:grant_id/${name}`,
      {
        config: { action: `grants.${name}` },
        schema: describe({
          summary,
          tag: 'grants',
          params: ['grant_id'],
          ...(body === null ? {} : { body: documented(body) }),
          answers: { 200: grantSchema },
          refusals: [400, 404, 409, ...(body === null ? [] : [422])],
        }),
      },
      async (request) => shown(taken(await run(known(request), request.body, accessOf(request)))),
    );

  act('approve', 'Opens a grant that another person has asked for', null, (grant, _body, access) =>
    grants.approve(grant.grantId, access, clock.nowMs()),
  );
  act('review', 'Says of a grant that opened by itself whether it was justified', reviewBody, (grant, raw, access) =>
    grants.review(grant.grantId, parseWith(reviewBody, raw, 'review'), access, clock.nowMs()),
  );
  act('revoke', 'Ends a grant', revokeBody, (grant, raw, access) =>
    grants.revoke(grant.grantId, parseWith(revokeBody, raw, 'revocation').reason, access, clock.nowMs()),
  );

  /** A grant that this caller may know of. */
  function known(request: FastifyRequest<Path>): Grant {
    const grant = grants.get(request.params.grant_id);
    if (grant === null || !mayKnow(accessOf(request), grant)) throw new Fault('not_found', 'No such grant.');
    return grant;
  }

  function mayKnow(access: Access, grant: Grant): boolean {
    const order = ledger.orderRevisions(grant.orderId).at(-1)?.order;
    return order !== undefined && mayKnowOf(access, grant, order, restrictions);
  }

  /** The order that is asked about, by the alert, the order or the person that the body names. */
  function orderOf(body: z.output<typeof grantBody>, access: Access) {
    const subject = parseSubjectId(body.subject_id);
    const alert = parseAlertId(body.alert_id);
    const byAlert = alert.ok ? (ledger.alert(alert.value).at(-1)?.version.orderId ?? null) : null;
    const named = parseOrderId(body.order_id);
    const wanted: OrderId | null = named.ok ? named.value : byAlert;
    // whoever may ask about others' orders (police, with a case) may name them; for the rest they do not exist
    const scope = grants.reachOf(body.trigger, access.role) ?? 'own';
    const visible = (order: Order) => restrictions.mayLook({ ...access, scope }, order);
    const found = (subject.ok ? orders.ofSubject(subject.value) : [])
      .filter((order) => wanted === null || order.orderId === wanted)
      .filter(visible);
    const [order, second] = found;
    if (order === undefined) throw new Fault('not_found', 'No such order of such a person.');
    if (second === undefined) return order;
    throw new Fault('invalid', 'Several orders concern the person: say which.', [
      { path: 'order_id', expected: 'one of the orders of this person', got: 'nothing' },
    ]);
  }
}

/** The grant, or the refusal as the API answers it. */
export function taken<T>(answer: Result<T, GrantRefusal>): T {
  if (answer.ok) return answer.value;
  const { code, detail, problems } = answer.fault;
  throw new Fault(code, detail, problems ?? []);
}

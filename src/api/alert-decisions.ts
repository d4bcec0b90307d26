/** `POST /v1/alerts/{id}/acknowledge|decide|reconsider`: what people do about an alert, and nobody else (¶57). */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { alertToJson } from '../codec/alert-json.js';
import { type AlertVersion, type AskedAct, DECISION_KINDS, ROUTE_BODIES } from '../domain/alert.js';
import type { Person } from '../domain/grant.js';
import { type AlertId, parseAlertId } from '../domain/ids.js';
import { type ActRefusalCode, actRefused, standsAlready } from '../rules/acts.js';
import { concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import type { Restrictions } from './access/restricted.js';
import type { ApiDeps, ApiLimits } from './deps.js';
import { describe } from './documentation.js';
import { parseId, parseWith, shown } from './parse.js';
import { Fault } from './problems.js';
import { alert as alertSchema, documented } from './schemas.js';
import { settle } from './settle.js';

const version = z
  .number('the version that was seen')
  .int('the version that was seen')
  .min(1, 'the version that was seen')
  .meta({ examples: [2] });
const reason = z.string('a reason in words, of 1 to 4000 characters').trim().min(1, 'a reason in words').max(4_000);
const decision = z
  .enum(DECISION_KINDS, `one of ${DECISION_KINDS.join(', ')}`)
  .meta({ examples: ['reasonable_excuse'] });
const referredTo = z.enum([...ROUTE_BODIES, 'police', 'court'], 'to whom it is referred').optional();
const onBehalfOf = z.enum(['wearer', 'victim', 'agency'], 'wearer, victim or agency');

const acknowledgeBody = z
  .strictObject({ version: version.optional(), reason: reason.optional() })
  .meta({ examples: [{ version: 1, reason: 'Rung the home; no answer yet.' }] });
const decideBody = z.strictObject({ version, decision, reason, referred_to: referredTo }).meta({
  examples: [
    { version: 2, decision: 'reasonable_excuse', reason: 'Taken to A&E by ambulance; the ward has confirmed it.' },
    { version: 2, decision: 'referred', reason: 'Third absence in a week.', referred_to: 'ppcs' },
  ],
});
/** Either a decision that takes the place of the former, or a request that one be taken. */
const reconsiderBody = z
  .union(
    [
      z.strictObject({ version, decision, reason, referred_to: referredTo }),
      z.strictObject({ version, on_behalf_of: onBehalfOf, reason }),
    ],
    'version and reason, with a decision, or with on_behalf_of to ask for one',
  )
  .meta({
    examples: [
      { version: 3, decision: 'confirmed', reason: 'The ward has no record of that evening.' },
      { version: 3, on_behalf_of: 'wearer', reason: 'Says that the letter of the ward was not looked at.' },
    ],
  });

const answer = {
  type: 'object',
  properties: {
    outcome: {
      enum: ['done', 'unchanged', 'logged'],
      description: 'unchanged: it stood already; logged: it is kept, and will be carried out soon',
    },
    alert: alertSchema,
  },
  required: ['outcome', 'alert'],
};

/** What the caller can do about each refusal. */
const ADVICE: Readonly<Record<ActRefusalCode, string>> = {
  alert_withdrawn: 'Later data has shown that it never was: nothing is left to decide.',
  alert_moved_on: 'Look at the newest version, and say what you make of that one.',
  alert_decided: 'Somebody has decided. Ask another person to reconsider it.',
  alert_not_decided: 'Nobody has decided on it yet: decide.',
  second_person_needed: 'Whoever has decided on it before may not reconsider it; another person must.',
  decision_not_applicable: 'This cannot be decided about such an alert; see problems.',
  decision_not_yours: 'By the order this is for others to decide; see problems.',
};

type Path = { Params: { alert_id: string } };

export function alertDecisionRoutes(
  app: FastifyInstance,
  deps: ApiDeps,
  limits: ApiLimits,
  restrictions: Restrictions,
): void {
  const route = (
    name: 'acknowledge' | 'decide' | 'reconsider',
    o: { readonly summary: string; readonly body: z.ZodType },
    actOf: (body: unknown, by: Person) => { readonly version: number | null; readonly act: AskedAct },
  ): void => {
    app.post<Path>(
      `/v1/alerts/:alert_id/${name}`,
      {
        config: { action: `alerts.${name}` },
        schema: describe({
          summary: o.summary,
          tag: 'alerts',
          params: ['alert_id'],
          body: documented(o.body),
          answers: { 200: answer, 202: answer },
          refusals: [400, 404, 409, 422],
        }),
      },
      async (request, reply) => {
        const { user, role, agency } = accessOf(request);
        const alertId = parseId(parseAlertId, request.params.alert_id, 'alert_id');
        const asked = actOf(request.body, { user, role, agency });
        const newest = newestFor(request, alertId);
        const { act } = asked;
        const version = asked.version ?? newest.version;
        concerns(request, { orderId: newest.orderId, subjectId: newest.subjectId, detail: { version } });
        const done = await carryOut(newest, version, act);
        return reply.code(done.outcome === 'logged' ? 202 : 200).send(done);
      },
    );
  };

  /** Throws `not_found` where there is none, or none that this caller may look at. */
  const newestFor = (request: FastifyRequest, alertId: AlertId): AlertVersion => {
    const newest = deps.ledger.alert(alertId).at(-1)?.version;
    if (newest === undefined || !restrictions.mayLookAt(accessOf(request), newest.orderId, newest.agency)) {
      throw new Fault('not_found', 'No such alert.');
    }
    return newest;
  };

  const carryOut = async ({ alertId, orderId }: AlertVersion, seenVersion: number, act: AskedAct) => {
    const versions = deps.ledger.alert(alertId).map((placed) => placed.version);
    const newest = versions.at(-1);
    if (newest === undefined) throw new Fault('not_found', 'No such alert.');
    if (!versions.some((one) => one.version === seenVersion)) {
      const expected = `a version of the alert, of which ${newest.version} is the newest`;
      const problems = [{ path: 'version', expected, got: shown(seenVersion) }];
      throw new Fault('invalid', 'There is no such version.', problems);
    }
    if (standsAlready(newest, seenVersion, act)) return { outcome: 'unchanged', alert: alertToJson(newest) };
    const refused = actRefused(versions, seenVersion, act);
    if (refused !== null) throw new Fault(refused.code, ADVICE[refused.code], refused.problems);
    const command = { kind: 'handle_alert', alertId, orderId, seenVersion, act, by: act.by.user } as const;
    const outcome = await settle(deps.commands, command, deps.clock.nowMs(), limits.settleMs).catch(
      (error: unknown) => {
        throw overtaken(error, alertId, seenVersion, act);
      },
    );
    const now = deps.ledger.alert(alertId).at(-1)?.version ?? newest;
    if (outcome === null) return { outcome: 'logged', alert: alertToJson(now) };
    return { outcome: outcome.created ? 'done' : 'unchanged', alert: alertToJson(now) };
  };

  /** Somebody was quicker: what the engine calls a conflict is what it would have been, had it been asked a moment later. */
  const overtaken = (error: unknown, alertId: AlertId, seenVersion: number, act: AskedAct): unknown => {
    if (!(error instanceof Fault) || error.code !== 'conflict') return error;
    const versions = deps.ledger.alert(alertId).map((placed) => placed.version);
    const refused = versions.length === 0 ? null : actRefused(versions, seenVersion, act);
    return refused === null ? error : new Fault(refused.code, ADVICE[refused.code], refused.problems);
  };

  route(
    'acknowledge',
    { summary: 'Somebody has seen the alert and looks into it', body: acknowledgeBody },
    (raw, by) => {
      // who has only seen that there is an alert judges nothing of it: no version need be named, nor anything said
      const body = parseWith(acknowledgeBody, raw ?? {}, 'acknowledgement');
      return { version: body.version ?? null, act: { action: 'acknowledge', by, reason: body.reason ?? null } };
    },
  );

  route(
    'decide',
    {
      summary:
        'A person decides on the alert as they saw it; that one which ran has ended since is no obstacle, other changes are (409)',
      body: decideBody,
    },
    (raw, by) => {
      const body = parseWith(decideBody, raw, 'decision');
      const { decision: kind, reason, referred_to: to } = body;
      return { version: body.version, act: { action: 'decide', by, kind, reason, referredTo: to ?? null } };
    },
  );

  route(
    'reconsider',
    {
      summary: 'Another person decides anew (with a decision), or somebody asks that one be taken anew (on_behalf_of)',
      body: reconsiderBody,
    },
    (raw, by) => {
      const body = parseWith(reconsiderBody, raw, 'reconsideration');
      if ('on_behalf_of' in body) {
        const { on_behalf_of: onBehalf, reason } = body;
        return { version: body.version, act: { action: 'request_reconsideration', by, reason, onBehalfOf: onBehalf } };
      }
      const { decision: kind, reason, referred_to: to } = body;
      return { version: body.version, act: { action: 'reconsider', by, kind, reason, referredTo: to ?? null } };
    },
  );
}

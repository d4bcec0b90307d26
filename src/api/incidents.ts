/** `/v1/incidents`: loss or compromise of data, with its 24 h and 72 h clocks (¶36–42). */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { dutyJson } from '../codec/duty-json.js';
import { INCIDENT_KINDS, type IncidentDocument, type IncidentUpdate } from '../ports/duties/incidents.js';
import { describe } from './documentation.js';
import {
  type DutyRoutes,
  documentJson,
  documentSchema,
  done,
  instant,
  pageOf,
  pageQuery,
  pageSchema,
  personOf,
  prose,
} from './duty.js';
import { parseWith } from './parse.js';
import { Fault } from './problems.js';
import { documented } from './schemas.js';

const factors = z.strictObject({
  nature_of_information: prose(),
  records_involved: z.number('a number').int().min(0).nullable(),
  possible_impact: prose(),
});
const reportBody = z.strictObject({
  kind: z.enum(INCIDENT_KINDS, `one of ${INCIDENT_KINDS.join(', ')}`),
  summary: prose().meta({ examples: ['A laptop with an unencrypted list of alerts was left on a train.'] }),
  identified: instant.optional().meta({ description: 'when it was noticed: both clocks run from then; absent: now' }),
  factors: factors.optional(),
});
const updateBody = z.strictObject({
  factors: factors.optional(),
  significant: z.boolean().optional(),
  directorate_told: instant.optional(),
  commissioner: z
    .discriminatedUnion('decision', [
      z.strictObject({ decision: z.literal('notified'), at: instant }),
      z.strictObject({ decision: z.literal('not_notified'), reasons: prose() }),
    ])
    .optional(),
  senior_official_informed: instant.optional(),
  persons_told: instant.optional(),
  mitigation: prose().optional(),
  findings: prose(20_000).optional(),
  close: z.literal(true).optional(),
});

const clock = { type: 'object', description: 'when it is due, when it was met, and by whom' };
const left = { type: ['integer', 'null'], description: 'seconds until it is due; negative: overdue; null: met' };
const incident = documentSchema('An incident', {
  state: { enum: ['open', 'closed'] },
  kind: { enum: INCIDENT_KINDS },
  cause: { type: 'string' },
  summary: { type: 'string' },
  identified: { type: 'string', format: 'date-time' },
  directorate: clock,
  commissioner: clock,
  directorate_left_s: left,
  commissioner_left_s: left,
});

interface Path {
  Params: { incident_id: string };
}

export function incidentRoutes(app: FastifyInstance, o: DutyRoutes): void {
  const { incidents } = o.duties;
  const shown = (document: IncidentDocument) => ({
    ...documentJson(document),
    ...(dutyJson(incidents.clocks(document)) as object),
  });

  app.post(
    '/v1/incidents',
    {
      config: { action: 'incidents.open' },
      schema: describe({
        summary: 'Reports a loss or compromise of data; everybody may, and must',
        tag: 'incidents',
        body: documented(reportBody),
        answers: { 201: incident },
        refusals: [400, 422],
      }),
    },
    async (request, reply) => {
      const { kind, summary, identified, factors } = parseWith(reportBody, request.body, 'report');
      const report = {
        kind,
        summary,
        identifiedMs: identified === undefined ? null : Date.parse(identified),
        factors: factors === undefined ? null : factorsOf(factors),
      };
      return reply.code(201).send(shown(done(await incidents.report(personOf(request), report))));
    },
  );

  app.get(
    '/v1/incidents',
    {
      config: { action: 'incidents.read' },
      schema: describe({
        summary: 'Incidents, with the time that is left to tell whom must be told',
        tag: 'incidents',
        query: documented(pageQuery),
        answers: { 200: pageSchema('incidents', incident) },
        refusals: [422],
      }),
    },
    async (request) => {
      const { page, more } = pageOf(incidents.list(), parseWith(pageQuery, request.query, 'query'));
      return { incidents: page.map(shown), more };
    },
  );

  app.get<Path>(
    '/v1/incidents/:incident_id',
    {
      config: { action: 'incidents.read' },
      schema: describe({
        summary: 'One incident',
        tag: 'incidents',
        params: ['incident_id'],
        answers: { 200: incident },
        refusals: [404],
      }),
    },
    async (request) => {
      const found = incidents.get(request.params.incident_id);
      if (found === null) throw new Fault('not_found', 'No such incident.');
      return shown(found);
    },
  );

  app.post<Path>(
    '/v1/incidents/:incident_id/update',
    {
      config: { action: 'incidents.update' },
      schema: describe({
        summary: 'Adds what was found out, decided and told; closes it when both clocks are met',
        tag: 'incidents',
        params: ['incident_id'],
        body: documented(updateBody),
        answers: { 200: incident },
        refusals: [400, 404, 409, 422],
      }),
    },
    async (request) => {
      const update = updateOf(parseWith(updateBody, request.body, 'update'));
      return shown(done(await incidents.update(personOf(request), request.params.incident_id, update)));
    },
  );
}

const factorsOf = (given: z.output<typeof factors>) => ({
  natureOfInformation: given.nature_of_information,
  recordsInvolved: given.records_involved,
  possibleImpact: given.possible_impact,
});

function updateOf(body: z.output<typeof updateBody>): IncidentUpdate {
  const { factors, significant, mitigation, findings, close, commissioner } = body;
  const time = (text: string | undefined, name: string) => (text === undefined ? {} : { [name]: Date.parse(text) });
  return {
    ...(factors === undefined ? {} : { factors: factorsOf(factors) }),
    ...(significant === undefined ? {} : { significant }),
    ...(mitigation === undefined ? {} : { mitigation }),
    ...(findings === undefined ? {} : { findings }),
    ...(close === undefined ? {} : { close }),
    ...time(body.directorate_told, 'directorateToldMs'),
    ...time(body.senior_official_informed, 'seniorOfficialMs'),
    ...time(body.persons_told, 'personsToldMs'),
    ...(commissioner === undefined
      ? {}
      : {
          commissioner:
            commissioner.decision === 'notified'
              ? { decision: 'notified', atMs: Date.parse(commissioner.at) }
              : commissioner,
        }),
  };
}

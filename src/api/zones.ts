/** `/v1/zones/{zone_id}`: shared zones as GeoJSON Features. */
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { parseZoneFeature, zoneToJson } from '../codec/zone-json.js';
import { parseZoneId } from '../domain/ids.js';
import { accessOf } from './access/gate.js';
import type { ApiDeps, ApiLimits } from './deps.js';
import { describe } from './documentation.js';
import type { OrderIndex } from './order-index.js';
import { parseId, shown } from './parse.js';
import { Fault } from './problems.js';
import { stored, zone as zoneSchema } from './schemas.js';
import { settle } from './settle.js';

interface Path {
  Params: { zone_id: string };
}

export function zoneRoutes(app: FastifyInstance, deps: ApiDeps, limits: ApiLimits, orders: OrderIndex): void {
  const { ledger, commands, clock } = deps;

  app.put<Path>(
    '/v1/zones/:zone_id',
    {
      bodyLimit: limits.bodyBytesMax,
      config: { action: 'zones.write', alsoTakes: ['application/geo+json'] },
      schema: describe({
        summary: 'Stores or replaces a shared zone; the same geometry again changes nothing',
        tag: 'zones',
        params: ['zone_id'],
        body: zoneSchema,
        answers: { 200: stored, 201: stored, 202: stored },
        refusals: [400, 413, 422],
      }),
    },
    async (request, reply) => {
      const zoneId = parseId(parseZoneId, request.params.zone_id, 'zone_id');
      const before = ledger.zone(zoneId);
      const parsed = parseZoneFeature(request.body, (before?.revision ?? 0) + 1);
      if (!parsed.ok) throw new Fault('invalid', 'The zone is refused; see problems.', parsed.fault);
      const zone = parsed.value;
      if (zone.zoneId !== zoneId) {
        throw new Fault('invalid', 'The zone is refused; see problems.', [
          { path: 'id', expected: `the id in the path, ${shown(zoneId)}`, got: shown(zone.zoneId) },
        ]);
      }
      const answer = (outcome: string, revision = zone.revision) => ({ id: zoneId, revision, outcome });
      if (before !== null && isDeepStrictEqual(before.shape, zone.shape)) return answer('unchanged', before.revision);
      const command = { kind: 'put_zone', zone, by: accessOf(request).user } as const;
      const outcome = await settle(commands, command, clock.nowMs(), limits.settleMs);
      if (outcome === null) return reply.code(202).send(answer('logged'));
      return reply.code(outcome.created ? 201 : 200).send(answer(outcome.created ? 'created' : 'replaced'));
    },
  );

  app.get<Path>(
    '/v1/zones/:zone_id',
    {
      config: { action: 'zones.read' },
      schema: describe({
        summary: 'A shared zone',
        tag: 'zones',
        params: ['zone_id'],
        answers: { 200: zoneSchema, 304: null },
        refusals: [404, 422],
      }),
    },
    async (request, reply) => {
      const zone = ledger.zone(parseId(parseZoneId, request.params.zone_id, 'zone_id'));
      if (zone === null) throw new Fault('not_found', 'No such zone.');
      const etag = `"${zone.revision}"`;
      reply.header('etag', etag).header('cache-control', 'private, no-cache');
      return request.headers['if-none-match'] === etag ? reply.code(304).send() : zoneToJson(zone);
    },
  );

  app.delete<Path>(
    '/v1/zones/:zone_id',
    {
      config: { action: 'zones.write' },
      schema: describe({
        summary: 'Deletes a shared zone that no order names',
        tag: 'zones',
        params: ['zone_id'],
        answers: { 200: stored, 202: stored },
        refusals: [404, 409, 422],
      }),
    },
    async (request, reply) => {
      const zoneId = parseId(parseZoneId, request.params.zone_id, 'zone_id');
      const zone = ledger.zone(zoneId);
      if (zone === null) throw new Fault('not_found', 'No such zone.');
      const user = orders.naming(zoneId);
      if (user !== null) {
        throw new Fault('zone_in_use', 'Send a revision of the order without the zone first.', [
          { path: 'zone_id', expected: 'a zone that no order names', got: `named by order ${user.orderId}` },
        ]);
      }
      const command = { kind: 'delete_zone', zoneId, by: accessOf(request).user } as const;
      const outcome = await settle(commands, command, clock.nowMs(), limits.settleMs);
      const answer = { id: zoneId, revision: zone.revision, outcome: outcome === null ? 'logged' : 'deleted' };
      return reply.code(outcome === null ? 202 : 200).send(answer);
    },
  );
}

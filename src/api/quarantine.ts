/** `/v1/quarantine`: what was acknowledged and not understood, by label; the payload never leaves over HTTP. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { CommandOutcome } from '../ports/commands.js';
import type { QuarantineReader } from '../ports/quarantine.js';
import { concerns } from './access/audited.js';
import { accessOf } from './access/gate.js';
import type { ApiDeps, ApiLimits } from './deps.js';
import { describe } from './documentation.js';
import { parseWith } from './parse.js';
import { documented, quarantineList, retried } from './schemas.js';

const position = z.number('a position').int('a position').min(1, 'a position');
const listQuery = z.strictObject({
  after: z.coerce.number('a position').int('a position').min(0, 'a position').optional(),
  limit: z.coerce.number('a number from 1 to 1000').int().min(1).max(1_000).default(100),
});
const retryBody = z.strictObject({
  positions: z.array(position, '1 to 1000 positions').min(1, '1 to 1000 positions').max(1_000, '1 to 1000 positions'),
});

/** What became of one: `left` keeps the reason; `gone` was not there; `logged` is under way. */
interface Retried {
  readonly position: number;
  readonly outcome: 'accepted' | 'left' | 'gone' | 'logged';
  readonly reason: string | null;
}

export function quarantineRoutes(
  app: FastifyInstance,
  { commands, clock }: ApiDeps,
  quarantine: QuarantineReader,
  limits: ApiLimits,
): void {
  app.get(
    '/v1/quarantine',
    {
      config: { action: 'quarantine.read' },
      schema: describe({
        summary: 'What was acknowledged and not understood, oldest first: device, arrival, reason, size',
        tag: 'quarantine',
        query: documented(listQuery),
        answers: { 200: quarantineList },
        refusals: [422],
      }),
    },
    async (request) => {
      const { after = 0, limit } = parseWith(listQuery, request.query, 'query');
      const items = [];
      for (const label of quarantine.list()) {
        if (label.position <= after) continue;
        if (items.length === limit) return { items, more: true };
        items.push({
          position: label.position,
          device_id: label.deviceId,
          received: new Date(label.receivedMs).toISOString(),
          reason: label.reason,
          bytes: label.byteLength,
        });
      }
      concerns(request, { detail: { items: items.length } });
      return { items, more: false };
    },
  );

  app.post(
    '/v1/quarantine/retry',
    {
      config: { action: 'quarantine.retry' },
      schema: describe({
        summary: 'Tries these again, as they came: after a late enrolment, or when a key is restored',
        tag: 'quarantine',
        body: documented(retryBody),
        answers: { 200: retried },
        refusals: [400, 422],
      }),
    },
    async (request) => {
      const { positions } = parseWith(retryBody, request.body, 'retry');
      const { user } = accessOf(request);
      const asked = [...new Set(positions)].sort((a, b) => a - b);
      concerns(request, { detail: { items: asked.length } });
      const places: { position: number; place: number | null }[] = [];
      for (const one of asked) {
        const item = await quarantine.open(one);
        const command = item === null ? null : ({ kind: 'retry_quarantine', item, by: user } as const);
        const place = command === null ? null : await commands.append(command, clock.nowMs());
        places.push({ position: one, place });
      }
      const untilMs = performance.now() + limits.settleMs;
      const items: Retried[] = [];
      for (const { position: one, place } of places) {
        const waitMs = Math.max(1, untilMs - performance.now());
        const outcome = place === null ? null : await commands.awaitOutcome(place, waitMs);
        items.push(place === null ? { position: one, outcome: 'gone', reason: null } : retriedOf(one, outcome));
      }
      return { items };
    },
  );
}

/** For the command line too. */
export function retriedOf(place: number, outcome: CommandOutcome | null): Retried {
  if (outcome === null) return { position: place, outcome: 'logged', reason: null };
  if (outcome.ok) return { position: place, outcome: outcome.created ? 'accepted' : 'gone', reason: null };
  return { position: place, outcome: 'left', reason: outcome.problems[0]?.got ?? outcome.code };
}

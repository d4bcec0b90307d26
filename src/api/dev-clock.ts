/** `/v1/dev/clock`: reads and moves the stepped clock; it exists only with `serve --clock stepped`. */
import type { FastifyInstance } from 'fastify';
import type { SteppedClock } from '../ports/clock.js';
import { describe } from './documentation.js';
import { parseWith } from './parse.js';
import { clockBody, clock as clockSchema, documented } from './schemas.js';

export function devClockRoutes(app: FastifyInstance, clock: SteppedClock): void {
  app.get(
    '/v1/dev/clock',
    {
      config: { action: 'clock.read' },
      schema: describe({
        summary: 'The time that the gateway goes by',
        tag: 'development',
        answers: { 200: clockSchema },
      }),
    },
    async () => ({ now_ms: clock.nowMs() }),
  );

  app.post(
    '/v1/dev/clock',
    {
      config: { action: 'clock.move' },
      schema: describe({
        summary: 'Moves the time on; answers when everything that fell due has been committed',
        tag: 'development',
        body: documented(clockBody),
        answers: { 200: clockSchema },
        refusals: [400, 422],
      }),
    },
    async (request) => {
      const { to_ms } = parseWith(clockBody, request.body, 'time');
      await clock.advanceTo(to_ms);
      return { now_ms: clock.nowMs() };
    },
  );
}

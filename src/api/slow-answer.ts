/**
 * An answer that goes out as fast as its reader takes it, which may be for hours: whether the reader may go on is asked
 * before each piece, and how much was read is logged when the last has left or the answer broke off.
 */
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Telemetry } from '../ports/telemetry.js';
import { type Auditor, auditedOf } from './access/audited.js';
import { accessOf } from './access/gate.js';

/** Text that is gathered before it goes to the socket. */
const chunkChars = 16_384;

export interface SlowAnswer {
  readonly request: FastifyRequest;
  readonly auditor: Auditor;
  readonly telemetry: Telemetry;
  /** Throws when what allowed the look has ended meanwhile: a grant was revoked, an order restricted. */
  readonly stillMay: () => void;
  /** Items that have been read so far, for the log. */
  readonly count: () => number;
}

export function slowAnswer(answer: SlowAnswer, texts: AsyncIterable<string>): Readable {
  return Readable.from(counted(answer, gathered(answer, texts)));
}

async function* gathered({ request, stillMay }: SlowAnswer, texts: AsyncIterable<string>): AsyncGenerator<string> {
  const { expiresMs } = accessOf(request);
  const look = (): void => {
    // who may no longer ask for it may no longer be given it
    if (Date.now() >= expiresMs) throw new Error('the token has ended');
    stillMay();
  };
  let text = '';
  for await (const more of texts) {
    text += more;
    if (text.length < chunkChars) continue;
    look();
    yield text;
    text = '';
  }
  look();
  if (text !== '') yield text;
}

async function* counted(answer: SlowAnswer, source: AsyncIterable<string>): AsyncGenerator<string> {
  const { request, auditor, telemetry, count } = answer;
  let whole = false;
  try {
    yield* source;
    whole = true;
  } catch (error) {
    telemetry.log('error', 'api.review_failed', { error: error instanceof Error ? error.name : 'unknown' });
    throw error;
  } finally {
    await auditor
      .more(auditedOf(request), { records: count(), whole })
      .catch(() => telemetry.log('error', 'audit.unavailable', { route: request.routeOptions.url ?? 'unknown' }));
  }
}

/** Counts what passes. */
export class Counted {
  count = 0;
  async *of<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const item of items) {
      yield item;
      this.count++;
    }
  }
}

/**
 * The log around every route: the attempt is durable before the handler runs, the outcome before the first byte of the
 * answer leaves. Where the log cannot be written, nothing is done or shown (503).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor, AuditEvent, AuditPhase } from '../../domain/audit.js';
import type { OrderId, SubjectId } from '../../domain/ids.js';
import type { AuditLog } from '../../ports/audit-log.js';
import type { Clock } from '../../ports/clock.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { FAULTS, Fault, type FaultCode, problemBody } from '../problems.js';
import { ACTIONS, type Action } from './actions.js';
import { Flood } from './flood.js';

type Detail = AuditEvent['detail'];

/** Whose data an act concerns, and what exactly. */
export interface Target {
  readonly orderId: OrderId | null;
  readonly subjectId: SubjectId | null;
  readonly detail: Detail;
}

/** What the log knows of a request that is under way. */
export interface Audited {
  readonly action: Action;
  actor: Actor;
  purpose: string | null;
  target: Target;
  /** Index of the attempt; null: not logged yet. */
  attempt: number | null;
  /** The outcome is in the log. */
  told: boolean;
  /** The fault that it was refused with. */
  reason: FaultCode | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    audited: Audited | null;
  }
}

export interface AuditParts {
  readonly log: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Whose data a request concerns, as far as its path, query and body tell. */
  readonly targetOf: (request: FastifyRequest) => Target;
  /** Requests of nobody we know that have an entry each, a minute. */
  readonly strangersPerMinuteMax: number;
  /** Requests that came too often (429) and have an entry each, a minute. */
  readonly heldBackPerMinuteMax: number;
  /** Told of every refusal, for those who watch over refused reads (¶36–42). */
  readonly onRefusal: (event: AuditEvent) => void;
}

const NO_TARGET: Target = { orderId: null, subjectId: null, detail: {} };

export class Auditor {
  readonly #o: AuditParts;
  readonly #strangers: Flood;
  readonly #heldBack: Flood;

  constructor(parts: AuditParts) {
    this.#o = parts;
    this.#strangers = new Flood(parts.strangersPerMinuteMax);
    this.#heldBack = new Flood(parts.heldBackPerMinuteMax);
  }

  /** Hooks that no route can do without; to be installed after the gate, whose `onRequest` begins the entry. */
  install(app: FastifyInstance): void {
    app.decorateRequest('audited', null);
    app.addHook('preHandler', async (request, reply) => {
      const { audited } = request;
      if (audited === null) return;
      audited.target = this.#o.targetOf(request);
      await this.#attempt(audited);
      guardHijack(request, reply);
    });
    app.addHook('onSend', async (request, reply, payload) => {
      if (request.audited === null || request.audited.told) return payload;
      try {
        await this.tell(request, reply.statusCode);
        return payload;
      } catch {
        this.#o.telemetry.log('error', 'audit.unavailable', { route: request.routeOptions.url ?? 'unknown' });
        return withheld(reply, payload);
      }
    });
  }

  /** Begins the entry of a request; called before anything is known of the caller. */
  begin(request: FastifyRequest, action: Action): Audited {
    const audited: Audited = {
      action,
      actor: { kind: 'stranger' },
      purpose: null,
      target: NO_TARGET,
      attempt: null,
      told: false,
      reason: null,
    };
    request.audited = audited;
    return audited;
  }

  /** Logs the outcome, and the attempt before it where that was refused before it could be. Durable when it resolves. */
  async tell(request: FastifyRequest, status: number): Promise<void> {
    const { audited } = request;
    if (audited === null || audited.told) return;
    const { actor, reason } = audited;
    if (actor.kind === 'stranger' && !(await this.#countIn(this.#strangers, audited, actor))) return;
    // a flood of one person's must not fill the log either, nor stand in it as another's
    if (actor.kind === 'person' && reason === 'rate_limited') {
      if (!(await this.#countIn(this.#heldBack, audited, { kind: 'gateway' }))) return;
    }
    if (audited.attempt === null) {
      audited.target = this.#o.targetOf(request);
      await this.#attempt(audited);
    }
    const phase: AuditPhase = status < 400 ? 'allowed' : status < 500 ? 'refused' : 'failed';
    const event = this.#event(audited, phase);
    await this.#append(event);
    audited.told = true;
    // asking too often is no look at what is another's
    if (phase === 'refused' && audited.reason !== 'rate_limited') this.#o.onRefusal(event);
  }

  /** One more entry for an act that goes on: how many records were read, a stream that is still open. */
  async more(audited: Audited, detail: Detail, phase: AuditPhase = 'allowed'): Promise<void> {
    await this.#append({ ...this.#event(audited, phase), detail: { ...audited.target.detail, ...detail } });
  }

  /** False: one of too many in this minute; the next minute's first entry says how many they were. */
  async #countIn(flood: Flood, audited: Audited, actor: Actor): Promise<boolean> {
    const { listed, unlisted } = flood.note(this.#o.clock.nowMs());
    if (unlisted > 0) {
      await this.#append({ ...this.#event(audited, 'refused'), ...NO_TARGET, actor, detail: { unlisted } });
    }
    audited.told ||= !listed;
    return listed;
  }

  async #attempt(audited: Audited): Promise<void> {
    audited.attempt = await this.#append(this.#event(audited, 'attempt'));
  }

  async #append(event: AuditEvent): Promise<number> {
    try {
      return await this.#o.log.append(event);
    } catch {
      this.#o.telemetry.count('fairwatch_api_audit_failures_total');
      throw new Fault('audit_unavailable', 'Nothing is shown or changed while it cannot be logged. Try again later.');
    }
  }

  #event(audited: Audited, phase: AuditPhase): AuditEvent {
    return {
      atMs: this.#o.clock.nowMs(),
      actor: audited.actor,
      action: audited.action,
      category: ACTIONS[audited.action].category,
      phase,
      attempt: audited.attempt,
      purpose: audited.purpose,
      reason: phase === 'refused' || phase === 'failed' ? audited.reason : null,
      ...audited.target,
    };
  }
}

/** The entry of a guarded request. */
export function auditedOf(request: FastifyRequest): Audited {
  if (request.audited === null) throw new Error('the route is not guarded');
  return request.audited;
}

/** Says in the entry what the handler found out: whose data it is, a count. */
export function concerns(request: FastifyRequest, found: Partial<Target>): void {
  const audited = auditedOf(request);
  audited.target = {
    ...audited.target,
    ...found,
    detail: { ...audited.target.detail, ...found.detail },
  };
}

/** A handler that takes the socket over passes `onSend` by: it must have told the outcome itself. */
function guardHijack(request: FastifyRequest, reply: FastifyReply): void {
  const hijack = reply.hijack.bind(reply);
  reply.hijack = () => {
    if (request.audited?.told !== true) throw new Error('the outcome is to be logged before the socket is taken over');
    return hijack();
  };
}

/** The answer that takes the place of one that could not be logged. */
function withheld(reply: FastifyReply, payload: unknown): string {
  if (
    typeof payload === 'object' &&
    payload !== null &&
    'destroy' in payload &&
    typeof payload.destroy === 'function'
  ) {
    payload.destroy();
  }
  for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
  const fault = new Fault('audit_unavailable', 'It could not be logged, so it is not shown. Try again later.');
  reply.code(FAULTS.audit_unavailable.status).header('content-type', 'application/problem+json');
  return JSON.stringify(problemBody(fault));
}

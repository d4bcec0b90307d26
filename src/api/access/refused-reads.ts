/** Refused reads by one caller: over a limit within an hour they are an incident to look into (¶36–38). */
import type { Actor, AuditEvent } from '../../domain/audit.js';

const windowMs = 3_600_000;
/** Callers that are counted at once; beyond it the oldest is forgotten: a flood of names must not fill the memory. */
const callersMax = 10_000;

export interface RefusedReads {
  readonly actor: Actor;
  readonly count: number;
  readonly sinceMs: number;
}

interface Counted {
  sinceMs: number;
  count: number;
}

export class RefusedReadsWatch {
  readonly #callers = new Map<string, Counted>();

  constructor(
    private readonly limit: number,
    private readonly tell: (over: RefusedReads) => void,
  ) {}

  /** Tells once an hour and caller, at the refusal that passes the limit. */
  note({ actor, category, atMs }: AuditEvent): void {
    if (actor.kind !== 'person' || (category !== 'consultation' && category !== 'disclosure')) return;
    const name = `${actor.agency} ${actor.role} ${actor.user}`;
    let counted = this.#callers.get(name);
    if (counted === undefined || atMs - counted.sinceMs >= windowMs) {
      counted = { sinceMs: atMs, count: 0 };
      this.#callers.delete(name);
      this.#callers.set(name, counted);
      const oldest = this.#callers.size > callersMax ? this.#callers.keys().next().value : undefined;
      if (oldest !== undefined) this.#callers.delete(oldest);
    }
    counted.count++;
    if (counted.count === this.limit + 1) this.tell({ actor, count: counted.count, sinceMs: counted.sinceMs });
  }
}

/** Carries out that something in quarantine is tried again: it is taken in and gone from there, or left with its reason. */
import type { Command, CommandOutcome } from '../ports/commands.js';
import type { Quarantine } from '../ports/quarantine.js';
import type { Retry } from '../ports/retry.js';

export class QuarantineRetry {
  constructor(
    private readonly o: {
      readonly quarantine: Pick<Quarantine, 'has' | 'relabel' | 'remove'>;
      readonly retry: Retry;
    },
  ) {}

  /** Done twice it changes nothing more: what was taken in is gone from the quarantine, and its records are known. */
  async carryOut({ item }: Extract<Command, { kind: 'retry_quarantine' }>): Promise<CommandOutcome> {
    const { quarantine, retry } = this.o;
    if (!quarantine.has(item.position)) return { ok: true, created: false };
    const outcome = await retry(item);
    switch (outcome.kind) {
      case 'accepted':
        // its records are durable: only now may it go
        await quarantine.remove(item.position);
        return { ok: true, created: true };
      case 'left':
        if (outcome.reason !== item.reason) await quarantine.relabel(item.position, outcome.reason);
        return refused(outcome.reason);
      case 'failed':
        return refused('the gateway could not store it');
    }
  }
}

const refused = (got: string): CommandOutcome => ({
  ok: false,
  code: 'conflict',
  problems: [{ path: 'reason', expected: 'an upload that can be taken in now', got }],
});

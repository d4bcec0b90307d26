/** A command's way: into the durable log, then a wait for what the engine makes of it. */
import type { Command, CommandLog, CommandOutcome } from '../ports/commands.js';
import { Fault } from './problems.js';

/** Null: not settled within `settleMs`; it stays logged and will be taken in. Throws the refusal of the engine. */
export async function settle(
  commands: CommandLog,
  command: Command,
  receivedMs: number,
  settleMs: number,
): Promise<Extract<CommandOutcome, { ok: true }> | null> {
  const place = await commands.append(command, receivedMs);
  const outcome = await commands.awaitOutcome(place, settleMs);
  if (outcome === null || outcome.ok) return outcome;
  switch (outcome.code) {
    case 'conflict':
      throw new Fault('conflict', 'What is stored contradicts it; see problems.', outcome.problems);
    case 'invalid':
      throw new Fault('invalid', 'It is refused; see problems.', outcome.problems);
    case 'not_found':
      throw new Fault('not_found', 'There is no such thing any more.', outcome.problems);
  }
}

/** Why a connection was closed on purpose, and what aedes' own errors mean in the same words. */

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: string;

  constructor(reason: string) {
    super(`refused: ${reason}`);
    this.reason = reason;
  }
}

/** aedes 1.2.0 says what happened in messages only. */
const knownMessages: Readonly<Record<string, string>> = {
  'connect did not arrive in time': 'connect_timeout',
  'keep alive timeout': 'keep_alive',
  'not authorized': 'credentials',
  'unacceptable protocol version': 'protocol_version',
  'drain timeout': 'slow_subscriber',
};

/** A label for a metric; null for an ordinary end of a connection (the network's, or one that was counted already). */
export function faultReason(error: Error): string | null {
  if (error instanceof Refusal) return error.reason;
  if ('syscall' in error || 'code' in error) return null;
  if (error.message === 'not durable' || error.message === 'connection closed') return null;
  return knownMessages[error.message] ?? 'malformed';
}

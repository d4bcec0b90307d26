/** Trying again what was acknowledged and kept because it could not be understood. */
import type { QuarantineReason } from '../domain/entry.js';
import type { Quarantined } from './quarantine.js';

/** Taken in, or left for this reason. */
export type RetryOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'left'; readonly reason: QuarantineReason }
  /** The gateway could not tell: it is tried again later. */
  | { readonly kind: 'failed' };

/** Resolves when what came of it is durable. */
export type Retry = (item: Quarantined) => Promise<RetryOutcome>;

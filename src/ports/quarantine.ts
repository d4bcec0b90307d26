/** Poison that was acknowledged and is kept for a person to look at, with its reason. */

import type { QuarantineReason } from '../domain/entry.js';
import type { DeviceId } from '../domain/ids.js';

export interface Quarantined {
  /** The journal position it came from: the same one is kept once. */
  readonly position: number;
  readonly deviceId: DeviceId;
  readonly receivedMs: number;
  readonly reason: QuarantineReason;
  readonly bytes: Uint8Array;
}

/** What became of something that was tried again: taken in, or left for this reason. */
export type RetryOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'left'; readonly reason: QuarantineReason }
  /** The gateway could not tell: it is tried again later. */
  | { readonly kind: 'failed' };

export interface Quarantine {
  /** Durable when it resolves; a position that is there already is left as it is. */
  keep(items: readonly Quarantined[]): Promise<void>;
  /** Puts the item in the place of what is there under its position; durable when it resolves. Nothing is there: no effect. */
  replace(item: Quarantined): Promise<void>;
  /** Durable when it resolves; a position that is not there is no fault. */
  remove(position: number): Promise<void>;
  has(position: number): boolean;
  /** Oldest first. Listing opens no payload. */
  list(): Iterable<Omit<Quarantined, 'bytes'> & { readonly byteLength: number }>;
  /** How many are kept. */
  size(): number;
  get(position: number): Quarantined | null;
  /** Removes those received before; returns how many. */
  expire(beforeMs: number): Promise<number>;
  close(): Promise<void>;
}

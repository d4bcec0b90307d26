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

export type QuarantineLabel = Omit<Quarantined, 'bytes'> & { readonly byteLength: number };

export interface QuarantineList {
  /** Oldest first. Listing opens no payload. */
  list(): Iterable<QuarantineLabel>;
  /** How many are kept. */
  size(): number;
  close(): Promise<void>;
}

/** The tier that takes in keeps it, and cannot read again what it kept in an hour that is over. */
export interface Quarantine extends QuarantineList {
  /** Durable when it resolves; a position that is there already is left as it is. */
  keep(items: readonly Quarantined[]): Promise<void>;
  /** Gives what is there another reason; the payload stays as it is. Durable when it resolves. Nothing is there: no effect. */
  relabel(position: number, reason: QuarantineReason): Promise<void>;
  /** Durable when it resolves; a position that is not there is no fault. */
  remove(position: number): Promise<void>;
  has(position: number): boolean;
  /** Removes those received before; returns how many. */
  expire(beforeMs: number): Promise<number>;
}

/** For the review service alone. */
export interface QuarantineReader extends QuarantineList {
  /** With its payload; null: there is none at that position. Throws `SealBroken` for what was changed or moved. */
  open(position: number): Promise<Quarantined | null>;
}

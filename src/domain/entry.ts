/** The journal's entries: everything that `step` reads, and everything that was acknowledged, is one of these. */
import type { AlertAct, AlertVersion, Cause, IntegrityType } from './alert.js';
import type { DeviceId, OrderId, StreamKey, ZoneId } from './ids.js';
import type { Order } from './order.js';
import type { DeviceRecord } from './record.js';
import type { SharedZone } from './zone.js';

interface EntryBase {
  readonly stream: StreamKey;
  /** When the gateway took it in; alerts take `derived_ms` from here, never from a clock. */
  readonly receivedMs: number;
}

/** The records of one upload that concern one stream. Keyed (device, sequence, index): one upload may split into several. */
export interface UploadEntry extends EntryBase {
  readonly kind: 'upload';
  readonly deviceId: DeviceId;
  readonly sequence: bigint;
  readonly index: number;
  /** SHA-256 of the payload as received, first 16 bytes, base64url: tells a repeat from a forged sequence. */
  readonly digest: string;
  readonly records: readonly DeviceRecord[];
}

/** A due time of the stream has come. */
export interface TickEntry extends EntryBase {
  readonly kind: 'tick';
  readonly atMs: number;
  /** `late_data`: what waits for its place is put there, and no timer is met; the others wait for the rest of a backlog. */
  readonly cause: Extract<Cause, 'timer' | 'gateway_outage' | 'late_data'>;
}

export interface OrderEntry extends EntryBase {
  readonly kind: 'order';
  readonly order: Order;
}

/** A shared zone was stored or replaced; null: deleted. Concerns every order that names it, so it has no stream of its own. */
export interface ZoneEntry extends EntryBase {
  readonly kind: 'zone';
  readonly zoneId: ZoneId;
  readonly zone: SharedZone | null;
}

/** What the gateway itself saw of a device. */
export interface IntegrityEntry extends EntryBase {
  readonly kind: 'integrity';
  readonly deviceId: DeviceId;
  readonly type: IntegrityType;
}

/** What somebody did about an alert. It brings the alert as it stood: nothing has to be looked up to carry it out again. */
export interface DecisionEntry extends EntryBase {
  readonly kind: 'decision';
  readonly act: AlertAct;
  readonly alert: AlertVersion;
}

/** Poison, kept: the engine moves it to the quarantine. `bytes` is the payload as it came. */
export interface QuarantinedEntry extends EntryBase {
  readonly kind: 'quarantined';
  readonly deviceId: DeviceId;
  readonly reason: QuarantineReason;
  readonly bytes: Uint8Array;
}

/** The order's keys are destroyed, or about to be: nobody is watched under it any more, and its state goes. */
export interface EraseEntry extends EntryBase {
  readonly kind: 'erase';
  readonly orderId: OrderId;
}

/** The gateway was alive at `receivedMs`; its absence afterwards dates an interruption. */
export interface AliveEntry extends EntryBase {
  readonly kind: 'alive';
}

export type JournalEntry =
  | UploadEntry
  | TickEntry
  | OrderEntry
  | ZoneEntry
  | IntegrityEntry
  | DecisionEntry
  | QuarantinedEntry
  | EraseEntry
  | AliveEntry;

/** An entry with the place that the journal gave it: consecutive, from 1. */
export interface PlacedEntry {
  readonly position: number;
  readonly entry: JournalEntry;
}

export type QuarantineReason =
  | 'too_large'
  | 'not_an_envelope'
  | 'unknown_key'
  | 'expired_key'
  | 'bad_seal'
  | 'malformed_upload'
  | 'out_of_bounds'
  | 'sequence_mismatch'
  | 'sequence_reused';

/** The command log: how the API and the command line tell a running gateway something, durably. */
import type { AskedAct } from '../domain/alert.js';
import type { AlertId, OrderId, ZoneId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Problem } from '../domain/problem.js';
import type { SharedZone } from '../domain/zone.js';
import type { Quarantined } from './quarantine.js';

export type Command =
  | { readonly kind: 'put_order'; readonly order: Order; readonly by: string }
  | { readonly kind: 'put_zone'; readonly zone: SharedZone; readonly by: string }
  | { readonly kind: 'delete_zone'; readonly zoneId: ZoneId; readonly by: string }
  /** Tries again what is in quarantine. It brings the payload: the tier that takes it in cannot open it there. */
  | { readonly kind: 'retry_quarantine'; readonly item: Quarantined; readonly by: string }
  /** Stops watching the order and removes all that the engine has of it; settled when that is done. */
  | { readonly kind: 'erase_order'; readonly orderId: OrderId; readonly by: string }
  /** What a person does about an alert, of which they saw that version; under no order: a device's own. */
  | {
      readonly kind: 'handle_alert';
      readonly alertId: AlertId;
      readonly orderId: OrderId | null;
      readonly seenVersion: number;
      readonly act: AskedAct;
      readonly by: string;
    };

export interface PlacedCommand {
  /** Consecutive from 1. */
  readonly place: number;
  readonly receivedMs: number;
  readonly command: Command;
}

/** What became of a command (`created`: what was not there before is): a refusal says what is wrong, where, and what to do. */
export type CommandOutcome =
  | { readonly ok: true; readonly created: boolean }
  | { readonly ok: false; readonly code: 'conflict' | 'invalid' | 'not_found'; readonly problems: readonly Problem[] };

export interface CommandLog {
  /** Durable when it resolves with the command's place. Any process may append. */
  append(command: Command, receivedMs: number): Promise<number>;
  /** Commands after a place, oldest first, without those of an order whose keys are destroyed. */
  after(place: number): PlacedCommand[];
  /** Place up to which outcomes have been recorded; 0 = none. */
  done(): number;
  /** Records what became of the next command (places in order, first write wins); durable when it resolves. */
  settle(place: number, outcome: CommandOutcome): Promise<void>;
  outcome(place: number): CommandOutcome | null;
  /** Resolves with the outcome, or null after `withinMs`. */
  awaitOutcome(place: number, withinMs: number): Promise<CommandOutcome | null>;
  /** Calls back when a command was appended, in this process or another (within 250 ms). Returns the way to stop. */
  onAppend(listener: () => void): () => void;
  /** Removes the settled commands of an order; returns how many. */
  removeOrder(orderId: OrderId): Promise<number>;
  /** Removes settled commands received before, and their outcomes; returns how many. */
  expire(beforeMs: number): Promise<number>;
  close(): Promise<void>;
}

/** The newest order and zone a reader can see, for checks before a command is logged. */
export interface OrderLookup {
  order(orderId: OrderId): Order | null;
  zone(zoneId: ZoneId): SharedZone | null;
}

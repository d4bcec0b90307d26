/** The record of what was ordered and what was told: orders, zones, alert versions. Nothing in it is edited in place. */
import type { AlertState, AlertVersion } from '../domain/alert.js';
import type { AgencyId, AlertId, OrderId, ZoneId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { SharedZone } from '../domain/zone.js';

/** Where an alert version stands in the ledger: consecutive from 1, given in the commit, never reused. */
export type LedgerPlace = number;

export interface LedgerBatch {
  /** A ledger that has seen a higher epoch refuses the batch (`Superseded`). */
  readonly epoch: number;
  readonly orders: readonly OrderRevision[];
  readonly zones: readonly ZoneChange[];
  readonly versions: readonly AlertVersion[];
}

export interface OrderRevision {
  /** The journal position it came from: a recovery takes the orders as they stood where it begins. */
  readonly position: number;
  readonly order: Order;
  /** When it was taken in. */
  readonly receivedMs: number;
  readonly effectiveMs: number;
}

export interface ZoneChange {
  /** The journal position it came from. */
  readonly position: number;
  readonly zoneId: ZoneId;
  /** Null: deleted. */
  readonly zone: SharedZone | null;
  readonly receivedMs: number;
}

export type StoredZone = Omit<ZoneChange, 'zone'> & { readonly zone: SharedZone };

export interface PlacedVersion {
  readonly place: LedgerPlace;
  readonly version: AlertVersion;
}

export interface AlertFilter {
  readonly state?: AlertState;
  readonly type?: string;
  readonly agency?: AgencyId;
  readonly orderId?: OrderId;
}

/** What a look at an alert needs to know of its order, as the newest revision has it. */
export interface OrderStanding {
  readonly revision: number;
  readonly restricted: boolean;
  readonly supervisor: AgencyId;
}

/** What lay under the keys of an order that is erased is passed over, as if it had never been. */
export interface LedgerReader {
  /** Names this ledger; a cursor of another one is unknown here. */
  readonly ledgerId: string;
  /** Place of the newest version; 0 = none. */
  head(): LedgerPlace;
  /** Versions after a place, in order, at most `max`. */
  versionsAfter(place: LedgerPlace, max: number): PlacedVersion[];
  /** All versions of one alert, oldest first; empty when unknown. */
  alert(alertId: AlertId): PlacedVersion[];
  /** The newest version of each alert that matches, in order of that version's place, after `place`, at most `max`. */
  alerts(filter: AlertFilter, place: LedgerPlace, max: number): PlacedVersion[];
  /** Every revision of an order, oldest first. */
  orderRevisions(orderId: OrderId): OrderRevision[];
  /** The newest revision's, without opening that: each alert on its way out asks for it. Null: no such order stands. */
  standing(orderId: OrderId): OrderStanding | null;
  /** The journal position of the newest revision of any order, without opening one; 0: there is none. */
  lastOrderPosition(): number;
  /** The newest revision of each order; with a position, the newest that came from at or before it. */
  orders(upToPosition?: number): Iterable<OrderRevision>;
  /** As `orders`, with every revision of each up to there, oldest first. */
  histories(upToPosition?: number): Iterable<readonly OrderRevision[]>;
  zone(zoneId: ZoneId): SharedZone | null;
  /** The zones that stand; with a position, as they stood there. */
  zones(upToPosition?: number): Iterable<SharedZone>;
  /** Zones stored (not deleted) by journal positions above the first and up to the second, in that order. */
  zonesStored(afterPosition: number, upToPosition: number): StoredZone[];
  /** Calls back soon after versions were committed (a wake-up, not the data). Returns the way to stop. */
  onCommit(listener: () => void): () => void;
}

export interface Ledger extends LedgerReader {
  claim(epoch: number): Promise<void>;
  /**
   * Commits all or nothing, durable when it resolves. (alert, version), (order, revision), (zone, position): first
   * write wins, so a batch done twice changes nothing and places no version twice. What concerns an order whose keys are
   * destroyed is left out.
   */
  commit(batch: LedgerBatch): Promise<void>;
  /** Removes every row of an order, whose keys are destroyed or about to be; returns how many. Done twice it removes none. */
  removeOrder(orderId: OrderId): Promise<number>;
  close(): Promise<void>;
}

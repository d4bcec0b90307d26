/** The compiled orders and the shared zones that they name, as of the journal position the engine has reached. */
import type { OrderId, ZoneId } from '../domain/ids.js';
import { assignmentsWithin, type Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { SharedZone } from '../domain/zone.js';
import { compileOrder, type OrderPolicy, sharedZonesOf } from '../rules/compile.js';

/** One order's editions, ascending: the one in force, and those whose time has yet to come. */
export type Editions = readonly OrderPolicy[];

/** Shared zones as they stand, or stood. */
export type Zones = ReadonlyMap<ZoneId, SharedZone>;

const NONE: Editions = [];
/** One journal entry may make several editions of an order: 1,024 fit between two positions, exactly. */
export const EDITION_STEP = 1 / 1024;

export class Policies {
  readonly #defaults: Policy;
  readonly #editions = new Map<OrderId, Editions>();
  readonly #zones = new Map<ZoneId, SharedZone>();
  readonly #usersOfZone = new Map<ZoneId, Set<OrderId>>();
  /** The edition in force of each order that has begun. */
  readonly #inForce = new Map<OrderId, number>();

  constructor(defaults: Policy) {
    this.#defaults = defaults;
  }

  of(orderId: OrderId): Editions {
    return this.#editions.get(orderId) ?? NONE;
  }

  /** The newest revision, in force or not yet. */
  newest(orderId: OrderId): Order | null {
    return this.of(orderId).at(-1)?.order ?? null;
  }

  zone(zoneId: ZoneId): SharedZone | null {
    return this.#zones.get(zoneId) ?? null;
  }

  /** Orders that name a shared zone. */
  usersOf(zoneId: ZoneId): readonly OrderId[] {
    const once = [...(this.#usersOfZone.get(zoneId) ?? [])];
    return once.filter((orderId) => this.of(orderId).some(({ order }) => sharedZonesOf(order).has(zoneId)));
  }

  /** The newest revision of every order, with the devices that speak for it from `nowMs` on. */
  *withStandingDevices(nowMs: number): IterableIterator<Order> {
    for (const editions of this.#editions.values()) {
      const order = withStandingDevices(editions, nowMs);
      if (order !== null) yield order;
    }
  }

  /** A new revision stands in place of all that was to come at or after its time. `zones`: those it is compiled with. */
  putOrder(edition: number, order: Order, effectiveMs: number, zones: Zones = this.#zones): void {
    for (const zoneId of sharedZonesOf(order)) {
      const users = this.#usersOfZone.get(zoneId) ?? new Set();
      users.add(order.orderId);
      this.#usersOfZone.set(zoneId, users);
    }
    const { orderId } = order;
    const kept = this.of(orderId).filter((policy) => this.#begun(policy) || policy.effectiveMs < effectiveMs);
    this.#editions.set(orderId, [...kept, this.#compile(edition, order, effectiveMs, zones)]);
  }

  /** Stores or (null) deletes a shared zone, which gives every order that names it a new edition from `atMs` on. */
  putZone(edition: number, zoneId: ZoneId, zone: SharedZone | null, atMs: number): readonly OrderId[] {
    if (zone === null) this.#zones.delete(zoneId);
    else this.#zones.set(zoneId, zone);
    const users = this.usersOf(zoneId);
    for (const orderId of users) this.reviseZones(edition, orderId, atMs);
    return users;
  }

  /**
   * What the order goes by at `atMs` goes on as a new edition with these zones from then on. What comes later is
   * compiled anew too, and numbered anew, for editions ascend in the order of their time.
   */
  reviseZones(edition: number, orderId: OrderId, atMs: number, zones: Zones = this.#zones): void {
    const before = this.of(orderId).filter((policy) => this.#begun(policy) || policy.effectiveMs <= atMs);
    const later = this.of(orderId).slice(before.length);
    const changed = before
      .slice(-1)
      .map(({ order, effectiveMs }) => ({ order, effectiveMs: Math.max(atMs, effectiveMs) }));
    const anew = [...changed, ...later].map(({ order, effectiveMs }, i) =>
      this.#compile(edition + i * EDITION_STEP, order, effectiveMs, zones),
    );
    this.#editions.set(orderId, [...before, ...anew]);
  }

  /** The engine has come to this edition (0: to none yet); those before it are history. */
  inForce(orderId: OrderId, edition: number): void {
    if (edition === 0) return;
    this.#inForce.set(orderId, edition);
    const editions = this.of(orderId);
    const at = editions.findIndex((policy) => policy.edition === edition);
    if (at > 0) this.#editions.set(orderId, editions.slice(at));
  }

  #begun({ order, edition }: OrderPolicy): boolean {
    return edition <= (this.#inForce.get(order.orderId) ?? 0);
  }

  #compile(edition: number, order: Order, effectiveMs: number, zones: Zones): OrderPolicy {
    return compileOrder(order, (zoneId) => zones.get(zoneId)?.shape ?? null, this.#defaults, { edition, effectiveMs });
  }
}

/**
 * From when a revision holds: its own time, or when it was taken in. The first one not before the order begins; a later
 * one that puts the beginning off takes the order out of force until then.
 */
export function effectiveFrom(order: Order, receivedMs: number, first: boolean): number {
  const saidMs = order.effectiveMs ?? receivedMs;
  return first ? Math.max(order.startMs, saidMs) : saidMs;
}

/**
 * The newest revision of an order with every assignment that holds until it does: a device that a coming revision no
 * longer has speaks for the order until then. Null: there is no such order.
 */
export function withStandingDevices(
  editions: readonly Pick<OrderPolicy, 'order' | 'effectiveMs'>[],
  nowMs: number,
): Order | null {
  const newest = editions.at(-1);
  if (newest === undefined) return null;
  const first = editions.findLastIndex(({ effectiveMs }) => effectiveMs <= nowMs);
  const standing = editions.slice(Math.max(first, 0));
  const devices = standing.flatMap(({ order, effectiveMs }, i) => {
    const untilMs = standing[i + 1]?.effectiveMs ?? Infinity;
    const sinceMs = i === 0 ? -Infinity : effectiveMs;
    return assignmentsWithin(order)
      .map((device) => ({ ...device, fromMs: Math.max(device.fromMs, sinceMs), toMs: Math.min(device.toMs, untilMs) }))
      .filter(({ fromMs, toMs }) => fromMs < toMs);
  });
  return { ...newest.order, devices };
}

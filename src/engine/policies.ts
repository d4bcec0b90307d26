/** The compiled orders and the shared zones that they name, as of the journal position the engine has reached. */
import type { OrderId, ZoneId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { SharedZone } from '../domain/zone.js';
import { compileOrder, type OrderPolicy, sharedZonesOf } from '../rules/compile.js';

/** One order's editions, ascending: the one in force, and those whose time has yet to come. */
export type Editions = readonly OrderPolicy[];

const NONE: Editions = [];

export class Policies {
  readonly #defaults: Policy;
  readonly #editions = new Map<OrderId, Editions>();
  readonly #zones = new Map<ZoneId, SharedZone>();
  readonly #usersOfZone = new Map<ZoneId, Set<OrderId>>();

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

  /** The newest revision of every order. */
  *orders(): IterableIterator<Order> {
    for (const editions of this.#editions.values()) {
      const newest = editions.at(-1);
      if (newest !== undefined) yield newest.order;
    }
  }

  /** A new revision stands in place of all that was to come at or after its time. */
  putOrder(edition: number, order: Order, effectiveMs: number): void {
    for (const zoneId of sharedZonesOf(order)) {
      const users = this.#usersOfZone.get(zoneId) ?? new Set();
      users.add(order.orderId);
      this.#usersOfZone.set(zoneId, users);
    }
    const [inForce, ...coming] = this.of(order.orderId);
    const kept = coming.filter((policy) => policy.effectiveMs < effectiveMs);
    const policy = this.#compile(edition, order, effectiveMs);
    this.#editions.set(order.orderId, inForce === undefined ? [policy] : [inForce, ...kept, policy]);
  }

  /** Stores or (null) deletes a shared zone, which gives every order that names it a new edition from `atMs` on. */
  putZone(edition: number, zoneId: ZoneId, zone: SharedZone | null, atMs: number): readonly OrderId[] {
    if (zone === null) this.#zones.delete(zoneId);
    else this.#zones.set(zoneId, zone);
    const users = this.usersOf(zoneId);
    for (const orderId of users) {
      const [inForce, ...coming] = this.of(orderId);
      if (inForce === undefined) continue;
      const changed = this.#compile(edition, inForce.order, Math.max(atMs, inForce.effectiveMs));
      const later = coming.map((policy) => this.#compile(policy.edition, policy.order, policy.effectiveMs));
      this.#editions.set(orderId, [inForce, changed, ...later]);
    }
    return users;
  }

  /** Editions before the one in force are history. */
  inForce(orderId: OrderId, edition: number): void {
    const editions = this.of(orderId);
    if (editions.length < 2) return;
    const at = editions.findIndex((policy) => policy.edition === edition);
    if (at > 0) this.#editions.set(orderId, editions.slice(at));
  }

  #compile(edition: number, order: Order, effectiveMs: number): OrderPolicy {
    const shapeOf = (zoneId: ZoneId) => this.#zones.get(zoneId)?.shape ?? null;
    return compileOrder(order, shapeOf, this.#defaults, { edition, effectiveMs });
  }
}

/** The compiled orders and the shared zones that they name, as of the journal position the engine has reached. */
import type { OrderId, ZoneId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { SharedZone } from '../domain/zone.js';
import { compileOrder, type OrderPolicy, sharedZonesOf } from '../rules/compile.js';

export class Policies {
  readonly #defaults: Policy;
  readonly #orders = new Map<OrderId, OrderPolicy>();
  readonly #zones = new Map<ZoneId, SharedZone>();
  readonly #usersOfZone = new Map<ZoneId, Set<OrderId>>();

  constructor(defaults: Policy) {
    this.#defaults = defaults;
  }

  get(orderId: OrderId): OrderPolicy | null {
    return this.#orders.get(orderId) ?? null;
  }

  zone(zoneId: ZoneId): SharedZone | null {
    return this.#zones.get(zoneId) ?? null;
  }

  /** Orders that name a shared zone. */
  usersOf(zoneId: ZoneId): readonly OrderId[] {
    return [...(this.#usersOfZone.get(zoneId) ?? [])];
  }

  orders(): IterableIterator<OrderPolicy> {
    return this.#orders.values();
  }

  putOrder(order: Order): OrderPolicy {
    const former = this.#orders.get(order.orderId);
    if (former !== undefined) {
      for (const zoneId of sharedZonesOf(former.order)) this.#usersOfZone.get(zoneId)?.delete(order.orderId);
    }
    for (const zoneId of sharedZonesOf(order)) {
      const users = this.#usersOfZone.get(zoneId) ?? new Set();
      users.add(order.orderId);
      this.#usersOfZone.set(zoneId, users);
    }
    return this.#compile(order);
  }

  /** Stores or (null) deletes a shared zone; gives the policies of the orders that name it, compiled anew. */
  putZone(zoneId: ZoneId, zone: SharedZone | null): OrderPolicy[] {
    if (zone === null) this.#zones.delete(zoneId);
    else this.#zones.set(zoneId, zone);
    return this.usersOf(zoneId).flatMap((orderId) => {
      const former = this.#orders.get(orderId);
      return former === undefined ? [] : [this.#compile(former.order)];
    });
  }

  #compile(order: Order): OrderPolicy {
    const policy = compileOrder(order, (zoneId) => this.#zones.get(zoneId)?.shape ?? null, this.#defaults);
    this.#orders.set(order.orderId, policy);
    return policy;
  }
}

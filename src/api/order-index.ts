/** Which orders concern a person, and which name a shared zone: what the ledger cannot be asked by key. */
import type { AgencyId, OrderId, SubjectId, ZoneId } from '../domain/ids.js';
import type { Condition, Order } from '../domain/order.js';
import type { CommandLog } from '../ports/commands.js';
import type { LedgerReader, OrderStanding } from '../ports/ledger.js';

/**
 * Made when first asked, from one pass over the ledger, and kept up by the command log, which every order goes
 * through. It may hold too much (a refused or replaced order), so each answer is checked against the ledger. What an alert
 * asks on its way out is asked of the ledger alone: the first alert after a start must not wait for a pass over everybody.
 */
export class OrderIndex {
  readonly #bySubject = new Map<SubjectId, Set<OrderId>>();
  readonly #byZone = new Map<ZoneId, Set<OrderId>>();
  /** The agency that supervises, as far as is known; null: several were named, and the ledger knows which does. */
  readonly #supervisor = new Map<OrderId, AgencyId | null>();
  /** Those of `#supervisor` that are null. */
  readonly #moved = new Set<OrderId>();
  readonly #standings = new Map<OrderId, OrderStanding | null>();
  #place: number | null = null;
  /** The log was looked at in this run of the event loop already: a page asks for every alert on it. */
  #fresh = false;

  constructor(
    private readonly ledger: LedgerReader,
    private readonly commands: CommandLog,
  ) {}

  /** The newest revision of each order of a person. */
  ofSubject(subjectId: SubjectId): Order[] {
    this.#follow();
    return this.#newest(this.#bySubject.get(subjectId)).filter((order) => order.subjectId === subjectId);
  }

  /** An order whose newest revision names the zone, or null. */
  naming(zoneId: ZoneId): Order | null {
    this.#follow();
    return this.#newest(this.#byZone.get(zoneId)).find((order) => sharedZones(order).includes(zoneId)) ?? null;
  }

  /** The newest revision of an order, if that is restricted; else null. */
  restricted(orderId: OrderId): Order | null {
    if (this.#standing(orderId)?.restricted !== true) return null;
    const order = this.ledger.orderRevisions(orderId).at(-1)?.order;
    return order?.restricted === true ? order : null;
  }

  /** The agency that supervises an order now, where something was told of it to `agency`. */
  supervisor(orderId: OrderId, agency: AgencyId | null): AgencyId | null {
    return this.#standing(orderId)?.supervisor ?? agency;
  }

  /** The orders that an agency supervises now and another once did: what was told of them before lies under the other's name. */
  inherited(agency: AgencyId): OrderId[] {
    this.#follow();
    return this.#newest(this.#moved)
      .filter((order) => order.supervisor === agency)
      .map(({ orderId }) => orderId);
  }

  /** Asked several times of each alert of a page: remembered until this run of the event loop is over. */
  #standing(orderId: OrderId): OrderStanding | null {
    const known = this.#standings.get(orderId);
    if (known !== undefined) return known;
    if (this.#standings.size === 0) queueMicrotask(() => this.#standings.clear());
    const standing = this.ledger.standing(orderId);
    this.#standings.set(orderId, standing);
    return standing;
  }

  #newest(ids: Iterable<OrderId> = []): Order[] {
    return [...ids].flatMap((id) => this.ledger.orderRevisions(id).at(-1)?.order ?? []);
  }

  #follow(): void {
    if (this.#fresh) return;
    this.#fresh = true;
    queueMicrotask(() => {
      this.#fresh = false;
    });
    if (this.#place === null) {
      // the place first: what is settled while we read is then read twice, never missed
      this.#place = this.commands.done();
      for (const { order } of this.ledger.orders()) {
        // who supervised it before is in its older revisions
        if (order.revision > 1) for (const past of this.ledger.orderRevisions(order.orderId)) this.#add(past.order);
        this.#add(order);
      }
    }
    for (const { place, command } of this.commands.after(this.#place)) {
      if (command.kind === 'put_order') this.#add(command.order);
      this.#place = place;
    }
  }

  #add(order: Order): void {
    put(this.#bySubject, order.subjectId, order.orderId);
    const known = this.#supervisor.get(order.orderId);
    const same = known === undefined || known === order.supervisor;
    this.#supervisor.set(order.orderId, same ? order.supervisor : null);
    if (!same) this.#moved.add(order.orderId);
    for (const zoneId of sharedZones(order)) put(this.#byZone, zoneId, order.orderId);
  }
}

/** The shared zones that an order names. */
export function sharedZones(order: Order): ZoneId[] {
  return order.conditions.flatMap((condition) => {
    const source = zoneOf(condition);
    return source?.kind === 'shared' ? [source.zoneId] : [];
  });
}

function zoneOf(condition: Condition) {
  if (condition.kind === 'exclusion_zone' || condition.kind === 'inclusion_zone') return condition.zone;
  return condition.kind === 'attendance' && condition.at.kind === 'zone' ? condition.at.zone : null;
}

function put<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

/** The compiled orders and the shared zones that they name, as of the journal position the engine has reached. */
import type { OrderId, ZoneId } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import type { Policy } from '../domain/policy.js';
import type { SharedZone } from '../domain/zone.js';
import { compileOrder, type OrderPolicy, sharedZonesOf } from '../rules/compile.js';
import { LastUsed, READY_MAX, readyOf } from './last-used.js';
import { HORIZON_MS } from './recent-records.js';
import { ResidentOrders } from './resident-orders.js';
import { type Revision, revisionsInForce, type Segment, segmentsOf, spokenFor, type ZoneVersion } from './timeline.js';

/** One order's editions, ascending by time: those that were in force, the one that is, and those to come. */
export type Editions = readonly OrderPolicy[];

interface Compiled {
  readonly segment: Segment;
  readonly policy: OrderPolicy;
}

/** An order that somebody asked for of late. */
interface Known {
  /** By position. */
  readonly revisions: readonly Revision[];
  /** Null: to be worked out when it is next asked for. */
  editions: { readonly compiled: readonly Compiled[]; readonly policies: Editions } | null;
  /** Of the editions as they were last worked out: what has not changed is not compiled again. */
  former: readonly Compiled[];
}

const NONE: Editions = [];
const NO_VERSIONS: readonly ZoneVersion[] = [];

export class Policies {
  readonly #defaults: Policy;
  readonly #orders = new ResidentOrders();
  readonly #known = new LastUsed<OrderId, Known>();
  readonly #readyMax: number;
  /** Every shared zone as it was in the course of time. */
  readonly #zones = new Map<ZoneId, readonly ZoneVersion[]>();
  readonly #deletedZones = new Set<ZoneId>();
  readonly #usersOfZone = new Map<ZoneId, Set<OrderId>>();
  /** Put or removed otherwise than by `restore`; null: that is over. */
  #since: Set<OrderId> | null = new Set();
  /** When the last edit of any of them was stored. */
  #zonesMs = -Infinity;

  /** `readyMax`: of how many orders the editions are kept ready. */
  constructor(defaults: Policy, readyMax = READY_MAX) {
    this.#defaults = defaults;
    this.#readyMax = readyMax;
  }

  of(orderId: OrderId): Editions {
    const known = this.#knownOf(orderId);
    if (known === null) return NONE;
    known.editions ??= this.#workOut(known);
    return known.editions.policies;
  }

  /** What was said last. */
  newest(orderId: OrderId): Order | null {
    return this.#knownOf(orderId)?.revisions.at(-1)?.order ?? null;
  }

  zone(zoneId: ZoneId): SharedZone | null {
    return this.#deletedZones.has(zoneId) ? null : (this.#zones.get(zoneId)?.at(-1)?.zone ?? null);
  }

  /** Orders that name a shared zone at `atMs`, or will. */
  usersOf(zoneId: ZoneId, atMs: number): readonly OrderId[] {
    return [...(this.#usersOfZone.get(zoneId) ?? [])].filter((orderId) => {
      const segments = this.#segmentsOf(this.#orders.get(orderId) ?? []);
      const inForce = segments.findLastIndex(({ fromMs }) => fromMs <= atMs);
      return segments.slice(Math.max(inForce, 0)).some(({ order }) => sharedZonesOf(order).has(zoneId));
    });
  }

  /** The newest revision of every order, with every assignment that holds or held. */
  *spokenFor(): IterableIterator<Order> {
    for (const orderId of this.#orders.keys()) {
      const order = asSpokenFor(this.#orders.get(orderId) ?? []);
      // with the name that is kept here, and not another of the same letters
      if (order !== null) yield { ...order, orderId };
    }
  }

  /** As `spokenFor`, of one order; `next`: as it will be once that is said. */
  spokenForBy(orderId: OrderId, next: Revision | null = null): Order | null {
    const said = this.#knownOf(orderId)?.revisions ?? [];
    return asSpokenFor(next === null ? said : [...said, next]);
  }

  /**
   * At a start: everything that was said of one order of which nothing is known here, at least one revision, by position.
   * Gives it as `spokenFor` would.
   */
  restore(revisions: readonly Revision[]): Order {
    const order = asSpokenFor(revisions) as Order;
    for (const revision of revisions) this.#noteZones(revision.order, order.orderId);
    this.#orders.set(order.orderId, revisions);
    return order;
  }

  /** The restoration is over: what was put or removed behind it, as `spokenFor` has it now; null: removed. */
  restored(): (readonly [OrderId, Order | null])[] {
    const since = [...(this.#since ?? [])].map((orderId) => [orderId, this.spokenForBy(orderId)] as const);
    this.#since = null;
    return since;
  }

  putOrder(revision: Revision): void {
    const { orderId } = revision.order;
    this.#noteZones(revision.order, orderId);
    this.#since?.add(orderId);
    const known = this.#knownOf(orderId);
    const others = known?.revisions.filter(({ position }) => position !== revision.position) ?? [];
    const revisions = [...others, revision];
    this.#orders.set(orderId, revisions);
    const former = known?.editions?.compiled ?? known?.former ?? [];
    this.#known.put(orderId, { revisions, editions: null, former }, this.#ready);
  }

  #noteZones(order: Order, orderId: OrderId): void {
    for (const zoneId of sharedZonesOf(order)) {
      const users = this.#usersOfZone.get(zoneId) ?? new Set();
      users.add(orderId);
      this.#usersOfZone.set(zoneId, users);
    }
  }

  /** The order is erased: as if it had never been. */
  removeOrder(orderId: OrderId): void {
    this.#since?.add(orderId);
    this.#orders.delete(orderId);
    this.#known.delete(orderId);
    for (const users of this.#usersOfZone.values()) users.delete(orderId);
  }

  /** A zone that no order names can be deleted: nothing that was judged by it changes. */
  deleteZone(zoneId: ZoneId): void {
    this.#deletedZones.add(zoneId);
  }

  /** Stores a shared zone, which gives every order that names it a new edition from then on. */
  putZone(zoneId: ZoneId, version: ZoneVersion): readonly OrderId[] {
    const versions = this.#zones.get(zoneId) ?? NO_VERSIONS;
    // A clock that was put back must not make an edit older than one before it, of whatever zone: editions are told apart
    // by the newest that they know.
    const atMs = Math.max(version.atMs, this.#zonesMs);
    this.#zonesMs = atMs;
    this.#zones.set(zoneId, [...versions, { ...version, atMs }]);
    this.#deletedZones.delete(zoneId);
    const users = this.usersOf(zoneId, atMs);
    for (const orderId of users) {
      // One that nobody has asked for of late is worked out when somebody does.
      const known = this.#known.get(orderId, this.#ready);
      if (known === undefined) continue;
      known.former = known.editions?.compiled ?? known.former;
      known.editions = null;
    }
    return users;
  }

  #knownOf(orderId: OrderId): Known | null {
    const known = this.#known.get(orderId, this.#ready);
    if (known !== undefined) return known;
    const revisions = this.#orders.get(orderId);
    if (revisions === null) return null;
    const fresh: Known = { revisions, editions: null, former: [] };
    this.#known.put(orderId, fresh, this.#ready);
    return fresh;
  }

  get #ready(): number {
    return readyOf(this.#orders.size, this.#readyMax);
  }

  #segmentsOf(revisions: readonly Revision[]): Segment[] {
    return segmentsOf(revisionsInForce(revisions), (zoneId) => this.#zones.get(zoneId) ?? NO_VERSIONS);
  }

  #workOut(known: Known): NonNullable<Known['editions']> {
    const segments = this.#segmentsOf(known.revisions);
    const compiled = segments.map((segment) => {
      const same = known.former.find((one) => sameSegment(one.segment, segment));
      return same ?? { segment, policy: this.#compile(segment, known.revisions[0]?.receivedMs ?? -Infinity) };
    });
    known.former = [];
    return { compiled, policies: compiled.map(({ policy }) => policy) };
  }

  #compile({ name, fromMs, order, zones }: Segment, toldMs: number): OrderPolicy {
    const shapeOf = (zoneId: ZoneId) => zones.get(zoneId)?.shape ?? null;
    return compileOrder(order, shapeOf, this.#defaults, { edition: name, effectiveMs: fromMs, toldMs });
  }
}

function asSpokenFor(revisions: readonly Revision[]): Order | null {
  const newest = revisions.at(-1);
  return newest === undefined ? null : { ...newest.order, devices: spokenFor(revisionsInForce(revisions)) };
}

/** The name says which order and which zones; who wore what may have been told since. */
function sameSegment(a: Segment, b: Segment): boolean {
  return (
    a.name === b.name && a.fromMs === b.fromMs && JSON.stringify(a.order.devices) === JSON.stringify(b.order.devices)
  );
}

/**
 * From when a revision holds: its own time, or when it was taken in; the first one from when the order begins. A later one
 * that puts the beginning off takes the order out of force until then. None reaches back further than late data does.
 */
export function effectiveFrom(order: Order, receivedMs: number, first: boolean): number {
  const saidMs = order.effectiveMs ?? (first ? order.startMs : receivedMs);
  return Math.max(saidMs, receivedMs - HORIZON_MS, first ? order.startMs : -Infinity);
}

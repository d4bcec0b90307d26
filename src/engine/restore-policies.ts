/** Orders and zones at a start, as they stood at the states' position: what came after it is still to be taken in. */
import type { ZoneId } from '../domain/ids.js';
import type { SubjectState } from '../domain/subject-state.js';
import type { SharedZone } from '../domain/zone.js';
import type { LedgerReader, OrderRevision, StoredZone } from '../ports/ledger.js';
import { sharedZonesOf } from '../rules/compile.js';
import { EDITION_STEP, type Policies, type Zones } from './policies.js';

/** `stateOf`: of an order's stream; null: it has none yet. */
export function restorePolicies(
  policies: Policies,
  ledger: LedgerReader,
  position: number,
  stateOf: (revision: OrderRevision) => SubjectState | null,
): void {
  for (const zone of ledger.zones(position)) policies.putZone(0, zone.zoneId, zone, 0);
  const history = new ZoneHistory(ledger, position);
  for (const newest of ledger.orders(position)) {
    const state = stateOf(newest);
    if (state === null || state.edition === 0) {
      for (const { position: from, order, effectiveMs } of revisionsFrom(ledger, newest, 0, position)) {
        policies.putOrder(from, order, effectiveMs);
      }
    } else restoreOrder(policies, revisionsFrom(ledger, newest, state.policyRevision, position), state, history);
  }
}

/**
 * The edition in force as it was made, then what had been said of the order since and whose time had not come: later
 * revisions, and changes of the zones that it names.
 */
function restoreOrder(
  policies: Policies,
  [inForce, ...coming]: readonly OrderRevision[],
  state: SubjectState,
  history: ZoneHistory,
): void {
  if (inForce === undefined) return;
  const { order } = inForce;
  const { orderId } = order;
  const madeAt = Math.floor(state.edition);
  const named = new Set([order, ...coming.map((revision) => revision.order)].flatMap((o) => [...sharedZonesOf(o)]));
  const changes = history.since(madeAt, named);
  const zonesAt = (at: number): Zones | undefined => (changes.length === 0 ? undefined : history.at(at));
  policies.inForce(orderId, state.edition);
  policies.putOrder(state.edition, order, inForce.effectiveMs, zonesAt(madeAt));
  let edition = state.edition;
  for (const said of [...coming, ...changes].sort((a, b) => a.position - b.position)) {
    edition = Math.max(said.position, edition + EDITION_STEP);
    if ('order' in said) policies.putOrder(edition, said.order, said.effectiveMs, zonesAt(said.position));
    else {
      policies.reviseZones(edition, orderId, said.receivedMs, zonesAt(said.position));
      edition = policies.of(orderId).at(-1)?.edition ?? edition;
    }
  }
}

/** Revisions from one on, up to a position, oldest first. Most orders have but the newest. */
function revisionsFrom(
  ledger: LedgerReader,
  newest: OrderRevision,
  revision: number,
  position: number,
): readonly OrderRevision[] {
  if (revision === newest.order.revision) return [newest];
  const all = ledger.orderRevisions(newest.order.orderId);
  return all.filter((one) => one.position <= position && one.order.revision >= revision);
}

/** What shared zones were, read only where an order asks: hardly any has a change that it has not come to yet. */
class ZoneHistory {
  readonly #ledger: LedgerReader;
  readonly #position: number;
  readonly #stood = new Map<number, Zones>();
  #changes: StoredZone[] | null = null;

  constructor(ledger: LedgerReader, position: number) {
    this.#ledger = ledger;
    this.#position = position;
  }

  since(position: number, zones: ReadonlySet<ZoneId>): StoredZone[] {
    if (zones.size === 0) return [];
    this.#changes ??= this.#ledger.zonesStored(0, this.#position);
    return this.#changes.filter((change) => change.position > position && zones.has(change.zoneId));
  }

  at(position: number): Zones {
    const known = this.#stood.get(position);
    if (known !== undefined) return known;
    const stood = new Map<ZoneId, SharedZone>();
    for (const zone of this.#ledger.zones(position)) stood.set(zone.zoneId, zone);
    this.#stood.set(position, stood);
    return stood;
  }
}

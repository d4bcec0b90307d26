/** Orders and zones at a start, as they stood at the states' position: what came after it is still to be taken in. */
import type { LedgerReader, OrderRevision } from '../ports/ledger.js';
import type { Policies } from './policies.js';

export function restorePolicies(policies: Policies, ledger: LedgerReader, position: number): void {
  const stored = ledger.zonesStored(0, position);
  for (const { position: from, zoneId, zone, receivedMs } of stored) {
    policies.putZone(zoneId, { position: from, atMs: receivedMs, zone });
  }
  const standing = new Set([...ledger.zones(position)].map(({ zoneId }) => zoneId));
  for (const { zoneId } of stored) if (!standing.has(zoneId)) policies.deleteZone(zoneId);
  for (const newest of ledger.orders(position)) {
    for (const revision of revisionsOf(ledger, newest, position)) policies.putOrder(revision);
  }
}

/** Up to a position, oldest first. Most orders have but one. */
function revisionsOf(ledger: LedgerReader, newest: OrderRevision, position: number): readonly OrderRevision[] {
  if (newest.order.revision === 1) return [newest];
  return ledger.orderRevisions(newest.order.orderId).filter((one) => one.position <= position);
}

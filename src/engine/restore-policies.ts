/** Orders and zones at a start, as they stood at the states' position: what came after it is still to be taken in. */
import type { Order } from '../domain/order.js';
import type { LedgerReader } from '../ports/ledger.js';
import type { Policies } from './policies.js';

/** `told`: each order as whose devices' records are looked up by. */
export function restorePolicies(
  policies: Policies,
  ledger: LedgerReader,
  position: number,
  told: (order: Order) => void,
): void {
  const stored = ledger.zonesStored(0, position);
  for (const { position: from, zoneId, zone, receivedMs } of stored) {
    policies.putZone(zoneId, { position: from, atMs: receivedMs, zone });
  }
  const standing = new Set([...ledger.zones(position)].map(({ zoneId }) => zoneId));
  for (const { zoneId } of stored) if (!standing.has(zoneId)) policies.deleteZone(zoneId);
  for (const revisions of ledger.histories(position)) told(policies.restore(revisions));
}

/** Who may know of a grant at all: who watches over everybody, whose request it was, whose order it is. */
import type { Grant } from '../../domain/grant.js';
import type { Order } from '../../domain/order.js';
import type { Access } from './gate.js';
import type { Restrictions } from './restricted.js';

export function mayKnowOf(access: Access, grant: Grant, order: Order, restrictions: Restrictions): boolean {
  const asked = access.agency === grant.requested.by.agency;
  // an engineer knows of equipment, whoever wears it (¶26)
  if (access.role === 'device_engineer') return asked && grant.trigger === 'equipment_forensics';
  if (!restrictions.admits(access, order)) return false;
  return access.scope === 'all' || asked || access.agency === order.supervisor;
}

/**
 * Rows that belong to an order lie under that order's data key, the others under the shared one: 16 bytes say whose a row
 * is (the order's pseudonym; zeros: nobody's), the rest is sealed. Without the key a row is noise, and is passed over.
 */
import type { OrderId } from '../../domain/ids.js';
import type { OrderKeyRing } from '../../ports/order-keys.js';
import type { Seals } from '../../ports/seals.js';
import type { AtHandKeys } from './orders-at-hand.js';

export interface RowKeys {
  readonly shared: Seals;
  readonly orders: Pick<OrderKeyRing, 'nameOf' | 'sealsNamed'>;
  /** Absent: this process has no keys of hours. */
  readonly atHand?: AtHandKeys;
  /** Told when something of an order is not kept, for its keys are gone. */
  readonly leftOut?: () => void;
}

const OWNER_BYTES = 16;
const NOBODY = Buffer.alloc(OWNER_BYTES);

/** The row; null where the owner's keys are destroyed, so that nothing of it can be kept. */
export function sealRow(
  keys: RowKeys,
  owner: OrderId | null,
  store: string,
  name: string,
  plain: Uint8Array,
): Buffer | null {
  if (owner === null) return Buffer.concat([NOBODY, keys.shared.seal(store, name, plain)]);
  const named = keys.orders.nameOf(owner);
  const sealed = keys.orders.sealsNamed(named)?.seal(store, name, plain);
  return sealed === undefined ? null : Buffer.concat([Buffer.from(named, 'hex'), sealed]);
}

/** What was sealed; null where the owner's keys are destroyed. Throws `SealBroken` for a row that was changed or moved. */
export function openRow(keys: RowKeys, store: string, name: string, row: Buffer): Buffer | null {
  const owner = ownerOf(row);
  const seals = owner === null ? keys.shared : keys.orders.sealsNamed(owner);
  return seals === null ? null : seals.open(store, name, row.subarray(OWNER_BYTES));
}

/** The pseudonym of the order that a row belongs to; null: it is nobody's. */
export function ownerOf(row: Buffer): string | null {
  const owner = row.subarray(0, OWNER_BYTES);
  return owner.equals(NOBODY) ? null : owner.toString('hex');
}

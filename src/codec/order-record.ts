/** Orders and shared zones as stores keep them: one byte of format, then the noun in MessagePack. */
import type { Order } from '../domain/order.js';
import type { SharedZone } from '../domain/zone.js';
import { FormatRefused, pack, unpack } from './packed.js';

/** Raised when the nouns change their shape; what an older gateway wrote is then read by a branch of its own. */
const ORDER_FORMAT = 1;
const ZONE_FORMAT = 1;

export const encodeOrder = (order: Order): Buffer => pack(ORDER_FORMAT, order);
/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export const decodeOrder = (bytes: Uint8Array): Order => noun('an order', ORDER_FORMAT, bytes) as Order;

export const encodeZone = (zone: SharedZone): Buffer => pack(ZONE_FORMAT, zone);
/** Exactly what was encoded. Throws `FormatRefused` for bytes that this build cannot read. */
export const decodeZone = (bytes: Uint8Array): SharedZone => noun('a zone', ZONE_FORMAT, bytes) as SharedZone;

function noun(what: string, format: number, bytes: Uint8Array): object {
  const read = unpack(what, format, bytes);
  if (typeof read !== 'object' || read === null) throw new FormatRefused(`${what}: damaged (no object)`);
  return read;
}

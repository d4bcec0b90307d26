/** Orders and shared zones as stores keep them: one byte of format, then the noun in MessagePack. */
import { Packr } from 'msgpackr';
import type { Order } from '../domain/order.js';
import type { SharedZone } from '../domain/zone.js';

/** Raised when the nouns change their shape; what an older gateway wrote is then read by a branch of its own. */
const ORDER_FORMAT = 1;
const ZONE_FORMAT = 1;

// plain maps: no record definitions that a later reader would have to share
const packr = new Packr({ useRecords: false });

export const encodeOrder = (order: Order): Buffer => encode(ORDER_FORMAT, order);
/** Throws on a format it does not know: what a store gives back was written by `encodeOrder`. */
export const decodeOrder = (bytes: Uint8Array): Order => decode(ORDER_FORMAT, bytes, 'order') as Order;

export const encodeZone = (zone: SharedZone): Buffer => encode(ZONE_FORMAT, zone);
/** Throws on a format it does not know. */
export const decodeZone = (bytes: Uint8Array): SharedZone => decode(ZONE_FORMAT, bytes, 'zone') as SharedZone;

function encode(format: number, noun: Order | SharedZone): Buffer {
  return Buffer.concat([Uint8Array.of(format), packr.pack(noun)]);
}

function decode(format: number, bytes: Uint8Array, what: string): unknown {
  if (bytes[0] !== format) throw new Error(`${what} record of format ${bytes[0]}; this gateway reads ${format}`);
  return packr.unpack(bytes.subarray(1));
}

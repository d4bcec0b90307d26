/** Branded identifiers; text becomes one of them here and nowhere else. */
import { bad, ok, type Result } from './result.js';

declare const brand: unique symbol;
type Brand<B extends string> = string & { readonly [brand]: B };

export type OrderId = Brand<'OrderId'>;
export type SubjectId = Brand<'SubjectId'>;
export type DeviceId = Brand<'DeviceId'>;
export type ConditionId = Brand<'ConditionId'>;
export type ZoneId = Brand<'ZoneId'>;
export type AgencyId = Brand<'AgencyId'>;
export type AlertId = Brand<'AlertId'>;

/**
 * Names one stream of journal entries that is stepped in order: an order (one person under one order), or a device
 * that no order speaks for at the time (`~` + device id; `~` is outside the grammar of ids, so they never collide).
 */
export type StreamKey = Brand<'StreamKey'>;

/** 1–64 of `[A-Za-z0-9._-]`: safe in a topic, a path, a file name and a log line. */
const grammar = /^[A-Za-z0-9._-]{1,64}$/;
/** State and stores keep plain objects by id: a device called `constructor` would find there what nobody put. */
const reserved: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
export const ID_EXPECTED = '1 to 64 of A-Z a-z 0-9 . _ -';
const isId = (text: string): boolean => grammar.test(text) && !reserved.has(text);

function parser<T extends string>(): (raw: unknown) => Result<T, string> {
  return (raw) => (typeof raw === 'string' && isId(raw) ? ok(raw as T) : bad(`expected ${ID_EXPECTED}`));
}

export const parseOrderId = parser<OrderId>();
export const parseSubjectId = parser<SubjectId>();
export const parseDeviceId = parser<DeviceId>();
export const parseConditionId = parser<ConditionId>();
export const parseZoneId = parser<ZoneId>();
export const parseAgencyId = parser<AgencyId>();
export const parseAlertId = parser<AlertId>();

/** The stream of an order. */
export const streamOfOrder = (orderId: OrderId): StreamKey => orderId as string as StreamKey;
/** The stream of a device while no assignment covers what it says. */
export const streamOfDevice = (deviceId: DeviceId): StreamKey => `~${deviceId}` as StreamKey;
/** The gateway's own entries, which no one person's rules read. */
export const GATEWAY_STREAM = '~~' as StreamKey;
/** The order of a stream, or null for a device's own stream. */
export const orderOfStream = (key: StreamKey): OrderId | null =>
  key.startsWith('~') ? null : (key as string as OrderId);
/** The device of a device's own stream, or null for an order's. */
export const deviceOfStream = (key: StreamKey): DeviceId | null =>
  key.startsWith('~') && key !== GATEWAY_STREAM ? (key.slice(1) as DeviceId) : null;
/** Reads back a key that this module made (from a store or a journal entry). */
export function parseStreamKey(raw: unknown): Result<StreamKey, string> {
  const text = typeof raw === 'string' ? raw : '';
  return text === GATEWAY_STREAM || grammar.test(text.startsWith('~') ? text.slice(1) : text)
    ? ok(text as StreamKey)
    : bad('not a stream key');
}

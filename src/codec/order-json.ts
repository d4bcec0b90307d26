/** Orders in the contract's JSON: strict on the way in, complete on the way out. */
import { parseAgencyId, parseDeviceId, parseOrderId, parseSubjectId } from '../domain/ids.js';
import { type Assignment, DEVICE_KINDS, ORDER_TYPES, type Order } from '../domain/order.js';
import type { Problem } from '../domain/problem.js';
import { bad, ok, type Result } from '../domain/result.js';
import type { Position } from '../domain/zone.js';
import { conditionJson, readCondition } from './order-conditions.js';
import { policyJson, readPolicy } from './order-policy.js';
import { bool, describe, Fields, id, list, number, oneOf, Place, type Read, text, time } from './order-reader.js';
import { addressName, timeJson } from './order-timetable.js';
import { readPosition } from './zone-json.js';

const minutes = number({ min: 0, max: 1_000_000, whole: false, unit: 'minutes' });

/**
 * Reads one order, its zones' geometry included. What needs more than the order's own shape (time zone, overlaps,
 * shared zones) is `rules/order-checks`. All problems at once, at most 100; an unknown field is one, at any depth.
 */
export function parseOrder(json: unknown): Result<Order, Problem[]> {
  const at = Place.root();
  const order = readOrder(json, at);
  return at.problems.length === 0 ? ok(order) : bad(at.problems);
}

function readOrder(json: unknown, at: Place): Order {
  const fields = new Fields(json, at);
  const read = {
    orderId: fields.required('order_id', id(parseOrderId)),
    subjectId: fields.required('subject_id', id(parseSubjectId)),
    revision: fields.required('revision', number({ min: 1, max: 1_000_000_000, whole: true })),
    effectiveMs: fields.optional('effective_from', time, null),
    type: fields.required('type', oneOf(ORDER_TYPES)),
    curfewOnly: fields.optional('curfew_only', bool, false),
    hdc: fields.optional('hdc', bool, false),
    under18: fields.optional('under_18', bool, false),
    restricted: fields.optional('restricted', bool, false),
    supervisor: fields.required('supervisor', id(parseAgencyId)),
    timeZone: fields.optional('time_zone', text(64), 'Europe/London'),
    startMs: fields.required('start', time),
    endMs: fields.required('end', time),
    atvAllowanceMin: fields.optional('atv_allowance_min', minutes, null),
    minorMaxMin: fields.optional('minor_max_min', minutes, null),
    devices: fields.optional('devices', list(assignment, { min: 0, max: 200, of: 'devices' }), []),
    addresses: fields.optional('addresses', addresses, {}),
    conditions: fields.required('conditions', list(readCondition, { min: 1, max: 200, of: 'conditions' })),
    policy: fields.optional('policy', readPolicy, {}),
  };
  fields.done();
  const devices = read.devices.map((device): Assignment => ({ ...device, toMs: device.toMs ?? read.endMs }));
  return { ...read, devices };
}

/** `toMs` is null where the assignment lasts as long as the order. */
const assignment: Read<Omit<Assignment, 'toMs'> & { readonly toMs: number | null }> = (value, at) => {
  const fields = new Fields(value, at);
  const read = {
    deviceId: fields.required('device_id', id(parseDeviceId)),
    kind: fields.required('kind', oneOf(DEVICE_KINDS)),
    address: fields.optional('address', addressName, null),
    fromMs: fields.required('from', time),
    toMs: fields.optional('to', time, null),
  };
  fields.done();
  return read;
};

/** Name → where it is, for those who say so. */
const addresses: Read<Order['addresses']> = (value, at) => {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) at.expected('an object of addresses by name', describe(value));
  const entries = isObject ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.map(([name, address]): [string, Position | null] => {
      const here = at.key(name);
      addressName(name, here);
      const fields = new Fields(address, here);
      const position = fields.optional('position', readPosition, null);
      fields.done();
      return [name, position];
    }),
  );
};

/**
 * Every field, defaults spelled out; `parseOrder` gives the same order back. An assignment that lasts as long as the
 * order has no `to`: whoever sends this back with a later end must not thereby take the devices off at the old one.
 */
export function orderToJson(order: Order): Record<string, unknown> {
  return {
    order_id: order.orderId,
    subject_id: order.subjectId,
    revision: order.revision,
    ...(order.effectiveMs === null ? {} : { effective_from: timeJson(order.effectiveMs) }),
    type: order.type,
    curfew_only: order.curfewOnly,
    hdc: order.hdc,
    under_18: order.under18,
    restricted: order.restricted,
    supervisor: order.supervisor,
    time_zone: order.timeZone,
    start: timeJson(order.startMs),
    end: timeJson(order.endMs),
    ...(order.atvAllowanceMin === null ? {} : { atv_allowance_min: order.atvAllowanceMin }),
    ...(order.minorMaxMin === null ? {} : { minor_max_min: order.minorMaxMin }),
    devices: order.devices.map(({ deviceId, kind, address, fromMs, toMs }) => ({
      device_id: deviceId,
      kind,
      ...(address === null ? {} : { address }),
      from: timeJson(fromMs),
      ...(toMs === order.endMs ? {} : { to: timeJson(toMs) }),
    })),
    addresses: Object.fromEntries(
      Object.entries(order.addresses).map(([name, position]) => [name, position === null ? {} : { position }]),
    ),
    conditions: order.conditions.map(conditionJson),
    ...(Object.keys(order.policy).length === 0 ? {} : { policy: policyJson(order.policy) }),
  };
}

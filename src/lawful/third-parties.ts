/** What of a person's data is about somebody else, and is left out of what the person is given (¶31, DPA 2018 s.45(4)(e)). */
import { alertToJson } from '../codec/alert-json.js';
import { orderToJson } from '../codec/order-json.js';
import type { AlertVersion } from '../domain/alert.js';
import type { Order } from '../domain/order.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The order, without where its exclusion zones lie: such a zone is often the home of the one whom it protects. What
 * conditions say of other zones is about the person, and stays.
 */
export function orderForThePerson(order: Order): Json {
  const json = orderToJson(order);
  const conditions = Array.isArray(json.conditions) ? (json.conditions as Json[]) : [];
  return {
    ...json,
    conditions: conditions.map((condition) => {
      if (condition.kind !== 'exclusion_zone') return condition;
      const { zone: _, zone_ref: __, buffer_m: ___, ...rest } = condition;
      return { ...rest, zone: 'left out' };
    }),
  };
}

/** The alert, without how far within an exclusion zone the person was: distances from known places would find its middle. */
export function alertForThePerson(version: AlertVersion, order: Order): Json {
  const json = withoutNames(alertToJson(version)) as Json;
  const condition = order.conditions.find(({ conditionId }) => conditionId === version.conditionId);
  // one whose condition is in no revision any more may have been about such a zone
  const other = version.conditionId === null || (condition !== undefined && condition.kind !== 'exclusion_zone');
  return other ? json : { ...json, margin_m: null };
}

const NAMES = /^(by|user|users|readers)$|By$|_by$/;
/** End like names of people and are none. */
const NO_NAMES = new Set(['endedBy', 'ended_by', 'requestedBy', 'requested_by']);

/** Staff by their role and agency, not by name: the person can see which office did what, and complain of it. */
export function withoutNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      if (!NAMES.test(name) || NO_NAMES.has(name)) return [[name, withoutNames(member)]];
      // {user, role, agency} keeps what is no name; a bare name goes
      return isObject(member) ? [[name, withoutNames(member)]] : [];
    }),
  );
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

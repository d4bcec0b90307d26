/** Puts what a person supplies into the draft of an order, as a JSON merge patch (RFC 7386), and says what is still missing. */
import type { Problem } from '../domain/problem.js';
import { bad, ok, type Result } from '../domain/result.js';
import type { Draft, Json, Needed } from './hmpps-draft.js';
import { exampleDevices } from './hmpps-examples.js';
import { describe } from './order-reader.js';

export interface Supplied {
  /** In the contract's JSON; `parseOrder` and the checks decide. */
  readonly order: Json;
  /** Required, and neither supplied nor decided against (null). */
  readonly missing: readonly Needed[];
}

const FIELDS = [
  ...['order_id', 'subject_id', 'revision', 'effective_from', 'type', 'curfew_only', 'hdc', 'under_18', 'restricted'],
  ...['supervisor', 'time_zone', 'start', 'end', 'atv_allowance_min', 'minor_max_min', 'devices', 'addresses'],
  ...['conditions', 'policy'],
];

/**
 * `supply`: the fields of an order, null to take one away; its `conditions` by id (`{"zone-1": {"zone": …}}`), or a list of
 * conditions with their `condition_id`. `attend_min` of an attendance condition is that of its appointments without one.
 */
export function supplied(draft: Draft, supply: unknown = {}): Result<Supplied, Problem[]> {
  if (!isObject(supply)) return bad([{ path: '', expected: 'an object of what to supply', got: describe(supply) }]);
  const patch: Json = { ...supply, conditions: byId(supply.conditions) };
  if (!isObject(patch.conditions)) {
    const expected = 'conditions by their id, or a list of conditions with condition_id';
    return bad([{ path: 'conditions', expected, got: describe(supply.conditions) }]);
  }
  const merged = merge({ ...draft.order, conditions: draft.conditions }, patch) as Json;
  const conditions = Object.entries(merged.conditions as Json).map(([id, condition]) =>
    withAttendMin({ condition_id: id, ...(isObject(condition) ? condition : {}) }),
  );
  const order: Json = { ...merged, conditions };
  const names = [...FIELDS.filter((name) => Object.hasOwn(order, name)), ...Object.keys(order)];
  const given = supply.conditions === undefined ? supply : patch;
  const missing = draft.needed.filter(
    ({ required, path, or }) => required && ![path, ...or].some((one) => isGiven(given, one.split('.'))),
  );
  return ok({ order: Object.fromEntries([...new Set(names)].map((name) => [name, order[name]])), missing });
}

/** The order as it would be with examples in place of what is missing, so that what is wrong in the rest is told at once. */
export function withExamples(draft: Draft, supply: unknown, missing: readonly Needed[]): Result<Supplied, Problem[]> {
  const given = isObject(supply) ? { ...supply, conditions: byId(supply.conditions) } : {};
  const filled = supplied(draft, overlay(exampleSupply(missing), given));
  if (!filled.ok || !missing.some(({ path }) => path === 'devices')) return filled;
  const { order } = filled.value;
  // the supply may have brought addresses that the example knows nothing of
  const devices = exampleDevices(order.conditions as Json[], String(order.start));
  return ok({ ...filled.value, order: { ...order, devices } });
}

/** Examples of everything that is missing, in the form of a supply. */
export function exampleSupply(missing: readonly Needed[]): Json {
  let example: Json = {};
  for (const { path, example: value } of missing) {
    const nested = path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
    // not merged as a patch: a null in an example must stay
    example = overlay(example, nested as Json);
  }
  return example;
}

function overlay(target: Json, patch: Json): Json {
  const entries = Object.entries(patch).map(([name, value]): [string, unknown] => {
    const before = target[name];
    return [name, isObject(before) && isObject(value) ? overlay(before, value) : value];
  });
  return { ...target, ...Object.fromEntries(entries) };
}

function byId(conditions: unknown): unknown {
  if (conditions === undefined) return {};
  if (!Array.isArray(conditions)) return conditions;
  const entries = conditions.map((condition: unknown) => {
    const { condition_id: id, ...rest } = isObject(condition) ? condition : {};
    return typeof id === 'string' ? ([id, rest] as const) : null;
  });
  return entries.includes(null) ? null : Object.fromEntries(entries as (readonly [string, Json])[]);
}

/** RFC 7386. `Object.fromEntries` makes own properties, whatever they are called. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const base = isObject(target) ? target : {};
  const changed = Object.entries(patch).flatMap(([name, value]): [string, unknown][] => {
    if (value === null) return [];
    return [[name, merge(Object.hasOwn(base, name) ? base[name] : undefined, value)]];
  });
  const kept = Object.entries(base).filter(([name]) => !Object.hasOwn(patch, name));
  const order = new Map([...kept, ...changed]);
  const names = [...Object.keys(base).filter((name) => order.has(name)), ...order.keys()];
  return Object.fromEntries([...new Set(names)].map((name) => [name, order.get(name)]));
}

/** Given, be it as null; or what it would be a part of was taken away. */
function isGiven(patch: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined || patch === null) return true;
  return isObject(patch) && Object.hasOwn(patch, name) && isGiven(patch[name], rest);
}

function withAttendMin(condition: Json): Json {
  if (condition.kind !== 'attendance' || condition.attend_min === undefined) return condition;
  const { attend_min, appointments, ...rest } = condition;
  if (!Array.isArray(appointments)) return { ...rest, appointments };
  return { ...rest, appointments: appointments.map((one: unknown) => (isObject(one) ? { attend_min, ...one } : one)) };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

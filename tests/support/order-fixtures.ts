/** The orders of `fixtures/orders`: valid ones by name, and invalid ones as changes to a valid one. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { OrderId, ZoneId } from '../../src/domain/ids.js';
import type { Assignment } from '../../src/domain/order.js';
import type { OtherOrders } from '../../src/rules/order-checks.js';

// compiled tests run from dist/tests/support
const folder = fileURLToPath(new URL('../../../fixtures/orders/', import.meta.url));

export const validOrders = (): { name: string; json: unknown }[] =>
  readdirSync(`${folder}valid`).map((name) => ({ name, json: validOrder(name) }));

/** A fresh copy each time. */
export const validOrder = (name: string): unknown => JSON.parse(readFileSync(`${folder}valid/${name}`, 'utf8'));

export interface InvalidOrder {
  readonly name: string;
  readonly why: string;
  /** Exactly what a person is told, a line each. */
  readonly problems: readonly string[];
  readonly json: unknown;
}

interface InvalidFile extends Omit<InvalidOrder, 'json' | 'name'> {
  /** The valid order that it changes. */
  readonly of: string;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly remove?: readonly string[];
  /** The whole document, where no change of a valid one says it. */
  readonly order?: unknown;
}

export function invalidOrders(): InvalidOrder[] {
  return readdirSync(`${folder}invalid`).map((name) => {
    const file = JSON.parse(readFileSync(`${folder}invalid/${name}`, 'utf8')) as InvalidFile;
    const json = file.order ?? validOrder(file.of);
    for (const [path, value] of Object.entries(file.set ?? {})) change(json, path, value);
    for (const path of file.remove ?? []) change(json, path, undefined);
    return { name, why: file.why, problems: file.problems, json };
  });
}

/** Sets what stands at a path like `conditions[1].zone`; undefined takes it away. */
function change(json: unknown, path: string, value: unknown): void {
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() as string;
  let at = json as Record<string, unknown>;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/** A store with the shared zone `Z-4471`, and an order `ORD-9` that has `TAG-9` for ever. */
export const others: OtherOrders = {
  zoneExists: (zoneId: ZoneId) => zoneId === 'Z-4471',
  overlapping: (_: OrderId, { deviceId }: Assignment) => (deviceId === 'TAG-9' ? ('ORD-9' as OrderId) : null),
};

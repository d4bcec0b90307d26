/** The synthetic HMPPS orders of `fixtures/orders/hmpps-*.json`: placeholders alone, nobody's. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// compiled tests run from dist/tests/support
export const ordersFolder = fileURLToPath(new URL('../../../fixtures/orders/', import.meta.url));

export const hmppsNames = (): string[] => readdirSync(ordersFolder).filter((name) => name.startsWith('hmpps-'));

type Json = Record<string, unknown>;

/** A fresh copy, with fields set by path (`monitoringConditions.hdc`). */
export function hmppsOrder(name: string, set: Readonly<Record<string, unknown>> = {}): Json {
  const json = JSON.parse(readFileSync(`${ordersFolder}${name}`, 'utf8')) as Json;
  for (const [path, value] of Object.entries(set)) {
    const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
    const last = keys.pop() as string;
    let at = json;
    for (const key of keys) at = at[key] as Json;
    at[last] = value;
  }
  return json;
}

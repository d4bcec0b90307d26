/** Orders of import files, each checked by itself and against the ones before it in the files. */
import { isDeepStrictEqual } from 'node:util';
import { parseOrder } from '../codec/order-json.js';
import type { ZoneId } from '../domain/ids.js';
import { assignmentsWithin, type DeviceKind, type Order } from '../domain/order.js';
import type { Problem } from '../domain/problem.js';
import { AssignmentIndex } from '../rules/assignments.js';
import { sharedZonesOf } from '../rules/compile.js';
import { checkOrder } from '../rules/order-checks.js';
import { type OrderWarning, orderWarnings } from '../rules/order-warnings.js';
import type { Item } from './cli-files.js';
import { problemLine } from './cli-run.js';

export interface CheckedOrder {
  readonly where: string;
  /** As far as it can be read. */
  readonly orderId: string | null;
  /** Null: it is no order. */
  readonly order: Order | null;
  readonly problems: readonly Problem[];
  readonly warnings: readonly OrderWarning[];
}

/** `zoneExists` null: shared zones are not looked up, and each order that names one is told so. */
export function checkOrders(items: Iterable<Item>, zoneExists: ((id: ZoneId) => boolean) | null): CheckedOrder[] {
  const others = new OthersInFiles();
  const checked: CheckedOrder[] = [];
  for (const { where, json } of items) {
    const parsed = parseOrder(json);
    if (!parsed.ok) {
      checked.push({ where, orderId: idOf(json), order: null, problems: parsed.fault, warnings: [] });
      continue;
    }
    const order = parsed.value;
    const known = { zoneExists: zoneExists ?? (() => true), overlapping: others.overlapping };
    const beside = others.beside(order);
    const problems = [...beside.problems, ...checkOrder(order, known)];
    const warnings = problems.length > 0 ? [] : [...beside.warnings, ...orderWarnings(order)];
    if (zoneExists === null && problems.length === 0) warnings.push(...notLookedUp(order));
    if (beside.problems.length === 0) others.add(where, order);
    checked.push({ where, orderId: order.orderId, order, problems, warnings });
  }
  return checked;
}

/** What went before in the files. */
class OthersInFiles {
  readonly #assignments = new AssignmentIndex();
  readonly #newest = new Map<string, { readonly where: string; readonly order: Order }>();
  readonly #kinds = new Map<string, { readonly kind: DeviceKind; readonly orderId: string }>();

  readonly overlapping: AssignmentIndex['overlapping'] = (orderId, one) => this.#assignments.overlapping(orderId, one);

  add(where: string, order: Order): void {
    this.#assignments.put({ ...order, devices: assignmentsWithin(order) });
    const newest = this.#newest.get(order.orderId);
    if (newest === undefined || newest.order.revision < order.revision)
      this.#newest.set(order.orderId, { where, order });
    for (const { deviceId, kind } of order.devices) {
      if (!this.#kinds.has(deviceId)) this.#kinds.set(deviceId, { kind, orderId: order.orderId });
    }
  }

  beside(order: Order): { problems: Problem[]; warnings: OrderWarning[] } {
    const warnings = order.devices.flatMap(({ deviceId, kind }, i): OrderWarning[] => {
      const other = this.#kinds.get(deviceId);
      if (other === undefined || other.kind === kind || other.orderId === order.orderId) return [];
      const warning = `${deviceId} is a ${kind} here and a ${other.kind} in order ${other.orderId}`;
      return [{ path: `devices[${i}].kind`, warning }];
    });
    const newest = this.#newest.get(order.orderId);
    if (newest === undefined || newest.order.revision < order.revision) return { problems: [], warnings };
    const { revision } = newest.order;
    if (isDeepStrictEqual(newest.order, order)) {
      return { problems: [], warnings: [...warnings, { path: 'revision', warning: `is in ${newest.where} already` }] };
    }
    const expected = `higher than ${revision}, the revision of this order in ${newest.where}`;
    return { problems: [{ path: 'revision', expected, got: String(order.revision) }], warnings };
  }
}

function notLookedUp(order: Order): OrderWarning[] {
  const shared = sharedZonesOf(order);
  if (shared.size === 0) return [];
  const warning = `names shared zones (${[...shared].join(', ')}) that were not looked up: give them with --zones FILE`;
  return [{ path: 'conditions', warning }];
}

function idOf(json: Item['json']): string | null {
  const id = typeof json === 'object' && json !== null && 'order_id' in json ? json.order_id : null;
  return typeof id === 'string' ? id.slice(0, 64) : null;
}

const placeOf = ({ where, orderId }: CheckedOrder): string => `${where} ${orderId ?? ''}`.trim();

export const problemLines = (checked: readonly CheckedOrder[]): string[] =>
  checked.flatMap((one) => one.problems.map((problem) => problemLine(placeOf(one), problem)));

export const warningLines = (checked: readonly CheckedOrder[]): string[] =>
  checked.flatMap((one) =>
    one.warnings.map(({ path, warning }) => `warning: ${placeOf(one)}: ${path === '' ? 'the whole' : path} ${warning}`),
  );

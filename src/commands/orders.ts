/** `fairwatch orders`: checks and imports orders. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { orderToJson, parseOrder } from '../codec/order-json.js';
import type { ZoneId } from '../domain/ids.js';
import { assignmentsWithin, type Order } from '../domain/order.js';
import { AssignmentIndex } from '../rules/assignments.js';
import { checkOrder } from '../rules/order-checks.js';
import { apiFlags, apiOf } from './cli-api.js';
import { type Item, readItems } from './cli-files.js';
import { report, type Sending, sendOverApi, sendThroughLog } from './cli-import.js';
import { CommandFailed, print, printJson, problemLine, runs } from './cli-run.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';
import { openFolder } from './cli-stores.js';
import { readZones } from './zones.js';

interface Flags extends Record<string, unknown> {
  readonly json?: true;
  readonly zones?: string[];
  readonly api?: string;
  readonly tokenFile?: string;
}

export function register(program: Command): void {
  const orders = program.command('orders').description('checks and imports orders');
  orders
    .command('check')
    .description('says everything that is wrong with orders, and stores nothing')
    .argument('<files...>', 'JSON: an order, an array of orders, or an order a line')
    .option('--zones <files...>', 'shared zones that the orders may name; without it zone_ref is not looked up')
    .option('--json', 'one line of JSON with the problems')
    .addHelpText('after', '\nExample:\n  fairwatch orders check orders.ndjson --zones zones.geojson\n')
    .action(runs(check));
  settingFlags(
    apiFlags(
      orders
        .command('import')
        .description('stores orders, or new revisions of them; done twice it changes nothing')
        .argument('<files...>', 'JSON: an order, an array of orders, or an order a line')
        .option('--json', 'one line of JSON an order with what became of it'),
    ),
    FOLDER_SETTINGS,
  )
    .addHelpText(
      'after',
      '\nExamples:\n  fairwatch orders import orders.ndjson --data-dir ./data\n' +
        '  fairwatch orders import orders.json --api http://127.0.0.1:8080 --token-file ./data/dev-token\n',
    )
    .action(runs(importOrders));
}

async function check(files: string[], flags: Flags): Promise<void> {
  const zones = flags.zones === undefined ? null : new Set(readZones(flags.zones).map(({ zone }) => zone.zoneId));
  const { orders, faults } = readOrders(files, (id) => zones === null || zones.has(id));
  if (flags.json) printJson({ orders: orders.length, problems: faults });
  if (faults.length > 0) throw refused(faults);
  if (!flags.json) print(`${orders.length} orders are in order`);
}

async function importOrders(files: string[], flags: Flags): Promise<void> {
  const api = apiOf(flags);
  // a zone that is missing is found by the gateway, which has them
  const { orders, faults } = readOrders(files, () => true);
  if (faults.length > 0) throw refused(faults);
  const by = userInfo().username;
  const things = orders.map(({ where, order }): Sending => {
    const path = `/v1/orders/${order.orderId}`;
    return { where, id: order.orderId, path, json: orderToJson(order), command: { kind: 'put_order', order, by } };
  });
  const outcomes =
    api === null ? await sendThroughLog(await openFolder(flags), things) : await sendOverApi(api, things);
  report(things, outcomes, 'orders', flags.json === true);
}

interface OrderFault {
  readonly where: string;
  readonly order_id: string | null;
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** Orders of the files, each checked by itself and against the ones before it; nothing is imported while one is wrong. */
function readOrders(
  files: readonly string[],
  zoneExists: (id: ZoneId) => boolean,
): { orders: { where: string; order: Order }[]; faults: OrderFault[] } {
  const orders: { where: string; order: Order }[] = [];
  const faults: OrderFault[] = [];
  const assignments = new AssignmentIndex();
  for (const { where, json } of readItems(files)) {
    const parsed = parseOrder(json);
    const problems = parsed.ok
      ? checkOrder(parsed.value, { zoneExists, overlapping: (id, one) => assignments.overlapping(id, one) })
      : parsed.fault;
    for (const problem of problems) faults.push({ where, order_id: idOf(json), ...problem });
    if (!parsed.ok) continue;
    assignments.put({ ...parsed.value, devices: assignmentsWithin(parsed.value) });
    orders.push({ where, order: parsed.value });
  }
  return { orders, faults };
}

function idOf(json: Item['json']): string | null {
  const id = typeof json === 'object' && json !== null && 'order_id' in json ? json.order_id : null;
  return typeof id === 'string' ? id.slice(0, 64) : null;
}

function refused(faults: readonly OrderFault[]): CommandFailed {
  const lines = faults.map((fault) => problemLine(`${fault.where} ${fault.order_id ?? ''}`.trim(), fault));
  return new CommandFailed([`nothing was stored: ${faults.length} problem(s)`, ...lines]);
}

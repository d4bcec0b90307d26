/** `fairwatch orders`: checks and imports orders. */
import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { orderToJson } from '../codec/order-json.js';
import type { Order } from '../domain/order.js';
import { apiFlags, apiOf } from './cli-api.js';
import { type Item, readItems } from './cli-files.js';
import { report, type Sending, sendOverApi, sendThroughLog } from './cli-import.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';
import { openFolder } from './cli-stores.js';
import { type CheckedOrder, checkOrders, problemLines, warningLines } from './orders-checked.js';
import { hmppsItems } from './orders-hmpps.js';
import { readZones } from './zones.js';

interface Flags extends Record<string, unknown> {
  readonly json?: true;
  readonly zones?: string[];
  readonly format: (typeof FORMATS)[number];
  readonly supply?: string;
  readonly out?: string;
  readonly api?: string;
  readonly tokenFile?: string;
}

const FORMATS = ['fairwatch', 'hmpps-create-an-order'] as const;

export function register(program: Command): void {
  const orders = program.command('orders').description('checks and imports orders');
  orders
    .command('check')
    .description('says everything that is wrong with orders, warns of what is surely not meant, and stores nothing')
    .argument('<files...>', 'JSON: an order, an array of orders, or an order a line')
    .option('--zones <files...>', 'shared zones that the orders may name; without it they are not looked up')
    .option('--json', 'one line of JSON an order: ok, problems, warnings')
    .addHelpText(
      'after',
      '\nExits with 1 if an order is refused; warnings alone are no failure.\n' +
        '\nExample:\n  fairwatch orders check orders.ndjson --zones zones.geojson\n',
    )
    .action(runs(check));
  settingFlags(
    apiFlags(
      orders
        .command('import')
        .description('stores orders, or new revisions of them; done twice it changes nothing')
        .argument('<files...>', 'JSON: an order, an array of orders, or an order a line')
        .addOption(new Option('--format <format>', 'whose orders they are').choices(FORMATS).default(FORMATS[0]))
        .option('--supply <file>', 'of another format: what its orders lack, as a JSON merge patch')
        .option('--out <file>', 'of another format: write the drafts, for a person to complete')
        .option('--json', 'one line of JSON an order with what became of it'),
    ),
    FOLDER_SETTINGS,
  )
    .addHelpText(
      'after',
      '\nExamples:\n  fairwatch orders import orders.ndjson --data-dir ./data\n' +
        '  fairwatch orders import orders.json --api http://127.0.0.1:8080 --token-file ./data/dev-token\n' +
        '  fairwatch orders import --format hmpps-create-an-order theirs.json --out draft.json\n' +
        '  fairwatch orders import --format hmpps-create-an-order theirs.json --supply ours.json --data-dir ./data\n',
    )
    .action(runs(importOrders));
}

async function check(files: string[], flags: Flags): Promise<void> {
  const zones = flags.zones === undefined ? null : new Set(readZones(flags.zones).map(({ zone }) => zone.zoneId));
  const checked = checkOrders(readItems(files), zones === null ? null : (id) => zones.has(id));
  if (flags.json) for (const one of checked) printJson(checkedJson(one));
  else for (const line of warningLines(checked)) print(line);
  const refused = checked.filter(({ problems }) => problems.length > 0);
  if (refused.length > 0) {
    throw new CommandFailed([`${refused.length} of ${checked.length} orders are refused:`, ...problemLines(checked)]);
  }
  if (!flags.json) print(`${checked.length} orders are in order`);
}

/** The contract of `orders check --json`. */
const checkedJson = ({ where, orderId, order, problems, warnings }: CheckedOrder) => ({
  where,
  order_id: orderId,
  revision: order?.revision ?? null,
  ok: problems.length === 0,
  problems,
  warnings,
});

async function importOrders(files: string[], flags: Flags): Promise<void> {
  const api = apiOf(flags);
  // a zone that is missing is found by the gateway, which has them
  const checked = checkOrders(itemsOf(files, flags), () => true);
  const faults = problemLines(checked);
  if (faults.length > 0) throw new CommandFailed([`nothing was stored: ${faults.length} problem(s)`, ...faults]);
  if (!flags.json) for (const line of warningLines(checked)) print(line);
  const by = userInfo().username;
  const things = checked.flatMap(({ where, order }) => (order === null ? [] : [sendingOf(where, order, by)]));
  const outcomes =
    api === null ? await sendThroughLog(await openFolder(flags), things) : await sendOverApi(api, things);
  report(things, outcomes, 'orders', flags.json === true);
}

function itemsOf(files: string[], flags: Flags): Item[] {
  if (flags.format === 'hmpps-create-an-order') return hmppsItems(files, flags);
  if (flags.supply !== undefined || flags.out !== undefined)
    throw new CommandFailed('--supply and --out are for orders of another format: add --format', 2);
  return readItems(files);
}

function sendingOf(where: string, order: Order, by: string): Sending {
  const { orderId } = order;
  return {
    where,
    id: orderId,
    // a device that one order gives up and the next takes over must be given up first
    concerns: [orderId, ...order.devices.map(({ deviceId }) => `device ${deviceId}`)],
    path: `/v1/orders/${orderId}`,
    json: orderToJson(order),
    command: { kind: 'put_order', order, by },
  };
}

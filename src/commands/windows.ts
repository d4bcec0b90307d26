/** `fairwatch windows`: when the conditions of an order are in force, in UTC and on the order's own clock. */
import type { Command } from 'commander';
import { parseOrder } from '../codec/order-json.js';
import { date, Place, time } from '../codec/order-reader.js';
import { timeJson } from '../codec/order-timetable.js';
import type { Order } from '../domain/order.js';
import type { Interval } from '../domain/timetable.js';
import { CivilZone, civilDay, DAY_MS } from '../rules/civil-time.js';
import { checkOrder } from '../rules/order-checks.js';
import { type ListedWindow, listWindows } from '../rules/window-listing.js';
import { readItems } from './cli-files.js';
import { CommandFailed, print, printJson, problemLine, runs } from './cli-run.js';
import { printTable } from './cli-table.js';

interface Flags {
  readonly order: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

/** An order up to this long is shown whole; of a longer one its first days. */
const WHOLE_DAYS_MAX = 31;
const SHOWN_DAYS = 28;

export function register(program: Command): void {
  program
    .command('windows')
    .description('the effective curfew and zone windows and the appointments of an order, in UTC and local time')
    .requiredOption('--order <file>', 'JSON: an order, or several (an array, or one a line)')
    .option('--from <time>', "RFC 3339, or a civil date in the order's time zone: from the start of that day")
    .option('--to <time>', "RFC 3339, or a civil date in the order's time zone: up to the start of that day")
    .option('--json', 'one line of JSON a window')
    .addHelpText(
      'after',
      `\nWindows that share a moment with [from, to) are shown whole. Without --from and --to: the whole order if it is no
longer than ${WHOLE_DAYS_MAX} days, else its first ${SHOWN_DAYS} days; with --from alone, ${SHOWN_DAYS} days from there; with --to alone, all up to there.
Rows of the same addresses at most 60 s apart are joined; authorised absences and the order's bounds cut (start_by, end_by).
clock_change_min: how far the clock moves forward (back: below 0) inside a window; it lasts so much shorter (longer).

Examples:
  fairwatch windows --order order.json
  fairwatch windows --order order.json --from 2026-10-24 --to 2026-10-27 --json\n`,
    )
    .action(runs(windows));
}

async function windows({ order: file, from, to, json }: Flags): Promise<void> {
  const orders = readItems([file]).map(({ where, json }) => readOrder(where, json));
  for (const order of orders) {
    const zone = CivilZone.named(order.timeZone);
    const span = spanOf(order, zone, from, to);
    const listed = listWindows(order, span);
    if (json) for (const window of listed) printJson(windowJson(order, zone, window));
    else showWindows(order, zone, span, listed);
  }
}

/** Shared zones are not looked up: when a condition is in force does not depend on where its zone lies. */
function readOrder(where: string, json: unknown): Order {
  const parsed = parseOrder(json);
  const problems = parsed.ok
    ? checkOrder(parsed.value, { zoneExists: () => true, overlapping: () => null })
    : parsed.fault;
  if (parsed.ok && problems.length === 0) return parsed.value;
  throw new CommandFailed([
    `${where} is refused (see also \`fairwatch orders check\`):`,
    ...problems.map((problem) => problemLine(where, problem)),
  ]);
}

function spanOf(order: Order, zone: CivilZone, from: string | undefined, to: string | undefined): Interval {
  const short = order.endMs - order.startMs <= WHOLE_DAYS_MAX * DAY_MS;
  const startMs = from === undefined ? order.startMs : moment(from, '--from', zone);
  const endMs =
    to !== undefined
      ? moment(to, '--to', zone)
      : short && from === undefined
        ? order.endMs
        : zone.utcMs(zone.dayAt(startMs) + SHOWN_DAYS, 0);
  if (endMs <= startMs) {
    throw new CommandFailed(`--to (${timeJson(endMs)}) must be after --from (${timeJson(startMs)})`, 2);
  }
  return { startMs, endMs };
}

function moment(text: string, flag: string, zone: CivilZone): number {
  const asDate = Place.root();
  const day = date(text, asDate);
  if (asDate.problems.length === 0) return zone.utcMs(civilDay(day), 0);
  const at = Place.root();
  const ms = time(text, at);
  if (at.problems.length === 0) return ms;
  throw new CommandFailed(
    `${flag}: expected a date like 2026-03-29, or a time with its offset like 2026-03-29T00:00:00Z, got ${JSON.stringify(text)}`,
    2,
  );
}

/** The contract of `--json`. */
function windowJson(order: Order, zone: CivilZone, window: ListedWindow): Record<string, unknown> {
  const { startMs, endMs } = window;
  return {
    order_id: order.orderId,
    revision: order.revision,
    condition_id: window.conditionId,
    kind: window.kind,
    start: timeJson(startMs),
    end: timeJson(endMs),
    start_local: zone.localText(startMs),
    end_local: zone.localText(endMs),
    minutes: (endMs - startMs) / 60_000,
    addresses: window.addresses,
    rows: window.rows,
    start_by: window.startBy,
    end_by: window.endBy,
    clock_change_min: clockChangeMin(zone, window),
  };
}

const clockChangeMin = (zone: CivilZone, { startMs, endMs }: Interval): number =>
  (zone.offsetMsAt(endMs) - zone.offsetMsAt(startMs)) / 60_000;

function showWindows(order: Order, zone: CivilZone, span: Interval, listed: readonly ListedWindow[]): void {
  const between = `${zone.localText(span.startMs)} to ${zone.localText(span.endMs)}`;
  print(`${order.orderId} revision ${order.revision}, ${order.timeZone}: ${listed.length} windows in ${between}`);
  printTable(
    ['condition', 'kind', 'from (local)', 'to (local)', 'from (UTC)', 'to (UTC)', 'minutes', 'addresses', ''],
    listed.map((window) => [
      window.conditionId,
      window.kind,
      short(zone.localText(window.startMs)),
      short(zone.localText(window.endMs)),
      short(timeJson(window.startMs)),
      short(timeJson(window.endMs)),
      String((window.endMs - window.startMs) / 60_000),
      window.addresses.join(' + '),
      notes(zone, window).join('; '),
    ]),
  );
}

/** Whole seconds are what orders say; a millisecond that is not 0 is shown. */
const short = (text: string): string => text.replace('.000', '');

function notes(zone: CivilZone, window: ListedWindow): string[] {
  const changeMin = clockChangeMin(zone, window);
  const cut = { order: 'the order', absence: 'an authorised absence' } as const;
  const { startBy, endBy, rows } = window;
  return [
    ...(startBy === 'timetable'
      ? []
      : [`starts with ${startBy === 'order' ? cut.order : `the end of ${cut.absence}`}`]),
    ...(endBy === 'timetable' ? [] : [`ends with ${endBy === 'order' ? cut.order : `the start of ${cut.absence}`}`]),
    ...(rows.length > 1 ? [`joined of ${rows.join(', ')}`] : []),
    ...(changeMin === 0 ? [] : [`clocks go ${changeMin > 0 ? 'forward' : 'back'} ${Math.abs(changeMin)} min`]),
  ];
}

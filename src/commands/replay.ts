/** `fairwatch replay`: the rules engine offline, on files; what the gateway would have told, as it stands in the end. */
import type { Command } from 'commander';
import { MemoryRecentLog } from '../adapters/memory/memory-recent-log.js';
import { Place, time } from '../codec/order-reader.js';
import { byStart, replayJson } from '../codec/replay-json.js';
import type { AlertVersion } from '../domain/alert.js';
import { orderOfStream, type StreamKey, streamOfOrder } from '../domain/ids.js';
import type { Order } from '../domain/order.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { Interval } from '../domain/timetable.js';
import type { SharedZone } from '../domain/zone.js';
import { Policies } from '../engine/policies.js';
import { replayStream } from '../engine/replay-stream.js';
import { AssignmentIndex } from '../rules/assignments.js';
import { type ListedWindow, listWindows } from '../rules/window-listing.js';
import { readItems } from './cli-files.js';
import { CommandFailed, printJson, runs } from './cli-run.js';
import { readZones } from './cli-zones.js';
import { checkOrders, problemLines } from './orders-checked.js';
import { RecordsFile } from './replay-file.js';

interface Flags {
  readonly orders: string;
  readonly zones?: string;
  readonly records: string;
  readonly until?: string;
}

export function register(program: Command): void {
  program
    .command('replay')
    .description('the rules engine offline: final alerts and violations of recorded uploads, by the same code as live')
    .requiredOption('--orders <file>', 'orders as `orders import` takes them')
    .option('--zones <file>', 'the shared zones that they name')
    .requiredOption('--records <file>', 'NDJSON: an upload a line, with received_ms')
    .option('--until <time>', 'RFC 3339: the time of the picture (see below)')
    .addHelpText(
      'after',
      `\nLines are taken in order of received_ms, whatever their place in the file; orders are known before all of them, each
from its start (a later revision from its effective_from). Uploads that came and timers due up to and at --until count;
without it: up to the last arrival, or the end of the last window that it touches. Prints NDJSON, sorted by start, type,
order and condition; withdrawn alerts too. What the gateway sees of frames (seals, sequences, sessions) is not in the
files, so no alert comes of it.

Example:
  fairwatch replay --orders orders.ndjson --records records.ndjson --until 2026-03-30T00:00:00Z\n`,
    )
    .action(runs(replay));
}

async function replay(flags: Flags): Promise<void> {
  for (const line of replayLines(flags)) printJson(line);
}

/** What the command prints. Throws `CommandFailed` for files that are not what they should be. */
export function replayLines(flags: Flags): Record<string, unknown>[] {
  const untilMs = flags.until === undefined ? null : untilOf(flags.until);
  const zones =
    flags.zones === undefined ? [] : readZones([flags.zones], 'nothing was replayed').map(({ zone }) => zone);
  const policies = policiesOf(readOrders(flags.orders, zones), zones);
  const assignments = new AssignmentIndex();
  for (const order of policies.spokenFor()) assignments.put(order);
  const file = RecordsFile.index(flags.records, assignments);
  try {
    const endMs = untilMs ?? pictureMs(file, policies);
    const streams = new Set([...policies.spokenFor()].map(({ orderId }) => streamOfOrder(orderId)));
    for (const stream of file.streams) streams.add(stream);
    const final: AlertVersion[] = [];
    for (const stream of streams) {
      const uploads = file.uploads(stream, endMs);
      const log = new MemoryRecentLog();
      final.push(...newestOf(replayStream({ stream, policies, uploads, untilMs: endMs, log })));
    }
    return final.filter(stands).sort(byStart).map(replayJson);
  } finally {
    file.close();
  }
}

function untilOf(text: string): number {
  const at = Place.root();
  const ms = time(text, at);
  const [problem] = at.problems;
  if (problem !== undefined) throw new CommandFailed(`--until: expected ${problem.expected}, got ${problem.got}`, 2);
  return ms;
}

function readOrders(path: string, zones: readonly SharedZone[]): Order[] {
  const known = new Set(zones.map(({ zoneId }) => zoneId));
  const checked = checkOrders(readItems([path]), (id) => known.has(id));
  const faults = problemLines(checked);
  if (faults.length > 0) throw new CommandFailed([`nothing was replayed: ${faults.length} problem(s)`, ...faults]);
  return checked.flatMap(({ order }) => order ?? []);
}

/** Everything was known from the beginning: an order holds from its start, a later revision from when it says. */
export function policiesOf(orders: readonly Order[], zones: readonly SharedZone[]): Policies {
  const policies = new Policies(DEFAULT_POLICY);
  for (const [i, zone] of zones.entries()) policies.putZone(zone.zoneId, { position: i + 1, atMs: 0, zone });
  const byRevision = [...orders].sort((a, b) => a.revision - b.revision);
  for (const [i, order] of byRevision.entries()) {
    const effectiveMs = order.effectiveMs ?? order.startMs;
    policies.putOrder({ position: zones.length + i + 1, order, receivedMs: -Infinity, effectiveMs });
  }
  return policies;
}

/** The last arrival, or the end of the last window that the last upload touches. */
function pictureMs({ last }: RecordsFile, policies: Policies): number {
  if (last === null) return 0;
  let untilMs = last.receivedMs;
  for (const [stream, timesMs] of last.streams) {
    for (const window of windowsOf(stream, policies)([...timesMs, last.receivedMs])) {
      untilMs = Math.max(untilMs, window.endMs);
    }
  }
  return untilMs;
}

function windowsOf(stream: StreamKey, policies: Policies): (timesMs: readonly number[]) => Interval[] {
  const orderId = orderOfStream(stream);
  const order = orderId === null ? null : policies.newest(orderId);
  if (order === null) return () => [];
  return (timesMs) => timesMs.flatMap((ms) => listWindows(order, { startMs: ms, endMs: ms + 1 }).filter(isOfTimetable));
}

/** A zone that is always active has no end to wait for. */
const isOfTimetable = ({ rows }: ListedWindow): boolean => rows.length > 0;

function newestOf(versions: readonly AlertVersion[]): AlertVersion[] {
  const newest = new Map<string, AlertVersion>();
  for (const version of versions) newest.set(version.alertId, version);
  return [...newest.values()];
}

/** A violation that was taken back was none; an alert that was told and taken back says so. */
const stands = ({ kind, state }: AlertVersion): boolean => kind === 'alert' || state !== 'withdrawn';

/** `fairwatch quarantine`: what was acknowledged and not understood, and why; tries it again; never shows the payload. */
import { type Command, InvalidArgumentError } from 'commander';
import { LmdbCommandLog } from '../adapters/lmdb/lmdb-command-log.js';
import { LmdbQuarantineReader } from '../adapters/lmdb/lmdb-quarantine-reader.js';
import { retriedOf } from '../api/quarantine.js';
import type { CommandOutcome } from '../ports/commands.js';
import type { QuarantineLabel } from '../ports/quarantine.js';
import { type ApiClient, apiFlags, apiOf, taken } from './cli-api.js';
import { CommandFailed, print, printJson, runs } from './cli-run.js';
import { FOLDER_SETTINGS, settingFlags } from './cli-settings.js';
import { mustExist, type OpenFolder, openFolder } from './cli-stores.js';

interface Flags extends Record<string, unknown> {
  readonly json?: true;
  readonly api?: string;
  readonly tokenFile?: string;
}

interface RetryFlags extends Flags {
  readonly position?: readonly number[];
  readonly device?: string;
  readonly reason?: string;
  readonly all?: true;
}

/** As the API shows it. */
interface Item {
  readonly position: number;
  readonly device_id: string;
  readonly received: string;
  readonly reason: string;
  readonly bytes: number;
}

type Retried = ReturnType<typeof retriedOf>;

/** How long a gateway that runs is waited for, all in all. */
const PATIENCE_MS = 10_000;
const AT_ONCE = 100;

export function register(program: Command): void {
  const quarantine = program.command('quarantine').description('what was acknowledged and not understood');
  both(quarantine.command('list').description('lists it, oldest first, with reasons'))
    .addHelpText('after', '\nExample:\n  fairwatch quarantine list --data-dir ./data --json\n')
    .action(runs(list));
  both(quarantine.command('retry').description('tries it again, when what was wrong is mended'))
    .option('--position <numbers...>', 'these, by their positions in the list', positions)
    .option('--device <device>', "this device's")
    .option('--reason <reason>', 'what is there for this reason')
    .option('--all', 'everything')
    .addHelpText(
      'after',
      '\nEach is taken in as of now and gone from the list, or left with the reason that it has now. Exit 1 if one is left.\n' +
        '\nExample:\n  fairwatch quarantine retry --device TAG-1 --reason unknown_key --api http://127.0.0.1:8080 --token-file T\n',
    )
    .action(runs(retry));
}

const both = (command: Command): Command =>
  settingFlags(apiFlags(command), FOLDER_SETTINGS).option('--json', 'one line of JSON each');

async function list(flags: Flags): Promise<void> {
  const items = await listed(flags);
  for (const item of items) {
    if (flags.json) printJson(item);
    else print(`${item.position}\t${item.received}\t${item.device_id}\t${item.reason}\t${item.bytes} bytes`);
  }
  if (items.length === 0 && !flags.json) print('the quarantine is empty');
}

async function retry(flags: RetryFlags): Promise<void> {
  const { position, device, reason, all } = flags;
  if (position === undefined && device === undefined && reason === undefined && all !== true) {
    throw new CommandFailed('say which: --position, --device, --reason or --all (see `fairwatch quarantine list`)', 2);
  }
  const items = await listed(flags);
  const unknown = (position ?? []).filter((wanted) => !items.some((item) => item.position === wanted));
  if (unknown.length > 0) throw new CommandFailed(`nothing is in quarantine at ${unknown.join(', ')}`);
  const chosen = items
    .filter((item) => position === undefined || position.includes(item.position))
    .filter((item) => device === undefined || item.device_id === device)
    .filter((item) => reason === undefined || item.reason === reason)
    .map((item) => item.position);
  const api = apiOf(flags);
  const retried = api === null ? await byCommands(flags, chosen) : await byApi(api, chosen);
  for (const one of retried) {
    if (flags.json) printJson(one);
    else print(`${one.position}\t${one.outcome}${one.reason === null ? '' : `\t${one.reason}`}`);
  }
  const count = (outcome: Retried['outcome']) => retried.filter((one) => one.outcome === outcome).length;
  if (!flags.json) print(`${count('accepted')} of ${retried.length} taken in`);
  if (count('logged') > 0) {
    process.stderr.write(`fairwatch: ${count('logged')} are carried out when the gateway runs: list them again then\n`);
  }
  if (count('left') > 0) throw new CommandFailed(`${count('left')} are left with their reasons`);
}

async function byApi(api: ApiClient, chosen: readonly number[]): Promise<Retried[]> {
  const retried: Retried[] = [];
  for (let at = 0; at < chosen.length; at += AT_ONCE) {
    const body = { positions: chosen.slice(at, at + AT_ONCE) };
    retried.push(...(taken(await api.request('POST', '/v1/quarantine/retry', body)).body.items as Retried[]));
  }
  return retried;
}

/** Beside a gateway that runs, or for one that will: its ingest follows the command log. */
async function byCommands(flags: Flags, chosen: readonly number[]): Promise<Retried[]> {
  const folder = await openFolder(flags);
  const { review, configuration } = folder;
  if (review === null) {
    throw new CommandFailed([
      `${configuration.vaultDir}: what is in quarantine is opened by the review tier`,
      'set REVIEW_KEK or REVIEW_KEK_FILE, or send it through a running gateway with --api',
    ]);
  }
  const quarantine = LmdbQuarantineReader.open(folder.folders.engine, review);
  const commands = LmdbCommandLog.open(folder.folders.commands, folder.rows);
  try {
    const places = new Map<number, number>();
    for (const position of chosen) {
      const item = await quarantine.open(position);
      if (item === null) continue;
      const command = { kind: 'retry_quarantine', item, by: 'command line' } as const;
      places.set(position, await commands.append(command, Date.now()));
    }
    const untilMs = performance.now() + PATIENCE_MS;
    const retried: Retried[] = [];
    for (const position of chosen) {
      const place = places.get(position);
      const gone: CommandOutcome = { ok: true, created: false };
      const waitMs = Math.max(1, untilMs - performance.now());
      retried.push(retriedOf(position, place === undefined ? gone : await commands.awaitOutcome(place, waitMs)));
    }
    return retried;
  } finally {
    await Promise.all([quarantine.close(), commands.close()]);
  }
}

async function listed(flags: Flags): Promise<Item[]> {
  const api = apiOf(flags);
  if (api === null) return ofFolder(await openFolder(flags));
  const items: Item[] = [];
  for (let more = true; more; ) {
    const after = items.at(-1)?.position ?? 0;
    const { body } = taken(await api.request('GET', `/v1/quarantine?limit=1000&after=${after}`));
    items.push(...(body.items as Item[]));
    more = body.more === true;
  }
  return items;
}

async function ofFolder({ folders, configuration, either }: OpenFolder): Promise<Item[]> {
  mustExist(folders.engine, configuration);
  const quarantine = LmdbQuarantineReader.open(folders.engine, either);
  try {
    return [...quarantine.list()].map(itemOf);
  } finally {
    await quarantine.close();
  }
}

const itemOf = ({ position, deviceId, receivedMs, reason, byteLength }: QuarantineLabel): Item => ({
  position,
  device_id: deviceId,
  received: new Date(receivedMs).toISOString(),
  reason,
  bytes: byteLength,
});

function positions(text: string, before: readonly number[] = []): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number > 0)) return [...before, ...numbers];
  throw new InvalidArgumentError('expected positions as `fairwatch quarantine list` shows them.');
}

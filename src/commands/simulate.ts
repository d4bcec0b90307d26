/** `fairwatch simulate`: makes seeded people and their truth as files, and sends them to a gateway if asked. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { rfc3339 } from '../sim/civil-time.js';
import { type FleetEnd, runFleet, SETTLE_MS } from '../sim/fleet.js';
import { GatewayApi, GatewayRefused, untilAnswered } from '../sim/gateway-api.js';
import { importWorld } from '../sim/import-world.js';
import { parseMqttUrl } from '../sim/mqtt-device.js';
import { makeWorld, truthAt } from '../sim/world.js';
import { readFleet, writeWorld } from '../sim/world-files.js';
import { caOf } from './cli-files.js';
import { runs } from './cli-run.js';

interface Flags {
  readonly people: number;
  readonly days: number;
  readonly hours?: number;
  readonly seed: number;
  readonly out?: string;
  readonly from?: string;
  readonly imported?: boolean;
  readonly mqtt?: string;
  readonly api?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly ackedLog?: string;
  readonly json?: boolean;
}

/** What a parent process (the demo) hears over its channel. */
export type FleetMessage =
  | { readonly kind: 'step'; readonly atMs: number; readonly sent: number; readonly acked: number }
  | { readonly kind: 'trouble'; readonly reason: string }
  | ({ readonly kind: 'end' } & FleetEnd);

export function register(program: Command): void {
  program
    .command('simulate')
    .description('make simulated people, their records and the truth about them; send them to a gateway')
    .option('--people <n>', 'how many people', wholeNumber, 200)
    .option('--days <d>', 'how many days', wholeNumber, 1)
    .option('--hours <h>', 'how many hours, instead of days', wholeNumber)
    .option('--seed <s>', 'the same seed makes the same people', wholeNumber, 1)
    .option('--out <dir>', 'folder for orders.ndjson, zones.json, devices.json, records.ndjson, truth.ndjson')
    .option('--from <dir>', 'send what an earlier run wrote there, instead of making it')
    .option('--imported', 'with --from: the gateway was told of these orders and devices before')
    .option('--mqtt <url>', 'send live to this MQTT endpoint (needs --api and --token-file)')
    .option('--api <url>', "the same gateway's HTTP address; its clock must be stepped (serve --dev --clock stepped)")
    .option('--token-file <file>', "file with an administrator's token")
    .option('--ca <file>', "certificates that the gateway's must be signed by, PEM (mqtts://, https://)")
    .option('--acked-log <file>', 'one line {device_id, sequence} for each upload that was acknowledged')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nExample:\n  npx fairwatch simulate --people 50 --days 2 --seed 7 --out /tmp/run\n')
    .action(async (flags: Flags, command: Command) => {
      if (flags.out === undefined && flags.mqtt === undefined) {
        command.error('say where to: --out DIR for files, --mqtt URL to send them', { exitCode: 2 });
      }
      if (flags.mqtt !== undefined && (flags.api === undefined || flags.tokenFile === undefined)) {
        command.error('--mqtt needs --api and --token-file: the gateway must be told the orders and devices', {
          exitCode: 2,
        });
      }
      await runs(simulate)(flags);
    });
}

async function simulate(flags: Flags): Promise<void> {
  const folder = flags.from ?? flags.out ?? (await mkdtemp(join(tmpdir(), 'fairwatch-simulate-')));
  try {
    if (flags.from === undefined) await make(flags, folder);
    if (flags.mqtt !== undefined) await send(flags, folder);
  } finally {
    if (flags.from === undefined && flags.out === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function make(flags: Flags, folder: string): Promise<void> {
  const world = makeWorld({ people: flags.people, seed: flags.seed, hours: flags.hours ?? flags.days * 24 });
  const lastMs = world.reports.at(-1)?.timeMs ?? world.endMs;
  const truth = truthAt(world, lastMs + SETTLE_MS);
  await writeWorld(folder, world, truth);
  const outcome = {
    folder,
    people: flags.people,
    seed: flags.seed,
    uploads: world.reports.length,
    truth: truth.length,
    // `replay --until` of this moment gives the picture that the truth is
    until: rfc3339(lastMs + SETTLE_MS),
  };
  say(
    flags,
    outcome,
    `${outcome.uploads} uploads of ${outcome.people} people, ${outcome.truth} true alerts at ${outcome.until}: ${folder}`,
  );
}

async function send(flags: Flags, folder: string): Promise<void> {
  const { mqtt = '', api: url = '', tokenFile = '' } = flags;
  const files = await readFleet(folder);
  const ca = caOf(flags.ca);
  const api = new GatewayApi({ url, ca, token: async () => (await readFile(tokenFile, 'utf8')).trim() });
  await untilAnswered(() => api.clockMs()).catch((error: unknown) => {
    if (!(error instanceof GatewayRefused)) throw error;
    throw new Error(`its clock cannot be stepped (start it with serve --dev --clock stepped): ${error.message}`);
  });
  if (flags.imported !== true) await untilAnswered(() => importWorld(api, files));
  const acked = flags.ackedLog === undefined ? null : createWriteStream(flags.ackedLog, { flags: 'a' });
  let stopping = false;
  process.on('message', (message) => {
    if (message === 'stop') stopping = true;
  });
  // a parent that is gone wants no more of this
  process.on('disconnect', () => process.exit(1));
  process.on('SIGINT', () => {
    stopping = true;
  });
  try {
    const end = await runFleet({
      files,
      mqtt: parseMqttUrl(mqtt, mqtt.startsWith('mqtts:') ? ca : undefined),
      api,
      onAcked: (deviceId, sequence) =>
        acked?.write(`{"device_id":${JSON.stringify(deviceId)},"sequence":${String(sequence)}}\n`),
      onStep: (progress) => tell({ kind: 'step', ...progress }),
      onTrouble: (reason) => tell({ kind: 'trouble', reason }),
      shouldStop: () => stopping,
    });
    if (acked !== null) await finished(acked);
    tell({ kind: 'end', ...end });
    say(
      flags,
      { ...end, at: rfc3339(end.atMs) },
      `${end.acked} uploads acknowledged, up to ${rfc3339(end.reportsToMs)}`,
    );
  } finally {
    // an open channel to a parent, or an idle connection, would keep this process alive
    api.close();
    process.removeAllListeners('message');
    process.removeAllListeners('disconnect');
    if (process.connected) process.disconnect();
  }
}

function finished(stream: WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.end(resolve);
  });
}

function tell(message: FleetMessage): void {
  process.send?.(message);
}

function say(flags: Flags, json: unknown, text: string): void {
  process.stdout.write(`${flags.json === true ? JSON.stringify(json) : text}\n`);
}

export function wholeNumber(raw: string): number {
  if (!/^\d{1,9}$/.test(raw)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(raw);
}

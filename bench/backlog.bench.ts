/** bench/backlog: what live alerts notice of a storm: devices that come back with hours of backlog, or that say too much. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecondPercentiles } from '../src/sim/percentiles.js';
import { Random } from '../src/sim/random.js';
import { type RunningGateway, startGateway } from './lib/gateway.js';
import { type Load, type Loaded, ownMiB, residentMiB, runLoad } from './lib/loading.js';
import { type Context, type Measured, main } from './lib/main.js';
import { cpuMsOf } from './lib/measure.js';
import { latencyPlot } from './lib/plots.js';
import type { Row } from './lib/result.js';
import type { StormFigures, StormOptions } from './lib/storm.js';

const STORM = join(import.meta.dirname, 'lib/storm.js');
const RSS_EVERY_MS = 200;
/** The first live upload. */
const STORM_AFTER_MS = 2_000;

await main({
  bench: 'backlog',
  about:
    'A storm beside live traffic, over real MQTT: devices that were silent for hours (and told so) come back at once and ' +
    'send a fix for each minute; then devices that want to send ten times what the gateway can take. Meanwhile other ' +
    'devices live on and raise planned alerts. Gateway, storm and live devices are three processes on the same machine.',
  aim: '10,000 devices with six hours each: live alerts ≤ 5 s at the most, memory bounded; the same under ten times the load',
  labelTitle: 'storm',
  columns: [
    { key: 'records', title: 'records' },
    { key: 'took', title: 'took s', digits: 1 },
    { key: 'rate', title: 'records/s', better: 'more' },
    { key: 'ackP99', title: 'its ack p99 s', digits: 1, better: 'less' },
    { key: 'lost', title: 'connections lost' },
    { key: 'alerts', title: 'live alerts' },
    { key: 'alertP50', title: 'p50 ms', digits: 0, better: 'less' },
    { key: 'alertP99', title: 'p99', digits: 0, better: 'less' },
    { key: 'alertMax', title: 'max', digits: 0, better: 'less' },
    { key: 'missed', title: 'missed', better: 'less' },
    { key: 'false', title: 'false', better: 'less' },
    { key: 'cpuUs', title: 'server CPU µs/record', digits: 1, better: 'less' },
    { key: 'memoryBefore', title: 'own MiB before' },
    { key: 'memoryHalf', title: 'most, first half' },
    { key: 'memoryMax', title: 'most, second half', better: 'less' },
    { key: 'residentMax', title: 'resident MiB' },
    { key: 'generator', title: 'storm’s cores', digits: 2 },
  ],
  options: {
    devices: { type: 'string', value: 'N', help: 'that come back (default: 10000)' },
    hours: { type: 'string', value: 'N', help: 'of backlog each, a fix a minute (default: 6)' },
    history: { type: 'string', value: 'N', help: 'hours that each was heard before (default: 2)' },
    'records-per-upload': { type: 'string', value: 'K', help: 'of the storm (default: 10)' },
    window: {
      type: 'string',
      value: 'N',
      help: 'uploads un-acknowledged at once, each device of the storm (default: 16)',
    },
    'live-rate': { type: 'string', value: 'N', help: 'live uploads a second (default: 1000)' },
    'live-seconds': { type: 'string', value: 'N', help: 'how long they live on (default: 90)' },
    'overload-rate': { type: 'string', value: 'N', help: 'uploads a second that are too much (default: 150000)' },
    seconds: { type: 'string', value: 'N', help: 'of overload (default: 40)' },
    only: { type: 'string', value: 'WHICH', help: 'backlog or overload' },
    dir: { type: 'string', value: 'FOLDER', help: `where the gateway keeps its data (default: ${tmpdir()})` },
    profile: { type: 'string', value: 'FOLDER', help: 'leave a .cpuprofile of the gateway there' },
  },
  run: measureStorms,
});

/** What live traffic is like. */
type Live = Pick<Load, 'clients' | 'rate' | 'seconds' | 'recordsPerUpload'>;

async function measureStorms(context: Context): Promise<Measured> {
  process.once('SIGTERM', () => process.exit(143));
  const { smallest } = context;
  const only = context.text('only') ?? (smallest ? 'backlog' : null);
  const liveRate = context.number('live-rate', smallest ? 100 : 1_000);
  const live = {
    clients: Math.ceil(liveRate / 2),
    rate: liveRate,
    seconds: context.number('live-seconds', smallest ? 4 : 90),
    recordsPerUpload: 1,
  };
  const rows: Row[] = [];
  const runs: { readonly label: string; readonly seconds: readonly SecondPercentiles[] }[] = [];
  const done = (label: string, storm: Storm | null, run: Run): void => {
    rows.push(rowOf(label, storm, run));
    runs.push({ label, seconds: run.loaded.figures.ack_ms_by_second });
  };
  if (!smallest && only === null)
    done('none', null, await measured(context, { ...live, seconds: Math.min(live.seconds, 20) }, null));
  const shape = { recordsPerUpload: context.number('records-per-upload', 10), window: context.number('window', 16) };
  if (only !== 'overload') {
    const devices = context.number('devices', smallest ? 100 : 10_000);
    const hours = context.number('hours', smallest ? 1 : 6);
    const historyHours = context.number('history', smallest ? 1 : 2);
    const storm = { ...shape, devices, hours, historyHours, ratePerS: 0, seconds: 0 };
    const label = `${devices.toLocaleString('en-GB')} devices × ${hours} h`;
    done(label, storm, await measured(context, live, storm));
  }
  if (only !== 'backlog') {
    const ratePerS = context.number('overload-rate', smallest ? 5_000 : 150_000);
    const seconds = context.number('seconds', smallest ? 3 : 40);
    const devices = smallest ? 50 : 2_000;
    const storm = { recordsPerUpload: 1, window: 64, devices, hours: 0, historyHours: 0, ratePerS, seconds };
    done(
      `${ratePerS.toLocaleString('en-GB')} uploads/s wanted`,
      storm,
      await measured(context, { ...live, seconds: Math.min(live.seconds, seconds) }, storm),
    );
  }
  if (smallest) for (const { label, cells } of rows) demandAll(label, cells);
  const acks = latencyPlot('live-ack-by-second', 'Live uploads to their acknowledgement while a storm lasts', runs);
  return {
    rows,
    plots: acks === null ? [] : [acks],
    notes: [
      `Live: ${live.clients} devices, ${live.rate} uploads/s together, for ${live.seconds} s, the storm breaking after ` +
        `${STORM_AFTER_MS / 1_000}; latencies count from the moment at which the event was meant to be sent.`,
      `The storm’s devices have at most ${shape.window} uploads un-acknowledged (64 in the overload), keep them, and give ` +
        'a connection up after 60 s without an acknowledgement.',
      'Own memory: what is not a page of a mapped file (LMDB’s, which the system takes back when it needs them; resident ' +
        'memory has them too). Looked at five times a second while the storm lasted. CPU: all threads of the gateway ' +
        'meanwhile, what live traffic cost included.',
    ],
  };
}

interface Run {
  readonly loaded: Loaded;
  readonly figures: StormFigures | null;
  readonly cpuMs: number;
  readonly memoryBeforeMiB: number;
  /** Every look while the storm lasted, in order. */
  readonly memory: readonly { readonly own: number; readonly resident: number }[];
}

type Storm = Pick<
  StormOptions,
  'devices' | 'hours' | 'historyHours' | 'recordsPerUpload' | 'window' | 'ratePerS' | 'seconds'
>;

/** Live traffic on a gateway of its own; the storm breaks soon after its first upload. */
async function measured(context: Context, live: Live, storm: Storm | null): Promise<Run> {
  const gateway = await startGateway({
    folder: context.text('dir') ?? tmpdir(),
    profileFolder: context.text('profile'),
  });
  const memory = watchMemory(gateway.pid);
  try {
    const breaking = storm === null ? null : await prepared(context, gateway, storm);
    const memoryBeforeMiB = ownMiB(gateway.pid);
    let cpuMs = 0;
    const breaks = async (inMs: number): Promise<StormFigures | null> => {
      if (breaking === null) return null;
      await sleep(inMs + STORM_AFTER_MS);
      const before = cpuMsOf(gateway.pid);
      memory.start();
      const figures = await breaking();
      memory.stop();
      cpuMs = cpuMsOf(gateway.pid) - before;
      context.say(`backlog: the storm is over: ${JSON.stringify(figures)}`);
      return figures;
    };
    let storming: Promise<StormFigures | null> = Promise.resolve(null);
    const seed = Random.of(context.seed, 'live').whole(1, 1_000_000);
    // its people are known before the storm: those who are put under an order in the midst of one wait for their turn
    const loaded = await runLoad(gateway, { ...live, seed }, (inMs) => {
      storming = breaks(inMs);
    });
    const { alert_ms, alerts, ack_ms } = loaded.figures;
    context.say(
      `backlog: live: ${alerts.expected} alerts, ${alerts.missed} missed, ${alerts.false} false, p50 ${alert_ms.p50}, ` +
        `max ${alert_ms.p999} ms; ack p99 ${ack_ms.p99} ms; ${ownMiB(gateway.pid)} MiB of its own`,
    );
    for (const line of loaded.wrong) context.say(`  ${line}`);
    const figures = await storming;
    return { loaded, figures, cpuMs, memoryBeforeMiB, memory: memory.looks };
  } finally {
    memory.stop();
    await gateway.stop();
  }
}

/** Resolves when the storm's people are known; what it resolves with lets it break, and waits for its end. */
async function prepared(context: Context, gateway: RunningGateway, storm: Storm): Promise<() => Promise<StormFigures>> {
  const seed = Random.of(context.seed, 'storm').whole(1, 1_000_000);
  const { mqttUrl, apiUrl, tokenFile } = gateway;
  const options: StormOptions = { ...storm, mqttUrl, apiUrl, tokenFile, seed, prefix: `S${seed}` };
  const child = spawn(process.execPath, [STORM, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  const told: string[] = [];
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  context.say(`backlog: importing ${storm.devices} devices of the storm`);
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line === 'ready') resolve();
      else told.push(line);
    });
    void ended.then(() => reject(new Error(`the storm ended before it broke:\n${told.join('\n')}`)));
  });
  return async () => {
    child.stdin.write('now\n');
    await ended;
    process.off('exit', kill);
    if (!printed.startsWith('{')) throw new Error(`the storm has no figures:\n${told.join('\n')}`);
    return JSON.parse(printed) as StormFigures;
  };
}

function watchMemory(pid: number) {
  const looks: Run['memory'][number][] = [];
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => void looks.push({ own: ownMiB(pid), resident: residentMiB(pid) });
  return {
    looks,
    start: () => {
      timer = setInterval(look, RSS_EVERY_MS);
    },
    stop: () => clearInterval(timer),
  };
}

function rowOf(label: string, storm: Storm | null, { loaded, figures, cpuMs, memoryBeforeMiB, memory }: Run): Row {
  const { alerts, alert_ms } = loaded.figures;
  const half = Math.ceil(memory.length / 2);
  const most = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
  const perS = figures === null ? null : Math.round((1_000 * figures.records) / figures.tookMs);
  return {
    label,
    cells: {
      records: figures?.records ?? null,
      took: figures === null ? null : figures.tookMs / 1_000,
      rate: perS,
      ackP99: figures?.ackMs.p99 == null ? null : figures.ackMs.p99 / 1_000,
      lost: figures?.connectionsLost ?? null,
      alerts: alerts.expected,
      alertP50: alert_ms.p50,
      alertP99: alert_ms.p99,
      // of fewer than a thousand the last thousandth is the latest
      alertMax: alert_ms.p999,
      missed: alerts.missed,
      false: alerts.false,
      cpuUs: figures === null || storm === null ? null : (1_000 * cpuMs) / figures.records,
      memoryBefore: memoryBeforeMiB,
      memoryHalf: most(memory.slice(0, half).map(({ own }) => own)),
      memoryMax: most(memory.slice(half).map(({ own }) => own)),
      residentMax: most(memory.map(({ resident }) => resident)),
      generator: figures?.generatorCpu ?? null,
    },
  };
}

/** So small a storm leaves no excuse: here the bench is a test as well. */
function demandAll(label: string, { missed, false: wrong, lost }: Row['cells']): void {
  if (missed === 0 && wrong === 0 && lost === 0) return;
  throw new Error(`${label}: ${missed} alerts missed, ${wrong} false, ${lost} connections lost`);
}

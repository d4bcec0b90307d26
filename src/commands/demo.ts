/** `fairwatch demo`: a gateway, a fleet and an outside subscriber on this machine, counted against the truth. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { AlertSubscriber } from '../sim/alert-subscriber.js';
import { HOUR_MS, rfc3339 } from '../sim/civil-time.js';
import { type FleetEnd, SETTLE_MS } from '../sim/fleet.js';
import { type GatewayAddress, GatewayApi, untilAnswered } from '../sim/gateway-api.js';
import { importWorld } from '../sim/import-world.js';
import { formOf } from '../sim/sealer.js';
import { compareTruth, type HeardAlert, truthSummary } from '../sim/truth.js';
import { makeWorld, truthAt, type World } from '../sim/world.js';
import { FILES, writeWorld } from '../sim/world-files.js';
import { runs } from './cli-run.js';
import { DemoFleet } from './demo-fleet.js';
import { DemoLines } from './demo-lines.js';
import { DemoServer, freePorts } from './demo-server.js';
import { wholeNumber } from './simulate.js';

interface Flags {
  readonly redis?: string;
  readonly seed: number;
  readonly people: number;
  readonly hours: number;
  readonly keep?: boolean;
}

/** How long the subscriber may take to hear what the gateway says it has told. */
const CATCH_UP_MS = 20_000;
const NOTE_EVERY_MS = 4 * HOUR_MS;
/** Alerts that are not as they should be: so many are shown. */
const SHOWN_MAX = 20;

export function register(program: Command): void {
  program
    .command('demo')
    .description('a gateway, a simulated fleet and an outside subscriber, counted against the truth')
    .option('--redis <url>', 'keep hot state in this Redis instead of LMDB')
    .option('--seed <s>', 'the same seed makes the same people', wholeNumber, 1)
    .option('--people <n>', 'how many people', wholeNumber, 200)
    .option('--hours <h>', 'how many hours are compressed', wholeNumber, 40)
    .addOption(new Option('--short', 'a hundred people, twelve hours').implies({ people: 100, hours: 12 }))
    .option('--keep', 'leave the data folder where it is')
    .addHelpText('after', '\nExample:\n  npx fairwatch demo --seed 7\n')
    .action(
      runs(async (flags: Flags) => {
        process.exitCode = await new Demo(flags).run();
      }),
    );
}

class Demo {
  private readonly lines = new DemoLines('Europe/London');
  private server: DemoServer | null = null;
  private fleet: DemoFleet | null = null;
  private stopping = false;

  constructor(private readonly flags: Flags) {}

  async run(): Promise<number> {
    const folder = await mkdtemp(join(tmpdir(), 'fairwatch-demo-'));
    const stop = (): void => this.interrupt();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
    process.on('exit', () => this.killAll());
    let last = '';
    try {
      last = await this.show(folder);
    } finally {
      this.fleet?.kill();
      await this.server?.stop();
      if (this.flags.keep === true) this.lines.note(`kept: ${folder}`);
      else await rm(folder, { recursive: true, force: true });
    }
    this.lines.plain(last);
    return / 0 missed, 0 false$/.test(last) ? 0 : 1;
  }

  /** The whole way; returns the closing line. */
  private async show(folder: string): Promise<string> {
    const { people, hours, seed } = this.flags;
    const world = makeWorld({ people, seed, hours });
    const lastMs = world.reports.at(-1)?.timeMs ?? world.endMs;
    const runFolder = join(folder, 'run');
    await writeWorld(runFolder, world, truthAt(world, lastMs + SETTLE_MS));

    const [mqttPort = 0, httpPort = 0] = await freePorts(2);
    const tokenFile = join(folder, 'data', 'dev-token');
    const address: GatewayAddress = {
      url: `http://127.0.0.1:${httpPort}`,
      token: async () => (await readFile(tokenFile, 'utf8')).trim(),
    };
    const ackedLog = join(folder, 'acked.ndjson');
    this.lines.plain(
      `fairwatch demo: ${people} simulated people, ${hours} hours from ${this.lines.time(world.startMs)} on, seed ${seed}`,
    );
    const jwe = world.devices.filter(({ device_id }) => formOf(device_id) === 'jwe').length;
    this.lines.plain(
      `  ${world.devices.length} devices send ${world.reports.length} uploads over MQTT, ${jwe} of them as JWE, the others as protobuf`,
    );
    this.lines.plain(`  the truth about them was written first: ${join(runFolder, FILES.truth)}`);
    const pid = await this.startServer(folder, world, mqttPort, httpPort);
    this.lines.plain(
      `  gateway    pid ${pid}, MQTT 127.0.0.1:${mqttPort}, HTTP ${address.url} (kill -9 it, if you like)`,
    );
    this.lines.plain(`  data       ${join(folder, 'data')}${this.flags.keep === true ? '' : ' (removed at the end)'}`);
    this.lines.plain(`  acked      ${ackedLog}`);
    this.lines.plain(`  its log    ${join(folder, 'server.log')}`);

    const api = new GatewayApi(address);
    // doing it twice changes nothing, and the gateway may be killed here too
    await untilAnswered(() => importWorld(api, world));
    const subscriber = new AlertSubscriber({ address, onEvent: (event) => this.lines.alert(event) });
    await subscriber.start();
    const startedMs = performance.now();
    const end = await this.runFleet(world, runFolder, mqttPort, address.url, tokenFile, ackedLog);
    const seconds = (performance.now() - startedMs) / 1_000;
    await catchUp(api, subscriber);
    await subscriber.stop();
    api.close();
    this.figures(end, seconds, subscriber);
    return this.judge(world, end, subscriber.heard.values());
  }

  private startServer(folder: string, world: World, mqttPort: number, httpPort: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server = new DemoServer({
        dataDir: join(folder, 'data'),
        logFile: join(folder, 'server.log'),
        mqttPort,
        httpPort,
        clockStart: rfc3339(world.startMs),
        redisUrl: this.flags.redis ?? null,
        onReady: (pid, restarts) => {
          if (restarts === 0) resolve(pid);
          else this.lines.note(`the gateway is back: pid ${pid}`);
        },
        onDeath: (how) => this.lines.note(`the gateway died (${how}); starting it again on the same data`),
        onHopeless: (reason) => {
          reject(new Error(reason));
          this.fleet?.kill();
        },
      });
      this.server.start();
    });
  }

  private runFleet(
    world: World,
    folder: string,
    mqttPort: number,
    apiUrl: string,
    tokenFile: string,
    ackedLog: string,
  ): Promise<FleetEnd> {
    let noteMs = world.startMs + NOTE_EVERY_MS;
    this.fleet = new DemoFleet({
      folder,
      mqttUrl: `mqtt://127.0.0.1:${mqttPort}`,
      apiUrl,
      tokenFile,
      ackedLog,
      onStep: ({ atMs, acked }) => {
        if (atMs < noteMs) return;
        noteMs += NOTE_EVERY_MS;
        this.lines.note(`${this.lines.time(atMs)}        ${acked} uploads acknowledged`);
      },
    });
    const running = this.fleet.run();
    if (this.stopping) this.fleet.stop();
    return running;
  }

  private figures(end: FleetEnd, seconds: number, subscriber: AlertSubscriber): void {
    const rate = Math.round(end.acked / seconds);
    const again = subscriber.repeats === 0 ? '' : `, ${subscriber.repeats} events heard again`;
    this.lines.note(
      `${end.acked} uploads sent and acknowledged in ${seconds.toFixed(1)} s (${rate} a second), up to ${this.lines.time(end.reportsToMs)}${again}`,
    );
  }

  /** Against the truth up to where the run got: the whole of it, unless it was interrupted. */
  private judge(world: World, end: FleetEnd, heard: Iterable<HeardAlert>): string {
    const comparison = compareTruth(truthAt(world, end.atMs, end.reportsToMs), heard);
    for (const item of comparison.missed.slice(0, SHOWN_MAX)) this.lines.plain(`missed: ${JSON.stringify(item)}`);
    for (const alert of comparison.false.slice(0, SHOWN_MAX)) this.lines.plain(`false: ${JSON.stringify(alert)}`);
    return truthSummary(comparison);
  }

  private interrupt(): void {
    if (this.stopping) {
      this.killAll();
      process.exit(1);
    }
    this.stopping = true;
    this.lines.note('stopping: what was sent so far is counted');
    this.fleet?.stop();
  }

  private killAll(): void {
    this.fleet?.kill();
    this.server?.kill();
  }
}

/** Waits until the subscriber has heard every version that the gateway says there is. */
async function catchUp(api: GatewayApi, subscriber: AlertSubscriber): Promise<void> {
  const told = await untilAnswered(() => api.allAlerts());
  const deadline = performance.now() + CATCH_UP_MS;
  const behind = (): boolean =>
    told.some(({ alert_id, version }) => (subscriber.heard.get(alert_id)?.version ?? 0) < version);
  while (behind() && performance.now() < deadline) await sleep(50);
}

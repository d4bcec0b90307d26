/** The processes of a run and how they are reached: a gateway in one process or in two roles, Redis, a broker. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openDevelopmentIssuer } from '../../src/api/access/development-issuer.js';
import { type AgencyId, parseAgencyId } from '../../src/domain/ids.js';
import type { Role } from '../../src/domain/role.js';
import { freePorts } from '../support/gateway.js';
import { BROKER_PASSWORD, BROKER_USER, brokerName, brokerProcess } from './broker.js';
import type { TortureOptions } from './options.js';
import { SUPERVISOR } from './people.js';
import { Supervised } from './supervised.js';

export interface HouseSettings {
  readonly options: TortureOptions;
  /** Of the build that is tortured. */
  readonly main: string;
  /** Where the data and its keys lie. */
  readonly disk: string;
  /** Where logs lie: never on the small disk. */
  readonly logs: string;
  /** Devices and their passwords: a broker must know them. */
  readonly devices: ReadonlyMap<string, string>;
  readonly mayDie: () => boolean;
  readonly onUnexpected: (what: string) => void;
}

export const CENTRE = 'monitoring-centre';
const READY = /"code":"ready"/;

export class House {
  private constructor(
    readonly dataDir: string,
    /** What devices speak to. */
    readonly mqttPort: number,
    /** What agencies listen at. */
    readonly alertsPort: number,
    readonly httpPort: number,
    readonly redisPort: number | null,
    /** In the order in which they are started. */
    readonly processes: ReadonlyMap<ProcessName, Supervised>,
    readonly commandEnv: NodeJS.ProcessEnv,
    private readonly main: string,
  ) {}

  static async prepare(s: HouseSettings): Promise<House> {
    const { mode, graceS } = s.options;
    const [mqttPort = 0, httpPort = 0, healthPort = 0, redisPort = 0, brokerPort = 0] = await freePorts(5);
    const dataDir = join(s.disk, 'data');
    mkdirSync(s.logs, { recursive: true });
    const base: NodeJS.ProcessEnv = {
      PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin`,
      HOME: s.logs,
      DATA_DIR: dataDir,
      MQTT_PORT: String(mqttPort),
      HTTP_PORT: String(httpPort),
      RECONNECT_GRACE_S: String(graceS),
      ...(mode === 'redis' ? { REDIS_URL: `redis://127.0.0.1:${redisPort}` } : {}),
      ...(mode === 'broker'
        ? {
            MQTT_BROKER_URL: `mqtt://127.0.0.1:${brokerPort}`,
            MQTT_BROKER_USER: BROKER_USER,
            MQTT_BROKER_PASSWORD: BROKER_PASSWORD,
          }
        : {}),
    };
    const processes = new Map<ProcessName, Supervised>();
    const supervise = (
      name: ProcessName,
      command: string,
      args: readonly string[],
      env: NodeJS.ProcessEnv,
      ready: RegExp,
    ) => {
      const { mayDie, onUnexpected } = s;
      const logFile = join(s.logs, `${name}.log`);
      processes.set(name, new Supervised({ name, command, args, env, ready, logFile, mayDie, onUnexpected }));
    };
    const serve = (name: ProcessName, flags: readonly string[], env: NodeJS.ProcessEnv) =>
      supervise(name, process.execPath, ['--enable-source-maps', s.main, 'serve', '--dev', ...flags], env, READY);

    let commandEnv = base;
    if (mode === 'redis') {
      const kept = ['--save', '', '--appendonly', 'no'];
      const args = ['--port', String(redisPort), '--bind', '127.0.0.1', '--dir', s.logs, ...kept];
      supervise('redis', 'redis-server', args, base, /Ready to accept connections/);
      const keks = { KEK: randomBytes(32).toString('base64url'), REVIEW_KEK: randomBytes(32).toString('base64url') };
      commandEnv = { ...base, ...keks };
      execFileSync(process.execPath, [s.main, 'keys', 'init'], { env: commandEnv });
      serve('ingest', ['--role', 'intake,engine'], { ...base, KEK: keks.KEK, HEALTH_PORT: String(healthPort) });
      serve('api', ['--role', 'api'], { ...base, REVIEW_KEK: keks.REVIEW_KEK });
    } else {
      if (mode === 'broker') {
        const broker = brokerProcess(join(s.logs, 'broker'), brokerPort, s.devices, [CENTRE, SUPERVISOR]);
        supervise('broker', broker.command, broker.args, base, broker.ready);
      }
      serve('gateway', [], base);
    }
    return new House(
      dataDir,
      mode === 'broker' ? brokerPort : mqttPort,
      mode === 'broker' ? brokerPort : mqttPort,
      httpPort,
      mode === 'redis' ? redisPort : null,
      processes,
      commandEnv,
      s.main,
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  async start(): Promise<void> {
    const started = [...this.processes.values()];
    for (const one of started.slice(0, -1)) {
      // the two roles meet in the data folder: the later waits for the earlier by itself
      await one.start();
    }
    await started.at(-1)?.start();
  }

  process(name: ProcessName): Supervised {
    const found = this.processes.get(name);
    if (found === undefined) throw new Error(`this house has no ${name}`);
    return found;
  }

  has(name: ProcessName): boolean {
    return this.processes.has(name);
  }

  /** Whoever takes uploads in. */
  get taker(): Supervised {
    return this.processes.get('ingest') ?? this.process('gateway');
  }
  /** Whoever answers over HTTP. */
  get answerer(): Supervised {
    return this.processes.get('api') ?? this.process('gateway');
  }

  /** Whoever serves the agencies' topics. */
  get alerter(): Supervised {
    return this.processes.get('broker') ?? this.taker;
  }

  /** The administrator's. */
  async token(): Promise<string> {
    return (await readFile(join(this.dataDir, 'dev-token'), 'utf8')).trim();
  }

  /** What an agency's listener at the topic shows: a token, or where a broker stands between, what that knows. */
  async atTopic(role: Role, agency: string): Promise<{ username: string; password: string }> {
    return this.has('broker') ? { username: brokerName(agency), password: BROKER_PASSWORD } : this.signed(role, agency);
  }

  /** Somebody of an agency, with a token of an hour. */
  async signed(role: Role, agency: string): Promise<{ username: string; password: string }> {
    const parsed = parseAgencyId(agency);
    const issuer = openDevelopmentIssuer(this.dataDir);
    if (!parsed.ok || issuer === null) throw new Error('there is no development issuer yet');
    const password = await issuer.sign({ role, agency: parsed.value as AgencyId, user: `torture-${role}` });
    return { username: `agency:${agency}`, password };
  }

  async flushRedis(): Promise<void> {
    const port = this.redisPort;
    if (port === null) throw new Error('this house has no Redis');
    await new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('FLUSHALL\r\n'));
      socket.on('error', reject);
      socket.on('data', (answer) => {
        socket.destroy();
        if (answer.toString().startsWith('+OK')) resolve();
        else reject(new Error(`FLUSHALL: ${answer}`));
      });
    });
  }

  /** Runs a command of the tortured build in the house's folder. */
  command(args: readonly string[], env: NodeJS.ProcessEnv = {}): { code: number; out: string } {
    try {
      const out = execFileSync(process.execPath, [this.main, ...args], {
        env: { ...this.commandEnv, ...env },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        maxBuffer: 64 * 1_048_576,
      });
      return { code: 0, out };
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number | null; stdout?: string; stderr?: string };
      return { code: status ?? -1, out: `${stdout ?? ''}${stderr ?? ''}` };
    }
  }
}

export type ProcessName = 'redis' | 'broker' | 'ingest' | 'api' | 'gateway';

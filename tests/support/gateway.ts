/** A real `fairwatch serve` in a process of its own, on ports and a folder that it keeps over stops and kills. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repository } from '../house/repository.js';
import { temporaryFolder } from './folder.js';
import './plain-children.js';

const main = join(repository, 'dist', 'src', 'main.js');
/** A bound against hanging, on a busy machine too; how long a stop takes is for the torture test to report. */
const PATIENCE_MS = 30_000;

export interface GatewayOptions {
  /** RFC 3339: a stepped clock that begins there; without it the system's. */
  readonly clockStart?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Without `--dev`: its keys and its region come in `env`. */
  readonly production?: boolean;
  /** A command that runs the gateway in its own process (`strace -D …`). */
  readonly under?: readonly string[];
  /** Another build's executable. */
  readonly main?: string;
  /** Longer than this to start or stop is a failure by itself: it is killed then. Default: ten seconds. */
  readonly patienceMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

export interface Ended {
  /** Null: it was killed. */
  readonly code: number | null;
  /** By what; absent: it ended by itself. */
  readonly signal?: NodeJS.Signals;
  readonly out: string;
  readonly err: string;
}

/** What a test has, or anything else that ends what was begun for it. */
export interface Teardown {
  teardown(end: () => unknown): void;
}

export class TestGateway {
  #child: ChildProcess | null = null;
  #exited: Promise<Ended> = Promise.resolve({ code: 0, out: '', err: '' });
  readonly #next: TestGateway[] = [];

  private constructor(
    readonly folder: string,
    readonly mqttPort: number,
    readonly httpPort: number,
    private readonly options: GatewayOptions,
  ) {}

  /** Started and ready; killed, and its folder removed, at the end of the test. */
  static async start(t: Teardown, options: GatewayOptions = {}): Promise<TestGateway> {
    const gateway = await TestGateway.prepare(t, options);
    await gateway.start();
    return gateway;
  }

  static async prepare(t: Teardown, options: GatewayOptions = {}): Promise<TestGateway> {
    const folder = await temporaryFolder();
    const [mqttPort = 0, httpPort = 0] = await freePorts(2);
    const gateway = new TestGateway(folder.path, mqttPort, httpPort, options);
    t.teardown(async () => {
      for (const one of [gateway, ...gateway.#next]) await one.kill();
      await folder.remove();
    });
    return gateway;
  }

  /** The next life of this one, otherwise configured: it must have ended. Whoever began it ends it too. */
  with(options: GatewayOptions): TestGateway {
    const next = new TestGateway(this.folder, this.mqttPort, this.httpPort, options);
    this.#next.push(next);
    return next;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }
  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }
  /** The development administrator's. */
  get token(): string {
    return readFileSync(join(this.dataDir, 'dev-token'), 'utf8').trim();
  }

  /** Resolves when it is ready; rejects with what it said when it ends before. */
  async start(): Promise<void> {
    const clock = this.options.clockStart;
    const flags = clock === undefined ? [] : ['--clock', 'stepped', '--clock-start', clock];
    const command = [
      process.execPath,
      this.options.main ?? main,
      'serve',
      ...(this.options.production === true ? [] : ['--dev']),
      ...flags,
    ];
    const [first = '', ...rest] = [...(this.options.under ?? []), ...command];
    const child = spawn(first, rest, {
      env: { ...this.#env(), ...this.options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let out = '';
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const ready = new Promise<void>((resolve) => {
      if (child.stdout === null) throw new Error('no output');
      createInterface({ input: child.stdout }).on('line', (line) => {
        out += `${line}\n`;
        if (line.includes('"code":"ready"')) resolve();
      });
    });
    this.#exited = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      ...(signal === null ? {} : { signal: signal as NodeJS.Signals }),
      out,
      err,
    }));
    const late = setTimeout(() => child.kill('SIGKILL'), this.options.patienceMs ?? PATIENCE_MS);
    const ended = await Promise.race([ready.then(() => null), this.#exited]);
    clearTimeout(late);
    if (ended !== null) throw new Error(`the gateway ended with code ${ended.code}: ${ended.err}${ended.out}`);
  }

  /** Starts one that is expected to give up. */
  async failToStart(): Promise<Ended> {
    await this.start().then(
      () => {
        throw new Error('it started');
      },
      () => {},
    );
    return this.#exited;
  }

  /** SIGTERM; when patience ends it is killed, and `code` is null. */
  async stop(): Promise<Ended> {
    this.#child?.kill('SIGTERM');
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), this.options.patienceMs ?? PATIENCE_MS);
    const ended = await this.#exited;
    clearTimeout(late);
    this.#child = null;
    return ended;
  }

  /** While it runs. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Resolves when it has ended by itself. */
  ended(): Promise<Ended> {
    return this.#exited;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
    this.#child = null;
  }

  /** SIGABRT: the way a process goes that leaves a core dump or a report behind, where it may. */
  async crash(): Promise<Ended> {
    this.#child?.kill('SIGABRT');
    const ended = await this.#exited;
    this.#child = null;
    return ended;
  }

  async api(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    token = this.token,
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? {} : JSON.parse(text) };
  }

  /** A command of the same executable, in the same folder. */
  command(...args: string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [main, ...args], { env: this.#env() }, (_error, out, err) =>
        resolve({ code: child.exitCode, out, err }),
      );
    });
  }

  #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      DATA_DIR: this.dataDir,
      MQTT_PORT: String(this.mqttPort),
      HTTP_PORT: String(this.httpPort),
    };
  }
}

/** Ports of loopback that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

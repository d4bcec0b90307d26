/** The demo's gateway: a `serve` in a process of its own, started again on the same ports and data when it dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface DemoServerOptions {
  readonly dataDir: string;
  readonly logFile: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  /** RFC 3339 */
  readonly clockStart: string;
  readonly redisUrl: string | null;
  readonly onReady: (pid: number, restarts: number) => void;
  readonly onDeath: (how: string) => void;
  /** It died again and again without getting ready. */
  readonly onHopeless: (reason: string) => void;
}

const MAIN = join(import.meta.dirname, '..', 'main.js');
const FAILED_STARTS_MAX = 3;
const STOP_WITHIN_MS = 10_000;

export class DemoServer {
  private child: ChildProcess | null = null;
  private stopping = false;
  private restarts = -1;
  private failedStarts = 0;
  private readonly log: WriteStream;

  constructor(private readonly options: DemoServerOptions) {
    this.log = createWriteStream(options.logFile, { flags: 'a' });
  }

  start(): void {
    const { dataDir, mqttPort, httpPort, clockStart, redisUrl } = this.options;
    this.restarts++;
    let ready = false;
    const child = spawn(process.execPath, [MAIN, 'serve', '--dev', '--clock', 'stepped', '--clock-start', clockStart], {
      env: {
        ...process.env,
        DATA_DIR: dataDir,
        VAULT_DIR: `${dataDir}-vault`,
        MQTT_PORT: String(mqttPort),
        HTTP_PORT: String(httpPort),
        ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // a group of its own: Ctrl-C is for the demo, which then stops the gateway in order
      detached: true,
    });
    this.child = child;
    child.stderr?.on('data', (chunk: Buffer) => this.log.write(chunk));
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.log.write(`${line}\n`);
        if (!line.includes('"code":"ready"')) return;
        ready = true;
        this.failedStarts = 0;
        this.options.onReady(child.pid ?? 0, this.restarts);
      });
    }
    child.on('exit', (code, signal) => {
      this.child = null;
      if (this.stopping) return;
      this.options.onDeath(signal ?? `exit code ${code}`);
      if (!ready) this.failedStarts++;
      if (this.failedStarts < FAILED_STARTS_MAX) this.start();
      else this.options.onHopeless(`the gateway does not start; its log: ${this.options.logFile}`);
    });
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child !== null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await gone;
      clearTimeout(patience);
    }
    await new Promise((resolve) => this.log.end(resolve));
  }

  /** For an exit that cannot wait. */
  kill(): void {
    this.stopping = true;
    this.child?.kill('SIGKILL');
  }
}

/** Ports of loopback that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A real Mosquitto of a test's own, under fixtures/broker as it stands but for folders and ports; it can be killed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { repository } from '../house/repository.js';
import { temporaryFolder } from './folder.js';
import { freePorts, type Teardown } from './gateway.js';

export const GATEWAY_USER = 'gateway';
export const GATEWAY_PASSWORD = 'a password of the gateway alone';

/** What a test has otherwise than the fixture. */
export interface Changes {
  readonly configuration?: (text: string) => string;
  readonly acl?: (text: string) => string;
}

/** Where it is installed, Debian keeps it out of a user's path. */
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

export class Mosquitto {
  #child: ChildProcess | null = null;
  /** Its log since the beginning. */
  log = '';

  private constructor(
    readonly folder: string,
    /** Plain, on loopback. */
    readonly port: number,
    readonly tlsPort: number,
  ) {}

  /** `users`: name → password, beside the gateway's. */
  static async start(t: Teardown, users: Readonly<Record<string, string>>, changes: Changes = {}): Promise<Mosquitto> {
    const folder = await temporaryFolder();
    const [port = 0, tlsPort = 0] = await freePorts(2);
    const broker = new Mosquitto(folder.path, port, tlsPort);
    t.teardown(async () => {
      await broker.kill();
      await folder.remove();
    });
    broker.#configure(users, changes);
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }
  get tlsUrl(): string {
    return `mqtts://localhost:${this.tlsPort}`;
  }
  get ca(): string {
    return join(this.folder, 'config', 'ca.crt');
  }
  /** What a gateway behind it is told. */
  get env(): Record<string, string> {
    return { MQTT_BROKER_URL: this.url, MQTT_BROKER_USER: GATEWAY_USER, MQTT_BROKER_PASSWORD: GATEWAY_PASSWORD };
  }

  async start(): Promise<void> {
    const child = spawn('mosquitto', ['-c', join(this.folder, 'config', 'mosquitto.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH },
    });
    this.#child = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (data: Buffer): void => {
        said += data.toString();
        this.log += data.toString();
        if (/running/.test(said)) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', (cause) =>
        reject(new Error('is mosquitto installed? (apt-get install mosquitto)', { cause })),
      );
      child.once('exit', (code) => reject(new Error(`mosquitto ended with code ${code}: ${said}`)));
    });
  }

  /** `kill -9`: what it had not saved is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }
  /** It saves what it has. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }
  send(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  #configure(users: Readonly<Record<string, string>>, { configuration = same, acl = same }: Changes): void {
    const config = join(this.folder, 'config');
    mkdirSync(config, { recursive: true });
    mkdirSync(join(this.folder, 'data'));
    const fixture = (name: string): string => readFileSync(join(repository, 'fixtures', 'broker', name), 'utf8');
    const own = fixture('mosquitto.conf')
      .replaceAll('/mosquitto/', `${this.folder}/`)
      .replace('listener 8883', `listener ${this.tlsPort} 127.0.0.1`)
      .replace('listener 1883 ', `listener ${this.port} `);
    // started by root it would become another user, who may not read this folder
    writeFileSync(join(config, 'mosquitto.conf'), configuration(`${own}user ${userInfo().username}\n`));
    writeFileSync(join(config, 'acl'), acl(fixture('acl')));
    const passwords = join(config, 'passwords');
    const all = { [GATEWAY_USER]: GATEWAY_PASSWORD, ...users };
    writeFileSync(
      passwords,
      Object.entries(all)
        .map(([user, password]) => `${user}:${password}\n`)
        .join(''),
    );
    execFileSync('mosquitto_passwd', ['-U', passwords], { env: { PATH } });
    makeCertificates(config);
  }
}

const same = (text: string): string => text;

/** A certificate authority, and a server's certificate for localhost and 127.0.0.1; for a day. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test authority');
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
  openssl('req', '-x509', ...key, ...signed, '-keyout', 'server.key', '-out', 'server.crt', ...names);
}

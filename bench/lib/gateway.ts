/** A gateway under test: `fairwatch serve --dev` in a process of its own, with fresh folders and free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const MAIN = join(import.meta.dirname, '../../src/main.js');

export interface GatewayOptions {
  /** Its folders are made in here, and removed when it stops. */
  readonly folder: string;
  /** A profile of its processor time is left here when it stops; null: none. */
  readonly profileFolder: string | null;
  /** Options of its node. */
  readonly nodeArgs?: readonly string[];
  /** More of its settings. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningGateway {
  readonly pid: number;
  readonly mqttUrl: string;
  /** Null without a certificate among its settings. */
  readonly mqttsUrl: string | null;
  readonly apiUrl: string;
  readonly tokenFile: string;
  /** Resolves when the process is gone and its folders with it. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 30_000;

/** Rejects, with what it wrote, when it does not come up. */
export async function startGateway({
  folder,
  profileFolder,
  nodeArgs = [],
  env = {},
}: GatewayOptions): Promise<RunningGateway> {
  const home = await mkdtemp(join(folder, 'fairwatch-bench-'));
  const profiling = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const child = spawn(process.execPath, [...profiling, ...nodeArgs, MAIN, 'serve', '--dev'], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: join(home, 'data'),
      VAULT_DIR: join(home, 'vault'),
      MQTT_PORT: '0',
      HTTP_PORT: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    await ended(child);
    process.off('exit', kill);
    await rm(home, { recursive: true, force: true });
  };
  try {
    const { mqtt, mqtts, http } = await ready(child);
    const tokenFile = join(home, 'data', 'dev-token');
    const mqttsUrl = mqtts === undefined ? null : `mqtts://${mqtts}`;
    const [mqttUrl, apiUrl] = [`mqtt://${mqtt}`, `http://${http}`];
    return { pid: child.pid as number, mqttUrl, mqttsUrl, apiUrl, tokenFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The addresses of its `ready` line. */
interface Addresses {
  readonly mqtt: string;
  readonly mqtts?: string;
  readonly http: string;
}

function ready(child: ChildProcess): Promise<Addresses> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (how: string): void => {
      clearTimeout(patience);
      reject(new Error(`the gateway ${how}:\n${said.join('\n')}`));
    };
    const patience = setTimeout(() => fail('does not start'), READY_WITHIN_MS);
    const hear = (line: string): void => {
      if (said.length < 50) said.push(line);
      if (!line.includes('"code":"ready"')) return;
      clearTimeout(patience);
      resolve(JSON.parse(line) as Addresses);
    };
    // both are read to the end: a full pipe would stop the gateway
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', hear);
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', hear);
    child.once('exit', (code) => fail(`ended with exit code ${code}`));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(patience);
}

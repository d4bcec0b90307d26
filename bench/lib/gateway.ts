/** A gateway under test: `fairwatch serve --dev` in a process of its own, with fresh folders and free ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const MAIN = join(import.meta.dirname, '../../src/main.js');

const LOOP_WATCH = join(import.meta.dirname, 'loop-watch.js');

export interface GatewayOptions {
  /** Its folders are made in here, and removed when it stops. */
  readonly folder: string;
  /** A profile of its processor time is left here when it stops; null: none. */
  readonly profileFolder: string | null;
  /** What its folders hold already is put there by this (as `data` and `vault` in the folder given). */
  readonly fill?: (home: string) => Promise<void>;
  /** More of its command line: its own settings, and Node's. */
  readonly settings?: readonly string[];
  readonly nodeOptions?: readonly string[];
  readonly readyWithinMs?: number;
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
  readonly dataDir: string;
  readonly vaultDir: string;
  /** The longest that its event loop stood still since this was asked last, ms. */
  longestStandstillMs(): Promise<number>;
  /** After a collection, where it runs with `--expose-gc`; bytes. */
  memory(): Promise<NodeJS.MemoryUsage>;
  /** Resolves when the process is gone, its folders still there. */
  end(): Promise<void>;
  /** Resolves when the process is gone and its folders with it. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
/** A profile of a long run is written then, too. */
const STOP_WITHIN_MS = 120_000;

/** Rejects, with what it wrote, when it does not come up. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { folder, profileFolder, settings = [], nodeOptions = [], env = {} } = options;
  const home = await mkdtemp(join(folder, 'fairwatch-bench-'));
  const removeHome = () => rm(home, { recursive: true, force: true });
  try {
    await options.fill?.(home);
  } catch (error) {
    await removeHome();
    throw error;
  }
  const profiling = profileFolder === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const node = [...profiling, ...nodeOptions, '--import', LOOP_WATCH];
  const child = spawn(process.execPath, [...node, MAIN, 'serve', '--dev', ...settings], {
    env: {
      PATH: process.env.PATH,
      DATA_DIR: join(home, 'data'),
      VAULT_DIR: join(home, 'vault'),
      MQTT_PORT: '0',
      HTTP_PORT: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const end = async (): Promise<void> => {
    await ended(child);
    process.off('exit', kill);
  };
  const stop = async (): Promise<void> => {
    await end();
    await removeHome();
  };
  try {
    const { mqtt, mqtts, http } = await ready(child, options.readyWithinMs ?? READY_WITHIN_MS);
    return {
      pid: child.pid as number,
      mqttUrl: `mqtt://${mqtt}`,
      mqttsUrl: mqtts === undefined ? null : `mqtts://${mqtts}`,
      apiUrl: `http://${http}`,
      tokenFile: join(home, 'data', 'dev-token'),
      dataDir: join(home, 'data'),
      vaultDir: join(home, 'vault'),
      longestStandstillMs: async () => (await answerOf<{ longestMs: number }>(child, 'read')).longestMs,
      memory: () => answerOf<NodeJS.MemoryUsage>(child, 'memory'),
      end,
      stop,
    };
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

function ready(child: ChildProcess, withinMs: number): Promise<Addresses> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (how: string): void => {
      clearTimeout(patience);
      reject(new Error(`the gateway ${how}:\n${said.join('\n')}`));
    };
    const patience = setTimeout(() => fail('does not start'), withinMs);
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

/** Of `loop-watch`. */
function answerOf<T>(child: ChildProcess, word: string): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as T));
    child.once('exit', () => reject(new Error('the gateway has ended')));
    child.send(word);
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

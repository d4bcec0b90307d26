/** PostGIS in a cluster of its own, in a temporary folder, behind a Unix socket, gone at the end; only where it is installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMsOf } from './measure.js';

const READY_WITHIN_MS = 30_000;
const MARK = 'END-OF-ANSWER';
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** No WAL to disk, and one process a query, so that its processor time is all there is. */
const SETTINGS = {
  listen_addresses: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  shared_buffers: '1GB',
  work_mem: '256MB',
  maintenance_work_mem: '1GB',
  random_page_cost: '1.1',
  max_wal_size: '4GB',
} as const;

/** The database server does not run as root. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

export class Postgis {
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #psql: ChildProcess;
  #answer: string[] = [];
  #answered: (() => void) | null = null;
  #faults = '';
  readonly #ended: Promise<unknown>;
  #backendPid = 0;
  /** As it says itself. */
  version = '';
  readonly #stopNow = (): void => {
    this.#kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  readonly #interrupted = (): void => process.exit(130);

  private constructor(folder: string, server: ChildProcess, psql: ChildProcess) {
    this.#folder = folder;
    this.#server = server;
    this.#psql = psql;
    this.#ended = once(psql, 'exit');
    process.once('exit', this.#stopNow);
    for (const signal of SIGNALS) process.once(signal, this.#interrupted);
    createInterface({ input: psql.stdout! }).on('line', (line) => {
      if (line === MARK) this.#answered?.();
      else this.#answer.push(line);
    });
    psql.stderr!.on('data', (text: Buffer) => {
      this.#faults += text;
    });
  }

  /** The reason why it cannot be, where it cannot. */
  static async start(): Promise<Postgis | string> {
    const bin = binaries();
    if (bin === null) return 'PostgreSQL’s initdb, postgres and psql are not installed (apt-get install postgresql)';
    const share = execFileSync(join(bin, 'pg_config'), ['--sharedir'], { encoding: 'utf8' }).trim();
    if (!existsSync(join(share, 'extension', 'postgis.control'))) {
      return 'PostGIS is not installed (apt-get install postgresql-15-postgis-3, or as your PostgreSQL is called)';
    }
    const owner = ownerOf();
    if (owner === null) return 'PostgreSQL does not run as root, and there is no user postgres';
    const folder = mkdtempSync(join(tmpdir(), 'fairwatch-bench-postgis-'));
    if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid!);
    try {
      return await Postgis.#begin(bin, folder, owner);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  static async #begin(bin: string, folder: string, owner: Owner): Promise<Postgis> {
    const data = join(folder, 'data');
    const as = { ...owner, cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } };
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
      ...as,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const settings = Object.entries({ ...SETTINGS, unix_socket_directories: folder });
    const args = ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const server = spawn(join(bin, 'postgres'), args, { ...as, stdio: 'ignore' });
    const untilMs = performance.now() + READY_WITHIN_MS;
    while (!existsSync(join(folder, '.s.PGSQL.5432')) || !isReady(bin, folder, as)) {
      if (performance.now() > untilMs || server.exitCode !== null) {
        server.kill('SIGQUIT');
        throw new Error('PostgreSQL did not start');
      }
      await sleep(50);
    }
    const connect = ['-h', folder, '-U', 'bench', '-d', 'postgres', '-qAtX', '-v', 'ON_ERROR_STOP=1'];
    const psql = spawn(join(bin, 'psql'), connect, { ...as, stdio: 'pipe' });
    const it = new Postgis(folder, server, psql);
    await it.ask('CREATE EXTENSION postgis;');
    it.#backendPid = Number((await it.ask('SELECT pg_backend_pid();'))[0]);
    it.version = `${(await it.ask('SHOW server_version;'))[0]?.split(' ')[0]} with PostGIS ${(await it.ask('SELECT postgis_lib_version();'))[0]}`;
    return it;
  }

  /** Lines of the answer. `rows`: what a COPY FROM STDIN is to read. Throws what psql says when it fails. */
  async ask(sql: string, rows?: Iterable<string>): Promise<string[]> {
    this.#answer = [];
    const answered = new Promise<void>((done) => {
      this.#answered = done;
    });
    const { stdin } = this.#psql;
    stdin!.write(`${sql}\n`);
    let text = '';
    for (const row of rows ?? []) {
      text += `${row}\n`;
      if (text.length < 1 << 20) continue;
      if (!stdin!.write(text)) await once(stdin!, 'drain');
      text = '';
    }
    stdin!.write(`${text}${rows === undefined ? '' : '\\.\n'}\\echo ${MARK}\n`);
    await Promise.race([answered, this.#ended]);
    if (this.#psql.exitCode !== null) throw new Error(`psql: ${this.#faults}`);
    return this.#answer;
  }

  /** Processor time of the server's process that answers, ms so far. */
  cpuMs(): number {
    return cpuMsOf(this.#backendPid);
  }

  async stop(): Promise<void> {
    const ended = this.#server.exitCode === null ? once(this.#server, 'exit') : null;
    this.#kill();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
    process.removeListener('exit', this.#stopNow);
    for (const signal of SIGNALS) process.removeListener(signal, this.#interrupted);
  }

  #kill(): void {
    this.#psql.kill('SIGKILL');
    this.#server.kill('SIGQUIT');
  }
}

/** A folder that holds the server's programs. */
function binaries(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')];
  const has = (folder: string): boolean =>
    ['initdb', 'postgres', 'psql', 'pg_config'].every((name) => existsSync(join(folder, name)));
  return folders.find(has) ?? null;
}

function ownerOf(): Owner | null {
  if (process.getuid?.() !== 0) return {};
  try {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

function isReady(bin: string, folder: string, as: Owner & { readonly env: NodeJS.ProcessEnv }): boolean {
  try {
    execFileSync(join(bin, 'psql'), ['-h', folder, '-U', 'bench', '-d', 'postgres', '-c', ''], {
      ...as,
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

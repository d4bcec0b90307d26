/** A copy of the build in which bugs are planted, one after the other; nothing of it is ever committed or run elsewhere. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../house/repository.js';
import { type PlantedBug, planted } from './bug.js';
import '../support/plain-children.js';

export interface Ended {
  readonly code: number | null;
  /** It was killed, for it came to no end. */
  readonly stuck: boolean;
  readonly output: string;
}

/** More than any test prints that is of use. */
const OUTPUT_MAX = 8 * 1_048_576;

export class Scratch {
  readonly #folder: string;

  constructor(name: string) {
    this.#folder = join(repository, 'node_modules', '.planted', name);
    mkdirSync(this.#folder, { recursive: true });
    cpSync(join(repository, 'dist'), join(this.#folder, 'dist'), { recursive: true });
    // Tests read fixtures and the package's own data by the root that they find above themselves.
    for (const entry of readdirSync(repository)) {
      if (entry === 'dist' || entry === 'node_modules' || entry.startsWith('.')) continue;
      symlinkSync(join(repository, entry), join(this.#folder, entry));
    }
  }

  get folder(): string {
    return this.#folder;
  }

  /** Runs `work` with the bug in place. Throws when it cannot be planted. */
  async with<T>(bug: PlantedBug, work: () => Promise<T>): Promise<T> {
    const path = join(this.#folder, 'dist', bug.file);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, planted(bug, before));
    try {
      const { status, stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${bug.id}: what is planted is no program: ${stderr}`);
      return await work();
    } finally {
      writeFileSync(path, before);
    }
  }

  /** A script below `dist/tests/`, with all that it starts, until it has said nothing for `patienceMs`. */
  run(script: string, args: readonly string[], patienceMs: number): Promise<Ended> {
    const child = spawn(process.execPath, ['--enable-source-maps', join('dist', 'tests', script), ...args], {
      cwd: this.#folder,
      // tap's own patience is for a machine that does nothing else
      env: { ...process.env, TAP_TIMEOUT: String(patienceMs / 1_000) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // of a group of its own, so that the servers which a test has started end with it
      detached: true,
    });
    const endAll = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // the whole group has ended
      }
    };
    let output = '';
    let stuck = false;
    const patience = setTimeout(() => {
      stuck = true;
      endAll();
    }, patienceMs);
    const take = (chunk: Buffer): void => {
      patience.refresh();
      if (output.length < OUTPUT_MAX) output += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        clearTimeout(patience);
        endAll();
        resolve({ code, stuck, output });
      });
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Where, when and of which commit a figure was taken; without it a figure says nothing. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Of the last minute before the run: other work on the machine that the figures suffered from. */
  readonly load: number;
}

export interface Provenance {
  /** UTC, to the second. */
  readonly date: string;
  /** Null outside a git checkout. */
  readonly commit: string | null;
  /** What was built differs from that commit. */
  readonly changed: boolean;
  readonly machine: Machine;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: (all[0]?.model ?? 'unknown').trim(),
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export function provenance(): Provenance {
  const commit = git('rev-parse', '--short=12', 'HEAD');
  return {
    date: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    commit,
    changed: commit !== null && git('status', '--porcelain', '--', 'src', 'package-lock.json') !== '',
    machine: describeMachine(),
  };
}

function git(...args: string[]): string | null {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

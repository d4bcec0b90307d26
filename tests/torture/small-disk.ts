/** A small disk of the run's own: a tmpfs that a filler file fills to the last byte, and frees again. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(1_048_576);

export class SmallDisk {
  readonly path: string;
  /** Null: it is mounted; else why there is none, and the data lies on the machine's own disk. */
  readonly reason: string | null;

  constructor(path: string, mib: number) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (mib === 0) {
      this.reason = '--disk-mib 0';
      return;
    }
    const { status, stderr, error } = spawnSync(
      'mount',
      ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0700`, 'tmpfs', path],
      {
        encoding: 'utf8',
      },
    );
    this.reason = status === 0 ? null : (error?.message ?? stderr.trim().split('\n')[0] ?? 'mount failed');
  }

  /** Not a byte is free afterwards, unless somebody frees it. */
  fill(): void {
    const file = openSync(join(this.path, 'filler'), 'a');
    try {
      for (let size = CHUNK.length; size >= 1; ) {
        try {
          writeSync(file, CHUNK, 0, size);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size >>= 2;
        }
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(join(this.path, 'filler'), { force: true });
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  remove(): void {
    if (this.reason !== null) return;
    if (spawnSync('umount', [this.path]).status !== 0) spawnSync('umount', ['-l', this.path]);
  }
}

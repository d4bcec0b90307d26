/** A file system of its own with room for little: a real tmpfs where it may be mounted, else nothing but the reason. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly path: string;
  /** Takes away all the room that is left, to the last block. */
  fill(): void;
  /** Gives back what `fill` took. */
  makeRoom(): void;
  unmount(): void;
}

/** Null: this machine does not let us mount (`why` is told). */
export function smallDisk(kilobytes: number, why: (reason: string) => void): SmallDisk | null {
  const path = mkdtempSync(join(tmpdir(), 'fairwatch-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    rmdirSync(path);
    why(`a tmpfs cannot be mounted here: ${(error as Error).message.split('\n').join(' ')}`);
    return null;
  }
  const ballast = `${path}/ballast`;
  return {
    path,
    fill: () => fillUp(ballast),
    makeRoom: () => rmSync(ballast, { force: true }),
    unmount() {
      // a process that was just killed may still be letting go
      execFileSync('umount', ['-l', path], { stdio: 'pipe' });
      rmdirSync(path);
    },
  };
}

function fillUp(path: string): void {
  const piece = Buffer.alloc(4_096, 1);
  for (;;) {
    try {
      writeFileSync(path, piece, { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

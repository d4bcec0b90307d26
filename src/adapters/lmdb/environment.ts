/** One LMDB environment (a folder) and the databases in it, opened so that a commit that resolves is on disk. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { asStoreFailed, errnoOf, StoreFailed } from '../../ports/store-failed.js';

export type Key = string | number | [string, number];
export type Db<K extends Key> = Database<Buffer, K>;

/** The epoch that a store must still hold: the database and the key that it lies under; `store` names it in errors. */
export interface Fence {
  readonly meta: string;
  readonly key: string;
  readonly epoch: number;
  readonly store: string;
}

export interface Guard {
  readonly fence: Fence;
  readonly check: () => void;
}

export class Environment {
  readonly #root: RootDatabase<Buffer, Key>;
  readonly #guards = new Map<string, Guard>();
  #users = 0;

  private constructor(
    readonly folder: string,
    readonly readOnly: boolean,
  ) {
    this.#root = open<Buffer, Key>({
      path: folder,
      readOnly,
      maxDbs: 24,
      encoding: 'binary',
      // Off, a commit writes its pages, calls fdatasync, writes the meta page (O_DSYNC), and only then resolves: so it
      // stood in a system-call trace of lmdb 3.5.6. On (the default), it resolves before the sync.
      overlappingSync: false,
      // On (the default), lmdb-js 3.5.6 makes one more promise for the commit of a turn, which nobody can get at: a full
      // disk then ends the process by an unhandled rejection. Off, whoever asked for the commit is told, and nobody else;
      // what is asked for in one turn still shares a commit (measured: ten transactions of a turn 0.8 ms, against 1.6).
      eventTurnBatching: false,
    });
  }

  /** The environment in `folder`, created (0700) where it is missing. Several processes may have it open. */
  static open(folder: string): Environment {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    return written(folder, () => {
      leaveRoomFor(folder);
      makeLockFile(folder);
      return new Environment(folder, false);
    });
  }

  /** For a process that only looks. Throws while nothing was ever stored there. */
  static openReadOnly(folder: string): Environment {
    try {
      return new Environment(folder, true);
    } catch (cause) {
      throw new Error(`there is no store in ${folder} yet: start the gateway (\`fairwatch serve\`) first`, { cause });
    }
  }

  /** A database by name. Values are bytes; keys are ordered as numbers, or as (text, number). */
  db<K extends Key>(name: string): Db<K> {
    // a name that is new is written at once
    return written(this.folder, () => this.#root.openDB<Buffer, K>({ name, encoding: 'binary' }) as Db<K>);
  }

  /**
   * Runs `change` alone among all processes and commits it whole, durably, or (when it throws) not at all: `StoreFailed`
   * where the disk did not take it. Several calls may share one LMDB transaction; each is undone by itself.
   */
  async transaction<T>(change: () => T): Promise<T> {
    try {
      return await this.#root.childTransaction(() => {
        for (const { check } of this.#guards.values()) check();
        return change();
      });
    } catch (error) {
      const told = (error as { commitError?: Promise<never> }).commitError;
      if (told === undefined) throw ofDisk(this.folder, error);
      // lmdb-js tells the reason by a promise of its own, which is rejected after this one
      const cause = await told.catch((reason: unknown) => reason);
      throw new StoreFailed(this.folder, reasonOf(this.folder, cause) ?? 'the commit failed', { cause });
    }
  }

  /**
   * As `transaction`, at once and on this thread, which waits for the disk: for a thread that does nothing else. It knows
   * no guards.
   */
  transactionNow<T>(change: () => T): T {
    return written(this.folder, () => this.#root.transactionSync(change));
  }

  /**
   * From now on every transaction of this process asks `check` first, within itself, and does nothing when that throws.
   * One of the same name takes the place of an earlier one; null takes it away.
   */
  guard(name: string, guard: Guard | null): void {
    if (guard === null) this.#guards.delete(name);
    else this.#guards.set(name, guard);
  }

  /** What a thread that has the same environment open is to check first. */
  get fences(): readonly Fence[] {
    return [...this.#guards.values()].map(({ fence }) => fence);
  }

  /** Later reads see what other processes have committed since. */
  refresh(): void {
    this.#root.resetReadTxn();
  }

  /** A copy of everything as one moment had it, into a folder that is there, while others write. */
  copyTo(folder: string): Promise<void> {
    return this.#root.backup(folder, true);
  }

  /** Every store that lives here says so, and the last to leave closes. */
  enter(): this {
    this.#users++;
    return this;
  }

  async leave(): Promise<void> {
    this.#users--;
    if (this.#users === 0) await this.#root.close();
  }
}

/** A write that the disk took only a part of is EIO to LMDB, though the disk is full and not broken. */
function reasonOf(folder: string, error: unknown): string | null {
  const reason = errnoOf(error);
  return reason === 'EIO' && freeBytes(folder) < SHORT_WRITE_BYTES ? 'ENOSPC' : reason;
}

const ofDisk = (folder: string, error: unknown): unknown =>
  reasonOf(folder, error) === 'ENOSPC'
    ? new StoreFailed(folder, 'ENOSPC', { cause: error })
    : asStoreFailed(folder, error);

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** What is left behind by a commit that did not fit: it is given up at the first write that is cut short. */
const SHORT_WRITE_BYTES = 1_048_576;

function written<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ofDisk(folder, error);
  }
}

/** A new environment and its first databases. */
const NEW_BYTES = 262_144;

/** lmdb-js 3.5.6 crashes the process (SIGSEGV) where LMDB cannot write the first pages of a new file: it is not let come so far. */
function leaveRoomFor(folder: string): void {
  if (!existsSync(`${folder}/data.mdb`) && freeBytes(folder) < NEW_BYTES) throw new StoreFailed(folder, 'ENOSPC');
}

/** More than LMDB's reader table takes (126 readers). */
const LOCK_BYTES = 16_384;

/**
 * LMDB makes its lock file longer without asking for the blocks, and then writes to it in memory: on a full disk that is a
 * SIGBUS, which no process survives. A file that has its blocks is put in place before, whole, or ENOSPC is an error.
 */
function makeLockFile(folder: string): void {
  const path = `${folder}/lock.mdb`;
  if (existsSync(path)) return;
  const own = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(own, Buffer.alloc(LOCK_BYTES), { mode: 0o600 });
    linkSync(own, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

const ROWS_PER_READ_MAX = 256;
const FIRST_ROWS = 16;
const GROWTH = 4;

/**
 * The rows of a database from `start` on, read in runs: between two rows no read transaction is held, however long the
 * consumer takes (a long reader pins deleted pages). The first run is short (`wanted`: as many as are probably needed), for
 * whoever lists twenty of a hundred thousand would else pay for 256.
 */
export function* rows<K extends Key>(
  db: Db<K>,
  start?: K,
  end?: K,
  wanted = FIRST_ROWS,
): Generator<{ readonly key: K; readonly value: Buffer }> {
  let from = start;
  let exclusiveStart = false;
  for (let limit = Math.max(1, Math.min(wanted, ROWS_PER_READ_MAX)); ; ) {
    const run = [
      ...db.getRange({
        limit,
        exclusiveStart,
        ...(from === undefined ? {} : { start: from }),
        ...(end === undefined ? {} : { end }),
      }),
    ] as { key: K; value: Buffer }[];
    yield* run;
    const newest = run.at(-1);
    if (newest === undefined || run.length < limit) return;
    from = newest.key;
    exclusiveStart = true;
    limit = Math.min(GROWTH * limit, ROWS_PER_READ_MAX);
  }
}

/** The row of a name with the highest number. */
export function newestOf(db: Db<[string, number]>, name: string): { key: [string, number]; value: Buffer } | undefined {
  const [row] = db.getRange({ start: [name, Number.POSITIVE_INFINITY], end: [name, 0], reverse: true, limit: 1 });
  return row as { key: [string, number]; value: Buffer } | undefined;
}

/** A whole number as it is kept: a double, exact to 2^53. */
export function numberValue(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

export const readNumber = (value: Buffer | undefined): number | null =>
  value === undefined ? null : value.readDoubleBE(0);

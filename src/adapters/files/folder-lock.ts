/** One gateway a data folder: a lock that a killed process leaves behind without harm, and the epoch of its owner. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { link, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { asStoreFailed } from '../../ports/store-failed.js';
import { Superseded } from '../../ports/subject-states.js';
import { type Disk, isCode, type OpenFile, replaceFile, systemDisk, unlessMissing } from './disk.js';

const LOCK = 'LOCK';
const GUARD = 'LOCK.guard';
const EPOCH = 'EPOCH';
const SILENT_MS = 15_000;

/** Another process uses the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
}

/** A process, told apart from a later one that was given the same number. */
interface Holder {
  readonly pid: number;
  /** Clock ticks between boot and the process's start (`/proc/PID/stat`, field 22); null where there is no `/proc`. */
  readonly startTicks: string | null;
  readonly bootId: string | null;
  readonly host: string;
  readonly token: string;
}

export class FolderLock {
  private constructor(
    private readonly folder: string,
    private readonly token: string,
    /** Higher than that of every owner before; every store that is the owner's alone refuses lower ones. */
    readonly epoch: number,
    /** Of this epoch; kept open, so that no later owner's file can be given its inode number. */
    private readonly mark: { readonly file: OpenFile; readonly inode: number },
    private readonly disk: Disk,
  ) {}

  /**
   * Takes the folder (creating it, 0700) for this process, with the next epoch. Throws `FolderInUse` while the process
   * that holds it lives; after a `kill -9` or a reboot it is taken over at once.
   *
   * Processes are looked up on this machine and in this PID namespace. Two containers on one folder do not see each
   * other here; there the epoch stops the older one.
   */
  static async take(folder: string, disk: Disk = systemDisk): Promise<FolderLock> {
    await disk.makeFolder(folder);
    const self: Holder = { ...describe(process.pid), token: randomBytes(16).toString('hex') };
    // the guard makes "look, then take over" one step; it is held for a few file operations only
    await placeGuard(folder, self, disk);
    try {
      const holder = await readHolder(`${folder}/${LOCK}`);
      if (holder !== null && isAlive(holder)) {
        throw new FolderInUse(
          `${folder} is in use by process ${holder.pid} on ${holder.host}: stop it first, or give this one a DATA_DIR of its own`,
        );
      }
      const epoch = (await readEpoch(folder)) + 1;
      await replaceFile(disk, folder, EPOCH, `${epoch}\n`);
      const file = await disk.openToRead(`${folder}/${EPOCH}`);
      await replaceFile(disk, folder, LOCK, JSON.stringify(self));
      const { ino: inode } = await file.stat();
      return new FolderLock(folder, self.token, epoch, { file, inode }, disk);
    } finally {
      await disk.unlink(`${folder}/${GUARD}`);
    }
  }

  /**
   * Throws `Superseded` once another process has taken the folder, or it is gone. One stat, ~2 µs. For what no store can
   * refuse: keys, bookmarks, what is published.
   */
  check(): void {
    if (!this.isSuperseded()) return;
    throw new Superseded(`epoch ${this.epoch} was superseded: another process has taken ${this.folder}; stop this one`);
  }

  isSuperseded(): boolean {
    return this.disk.inodeAt(`${this.folder}/${EPOCH}`) !== this.mark.inode;
  }

  /**
   * Shows that the holder is alive, to processes that cannot look it up (`isHeld`). Throws `Superseded`: an owner that stood
   * still must not make its successor look alive.
   */
  async beat(): Promise<void> {
    this.check();
    const now = new Date();
    await utimes(`${this.folder}/${LOCK}`, now, now).catch(unlessMissing);
  }

  /**
   * Throws `FolderInUse` where another process of our own number, in another PID namespace, holds `folder`: a lock beside ours,
   * of a process that opens the same LMDB stores. LMDB (0.9.90 in lmdb 3.5.6) tells its readers apart by their process numbers,
   * with a lock on the byte of that number: the second of two would wait, for as long as the first one lives.
   */
  static async refuseTwin(folder: string, nowMs: number): Promise<void> {
    const holder = await readHolder(`${folder}/${LOCK}`);
    const self = describe(process.pid);
    if (holder === null || holder.pid !== self.pid || holder.startTicks === self.startTicks) return;
    if (holder.bootId !== self.bootId || !FolderLock.isHeld(folder, nowMs)) return;
    throw new FolderInUse(
      `process ${holder.pid} of another container uses these stores, and this one is process ${self.pid} as well: LMDB cannot ` +
        'tell them apart. Start one of the two under an init process (docker run --init; compose: init: true)',
    );
  }

  /** Whether somebody holds the folder and has shown itself within 15 s; also from another container. */
  static isHeld(folder: string, nowMs: number): boolean {
    const lock = statSync(`${folder}/${LOCK}`, { throwIfNoEntry: false });
    return lock !== undefined && nowMs - lock.mtimeMs < SILENT_MS;
  }

  async release(): Promise<void> {
    await this.mark.file.close();
    const holder = await readHolder(`${this.folder}/${LOCK}`);
    if (holder?.token === this.token) await systemDisk.unlink(`${this.folder}/${LOCK}`).catch(unlessMissing);
  }
}

async function placeGuard(folder: string, self: Holder, disk: Disk): Promise<void> {
  const guard = `${folder}/${GUARD}`;
  const own = `${guard}.${self.token}`;
  // linked into place whole: nobody ever reads a guard that is half written
  try {
    await writeFile(own, JSON.stringify(self), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    await disk.unlink(own).catch(unlessMissing);
    throw asStoreFailed(folder, error);
  }
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        await link(own, guard);
        return;
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
      }
      const holder = await readHolder(guard);
      if (holder !== null && isAlive(holder)) break;
      // its process died in these few operations; were two others to clear it away at once, the epoch parts them
      await disk.unlink(guard).catch(unlessMissing);
    }
    throw new FolderInUse(`${folder} is being opened by another process: try again when it has started or stopped`);
  } finally {
    await disk.unlink(own);
  }
}

async function readEpoch(folder: string): Promise<number> {
  const text = await readText(`${folder}/${EPOCH}`);
  if (text === null) return 0;
  if (!/^\d{1,15}\n$/.test(text)) {
    throw new Error(`${folder}/${EPOCH} should hold one whole number: restore it from a backup, with the whole folder`);
  }
  return Number(text);
}

/** Null where there is no lock, or one that no process of ours wrote whole. */
async function readHolder(path: string): Promise<Holder | null> {
  const text = await readText(path);
  if (text === null) return null;
  try {
    const holder = JSON.parse(text) as Holder;
    return Number.isSafeInteger(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    unlessMissing(error);
    return null;
  });
}

/** Is the process that wrote this still there, and not another one of the same number? */
function isAlive(holder: Holder): boolean {
  const now = describe(holder.pid);
  if (holder.bootId !== null && now.bootId !== null && holder.bootId !== now.bootId) return false;
  // with /proc the start time decides: a container's gateway is process 1 before and after every restart
  if (now.bootId !== null) return now.startTicks !== null && now.startTicks === holder.startTicks;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function describe(pid: number): Omit<Holder, 'token'> {
  return { pid, startTicks: startTicksOf(pid), bootId: tryRead('/proc/sys/kernel/random/boot_id'), host: hostname() };
}

function startTicksOf(pid: number): string | null {
  const stat = tryRead(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // the name in field 2 may hold spaces and brackets: fields are counted from its last closing one
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // a zombie (field 3) has closed its files and writes no more
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function tryRead(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return null;
  }
}

/** The key vault as a folder: one wrapped key a file, readable by the gateway's user alone. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, link, readFile, stat } from 'node:fs/promises';
import type { KeyVault } from '../../ports/key-vault.js';
import { asStoreFailed } from '../../ports/store-failed.js';
import { type Disk, isCode, systemDisk, unlessMissing, writeWhole } from './disk.js';

/** Starts with a letter or digit: no hidden file, no `..`, nothing above the folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const SUFFIX = '.key';
/** A key that is being destroyed: it has its name no more, and is never read again. */
const GONE = '.gone';
/** A creation takes milliseconds; two processes share a vault, and neither may take away what the other is writing. */
const LEFTOVER_MS = 60_000;

export class FileKeyVault implements KeyVault {
  #syncing: Promise<void> | null = null;
  #nextSync: Promise<void> | null = null;

  private constructor(
    private readonly folder: string,
    private readonly disk: Disk,
  ) {}

  /** Opens the folder, creating it where it is missing; closes it (0700) to everybody else. Clears what a crash left. */
  static async open(folder: string, disk: Disk = systemDisk): Promise<FileKeyVault> {
    const vault = await FileKeyVault.openPeer(folder, disk);
    for (const name of await disk.list(folder)) {
      // a destruction that a crash cut short is finished
      if (name.endsWith(GONE)) await wipe(disk, `${folder}/${name}`);
      // a creation that a crash cut short: its key was never promised to be there
      else if (name.endsWith('.new')) await removeLeftover(disk, `${folder}/${name}`);
    }
    return vault;
  }

  /** As `open`, without a look at what is in it: a million files are a second's work, and its own tier does it. */
  static async openPeer(folder: string, disk: Disk = systemDisk): Promise<FileKeyVault> {
    await disk.makeFolder(folder);
    await chmod(folder, 0o700);
    return new FileKeyVault(folder, disk);
  }

  async read(name: string): Promise<string | null> {
    return readFile(this.#path(name), 'utf8').catch((error: unknown) => {
      unlessMissing(error);
      return null;
    });
  }

  /** As `read`, at once. */
  readNow(name: string): string | null {
    try {
      return readFileSync(this.#path(name), 'utf8');
    } catch (error) {
      unlessMissing(error);
      return null;
    }
  }

  /** Whether there is one, at once. */
  hasNow(name: string): boolean {
    return existsSync(this.#path(name));
  }

  async create(name: string, wrapped: string): Promise<void> {
    const path = this.#path(name);
    if (wrapped.length === 0) throw new RangeError(`the wrapped key ${name} is empty`);
    const temporary = `${path}.${randomBytes(8).toString('hex')}.new`;
    try {
      await this.#writeNew(temporary, wrapped);
    } catch (error) {
      // tried again each minute while the disk is full: nothing half made is left behind each time
      await this.disk.unlink(temporary).catch(unlessMissing);
      throw asStoreFailed(path, error);
    }
    try {
      // a link, for a rename would replace
      await link(temporary, path);
    } catch (error) {
      if (isCode(error, 'EEXIST')) throw new Error(`the vault holds a key ${name} already: it is never replaced`);
      throw error;
    } finally {
      await this.disk.unlink(temporary);
    }
    await this.#syncFolder();
  }

  async #writeNew(path: string, wrapped: string): Promise<void> {
    const file = await this.disk.create(path);
    try {
      await writeWhole(file, Buffer.from(wrapped), 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async destroy(name: string): Promise<void> {
    const path = this.#path(name);
    // under another name first: a crash half way must leave no key that does not open, for no gateway would start with it
    await wipe(this.disk, `${path}${GONE}`);
    const there = await this.disk.rename(path, `${path}${GONE}`).then(
      () => true,
      (error: unknown) => {
        unlessMissing(error);
        return false;
      },
    );
    if (there) {
      await this.#syncFolder();
      await wipe(this.disk, `${path}${GONE}`);
    }
    await this.#syncFolder();
  }

  async list(prefix = ''): Promise<string[]> {
    const names = await this.disk.list(this.folder);
    return names
      .filter((name) => name.startsWith(prefix) && name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length))
      .sort();
  }

  /** One sync for all that wait for it: a thousand orders are imported in one breath. */
  #syncFolder(): Promise<void> {
    if (this.#syncing === null) return this.#syncNow();
    // that one may have begun before our change
    this.#nextSync ??= this.#syncing
      .catch(() => undefined)
      .then(() => {
        this.#nextSync = null;
        return this.#syncNow();
      });
    return this.#nextSync;
  }

  #syncNow(): Promise<void> {
    this.#syncing = this.disk.syncFolder(this.folder).finally(() => {
      this.#syncing = null;
    });
    return this.#syncing;
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new RangeError(`a key's name: expected 1 to 128 of A-Z a-z 0-9 . _ -, got "${name}"`);
    return `${this.folder}/${name}${SUFFIX}`;
  }
}

async function removeLeftover(disk: Disk, path: string): Promise<void> {
  const made = await stat(path).catch(unlessMissing);
  if (made !== undefined && Date.now() - made.mtimeMs > LEFTOVER_MS) await disk.unlink(path).catch(unlessMissing);
}

/** Overwritten, synced, removed; what is not there is no error, for the other tier's process may do the same. */
async function wipe(disk: Disk, path: string): Promise<void> {
  const file = await disk.openToWrite(path).catch((error: unknown) => {
    unlessMissing(error);
    return null;
  });
  if (file === null) return;
  try {
    const { size } = await file.stat();
    // on flash the old block may survive until it is reused: a stated limit (encrypted volume, or a KMS)
    await writeWhole(file, randomBytes(Number(size)), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.unlink(path).catch(unlessMissing);
}

/** A disk in memory that keeps apart what was written and what was synced, so that a power cut loses what it may lose. */
import type { Disk, OpenFile } from '../../src/adapters/files/disk.js';
import type { Random } from '../../src/sim/random.js';

/** `bytes` at `offset`; null: cut off at `offset`. */
interface Change {
  readonly offset: number;
  readonly bytes: Uint8Array | null;
}

/** What a name stood for before and after; renames change two names at once. */
type Naming = readonly { readonly path: string; readonly file: Inode | null }[];

const SECTOR_BYTES = 512;

class Inode {
  #content: Buffer;
  #length: number;
  /** What a power cut leaves for certain. */
  readonly #base: Buffer;
  readonly #changes: Change[] = [];
  #synced = 0;

  constructor(
    readonly number: number,
    content: Buffer = Buffer.alloc(0),
  ) {
    this.#base = content;
    this.#content = Buffer.from(content);
    this.#length = content.length;
  }

  get size(): number {
    return this.#length;
  }

  get unsynced(): number {
    return this.#changes.length - this.#synced;
  }

  read(into: Uint8Array, at: number, length: number, position: number): number {
    const bytes = this.#content.subarray(position, Math.min(position + length, this.#length));
    into.set(bytes, at);
    return bytes.length;
  }

  change(change: Change): void {
    this.#changes.push(change);
    this.#apply(change);
  }

  sync(): void {
    this.#synced = this.#changes.length;
  }

  /** The file as a power cut leaves it: what was synced, and of the rest any part of any change. */
  afterPowerCut(random: Random): Inode {
    const left = new Inode(this.number, this.#base);
    this.#changes.forEach((change, i) => {
      if (i < this.#synced || random.chance(0.35)) left.#apply(change);
      else if (change.bytes !== null && random.chance(0.6)) left.#tear(change.offset, change.bytes, random);
    });
    return new Inode(this.number, left.#content.subarray(0, left.#length));
  }

  #apply({ offset, bytes }: Change): void {
    if (bytes === null) {
      this.#length = Math.min(this.#length, offset);
      return;
    }
    const end = offset + bytes.length;
    if (end > this.#content.length) {
      const wider = Buffer.alloc(Math.max(end, this.#content.length * 2, 4_096));
      this.#content.copy(wider, 0, 0, this.#length);
      this.#content = wider;
    }
    // what lies between the old end and the new bytes reads as zeros
    if (offset > this.#length) this.#content.fill(0, this.#length, offset);
    this.#content.set(bytes, offset);
    this.#length = Math.max(this.#length, end);
  }

  /** Some sectors of it reached the disk, and the length perhaps before the bytes. */
  #tear(offset: number, bytes: Uint8Array, random: Random): void {
    const kept = random.whole(0, bytes.length);
    if (kept > 0) this.#apply({ offset, bytes: this.#standing(offset, kept) });
    for (let at = 0; at < kept; at += SECTOR_BYTES) {
      const end = Math.min(at + SECTOR_BYTES, kept);
      if (random.chance(0.7)) this.#apply({ offset: offset + at, bytes: bytes.subarray(at, end) });
    }
  }

  #standing(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    this.read(bytes, 0, length, offset);
    return bytes;
  }
}

export class MemoryDisk implements Disk {
  /** While true nothing new finds room. */
  full = false;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #namings: Naming[] = [];
  #inodes = 0;

  /** The machine loses its power: of what was not synced any part may be gone. */
  cutPower(random: Random): void {
    const lasting = random.whole(0, this.#namings.length);
    for (const naming of this.#namings.slice(0, lasting)) rename(this.#durableNames, naming);
    const left = [...this.#durableNames].map(([path, file]) => [path, file.afterPowerCut(random)] as const);
    this.#durableNames = new Map(left);
    this.#names = new Map(left);
    this.#namings = [];
  }

  /** Whether a power cut now could lose anything. */
  get unsynced(): boolean {
    return this.#namings.length > 0 || [...this.#names.values()].some((file) => file.unsynced > 0);
  }

  async makeFolder(): Promise<void> {}

  async create(path: string): Promise<OpenFile> {
    if (this.full) throw errno('ENOSPC', path);
    if (this.#names.has(path)) throw errno('EEXIST', path);
    const file = new Inode(++this.#inodes);
    this.#name([{ path, file }]);
    return this.#open(file);
  }

  async openToRead(path: string): Promise<OpenFile> {
    return this.#open(this.#at(path));
  }

  async openToWrite(path: string): Promise<OpenFile> {
    return this.#open(this.#at(path));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#name([
      { path: to, file: this.#at(from) },
      { path: from, file: null },
    ]);
  }

  async unlink(path: string): Promise<void> {
    this.#at(path);
    this.#name([{ path, file: null }]);
  }

  async list(folder: string): Promise<string[]> {
    return [...this.#names.keys()].flatMap((path) =>
      path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
    );
  }

  async syncFolder(): Promise<void> {
    for (const naming of this.#namings.splice(0)) rename(this.#durableNames, naming);
  }

  inodeAt(path: string): number | null {
    return this.#names.get(path)?.number ?? null;
  }

  #at(path: string): Inode {
    const file = this.#names.get(path);
    if (file === undefined) throw errno('ENOENT', path);
    return file;
  }

  #name(naming: Naming): void {
    rename(this.#names, naming);
    this.#namings.push(naming);
  }

  #open(file: Inode): OpenFile {
    const sync = async (): Promise<void> => file.sync();
    return {
      read: async (into, at, length, position) => ({ bytesRead: file.read(into, at, length, position) }),
      write: async (bytes, at, length, position) => {
        if (this.full) throw errno('ENOSPC', `file ${file.number}`);
        file.change({ offset: position, bytes: Uint8Array.prototype.slice.call(bytes, at, at + length) });
        return { bytesWritten: length };
      },
      truncate: async (length) => file.change({ offset: length, bytes: null }),
      datasync: sync,
      sync,
      stat: async () => ({ size: file.size, ino: file.number }),
      close: async () => {},
    };
  }
}

function rename(names: Map<string, Inode>, naming: Naming): void {
  for (const { path, file } of naming) {
    if (file === null) names.delete(path);
    else names.set(path, file);
  }
}

const errno = (code: string, what: string): Error => Object.assign(new Error(`${code}: ${what}`), { code });

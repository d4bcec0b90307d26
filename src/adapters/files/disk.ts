/** The few calls that a durable file needs, so that a test or a simulator can break each of them. */
import { constants, statSync } from 'node:fs';
import { mkdir, open, readdir, rename, unlink } from 'node:fs/promises';
import { asStoreFailed } from '../../ports/store-failed.js';

/** What is used of a `FileHandle`. */
export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(): Promise<{ readonly size: number; readonly ino: number }>;
  close(): Promise<void>;
}

export interface Disk {
  /** Creates the folder (0700) and its parents where they are missing. */
  makeFolder(path: string): Promise<void>;
  /** Fails (`EEXIST`) when the file is there already. */
  create(path: string): Promise<OpenFile>;
  openToRead(path: string): Promise<OpenFile>;
  openToWrite(path: string): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  /** Makes creations, renames and removals in the folder durable. */
  syncFolder(path: string): Promise<void>;
  /** The number of the file that has this name just now; null: none has. Asked in the hot path, so without waiting. */
  inodeAt(path: string): number | null;
}

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export const systemDisk: Disk = Object.freeze({
  async makeFolder(path: string) {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  },
  create: (path: string) => open(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, FILE_MODE),
  openToRead: (path: string) => open(path, constants.O_RDONLY),
  openToWrite: (path: string) => open(path, constants.O_RDWR),
  rename,
  unlink,
  list: (folder: string) => readdir(folder),
  async syncFolder(path: string) {
    const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  inodeAt: (path: string) => statSync(path, { throwIfNoEntry: false })?.ino ?? null,
});

/**
 * Puts a small file in place whole or not at all; durable when it resolves. `writer` tells those apart who may do it at the
 * same time.
 */
export async function replaceFile(
  disk: Disk,
  folder: string,
  name: string,
  content: string,
  writer: number = process.pid,
): Promise<void> {
  const temporary = `${folder}/${name}.${writer}.new`;
  try {
    await disk.unlink(temporary).catch(unlessMissing);
    const file = await disk.create(temporary);
    try {
      await writeWhole(file, Buffer.from(content), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(temporary, `${folder}/${name}`);
    await disk.syncFolder(folder);
  } catch (error) {
    throw asStoreFailed(`${folder}/${name}`, error);
  }
}

/** One write; a short one (disk full, file size limit) is an error, for what follows it would be lost. */
export async function writeWhole(file: OpenFile, bytes: Uint8Array, offset: number): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, offset);
  if (bytesWritten !== bytes.length) {
    throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written (is the disk full?)`);
  }
}

/** Reads up to `length` bytes at `offset`; fewer only at the end of the file. */
export async function readUpTo(file: OpenFile, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** A small file as text; null: it is not there. */
export async function readText(disk: Disk, path: string): Promise<string | null> {
  let file: OpenFile;
  try {
    file = await disk.openToRead(path);
  } catch (error) {
    unlessMissing(error);
    return null;
  }
  try {
    return (await readUpTo(file, 0, (await file.stat()).size)).toString('utf8');
  } finally {
    await file.close();
  }
}

/** For `catch`: a file that is not there is no failure, anything else is. */
export function unlessMissing(error: unknown): void {
  if (!isCode(error, 'ENOENT')) throw error;
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

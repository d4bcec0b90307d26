/** What a backup folder says of itself: which files it holds, from when, until when it may be used. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bad, ok, type Result } from '../../domain/result.js';
import { replaceFile, systemDisk } from './disk.js';

/** Data and keys are never in one backup: who has one of them alone has nothing. */
export type BackupKind = 'data' | 'vault';

export interface BackupManifest {
  readonly format: 1;
  readonly kind: BackupKind;
  /** RFC 3339. */
  readonly madeAt: string;
  /** RFC 3339: a vault's backup must be gone by then, for it holds keys that erasure has destroyed since. Null: no limit. */
  readonly expiresAt: string | null;
  /** The last journal entry that it holds; null for a vault's. */
  readonly journalPosition: number | null;
  readonly files: readonly BackedUpFile[];
}

export interface BackedUpFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

const NAME = 'BACKUP.json';

/** Throws unless the folder is new or empty: a backup is never laid over another. */
export async function newFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty: name a folder that is new`);
}

/** Written last: a backup without one was cut short. */
export async function writeManifest(
  folder: string,
  about: Omit<BackupManifest, 'format' | 'files'>,
): Promise<BackupManifest> {
  const files: BackedUpFile[] = [];
  for (const path of await filesBelow(folder)) files.push(await describe(folder, path));
  const manifest: BackupManifest = { format: 1, ...about, files };
  await replaceFile(systemDisk, folder, NAME, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** The manifest of a backup of that kind whose files are all there and unchanged; or what is wrong, and what to do. */
export async function readBackup(folder: string, kind: BackupKind): Promise<Result<BackupManifest, string>> {
  const text = await readFile(join(folder, NAME), 'utf8').catch(() => null);
  if (text === null) return bad(`${folder} holds no ${NAME}: it is no backup, or one that was cut short; use another`);
  const manifest = parse(text);
  if (manifest === null) return bad(`${join(folder, NAME)} cannot be read: use another backup`);
  if (manifest.kind !== kind) return bad(`${folder} is a backup of the ${manifest.kind}, not of the ${kind}`);
  const listed = new Set(manifest.files.map(({ path }) => path));
  for (const path of await filesBelow(folder)) {
    if (!listed.has(path)) return bad(`${join(folder, path)} does not belong to the backup: remove it, or use another`);
  }
  for (const file of manifest.files) {
    const found = await describe(folder, file.path).catch(() => null);
    if (found === null || found.bytes !== file.bytes || found.sha256 !== file.sha256) {
      return bad(`${join(folder, file.path)} is ${found === null ? 'missing' : 'damaged'}: use another backup`);
    }
  }
  return ok(manifest);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path !== NAME)
    .sort();
}

async function describe(folder: string, path: string): Promise<BackedUpFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, path)) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { path, bytes, sha256: hash.digest('hex') };
}

function parse(text: string): BackupManifest | null {
  try {
    const value = JSON.parse(text) as Partial<BackupManifest>;
    const safe = (path: unknown) =>
      typeof path === 'string' && !path.split('/').includes('..') && !path.startsWith('/');
    const whole =
      value.format === 1 &&
      (value.kind === 'data' || value.kind === 'vault') &&
      typeof value.madeAt === 'string' &&
      Array.isArray(value.files) &&
      value.files.every(({ path }) => safe(path));
    return whole ? (value as BackupManifest) : null;
  } catch {
    return null;
  }
}

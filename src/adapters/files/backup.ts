/**
 * Copies the data of a running gateway, and its vault, each into a folder of its own.
 *
 * The order makes the copy one that could have been left by a crash: what refers to the journal is copied before it, so
 * the journal's copy holds every entry that any other store has taken in. Commands come first: one that is done twice
 * changes nothing, one that the engine's copy knows and the log's does not is done.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LIMITS } from '../../domain/limits.js';
import { Environment } from '../lmdb/environment.js';
import { type BackupManifest, newFolder, writeManifest } from './backup-manifest.js';
import { dataFolder } from './data-folder.js';
import { isCode, systemDisk, unlessMissing } from './disk.js';
import { parseSegmentName, scanSegment } from './segment.js';

/** ¶50: how long a key may outlive its destruction in a backup of the vault. */
export const VAULT_BACKUP_DAYS = LIMITS.vaultBackupDays;
const DAY_MS = 86_400_000;

/** Files that belong to a running process or to a development machine, and to no copy. */
const LEFT_OUT = /^(LOCK.*|.*\.(new|next|gone)|dev-token|dev-issuer\.key)$/;

/** `nowMs`: when the backup is said to be made. Throws when `out` is not empty or there is no data. */
export async function backUpData(dataDir: string, out: string, nowMs: number): Promise<BackupManifest> {
  const folders = dataFolder(dataDir);
  if (!existsSync(folders.engine)) throw new Error(`${dataDir} holds no gateway's data: nothing to back up`);
  await newFolder(out);
  const last = [folders.engine, folders.journal];
  const all = (await readdir(dataDir, { withFileTypes: true })).filter((entry) => !LEFT_OUT.test(entry.name));
  const paths = all.map((entry) => join(dataDir, entry.name)).filter((path) => !last.includes(path));
  const first = paths.filter((path) => path === folders.commands);
  const rest = paths.filter((path) => path !== folders.commands);
  for (const path of [...first, ...rest, folders.engine]) await copy(path, out);
  const journalPosition = await copyJournal(folders.journal, join(out, 'journal'));
  return writeManifest(out, { kind: 'data', madeAt: rfc3339(nowMs), expiresAt: null, journalPosition });
}

/** The vault after the data: every key that the data lies under is there, but those that were destroyed meanwhile. */
export async function backUpVault(vaultDir: string, out: string, nowMs: number): Promise<BackupManifest> {
  if (!existsSync(vaultDir)) throw new Error(`${vaultDir} is not there: name the vault with --vault-dir`);
  await newFolder(out);
  await copyTree(vaultDir, out);
  const expiresAt = rfc3339(nowMs + VAULT_BACKUP_DAYS * DAY_MS);
  return writeManifest(out, { kind: 'vault', madeAt: rfc3339(nowMs), expiresAt, journalPosition: null });
}

async function copy(path: string, out: string): Promise<void> {
  const target = join(out, path.slice(path.lastIndexOf('/') + 1));
  if (!(await stat(path)).isDirectory()) return copyFile(path, target);
  if (!existsSync(join(path, 'data.mdb'))) return copyTree(path, target);
  await mkdir(target, { recursive: true, mode: 0o700 });
  const env = Environment.openReadOnly(path).enter();
  try {
    await env.copyTo(target);
  } finally {
    await env.leave();
  }
}

/** Files that come whole or not at all, one by one; what is removed meanwhile is not copied. */
export async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (LEFT_OUT.test(entry.name)) continue;
    if (entry.isDirectory()) await copyTree(join(from, entry.name), join(to, entry.name));
    else if (entry.isFile()) await copyFile(join(from, entry.name), join(to, entry.name)).catch(unlessMissing);
  }
}

/** Durable when it resolves. */
async function copyFile(from: string, to: string): Promise<void> {
  await pipeline(createReadStream(from), createWriteStream(to, { mode: 0o600, flags: 'wx' }));
  const file = await open(to, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Oldest first; a block that is being written is cut off when the copy is opened. Gives the last whole entry's position. */
async function copyJournal(from: string, to: string): Promise<number> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const names = (await readdir(from)).filter((name) => parseSegmentName(name) !== null || name === 'OWNER').sort();
  for (const name of names) {
    await copyFile(join(from, name), join(to, name)).catch((error: unknown) => {
      // trimmed since the folder was listed: nothing that was copied needs it
      if (!isCode(error, 'ENOENT')) throw error;
    });
  }
  let last = 0;
  for (const name of (await readdir(to)).sort()) {
    const parsed = parseSegmentName(name);
    if (parsed === null) continue;
    const { next } = await scanSegment(systemDisk, { path: join(to, name), ...parsed }, Number.POSITIVE_INFINITY);
    last = Math.max(last, next - 1);
  }
  return last;
}

const rfc3339 = (ms: number): string => new Date(ms).toISOString();

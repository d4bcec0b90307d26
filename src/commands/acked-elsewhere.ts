/** What was acknowledged and has left the journal: it is in the recent log, the quarantine or the archive. */
import { existsSync } from 'node:fs';
import { LmdbArchiveReader } from '../adapters/lmdb/lmdb-archive-reader.js';
import { LmdbQuarantineReader } from '../adapters/lmdb/lmdb-quarantine-reader.js';
import { LmdbRecentLog } from '../adapters/lmdb/lmdb-recent-log.js';
import { decodeEnvelope } from '../codec/envelope.js';
import { parseDeviceId } from '../domain/ids.js';
import type { Seals } from '../ports/seals.js';
import type { OpenFolder } from './cli-stores.js';

/** Sequences by device, as text: they may exceed 2^53. */
export type Missing = ReadonlyMap<string, Set<string>>;

const isAnyLeft = (missing: Missing): boolean => [...missing.values()].some(({ size }) => size > 0);

/**
 * Takes out of `missing` what the other stores have. Each is looked into after the one that its content comes from, so that
 * what moves on meanwhile is found all the same.
 */
export async function dropFoundElsewhere(missing: Missing, folder: OpenFolder, hot: Seals): Promise<void> {
  if (isAnyLeft(missing) && existsSync(folder.folders.engine)) {
    await dropRecent(missing, folder, hot);
    await dropQuarantined(missing, folder);
  }
  if (isAnyLeft(missing) && existsSync(folder.folders.archive)) await dropArchived(missing, folder);
}

async function dropRecent(missing: Missing, { folders }: OpenFolder, hot: Seals): Promise<void> {
  const log = LmdbRecentLog.openReadOnly(folders.engine, hot);
  try {
    for (const { entry } of log.everything()) missing.get(entry.deviceId)?.delete(String(entry.sequence));
  } finally {
    await log.close();
  }
}

/** The sequence is in the payload, which the review service alone can open: without its keys none is found here. */
async function dropQuarantined(missing: Missing, { folders, review }: OpenFolder): Promise<void> {
  if (review === null) return;
  const quarantine = LmdbQuarantineReader.open(folders.engine, review);
  try {
    for (const { position, deviceId } of [...quarantine.list()]) {
      const sequences = missing.get(deviceId);
      if (sequences === undefined || sequences.size === 0) continue;
      const item = await quarantine.open(position);
      const envelope = item === null ? null : decodeEnvelope(item.bytes);
      if (envelope?.ok) sequences.delete(String(envelope.value.sequence));
    }
  } finally {
    await quarantine.close();
  }
}

async function dropArchived(missing: Missing, { folders, either }: OpenFolder): Promise<void> {
  const archive = LmdbArchiveReader.openReader(folders.archive, either.shared);
  try {
    for (const [device, sequences] of missing) {
      const deviceId = parseDeviceId(device);
      if (!deviceId.ok) continue;
      for (const sequence of sequences) {
        if (archive.hasSequence(deviceId.value, BigInt(sequence))) sequences.delete(sequence);
      }
    }
  } finally {
    await archive.close();
  }
}

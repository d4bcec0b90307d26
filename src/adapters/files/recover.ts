/** Finds out, at an open, what the journal's files hold for certain, and clears away what a crash left half done. */
import type { Telemetry } from '../../ports/telemetry.js';
import { type Disk, readUpTo, unlessMissing, writeWhole } from './disk.js';
import { JournalCorrupt, parseSegmentName, type Scanned, type Segment, scanSegment } from './segment.js';

/** What an open has found. */
export interface Recovered {
  /** Every segment that counts, oldest first and without a gap between them. */
  readonly segments: Segment[];
  /**
   * Files in front of them that lead to none: what a superseded owner wrote where the segments of its time are trimmed by
   * now. They stay until the next trimming, for until then nobody has checked that nothing is missing between.
   */
  readonly strays: readonly string[];
}

/**
 * Each segment is synced: what a killed process wrote may be readable from the page cache and yet not be on disk. Whether
 * the journal begins early enough the engine checks, by the position of its states.
 */
export async function recoverSegments(disk: Disk, folder: string, telemetry: Telemetry): Promise<Recovered> {
  const { kept, superseded } = sortOut(await listSegments(disk, folder));
  let segments: Segment[] = [];
  let strays: string[] = [];
  for (const [index, found] of kept.entries()) {
    const follower = kept[index + 1];
    const scanned = await scanIfThere(disk, found, follower);
    // trimmed while we looked, by a former owner that stood still in the midst of it
    if (scanned === null && segments.length === 0 && follower !== undefined) continue;
    if (scanned === null) throw new JournalCorrupt(found.path, 0, 'the segment is missing');
    segments.push({ ...found, bytes: scanned.bytes, next: scanned.next });
    if (follower === undefined) await settleTail(disk, found, scanned, telemetry);
    else if (scanned.next !== follower.first) {
      const what = `it ends before position ${scanned.next} and the next segment starts at ${follower.first}`;
      if (segments.some(({ epoch }) => epoch >= follower.epoch))
        throw new JournalCorrupt(found.path, scanned.bytes, what);
      strays = [...strays, ...segments.map(({ path }) => path)];
      segments = [];
    }
  }
  for (const leftover of superseded) {
    telemetry.log('warn', 'journal_superseded_segment_removed', { first: leftover.first, epoch: leftover.epoch });
    await disk.unlink(leftover.path).catch(unlessMissing);
  }
  if (strays.length > 0) telemetry.log('warn', 'journal_stray_segments', { segments: strays.length });
  await disk.syncFolder(folder);
  return { segments, strays };
}

/** Null: it is not there any more. */
async function scanIfThere(disk: Disk, found: Found, follower: Found | undefined): Promise<Scanned | null> {
  try {
    return await scanSegment(disk, found, follower?.first ?? Number.POSITIVE_INFINITY);
  } catch (error) {
    unlessMissing(error);
    return null;
  }
}

interface Found {
  readonly path: string;
  readonly first: number;
  readonly epoch: number;
}

async function listSegments(disk: Disk, folder: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const name of await disk.list(folder)) {
    const parsed = parseSegmentName(name);
    if (parsed !== null) found.push({ path: `${folder}/${name}`, ...parsed });
  }
  return found.sort((a, b) => a.epoch - b.epoch || a.first - b.first);
}

/**
 * An owner starts at the position after all that it could read of the ones before. A segment of an earlier owner that
 * starts there or later was written by one that had been superseded, and none of it was acknowledged.
 */
function sortOut(byEpoch: readonly Found[]): { kept: Found[]; superseded: Found[] } {
  const kept: Found[] = [];
  const superseded: Found[] = [];
  for (const segment of byEpoch) {
    for (let newest = kept.at(-1); newest !== undefined && newest.first >= segment.first; newest = kept.at(-1)) {
      superseded.push(newest);
      kept.pop();
    }
    kept.push(segment);
  }
  return { kept, superseded };
}

/** The newest segment: cuts off the torn last block, if there is one, and makes the rest durable. */
async function settleTail(disk: Disk, found: Found, scanned: Scanned, telemetry: Telemetry): Promise<void> {
  const file = await disk.openToWrite(found.path);
  try {
    if (scanned.tailBytes > 0) {
      telemetry.log('warn', 'journal_torn_tail_cut', { next: scanned.next, bytes: scanned.tailBytes });
      await file.truncate(scanned.bytes);
    }
    // The one block that may not have been synced, written again: after a sync that failed, the kernel may hold these
    // pages for clean, and a sync by itself would succeed without them.
    await writeWhole(
      file,
      await readUpTo(file, scanned.lastBlock, scanned.bytes - scanned.lastBlock),
      scanned.lastBlock,
    );
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Opens a segment of the archive: from sealed bytes to records, for whoever has the order's private key. */
import type { KeyObject } from 'node:crypto';
import { FormatRefused } from '../codec/packed.js';
import { decodeSegment } from '../codec/segment.js';
import { openSealedSegment, type SegmentFault } from '../crypto/segment-seal.js';
import { bad, ok, type Result } from '../domain/result.js';
import type { ArchivedRecord } from '../ports/archive.js';

/** `unreadable`: it opens, and was packed by a newer build (or holds what no build packs). */
export type OpenFault = SegmentFault | 'unreadable';

/**
 * The records of one segment as they were packed, whole or not at all. `privateKey`: the order's (P-256); `stream`: the
 * stream's pseudonym; `day`: UTC days since 1970. Pure: it reads no store and logs nothing. ~5 ms for a day's 1,440 fixes.
 */
export function openSegment(
  privateKey: KeyObject,
  sealed: Uint8Array,
  stream: string,
  day: number,
): Result<ArchivedRecord[], OpenFault> {
  const opened = openSealedSegment(privateKey, sealed, { stream, day });
  if (!opened.ok) return opened;
  try {
    return ok(decodeSegment(opened.value));
  } catch (error) {
    if (error instanceof FormatRefused) return bad('unreadable');
    throw error;
  } finally {
    opened.value.fill(0);
  }
}

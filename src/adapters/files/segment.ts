/** One segment of the journal: a file of blocks, named by its first position and its owner's epoch. */
import { type BlockHeader, findMagic, HEADER_BYTES, readHeader, sealedIsWhole } from './block.js';
import { type Disk, type OpenFile, readUpTo } from './disk.js';

export interface Segment {
  readonly path: string;
  readonly first: number;
  readonly epoch: number;
  /** Bytes of whole blocks; what follows is none of ours. */
  bytes: number;
  /** Position after its last entry; `first` while it is empty. */
  next: number;
}

const FILE_NAME = /^(\d{16})-(\d{16})\.seg$/;

export const segmentName = (first: number, epoch: number) =>
  `${String(first).padStart(16, '0')}-${String(epoch).padStart(16, '0')}.seg`;

export function parseSegmentName(name: string): { first: number; epoch: number } | null {
  const parts = FILE_NAME.exec(name);
  return parts === null ? null : { first: Number(parts[1]), epoch: Number(parts[2]) };
}

/** The journal's files hold something that no crash explains. It is not opened: to go on could lose acknowledged data. */
export class JournalCorrupt extends Error {
  override readonly name = 'JournalCorrupt';
  constructor(path: string, offset: number, what: string) {
    super(
      `${path} at byte ${offset}: ${what}. Nothing was changed. Check the disk, then restore this file from a backup; ` +
        'devices still hold what was not acknowledged and send it again.',
    );
  }
}

/** Walks the blocks of a segment from its start: each header with the offset of its block, without reading the content. */
export async function* headers(
  file: OpenFile,
  segment: Pick<Segment, 'path' | 'bytes'>,
): AsyncGenerator<{ header: BlockHeader; offset: number }> {
  for (let offset = 0; offset < segment.bytes; ) {
    const header = readHeader(await readUpTo(file, offset, HEADER_BYTES));
    if (header === null) throw new JournalCorrupt(segment.path, offset, 'a block that was whole is broken');
    yield { header, offset };
    offset += HEADER_BYTES + header.sealedBytes;
  }
}

export interface Scanned {
  /** Where the last whole block starts; 0 where there is none. */
  readonly lastBlock: number;
  readonly bytes: number;
  readonly next: number;
  /** Bytes after the last whole block. */
  readonly tailBytes: number;
}

/**
 * Checks a segment block by block (headers, checksums, consecutive positions), up to position `limit` (exclusive) or to
 * the first block that is not whole.
 *
 * Throws `JournalCorrupt` when a whole block follows a broken one: a block is written only after the one before it was
 * synced, so a crash can tear the last one alone.
 */
export async function scanSegment(
  disk: Disk,
  segment: Pick<Segment, 'path' | 'first' | 'epoch'>,
  limit: number,
): Promise<Scanned> {
  const file = await disk.openToRead(segment.path);
  try {
    const { size } = await file.stat();
    let offset = 0;
    let lastBlock = 0;
    let next = segment.first;
    while (next < limit) {
      const header = readHeader(await readUpTo(file, offset, HEADER_BYTES));
      if (header === null) break;
      const end = offset + HEADER_BYTES + header.sealedBytes;
      if (end > size || !sealedIsWhole(header, await readUpTo(file, offset + HEADER_BYTES, header.sealedBytes))) break;
      if (header.first !== next || header.epoch !== segment.epoch) {
        const what = `a block of position ${header.first}, epoch ${header.epoch}; expected ${next}, ${segment.epoch}`;
        throw new JournalCorrupt(segment.path, offset, what);
      }
      lastBlock = offset;
      offset = end;
      next += header.count;
    }
    // up to `limit` the rest belongs to a writer that was superseded, whatever it is
    if (next < limit) await refuseBlocksAfter(file, segment.path, offset, size);
    return { lastBlock, bytes: offset, next, tailBytes: size - offset };
  } finally {
    await file.close();
  }
}

const SEARCH_BYTES = 4 * 1_048_576;

async function refuseBlocksAfter(file: OpenFile, path: string, broken: number, size: number): Promise<void> {
  for (let from = broken + 1; from < size; from += SEARCH_BYTES - HEADER_BYTES) {
    const bytes = await readUpTo(file, from, Math.min(SEARCH_BYTES, size - from));
    for (let at = findMagic(bytes, 0); at >= 0; at = findMagic(bytes, at + 1)) {
      const header = readHeader(bytes.subarray(at, at + HEADER_BYTES));
      if (header === null) continue;
      const sealed = await readUpTo(file, from + at + HEADER_BYTES, Math.min(header.sealedBytes, size));
      if (sealedIsWhole(header, sealed)) {
        throw new JournalCorrupt(path, broken, `a broken block, and a whole one after it at byte ${from + at}`);
      }
    }
  }
}

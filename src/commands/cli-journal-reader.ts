/** Reads a journal without owning it: beside a running gateway, or of one that is down; it changes nothing. */
import { HEADER_BYTES } from '../adapters/files/block.js';
import { readUpTo, systemDisk } from '../adapters/files/disk.js';
import { chunksOf } from '../adapters/files/file-journal.js';
import { headers, parseSegmentName, scanSegment } from '../adapters/files/segment.js';
import { decodeEntries } from '../codec/entry-record.js';
import type { PlacedEntry } from '../domain/entry.js';
import type { Seals } from '../ports/seals.js';

/**
 * Every entry in whole blocks, oldest first. What a running gateway writes meanwhile may or may not be among them; a
 * torn last block is left alone. Throws `JournalCorrupt` for damage that no crash explains.
 */
export async function* readJournal(folder: string, seals: Seals): AsyncGenerator<PlacedEntry> {
  const segments = await standing(folder);
  const seen = { opened: false };
  for (const [i, found] of segments.entries()) {
    const limit = segments[i + 1]?.first ?? Number.POSITIVE_INFINITY;
    const scanned = await scanSegment(systemDisk, found, limit);
    const file = await systemDisk.openToRead(found.path);
    try {
      for await (const { header, offset } of headers(file, { path: found.path, bytes: scanned.bytes })) {
        const sealed = await readUpTo(file, offset + HEADER_BYTES, header.sealedBytes);
        let position = header.first;
        for (const chunk of chunksOf(seals, header, sealed, seen)) {
          for (const entry of decodeEntries(chunk.bytes)) yield { position: position++, entry };
        }
      }
    } finally {
      await file.close();
    }
  }
}

/** Segments that count: what an earlier owner wrote at or after a later one's start was never acknowledged. */
async function standing(folder: string) {
  const found = (await systemDisk.list(folder)).flatMap((name) => {
    const parsed = parseSegmentName(name);
    return parsed === null ? [] : [{ path: `${folder}/${name}`, ...parsed }];
  });
  found.sort((a, b) => a.epoch - b.epoch || a.first - b.first);
  return found.filter(({ first }, i) => !found.slice(i + 1).some((later) => later.first <= first));
}

/** How far the journal and an LMDB store had durably come at any line of a trace: read from nothing but what was synced. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Files, FileWrite } from './files.js';

/** A block of the journal as its plain header says it: `FWJB`, and from byte 16 on its first position and its entries. */
export interface Block {
  readonly first: number;
  readonly entries: number;
  readonly write: FileWrite;
  /** When the block, the blocks before it in its file, and the name of the file were durable. */
  readonly durable: number;
}

export function blocksOf(files: Files): Block[] {
  const blocks: Block[] = [];
  for (const write of files.of('.seg')) {
    const { bytes, path } = write;
    if (bytes.length < 40 || bytes.toString('latin1', 0, 4) !== 'FWJB') continue;
    const named = files.created.find((one) => one.path === path)?.named ?? Number.POSITIVE_INFINITY;
    const durable = Math.max(write.durable, named);
    blocks.push({ first: Number(bytes.readBigUInt64BE(16)), entries: bytes.readUInt32BE(24), write, durable });
  }
  return blocks;
}

export interface Commit<T> {
  /** The line on which its meta page was durable. */
  readonly at: number;
  readonly found: T;
}

const PAGE = 4_096;
/** LMDB's two meta pages are the first two of the file. */
const isMeta = ({ offset, bytes }: FileWrite): boolean => offset < 2 * PAGE && bytes.length < PAGE;

/**
 * What stood in an LMDB file after each of its durable commits: the file is made anew from the writes that were synced by
 * then, and opened. Stops with a finding at the first meta page that was written before the pages it speaks of were durable.
 */
export async function commitsOf<T>(
  files: Files,
  suffix: string,
  scratch: string,
  look: (db: (name: string) => Iterable<{ key: unknown; value: Buffer }>) => T,
): Promise<{ commits: Commit<T>[]; findings: string[] }> {
  const writes = files.of(suffix);
  const commits: Commit<T>[] = [];
  for (const [index, meta] of writes.filter(isMeta).entries()) {
    const early = writes.find((write) => write.ended < meta.began && write.durable > meta.began && !isMeta(write));
    // the file as it is made: pages and the first meta pages in one write, before anything is stored
    if (early !== undefined && early.offset + early.bytes.length > 2 * PAGE) {
      return {
        commits,
        findings: [`${suffix}: line ${meta.began + 1}: a meta page is written before its pages are synced`],
      };
    }
    if (meta.durable === Number.POSITIVE_INFINITY) continue;
    const path = join(scratch, `${suffix.split('/')[1]}-${index}`);
    mkdirSync(path, { recursive: true });
    const from = meta.path;
    writeFileSync(join(path, 'data.mdb'), wholePages(files.durableAt(from, meta.durable + 1)));
    const root = open<Buffer, string>({ path, maxDbs: 24, encoding: 'binary', readOnly: true });
    try {
      const found = look((name) => {
        try {
          return [...root.openDB<Buffer, string>({ name, encoding: 'binary' }).getRange({})];
        } catch {
          return []; // not made yet
        }
      });
      commits.push({ at: meta.durable, found });
    } finally {
      await root.close();
      rmSync(path, { recursive: true, force: true });
    }
  }
  return { commits, findings: [] };
}

function wholePages(content: Buffer): Buffer {
  const rest = content.length % PAGE;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(PAGE - rest)]);
}

/** What the newest commit that was durable before a line has found. */
export const foundBefore = <T>(commits: readonly Commit<T>[], line: number): T | null =>
  commits.filter(({ at }) => at < line).at(-1)?.found ?? null;

/** Places of alert versions in the ledger. */
export const placesIn = (db: (name: string) => Iterable<{ key: unknown; value: Buffer }>): Set<number> =>
  new Set([...db('versions')].map(({ key }) => Number(key)));

/** Sealed numbers by device: a value that has changed is a range that was reserved. */
export const numbersIn = (db: (name: string) => Iterable<{ key: unknown; value: Buffer }>): Map<string, string> =>
  new Map([...db('downlink-sequences')].map(({ key, value }) => [String(key), value.toString('latin1')]));

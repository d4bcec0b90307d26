/** The bytes of one journal block: a header that can be checked by itself, and what one group commit sealed. */
import { crc32 } from 'node:zlib';
import type { Seals } from '../../ports/seals.js';

/**
 * All big-endian: magic 4 · format 2 · reserved 2 · epoch 8 · first position 8 · entries 4 · sealed bytes 4 ·
 * CRC-32 of the sealed bytes 4 · CRC-32 of this header so far 4.
 */
export const HEADER_BYTES = 40;
const MAGIC = 0x4657_4a42; // 'FWJB'
const FORMAT = 1;
const HEADER_CRC_AT = 36;
/** No writer makes a longer one (`blockBytesMax` and one over-long call): guards a reader's allocation. */
export const SEALED_BYTES_MAX = 256 * 1_048_576;

export interface BlockHeader {
  readonly epoch: number;
  readonly first: number;
  readonly count: number;
  readonly sealedBytes: number;
  readonly crc: number;
}

/** What one `append` call wrote: its entries, encoded by `codec/entry-record`. */
export interface Chunk {
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Seals the chunks as one block that starts at position `first`. The range is bound to the seal: blocks cannot swap places. */
export function makeBlock(seals: Seals, epoch: number, first: number, chunks: readonly Chunk[]): Buffer {
  let count = 0;
  let plainBytes = 0;
  for (const chunk of chunks) {
    count += chunk.count;
    plainBytes += 8 + chunk.bytes.length;
  }
  const plain = Buffer.allocUnsafe(plainBytes);
  let at = 0;
  for (const chunk of chunks) {
    at = plain.writeUInt32BE(chunk.count, at);
    at = plain.writeUInt32BE(chunk.bytes.length, at);
    plain.set(chunk.bytes, at);
    at += chunk.bytes.length;
  }
  const sealed = seals.seal('journal', rangeName(first, count), plain);

  const block = Buffer.alloc(HEADER_BYTES + sealed.length);
  block.writeUInt32BE(MAGIC, 0);
  block.writeUInt16BE(FORMAT, 4);
  block.writeBigUInt64BE(BigInt(epoch), 8);
  block.writeBigUInt64BE(BigInt(first), 16);
  block.writeUInt32BE(count, 24);
  block.writeUInt32BE(sealed.length, 28);
  block.writeUInt32BE(crc32(sealed), 32);
  block.writeUInt32BE(crc32(block.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
  block.set(sealed, HEADER_BYTES);
  return block;
}

/** Reads a header; null when these bytes are none (too few, another magic, a broken checksum). */
export function readHeader(bytes: Buffer): BlockHeader | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(0) !== MAGIC) return null;
  if (bytes.readUInt32BE(HEADER_CRC_AT) !== crc32(bytes.subarray(0, HEADER_CRC_AT))) return null;
  const format = bytes.readUInt16BE(4);
  if (format !== FORMAT) {
    throw new Error(`a journal block of format ${format}: this version reads ${FORMAT}; run the version that wrote it`);
  }
  const header: BlockHeader = {
    epoch: Number(bytes.readBigUInt64BE(8)),
    first: Number(bytes.readBigUInt64BE(16)),
    count: bytes.readUInt32BE(24),
    sealedBytes: bytes.readUInt32BE(28),
    crc: bytes.readUInt32BE(32),
  };
  return header.count > 0 && header.first > 0 && header.sealedBytes <= SEALED_BYTES_MAX ? header : null;
}

export const sealedIsWhole = (header: BlockHeader, sealed: Uint8Array): boolean =>
  sealed.length === header.sealedBytes && crc32(sealed) === header.crc;

/** Where the next byte sequence that could be a header starts, at or after `from`; −1 = nowhere. */
export function findMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf('FWJB', from, 'latin1');
}

/** Opens a block's sealed bytes into its chunks. Throws when the seal is broken or the counts disagree. */
export function openBlock(seals: Seals, header: BlockHeader, sealed: Uint8Array): Chunk[] {
  const plain = seals.open('journal', rangeName(header.first, header.count), sealed);
  const chunks: Chunk[] = [];
  let count = 0;
  for (let at = 0; at < plain.length; ) {
    const chunkCount = plain.readUInt32BE(at);
    const length = plain.readUInt32BE(at + 4);
    chunks.push({ count: chunkCount, bytes: plain.subarray(at + 8, at + 8 + length) });
    count += chunkCount;
    at += 8 + length;
  }
  if (count !== header.count) {
    throw new Error(`the journal block at position ${header.first} says ${header.count} entries and holds ${count}`);
  }
  return chunks;
}

const rangeName = (first: number, count: number) => `${first}-${first + count - 1}`;

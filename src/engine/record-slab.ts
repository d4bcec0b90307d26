/**
 * Byte records by number, in a few large buffers: a million people's states as objects would fill the heap, and the garbage
 * collector would walk over all of them again and again.
 *
 * Room is given in granules. A record takes a block of as many as it needs (large ones are rounded up to a size class, so
 * that a record that grows and shrinks a little stays where it is); a block that is given back is kept for the next record of
 * its class, or split for a smaller one.
 */
import { longer } from '../rules/longer.js';

const GRANULE = 32;
const CHUNK_GRANULES = 32_768;
const CHUNK_BYTES = GRANULE * CHUNK_GRANULES;
/** Larger ones are rare, and have a buffer each. */
const LARGE_BYTES = CHUNK_BYTES / 8;
/** Up to this a block has exactly the granules that its record needs. */
const EXACT_MAX = 32;
const NOWHERE = 0xffff_ffff;
/** In place of an address: the record has a buffer of its own. */
const ALONE = 0xffff_fffe;

export class RecordSlab {
  readonly #chunks: Buffer[] = [];
  /** First granule of each record's block, by number, and the length of the record in bytes. */
  #at = new Uint32Array(1_024).fill(NOWHERE);
  #length = new Uint32Array(1_024);
  readonly #alone = new Map<number, Buffer>();
  /** By class: the first free block; each free block holds the address of the next. */
  readonly #free = new Uint32Array(CLASSES.length).fill(NOWHERE);
  /** Granules of the last chunk that were never used. */
  #restAt = 0;
  #rest = 0;

  /** The record takes the place of the one that had the number. `slot`: small whole numbers, used again. */
  put(slot: number, bytes: Uint8Array): void {
    this.#growTo(slot);
    const need = bytes.length > LARGE_BYTES ? -1 : classOf(bytes.length);
    if (need === -1 || this.#classAt(slot) !== need) {
      this.remove(slot);
      this.#at[slot] = need === -1 ? ALONE : this.#take(need);
    }
    this.#length[slot] = bytes.length;
    if (need === -1) this.#alone.set(slot, Buffer.from(bytes));
    else this.#block(this.#at[slot] as number, bytes.length).set(bytes);
  }

  /** The record where it lies: it holds until the next `put` or `remove`. Null: there is none. */
  view(slot: number): Buffer | null {
    const at = slot < this.#at.length ? (this.#at[slot] as number) : NOWHERE;
    if (at === NOWHERE) return null;
    return at === ALONE ? (this.#alone.get(slot) as Buffer) : this.#block(at, this.#length[slot] as number);
  }

  remove(slot: number): void {
    const block = this.#classAt(slot);
    if (block === null) return;
    if (block === -1) this.#alone.delete(slot);
    else this.#giveBack(this.#at[slot] as number, block);
    this.#at[slot] = NOWHERE;
  }

  /** Bytes of all buffers. */
  get allocatedBytes(): number {
    let alone = 0;
    for (const buffer of this.#alone.values()) alone += buffer.length;
    return this.#chunks.length * CHUNK_BYTES + alone + this.#at.byteLength + this.#length.byteLength;
  }

  /** Of the block that a record has; -1: a buffer of its own; null: no record. */
  #classAt(slot: number): number | null {
    const at = slot < this.#at.length ? (this.#at[slot] as number) : NOWHERE;
    if (at === NOWHERE) return null;
    return at === ALONE ? -1 : classOf(this.#length[slot] as number);
  }

  #block(at: number, length: number): Buffer {
    const offset = (at % CHUNK_GRANULES) * GRANULE;
    return (this.#chunks[Math.floor(at / CHUNK_GRANULES)] as Buffer).subarray(offset, offset + length);
  }

  #take(wanted: number): number {
    const own = this.#pop(wanted);
    if (own !== NOWHERE) return own;
    const size = CLASSES[wanted] as number;
    if (this.#rest >= size) return this.#cutFromRest(size);
    // What was a larger record's block, before new room is asked for.
    for (let larger = wanted + 1; larger < CLASSES.length; larger += 1) {
      const at = this.#pop(larger);
      if (at === NOWHERE) continue;
      this.#giveBackAll(at + size, (CLASSES[larger] as number) - size);
      return at;
    }
    this.#giveBackAll(this.#restAt, this.#rest);
    this.#restAt = this.#chunks.length * CHUNK_GRANULES;
    this.#rest = CHUNK_GRANULES;
    this.#chunks.push(Buffer.allocUnsafeSlow(CHUNK_BYTES));
    return this.#cutFromRest(size);
  }

  #cutFromRest(size: number): number {
    const at = this.#restAt;
    this.#restAt += size;
    this.#rest -= size;
    return at;
  }

  #pop(block: number): number {
    const at = this.#free[block] as number;
    if (at !== NOWHERE) this.#free[block] = this.#block(at, GRANULE).readUInt32LE(0);
    return at;
  }

  #giveBack(at: number, block: number): void {
    this.#block(at, GRANULE).writeUInt32LE(this.#free[block] as number, 0);
    this.#free[block] = at;
  }

  /** Of any number of granules: as the largest blocks that fit. */
  #giveBackAll(from: number, granules: number): void {
    let [at, left] = [from, granules];
    for (let block = CLASSES.length - 1; left > 0; block -= 1) {
      const size = CLASSES[block] as number;
      for (; left >= size; left -= size, at += size) this.#giveBack(at, block);
    }
  }

  #growTo(slot: number): void {
    if (slot < this.#at.length) return;
    const length = Math.max(slot + 1, Math.ceil(this.#at.length * 1.5));
    const former = this.#at.length;
    this.#at = longer(this.#at, length).fill(NOWHERE, former);
    this.#length = longer(this.#length, length);
  }
}

/** Granules of a block of each class, ascending. */
const CLASSES: readonly number[] = (() => {
  const sizes: number[] = [];
  for (let size = 1; size * GRANULE < LARGE_BYTES * 1.25; size = size < EXACT_MAX ? size + 1 : Math.ceil(size * 1.25)) {
    sizes.push(size);
  }
  return sizes;
})();
const ROUNDED: readonly number[] = CLASSES.slice(EXACT_MAX);

function classOf(bytes: number): number {
  const granules = Math.max(1, Math.ceil(bytes / GRANULE));
  if (granules <= EXACT_MAX) return granules - 1;
  return EXACT_MAX + ROUNDED.findIndex((size) => size >= granules);
}

/**
 * Keys by name, 32 bytes each, side by side in one buffer: 64 bytes a key and no object, so that those of a million orders
 * are at hand. A hash table with open addressing; a name is 16 random-looking bytes, and its first four are its hash.
 */

const NAME_BYTES = 16;
const KEY_BYTES = 32;
const ROW_BYTES = NAME_BYTES + KEY_BYTES;
const FIRST_ROWS = 1_024;

export class PackedKeys {
  #rows = FIRST_ROWS;
  #bytes = Buffer.alloc(FIRST_ROWS * ROW_BYTES);
  #used = new Uint8Array(FIRST_ROWS);
  #size = 0;
  readonly #name = Buffer.alloc(NAME_BYTES);

  get size(): number {
    return this.#size;
  }

  /** `name`: 32 hexadecimal digits. The key as it lies here, until the next `put` or `destroy`; null: there is none. */
  get(name: string): Buffer | null {
    const row = this.#find(this.#parsed(name));
    return this.#used[row] === 1 ? this.#keyAt(row) : null;
  }

  /** Copies the key, in the place of one of that name. */
  put(name: string, key: Uint8Array): void {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
    if (this.#size >= this.#rows / 2 + this.#rows / 4) this.#grow();
    const row = this.#find(this.#parsed(name));
    if (this.#used[row] === 0) {
      this.#used[row] = 1;
      this.#size += 1;
      this.#bytes.set(this.#name, row * ROW_BYTES);
    }
    this.#keyAt(row).set(key);
  }

  /** Overwrites it. */
  destroy(name: string): void {
    let hole = this.#find(this.#parsed(name));
    if (this.#used[hole] === 0) return;
    this.#size -= 1;
    // what stands behind it moves up, where a search for it would end at the hole
    for (let row = this.#after(hole); this.#used[row] === 1; row = this.#after(row)) {
      const home = this.#homeOf(this.#bytes, row * ROW_BYTES);
      const mayStay = hole <= row ? hole < home && home <= row : hole < home || home <= row;
      if (mayStay) continue;
      this.#bytes.copyWithin(hole * ROW_BYTES, row * ROW_BYTES, (row + 1) * ROW_BYTES);
      hole = row;
    }
    this.#used[hole] = 0;
    this.#bytes.fill(0, hole * ROW_BYTES, (hole + 1) * ROW_BYTES);
  }

  #parsed(name: string): Buffer {
    if (this.#name.write(name, 'hex') !== NAME_BYTES) throw new RangeError(`a key's name has ${2 * NAME_BYTES} digits`);
    return this.#name;
  }

  /** Its row, or the free one where it would stand. */
  #find(name: Buffer): number {
    let row = this.#homeOf(name, 0);
    while (this.#used[row] === 1 && name.compare(this.#bytes, row * ROW_BYTES, row * ROW_BYTES + NAME_BYTES) !== 0) {
      row = this.#after(row);
    }
    return row;
  }

  #homeOf(bytes: Buffer, at: number): number {
    return bytes.readUInt32LE(at) % this.#rows;
  }

  #after(row: number): number {
    return row + 1 === this.#rows ? 0 : row + 1;
  }

  #keyAt(row: number): Buffer {
    return this.#bytes.subarray(row * ROW_BYTES + NAME_BYTES, (row + 1) * ROW_BYTES);
  }

  #grow(): void {
    const [bytes, used] = [this.#bytes, this.#used];
    this.#rows *= 2;
    this.#bytes = Buffer.alloc(this.#rows * ROW_BYTES);
    this.#used = new Uint8Array(this.#rows);
    for (let row = 0; row < used.length; row++) {
      if (used[row] === 0) continue;
      const name = bytes.subarray(row * ROW_BYTES, row * ROW_BYTES + NAME_BYTES);
      const to = this.#find(name);
      this.#used[to] = 1;
      this.#bytes.set(bytes.subarray(row * ROW_BYTES, (row + 1) * ROW_BYTES), to * ROW_BYTES);
    }
    // keys stand in one place only
    bytes.fill(0);
  }
}

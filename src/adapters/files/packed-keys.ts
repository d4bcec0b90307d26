/**
 * Keys by name, 32 bytes each, side by side in one buffer: 64 bytes a key and no object, so that those of a million orders
 * are at hand. A hash table with open addressing; a name is 16 random-looking bytes, and its first four are its hash.
 */

const NAME_BYTES = 16;
/** A name as four whole numbers: compared without a call into C++ (a third of a microsecond a row). */
const WORDS = NAME_BYTES / 4;
const KEY_BYTES = 32;
const FIRST_ROWS = 1_024;

export class PackedKeys {
  #rows = FIRST_ROWS;
  #names = new Uint32Array(FIRST_ROWS * WORDS);
  #keys = Buffer.alloc(FIRST_ROWS * KEY_BYTES);
  #used = new Uint8Array(FIRST_ROWS);
  #size = 0;
  /** The name that is asked for, as bytes and as words. */
  readonly #asked = Buffer.alloc(NAME_BYTES);
  readonly #words = new Uint32Array(this.#asked.buffer, this.#asked.byteOffset, WORDS);

  get size(): number {
    return this.#size;
  }

  /** `name`: 32 hexadecimal digits. The key as it lies here, until the next `put` or `destroy`; null: there is none. */
  get(name: string): Buffer | null {
    const row = this.#find(this.#parsed(name), 0);
    return this.#used[row] === 1 ? this.#keyAt(row) : null;
  }

  /** Copies the key, in the place of one of that name. */
  put(name: string, key: Uint8Array): void {
    if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
    if (this.#size >= this.#rows / 2 + this.#rows / 4) this.#grow();
    const words = this.#parsed(name);
    const row = this.#find(words, 0);
    if (this.#used[row] === 0) {
      this.#used[row] = 1;
      this.#size += 1;
      this.#names.set(words, row * WORDS);
    }
    this.#keyAt(row).set(key);
  }

  /** Overwrites it. */
  destroy(name: string): void {
    let hole = this.#find(this.#parsed(name), 0);
    if (this.#used[hole] === 0) return;
    this.#size -= 1;
    // what stands behind it moves up, where a search for it would end at the hole
    for (let row = this.#after(hole); this.#used[row] === 1; row = this.#after(row)) {
      const home = this.#homeOf(this.#names, row * WORDS);
      const mayStay = hole <= row ? hole < home && home <= row : hole < home || home <= row;
      if (mayStay) continue;
      this.#names.copyWithin(hole * WORDS, row * WORDS, (row + 1) * WORDS);
      this.#keyAt(hole).set(this.#keyAt(row));
      hole = row;
    }
    this.#used[hole] = 0;
    this.#names.fill(0, hole * WORDS, (hole + 1) * WORDS);
    this.#keyAt(hole).fill(0);
  }

  #parsed(name: string): Uint32Array {
    if (name.length !== 2 * NAME_BYTES || this.#asked.write(name, 'hex') !== NAME_BYTES) {
      throw new RangeError(`a key's name has ${2 * NAME_BYTES} hexadecimal digits`);
    }
    return this.#words;
  }

  /** The row of the name that stands at `at` of these words, or the free one where it would stand. */
  #find(words: Uint32Array, at: number): number {
    const names = this.#names;
    let row = this.#homeOf(words, at);
    while (this.#used[row] === 1) {
      const from = row * WORDS;
      let same = 0;
      while (same < WORDS && names[from + same] === words[at + same]) same += 1;
      if (same === WORDS) break;
      row = this.#after(row);
    }
    return row;
  }

  #homeOf(words: Uint32Array, at: number): number {
    return (words[at] as number) % this.#rows;
  }

  #after(row: number): number {
    return row + 1 === this.#rows ? 0 : row + 1;
  }

  #keyAt(row: number): Buffer {
    return this.#keys.subarray(row * KEY_BYTES, (row + 1) * KEY_BYTES);
  }

  #grow(): void {
    const [names, keys, used] = [this.#names, this.#keys, this.#used];
    this.#rows *= 2;
    this.#names = new Uint32Array(this.#rows * WORDS);
    this.#keys = Buffer.alloc(this.#rows * KEY_BYTES);
    this.#used = new Uint8Array(this.#rows);
    for (let row = 0; row < used.length; row++) {
      if (used[row] === 0) continue;
      const to = this.#find(names, row * WORDS);
      this.#used[to] = 1;
      this.#names.set(names.subarray(row * WORDS, (row + 1) * WORDS), to * WORDS);
      this.#keyAt(to).set(keys.subarray(row * KEY_BYTES, (row + 1) * KEY_BYTES));
    }
    // keys stand in one place only
    keys.fill(0);
  }
}

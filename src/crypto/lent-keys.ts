/**
 * Keys that a second thread seals with, in memory that both see: what the first thread destroys is gone for both at once,
 * and no copy lies in a message on its way.
 *
 * Memory: the sub-key of pseudonyms (32 bytes) · four places of a key epoch (8, float64 little-endian; NaN: none) and its
 * seal key (32). A place is written before the batch that needs it is handed over, and handing over orders the two.
 */
import { Pseudonyms } from './pseudonyms.js';
import { KeyDestroyed, sealUnder } from './seals.js';

const NAMES_BYTES = 32;
const KEY_BYTES = 32;
const PLACES = 4;
const PLACE_BYTES = 8 + KEY_BYTES;

const placeOf = (epoch: number): number => NAMES_BYTES + (epoch % PLACES) * PLACE_BYTES;

/** The lender's side. */
export class LentKeys {
  readonly memory = new SharedArrayBuffer(NAMES_BYTES + PLACES * PLACE_BYTES);
  readonly #bytes = new Uint8Array(this.memory);
  readonly #view = new DataView(this.memory);

  constructor(names: Pseudonyms) {
    names.lend(this.#bytes.subarray(0, NAMES_BYTES));
    for (let epoch = 0; epoch < PLACES; epoch++) this.#view.setFloat64(placeOf(epoch), Number.NaN, true);
  }

  /** Another epoch's key that lay in its place is overwritten: it is at least four hours older or newer. */
  put(epoch: number, sealKey: Uint8Array): void {
    const at = placeOf(epoch);
    if (this.#view.getFloat64(at, true) === epoch) return;
    this.#bytes.set(sealKey, at + 8);
    this.#view.setFloat64(at, epoch, true);
  }

  /** Overwrites the key where it is lent. */
  destroy(epoch: number): void {
    const at = placeOf(epoch);
    if (this.#view.getFloat64(at, true) !== epoch) return;
    this.#bytes.fill(0, at + 8, at + PLACE_BYTES);
    this.#view.setFloat64(at, Number.NaN, true);
  }
}

/** The borrower's side: seals, and opens nothing. */
export class BorrowedKeys {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #names: Pseudonyms;
  /** sodium takes no shared memory. Holds a key only while `with` runs. */
  readonly #key = Buffer.alloc(KEY_BYTES);
  #epoch = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#names = Pseudonyms.borrowed(this.#bytes.subarray(0, NAMES_BYTES));
  }

  /** What `work` seals lies under the key of this epoch. Throws `KeyDestroyed` where that is not lent. */
  with<T>(epoch: number, work: () => T): T {
    const at = placeOf(epoch);
    if (this.#view.getFloat64(at, true) !== epoch) throw new KeyDestroyed(`the key of hour ${epoch} is not lent`);
    this.#key.set(this.#bytes.subarray(at + 8, at + PLACE_BYTES));
    this.#epoch = epoch;
    try {
      // taken away while it was copied: half a key would seal what nobody can ever open
      if (this.#view.getFloat64(at, true) !== epoch) throw new KeyDestroyed(`the key of hour ${epoch} is destroyed`);
      return work();
    } finally {
      this.#key.fill(0);
    }
  }

  /** Only within `with`. */
  seal(store: string, name: string, plain: Uint8Array): Buffer {
    return sealUnder(this.#key, this.#epoch, store, name, plain);
  }

  pseudonym(id: string): string {
    return this.#names.of(id);
  }
}

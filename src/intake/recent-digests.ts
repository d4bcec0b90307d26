/** The digests of a device's last uploads, by sequence: a ring of fixed width off the JavaScript heap. */
import { LIMITS } from '../domain/limits.js';

/**
 * A device sends again what was not acknowledged: at most what one connection may have in flight. An older sequence
 * that comes again is taken in as new, and its records change nothing, being the same records.
 */
export const DIGESTS_MAX = LIMITS.inflightPerClientMax;

export class RecentDigests {
  #sequences = new BigUint64Array(4);
  #digests = new BigUint64Array(4);
  #count = 0;
  /** The next to be written over, once all places are taken. */
  #oldest = 0;

  /** The first 8 bytes of the digest under which the sequence was taken in, or null when it is not among the last. */
  of(sequence: bigint): bigint | null {
    const at = this.#indexOf(sequence);
    return at < 0 ? null : (this.#digests[at] as bigint);
  }

  put(sequence: bigint, digest: bigint): void {
    const at = this.#place();
    this.#sequences[at] = sequence;
    this.#digests[at] = digest;
  }

  remove(sequence: bigint): void {
    const at = this.#indexOf(sequence);
    // 0 is no sequence of the wire, so it matches nothing
    if (at >= 0) this.#sequences[at] = 0n;
  }

  #place(): number {
    if (this.#count === DIGESTS_MAX) {
      const at = this.#oldest;
      this.#oldest = (at + 1) % DIGESTS_MAX;
      return at;
    }
    if (this.#count === this.#sequences.length) {
      this.#sequences = widened(this.#sequences);
      this.#digests = widened(this.#digests);
    }
    this.#count += 1;
    return this.#count - 1;
  }

  #indexOf(sequence: bigint): number {
    for (let at = 0; at < this.#count; at += 1) if (this.#sequences[at] === sequence) return at;
    return -1;
  }
}

function widened(values: BigUint64Array): BigUint64Array<ArrayBuffer> {
  const wider = new BigUint64Array(Math.min(values.length * 2, DIGESTS_MAX));
  wider.set(values);
  return wider;
}

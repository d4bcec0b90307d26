/** A bounded memory of two generations: what was used since the last turn, and before it. Cheaper than to reorder at each use. */
export class LastUsed<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  get(key: K, max: number): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.put(key, old, max);
    return old;
  }

  /** Of about `max` those used last are kept, and up to twice as many. */
  put(key: K, value: V, max: number): void {
    if (this.#young.size >= max && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}

/** As long as all are no more than this, each is made ready once. */
export const READY_MAX = 32_768;
/**
 * Where there are more, those who speak in turn push each other out before they speak again, and what is kept only ages into
 * the collector's way: an eighth is enough for those who say much at once.
 */
const FEW = 8;

/** How many of `size` are to be kept ready, where there is room for `max`. */
export const readyOf = (size: number, max: number): number => (size <= max ? max : max / FEW);

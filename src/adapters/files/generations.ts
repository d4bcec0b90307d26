/** A bounded memory of two generations: what was used since the last turn, and before it. Cheaper than to reorder at each use. */
export class Generations<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** At most `max` are held, and at least half of it of what was used last. */
  constructor(private readonly max: number) {}

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.put(key, old);
    return old;
  }

  put(key: K, value: V): void {
    if (this.#young.size >= this.max / 2 && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  /** Takes it out. */
  take(key: K): V | undefined {
    const value = this.#young.get(key) ?? this.#old.get(key);
    this.#young.delete(key);
    this.#old.delete(key);
    return value;
  }
}

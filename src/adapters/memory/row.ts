/** Values of one stream, ascending by time, then position: most of what comes is the newest, and most that is asked for is late. */
export class Row<T> {
  #items: { readonly atMs: number; readonly position: number; readonly value: T }[] = [];

  copy(): Row<T> {
    const copy = new Row<T>();
    copy.#items = [...this.#items];
    return copy;
  }

  put(atMs: number, position: number, value: T): void {
    const i = this.#firstAt(atMs, position);
    const there = this.#items[i];
    const replaced = there !== undefined && there.atMs === atMs && there.position === position;
    this.#items.splice(i, replaced ? 1 : 0, { atMs, position, value });
  }

  remove(atMs: number, position: number): void {
    const i = this.#firstAt(atMs, position);
    const there = this.#items[i];
    if (there !== undefined && there.atMs === atMs && there.position === position) this.#items.splice(i, 1);
  }

  /** How many went. */
  removeWhere(isOld: (value: T) => boolean): number {
    const former = this.#items.length;
    this.#items = this.#items.filter(({ value }) => !isOld(value));
    return former - this.#items.length;
  }

  from(atMs: number): { readonly atMs: number; readonly position: number; readonly value: T }[] {
    return this.#items.slice(this.#firstAt(atMs, -1));
  }

  /** The last before a time; null: there is none. */
  lastBefore(atMs: number): { readonly atMs: number; readonly value: T } | null {
    return this.#items[this.#firstAt(atMs, -1) - 1] ?? null;
  }

  /** Index of the first item at or after a place. */
  #firstAt(atMs: number, position: number): number {
    let [low, high] = [0, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#items[middle];
      if (item === undefined) break;
      if (item.atMs < atMs || (item.atMs === atMs && item.position < position)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Seeded chance for mutators: the same seed, the same inputs. */

/** mulberry32, written out here: nothing of `src` may be loaded before it is counted. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** 0 to `below` − 1. */
  int(below: number): number {
    return Math.floor(this.#next() * below);
  }

  /** True once in `of` times. */
  oneIn(of: number): boolean {
    return this.int(of) === 0;
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.int(items.length)] as T;
  }

  /** Small numbers more often than large ones. */
  small(max: number): number {
    return this.int(this.int(max) + 1);
  }
}

/** Which sequences of one device were taken in, as disjoint ranges; a hole of any width costs the same. */
import type { SequenceRange } from '../domain/downlink.js';

/** Beyond this many, the two lowest become one: the oldest holes are forgotten first. */
const rangesMax = 32;

export class SequenceRanges {
  readonly #firsts: bigint[] = [];
  readonly #lasts: bigint[] = [];

  /** The highest taken; 0 = none. */
  get newest(): bigint {
    return this.#lasts.at(-1) ?? 0n;
  }

  has(sequence: bigint): boolean {
    const at = this.#lastAtOrBefore(sequence);
    return at >= 0 && sequence <= (this.#lasts[at] as bigint);
  }

  add(sequence: bigint): void {
    const below = this.#lastAtOrBefore(sequence);
    const last = this.#lasts[below];
    if (last !== undefined && sequence <= last) return;
    const joinsBelow = last !== undefined && last + 1n === sequence;
    const joinsAbove = this.#firsts[below + 1] === sequence + 1n;
    if (joinsBelow && joinsAbove) {
      this.#lasts[below] = this.#lasts[below + 1] as bigint;
      this.#drop(below + 1);
    } else if (joinsBelow) {
      this.#lasts[below] = sequence;
    } else if (joinsAbove) {
      this.#firsts[below + 1] = sequence;
    } else {
      this.#firsts.splice(below + 1, 0, sequence);
      this.#lasts.splice(below + 1, 0, sequence);
      if (this.#firsts.length > rangesMax) this.#joinLowest();
    }
  }

  remove(sequence: bigint): void {
    const at = this.#lastAtOrBefore(sequence);
    const first = this.#firsts[at];
    const last = this.#lasts[at];
    if (first === undefined || last === undefined || sequence > last) return;
    if (first === last) {
      this.#drop(at);
    } else if (sequence === first) {
      this.#firsts[at] = first + 1n;
    } else if (sequence === last) {
      this.#lasts[at] = last - 1n;
    } else {
      this.#lasts[at] = sequence - 1n;
      this.#firsts.splice(at + 1, 0, sequence + 1n);
      this.#lasts.splice(at + 1, 0, last);
    }
  }

  /** Whether a sequence in `[from, newest)` is missing. */
  missingFrom(from: bigint): boolean {
    const at = this.#firsts.length - 1;
    const first = this.#firsts[at];
    return first !== undefined && from < first;
  }

  /** From the lowest to the highest that is missing in `[from, newest)`; null: none is. */
  spanMissingFrom(from: bigint): SequenceRange | null {
    const lastFirst = this.#firsts.at(-1);
    if (lastFirst === undefined || !this.missingFrom(from)) return null;
    const at = this.#lastAtOrBefore(from);
    const last = this.#lasts[at];
    return { first: last === undefined || last < from ? from : last + 1n, last: lastFirst - 1n };
  }

  /** Index of the last range that begins at or before; −1 = none. From the end, where almost everything happens. */
  #lastAtOrBefore(sequence: bigint): number {
    let at = this.#firsts.length - 1;
    while (at >= 0 && (this.#firsts[at] as bigint) > sequence) at -= 1;
    return at;
  }

  #drop(at: number): void {
    this.#firsts.splice(at, 1);
    this.#lasts.splice(at, 1);
  }

  #joinLowest(): void {
    this.#lasts[0] = this.#lasts[1] as bigint;
    this.#drop(1);
  }
}

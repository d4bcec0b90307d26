/** Which entries of the journal are older than anybody looks back: intake remembers two hours of it. */

const KEPT_MS = 2 * 3_600_000 + 600_000;
/** So far apart at least lie the moments that are noted: a handful covers the time that is kept. */
const APART_MS = 600_000;

export class JournalTrimming {
  /** Moments, and the position after all that had come by then; oldest first. */
  #marks: { readonly atMs: number; readonly position: number }[] = [];

  /**
   * The position before which all had come more than two hours ago, as far as is known since the start; 0: none is. `last`:
   * of the journal now. A clock that was set back makes it look back longer.
   */
  upTo(nowMs: number, last: number): number {
    const newest = this.#marks.at(-1);
    if (newest === undefined || Math.abs(nowMs - newest.atMs) >= APART_MS) {
      this.#marks.push({ atMs: nowMs, position: last + 1 });
    }
    const old = this.#marks.findLastIndex(({ atMs }) => atMs <= nowMs - KEPT_MS);
    const position = this.#marks[old]?.position ?? 0;
    // The one that was reached stays: the next sweep may come before another is.
    if (old > 0) this.#marks = this.#marks.slice(old);
    return position;
  }
}
